"""The OpenAPI document is valid, whole, and says what the contracts say."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from services.gateway.app import make_app
from services.gateway.backends import Backends
from services.gateway.openapi.comments import all_comments, read_comments
from services.gateway.openapi.document import make_document
from services.gateway.openapi.schemas import Schemas
from shared.config import read_settings
from vitrine.v1 import catalog_pb2, pose_pb2, visual_search_pb2


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as it is made at start."""
    return make_document()


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """By the schema of OpenAPI 3.1."""
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_document_is_served(client: httpx.Client, document: dict[str, Any]) -> None:
    """As JSON, cacheable."""
    response = client.get("/v1/openapi.json")
    assert response.json() == document
    assert response.headers["etag"]


def test_every_route_is_documented_and_none_else(document: dict[str, Any]) -> None:
    """The table of routes and the document name the same paths and methods."""
    app = make_app(read_settings(), Backends({}))
    routes = {
        re.sub(r":path}", "}", route.path): route.endpoint.methods
        for route in app.routes
        if isinstance(route, Route) and hasattr(route.endpoint, "methods")
    }
    served = {
        (path, method.lower())
        for path, methods in routes.items()
        for method in methods
        if method != "HEAD" and path.startswith("/v1/")
    }
    documented = {(path, method) for path, item in document["paths"].items() for method in item}
    assert documented == served


def test_the_contracts_comments_are_the_documentation(document: dict[str, Any]) -> None:
    """A field's comment and an RPC's comment come through word for word."""
    product = document["components"]["schemas"]["Product"]
    assert product["properties"]["item_group_id"]["description"] == (
        "Shared by the variants of one design; empty = a group of its own."
    )
    scan = document["paths"]["/v1/scan"]["post"]
    assert scan["summary"] == "Scans one picture"


def test_every_field_of_every_message_is_explained(document: dict[str, Any]) -> None:
    """No schema of the contracts lacks its comments."""
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if "description" not in told and name not in {"Problem", "LookupAnswer", "BatchLookup"}
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], {}),
        (["message A {}"], {}),
        (["// A.", "", "message A {"], {}),
        (["// A.", "// More.", "enum A {", "// B.", "B = 0;", "}"], {"A": "A. More.", "A.B": "B."}),
        (
            [
                "message A {",
                "// One of.",
                "oneof b {",
                "// C.",
                "bytes c = 1;",
                "}",
                "// D.",
                "A d = 2;",
            ],
            {"A.b": "One of.", "A.c": "C.", "A.d": "D."},
        ),
        (
            ["// S.", "service S {", "// R.", "//", "// More.", "rpc R(A)"],
            {"S": "S.", "S.R": "R.\n\nMore."},
        ),
        (["message A {", "// M.", "map<string, Point> m = 1;"], {"A.m": "M."}),
        (["message A {", "// T.", "optional int32 t = 6;"], {"A.t": "T."}),
    ],
)
def test_comments_are_read_from_contracts(lines: list[str], found: dict[str, str]) -> None:
    """By the dotted name of what follows them."""
    assert read_comments(lines) == found


@pytest.mark.parametrize("module", [catalog_pb2, visual_search_pb2, pose_pb2])
def test_every_field_of_the_contracts_has_a_comment(module: Any) -> None:
    """What the reader of comments misses would be missing in the document."""
    comments = all_comments()
    names = [
        field.full_name.removeprefix("vitrine.v1.")
        for message in module.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
    ]
    assert [name for name in names if name not in comments] == []


def test_a_schema_takes_what_the_json_mapping_gives() -> None:
    """int64 is text, bytes are base64, times and durations are text, maps are objects."""
    schemas = Schemas({})
    schemas.refer(visual_search_pb2.SearchRequest.DESCRIPTOR)
    schemas.refer(catalog_pb2.Product.DESCRIPTOR)
    request = schemas.found["SearchRequest"]["properties"]
    assert request["min_revision"]["type"] == "string"
    assert request["image"]["contentEncoding"] == "base64"
    assert request["max_wait"]["type"] == "string"
    assert request["regions"] == {"type": "array", "items": {"$ref": "#/components/schemas/Box"}}
    attributes = schemas.found["Product"]["properties"]["attributes"]
    assert attributes["additionalProperties"] == {"type": "string"}
