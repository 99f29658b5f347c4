"""From evidence to a decision."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scanning.decision import Decision, decide
from services.scanning.evidence import Candidate, ConflictKind, EvidenceKind, Look
from tests.scanning.making import look, named

KNOWN = ("TEA", "JAM")
shares = st.lists(st.floats(0.001, 1.0), min_size=3, max_size=3).map(
    lambda parts: [part / sum(parts) for part in parts]
)


def kinds(verdict):
    return [conflict.kind for conflict in verdict.conflicts]


def test_nothing_at_all_is_unknown_but_not_certain():
    """Without look and codes nothing is known, not even that it is none."""
    verdict = decide(None, [])
    assert (verdict.decision, verdict.candidates) == (Decision.UNKNOWN, ())


def test_a_clear_look_identifies():
    """One probable product without contradiction is identified."""
    verdict = decide(look(TEA=0.93, JAM=0.02, unknown=0.05), [])
    assert (verdict.decision, verdict.sku) == (Decision.IDENTIFIED, "TEA")
    assert verdict.probability == pytest.approx(0.93)


def test_two_likely_products_are_ambiguous():
    """When it may be either, a person chooses."""
    verdict = decide(look(TEA=0.5, JAM=0.45, unknown=0.05), [])
    assert (verdict.decision, verdict.sku) == (Decision.AMBIGUOUS, "")
    assert verdict.probability == pytest.approx(0.5)
    assert [sku for sku, _ in verdict.candidates] == ["TEA", "JAM"]


def test_what_looks_like_nothing_is_unknown():
    """The probability is then that of none, and the three nearest are told."""
    verdict = decide(look(A=0.1, B=0.05, C=0.03, D=0.02, unknown=0.8), [])
    assert verdict.decision is Decision.UNKNOWN
    assert verdict.probability == pytest.approx(0.8)
    assert [sku for sku, _ in verdict.candidates] == ["A", "B", "C"]


def test_many_weak_candidates_are_not_unknown():
    """Mass on products that are not listed is no evidence for none."""
    assert decide(look(TEA=0.2, unknown=0.1), []).decision is Decision.AMBIGUOUS


def test_a_code_alone_identifies():
    """With codes only, a known code is enough."""
    verdict = decide(None, [named("TEA")])
    assert (verdict.decision, verdict.sku) == (Decision.IDENTIFIED, "TEA")
    assert verdict.probability > 0.99


def test_an_unknown_code_alone_is_unknown():
    """A code that names nothing in the catalogue identifies nothing."""
    assert decide(None, [named("")]).decision is Decision.UNKNOWN


def test_a_code_settles_an_unsure_look():
    """The back of a pack looks like nothing; its code says what it is."""
    verdict = decide(look(JAM=0.1, unknown=0.9), [named("TEA")])
    assert (verdict.decision, verdict.sku, verdict.conflicts) == (Decision.IDENTIFIED, "TEA", ())


def test_a_code_settles_a_look_that_leans_elsewhere():
    """A product without reference images looks like nothing; its code still counts."""
    verdict = decide(look(JAM=0.6, OIL=0.2, unknown=0.2), [named("TEA")])
    assert (verdict.decision, verdict.sku) == (Decision.IDENTIFIED, "TEA")


def test_a_code_picks_among_variants():
    """Two variants look alike; the code of one decides."""
    verdict = decide(look(TEA=0.3, JAM=0.65, unknown=0.05), [named("TEA")])
    assert (verdict.decision, verdict.sku) == (Decision.IDENTIFIED, "TEA")


def test_a_swapped_label_is_a_conflict():
    """A valid code of one product on what surely looks like another is never identified."""
    verdict = decide(look(JAM=0.95, TEA=0.01, unknown=0.04), [named("TEA")])
    assert verdict.decision is Decision.AMBIGUOUS
    assert kinds(verdict) == [ConflictKind.CODE_LOOK_MISMATCH]
    assert verdict.conflicts[0].skus == ("TEA", "JAM")
    assert {sku for sku, _ in verdict.candidates} >= {"TEA", "JAM"}


def test_print_of_another_product_comes_before_the_code_of_this_one():
    """No side of a product shows another's print; without print the code may still be right."""
    for verified, first in ((True, "JAM"), (False, "TEA")):
        seen = Look((Candidate("JAM", 0.98, inliers=40, verified=verified),), 0.02)
        verdict = decide(seen, [named("TEA")])
        assert (verdict.decision, verdict.candidates[0][0]) == (Decision.AMBIGUOUS, first)
        assert kinds(verdict) == [ConflictKind.CODE_LOOK_MISMATCH]


