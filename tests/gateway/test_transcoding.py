"""Parameters and JSON become the contracts' messages, and messages become JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from services.gateway.json_mapping import to_object
from services.gateway.transcoding import merge, parse_json, set_parameter, to_json
from shared.errors import InvalidInput
from vitrine.v1 import catalog_pb2, scanning_pb2, visual_search_pb2


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    """However it is broken, it is a 400."""
    with pytest.raises(HTTPException) as refused:
        parse_json(text)
    assert refused.value.status_code == 400


def test_json_sets_the_fields_that_it_names() -> None:
    """The contract's names and protobuf's own are both understood."""
    request = visual_search_pb2.SearchRequest(text="tea")
    merge(request, {"top_k": 3, "storeId": "berlin-1", "filter": {"brands": ["Leaf"]}})
    assert (request.text, request.top_k, request.store_id) == ("tea", 3, "berlin-1")
    assert request.filter.brands == ["Leaf"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"top_k": "many"}, "top_k"),
        ({"top_k": 2**40}, "top_k"),
        ({"filter": {"brands": "Leaf"}}, "filter.brands"),
        ({"filter": 7}, "filter"),
        ({"filter": {"colour": "red"}}, "filter"),
        ({"image": 7}, "image"),
        ({"text": "\ud800"}, "text"),
        ({"max_wait": "soon"}, "max_wait"),
        ({"regions": [{"x_min": "left"}]}, "regions.x_min"),
        ({"colour": "red"}, "body"),
    ],
)
def test_a_field_that_does_not_fit_is_named(told: dict[str, Any], field: str) -> None:
    """The violation says which, by its path."""
    with pytest.raises(InvalidInput) as refused:
        merge(visual_search_pb2.SearchRequest(), told)
    assert refused.value.violations[0].field == field


def test_a_parameter_sets_a_field_below() -> None:
    """Dotted paths reach into messages."""
    request = scanning_pb2.ScanImageRequest()
    set_parameter(request, "options.store_id", "store", ["berlin-1"])
    set_parameter(request, "options.codes_only", "codes_only", ["true"])
    set_parameter(request, "options.max_items", "max_items", ["5"])
    assert request.options == scanning_pb2.ScanOptions(
        store_id="berlin-1", codes_only=True, max_items=5
    )


def test_a_repeated_field_takes_all_values() -> None:
    """In the order given."""
    request = catalog_pb2.GetOffersRequest()
    set_parameter(request, "skus", "sku", ["B", "A", "B"])
    assert request.skus == ["B", "A", "B"]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("options.max_items", ["5", "6"]),
        ("options.max_items", [""]),
        ("options.max_items", ["5.0"]),
        ("options.max_items", ["1e3"]),
        ("options.max_items", [" 5"]),
        ("options.max_items", ["٥"]),
        ("options.max_items", ["9" * 20]),
        ("options.codes_only", ["1"]),
        ("options.codes_only", ["True"]),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(path: str, values: list[str]) -> None:
    """By the name that the caller wrote."""
    with pytest.raises(InvalidInput) as refused:
        set_parameter(scanning_pb2.ScanImageRequest(), path, "asked", values)
    assert refused.value.violations[0].field == "asked"


def test_a_message_and_its_json_are_there_and_back_the_same() -> None:
    """Nothing is lost on the way that a client sees."""
    product = catalog_pb2.Product(
        sku="TEE-1",
        title="Grüner Tee",
        attributes={"color": "grün"},
        price={"currency_code": "EUR", "amount_micros": 2**53 + 1},
        dimensions={"width_mm": 0.1},
        status=catalog_pb2.PRODUCT_STATUS_ARCHIVED,
    )
    read = catalog_pb2.Product()
    merge(read, parse_json(to_json(to_object(product))))
    assert read == product


def test_json_is_utf8_and_compact() -> None:
    """As few bytes as the text needs."""
    text = to_json(to_object(catalog_pb2.Store(id="köln-1")))
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode()
    assert "köln-1".encode() in text


def test_whole_characters_beyond_the_first_plane_are_text() -> None:
    """Two escapes make one character, and that is fine."""
    assert parse_json(rb'{"text": "\ud83d\ude00"}') == {"text": "\U0001f600"}
