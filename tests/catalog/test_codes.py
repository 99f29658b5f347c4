"""What a code says before it is looked up."""

import pytest

from services.catalog.codes import CodeKind, read_code
from shared.errors import InvalidInput

GTIN = "04006381333931"


@pytest.mark.parametrize("code", ["", "  ", "\t\n"])
def test_an_empty_code_is_refused(code: str) -> None:
    """Nothing to look up is an error, not a miss."""
    with pytest.raises(InvalidInput) as refused:
        read_code(code)
    assert refused.value.reason == "CODE_REQUIRED"


def test_a_code_over_two_thousand_characters_is_refused() -> None:
    """The limit is the contract's."""
    read_code("x" * 2000)
    with pytest.raises(InvalidInput) as refused:
        read_code("x" * 2001)
    assert refused.value.reason == "CODE_TOO_LONG"


@pytest.mark.parametrize(
    ("code", "gtin"),
    [
        ("4006381333931", GTIN),
        ("04006381333931", GTIN),
        (" 4 006381 333931\n", GTIN),
        ("4-006381-333931", GTIN),
        ("]E04006381333931", GTIN),
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("2041700001377", "02041700001377"),
        ("2912345678906", "02912345678906"),
    ],
)
def test_a_number_is_a_gtin_as_scanned_or_typed(code: str, gtin: str) -> None:
    """All lengths, blanks and hyphens, and the prefixes 20 to 29 like any other."""
    read = read_code(code)
    assert (read.kind, read.gtins, read.problem) == (CodeKind.GTIN, (gtin,), "")


def test_a_upc_e_is_expanded() -> None:
    """Eight digits whose check digit is that of the expanded number."""
    assert read_code("04252614").gtins == ("00042100005264",)


def test_six_digits_are_a_upc_e_without_its_first_and_last() -> None:
    """Of number system 0, as some scanners send it."""
    read = read_code("425261")
    assert (read.kind, read.gtins, read.problem) == (CodeKind.GTIN, ("00042100005264",), "")


def test_eight_digits_may_be_a_gtin_8_and_a_upc_e() -> None:
    """Where both check digits hold, both numbers are offered, the GTIN-8 first."""
    read = read_code("01234543")
    assert read.gtins[-1] == "00012340000053"
    both = next(
        code
        for code in (f"0{number:07d}" for number in range(10**5))
        if len(read_code(code).gtins) == 2
    )
    assert read_code(both).gtins[0] == both.zfill(14)


@pytest.mark.parametrize("code", ["4006381333930", "(01)04006381333930", "0104006381333930"])
def test_a_wrong_check_digit_is_a_problem_and_no_error(code: str) -> None:
    """The digits are told; no GTIN is claimed."""
    read = read_code(code)
    assert read.gtins == ()
    assert read.problem == "check digit is 0, expected 1"


@pytest.mark.parametrize(
    "code",
    [
        "(01)04006381333931(17)261231(10)AB-7",
        "010400638133393117261231" + "10AB-7",
        "\x1d0104006381333931" + "10AB-7\x1d17261231",
        "]C1010400638133393110AB-7\x1d17261231",
        "]d2010400638133393110AB-7\x1d17261231",
    ],
)
def test_an_element_string_gives_the_gtin_and_the_rest(code: str) -> None:
    """Bracketed, plain, with FNC1, with a symbology identifier: the same meaning."""
    read = read_code(code)
    assert (read.kind, read.gtins) == (CodeKind.ELEMENT_STRING, (GTIN,))
    assert read.application_identifiers == {"17": "261231", "10": "AB-7"}


def test_a_weight_is_an_application_identifier() -> None:
    """Variable measure: the weight stands beside the GTIN."""
    read = read_code("(01)94006381333934(3103)000750")
    assert read.gtins == ("94006381333934",)
    assert read.application_identifiers == {"3103": "000750"}


@pytest.mark.parametrize("rest", ["(17)260230", "(17)269931", "(99999)x", "(17)"])
@pytest.mark.parametrize("brackets", [True, False])
def test_a_wrong_rest_does_not_hide_the_gtin(rest: str, brackets: bool) -> None:
    """The product is known even where the expiry is nonsense."""
    code = f"(01){GTIN}{rest}"
    read = read_code(code if brackets else code.replace("(", "").replace(")", ""))
    assert (read.kind, read.gtins) == (CodeKind.ELEMENT_STRING, (GTIN,))


def test_an_element_string_without_a_gtin_says_so() -> None:
    """A shipping container is no product."""
    read = read_code("(00)106141412345678908")
    assert (read.gtins, read.problem) == ((), "carries no GTIN")
    assert read.application_identifiers == {"00": "106141412345678908"}


@pytest.mark.parametrize(
    "code",
    [
        "https://id.gs1.org/01/04006381333931/10/AB-7?17=261231",
        "http://shop.example/some/path/01/4006381333931/10/AB-7?17=261231&utm=x",
        "HTTPS://ID.GS1.ORG/01/04006381333931/10/AB-7?17=261231",
        "]Q3https://id.gs1.org/01/04006381333931/10/AB-7?17=261231",
    ],
)
def test_a_digital_link_gives_the_gtin_and_the_rest(code: str) -> None:
    """Any host, any path before it, other query parameters ignored."""
    read = read_code(code)
    assert (read.kind, read.gtins) == (CodeKind.DIGITAL_LINK, (GTIN,))
    assert read.application_identifiers == {"10": "AB-7", "17": "261231"}


def test_a_malformed_query_does_not_hide_the_gtin() -> None:
    """The path alone is enough."""
    assert read_code("https://id.gs1.org/01/04006381333931?17=soon").gtins == (GTIN,)


@pytest.mark.parametrize("code", ["https://example.org/", "http://[bad", "https://x/01/12"])
def test_another_web_address_is_no_digital_link(code: str) -> None:
    """An ordinary QR code is unknown, with a reason."""
    read = read_code(code)
    assert read.gtins == ()
    assert read.problem


@pytest.mark.parametrize("code", ["TEA-1", "10-XL", "21AB", "01-BLUE", "1234567", "(", "()", "(1"])
def test_any_other_text_may_be_a_sku(code: str) -> None:
    """Text that merely begins like an element string is left for the SKU look-up."""
    read = read_code(code)
    assert (read.kind, read.gtins, read.text) == (CodeKind.UNKNOWN, (), code)
    assert read.problem