def test_a_code_of_a_product_that_is_not_listed_conflicts_too():
    """A product that the look does not even mention is as good as denied."""
    assert kinds(decide(look(JAM=0.97, unknown=0.02), [named("TEA")])) == [
        ConflictKind.CODE_LOOK_MISMATCH
    ]


def test_local_features_deny_a_code_also_where_siblings_share_the_look():
    """Two flavours of one design at even odds, and the code of something else."""
    verified = Candidate("JAM", 0.5, 0.9, inliers=90, verified=True)
    seen = Look((verified, Candidate("JELLY", 0.45), Candidate("TEA", 0.001)), 0.04)
    assert kinds(decide(seen, [named("TEA")])) == [ConflictKind.CODE_LOOK_MISMATCH]
    unverified = Look((Candidate("JAM", 0.5), *seen.candidates[1:]), 0.04)
    assert kinds(decide(unverified, [named("TEA")])) == []


def test_codes_that_disagree_are_a_conflict():
    """Two codes on one thing that name different products."""
    verdict = decide(
        look(TEA=0.4, JAM=0.4, unknown=0.2), [named("TEA"), named("JAM", "9783161484100")]
    )
    assert verdict.decision is Decision.AMBIGUOUS
    assert kinds(verdict) == [ConflictKind.CODES_DISAGREE]


def test_a_foreign_code_on_a_known_look_is_a_conflict():
    """The look matches a product with known GTINs, the code is none of them."""
    verdict = decide(look(TEA=0.95, unknown=0.05), [named("")], KNOWN)
    assert verdict.decision is Decision.AMBIGUOUS
    assert kinds(verdict) == [ConflictKind.CODE_NOT_IN_CATALOG]
    assert verdict.probability < 0.95


def test_a_foreign_code_says_nothing_about_a_product_without_gtin():
    """Where the catalogue has no GTIN, any code may be the product's own."""
    verdict = decide(look(TEA=0.95, unknown=0.05), [named("")])
    assert (verdict.decision, verdict.conflicts) == (Decision.IDENTIFIED, ())


def test_a_web_address_is_no_trade_item():
    """A QR code with the maker's page contradicts nothing."""
    page = named("", "https://example.com", symbology="QR Code")
    assert decide(look(TEA=0.95, unknown=0.05), [page], KNOWN).decision is Decision.IDENTIFIED


def test_the_same_code_twice_counts_once():
    """A code printed on front and back is one piece of evidence."""
    once = decide(look(TEA=0.2, unknown=0.8), [named("TEA")])
    twice = decide(look(TEA=0.2, unknown=0.8), [named("TEA"), named("TEA", at=(0, 0, 0.1, 0.1))])
    assert once.probability == twice.probability


def test_evidence_is_told_strongest_first():
    """Code, local features and appearance, each with its strength and words."""
    seen = Look((Candidate("TEA", 0.99, 0.91, inliers=74, verified=True),), 0.01)
    verdict = decide(seen, [named("TEA")])
    strengths = [one.log_likelihood_ratio for one in verdict.evidence]
    assert strengths == sorted(strengths, reverse=True)
    assert [one.kind for one in verdict.evidence] == [
        EvidenceKind.CODE,
        EvidenceKind.GEOMETRY,
        EvidenceKind.APPEARANCE,
    ]
    assert verdict.evidence[0].description == "EAN-13 4006381333931"
    assert verdict.evidence[1].description == "74 matching details"


def test_a_conflict_tells_the_evidence_of_both_sides():
    """Who must choose sees what speaks for each product."""
    verdict = decide(look(JAM=0.95, TEA=0.01, unknown=0.04), [named("TEA")])
    assert {one.sku for one in verdict.evidence} == {"TEA", "JAM"}


@given(shares, st.booleans())
def test_probabilities_are_probabilities(parts, with_code):
    """Whatever the look, what is told lies in 0..1 and sums to at most 1."""
    verdict = decide(
        look(TEA=parts[0], JAM=parts[1], unknown=parts[2]), [named("TEA")] if with_code else []
    )
    assert 0 <= verdict.probability <= 1
    assert sum(p for _, p in verdict.candidates) <= 1 + 1e-9
    ranked = [p for _, p in verdict.candidates]
    assert ranked == sorted(ranked, reverse=True)


@given(shares)
def test_a_code_never_lowers_its_product(parts):
    """Reading a product's code makes it more probable, whatever it looks like."""
    seen = look(TEA=parts[0], JAM=parts[1], unknown=parts[2])
    before = dict(decide(seen, []).candidates)["TEA"]
    after = dict(decide(seen, [named("TEA")]).candidates)["TEA"]
    assert after >= before - 1e-9
