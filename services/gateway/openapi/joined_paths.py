"""The OpenAPI paths that join several RPCs, or call none: written by hand, typed alike."""

from __future__ import annotations

import re
from typing import Any, Final

from services.gateway.bodies import FEED_TYPES
from services.gateway.live.imports import OPTIONS
from services.gateway.lookup import MOST_ALTERNATIVES
from services.gateway.openapi.documented import WITH_BODY, answers
from services.gateway.openapi.schemas import Schema, Schemas
from services.gateway.operation import Cache
from vitrine.v1 import catalog_pb2, visual_search_pb2


def _query(name: str, schema: Schema, told: str, *, required: bool = False) -> dict[str, Any]:
    place = {"name": name, "in": "query", "required": required}
    return {**place, "description": told, "schema": schema}


def _get(tag: str, summary: str, parameters: list[Any], schema: Schema) -> dict[str, Any]:
    good = {"description": "The answer.", "content": {"application/json": {"schema": schema}}}
    return {
        "get": {
            "tags": [tag],
            "operationId": re.sub(r"\W+", "_", summary.lower()),
            "summary": summary,
            "parameters": parameters,
            "responses": answers(good, ("404",), Cache.REVALIDATE),
        }
    }


def _lookup_answer(schemas: Schemas) -> Schema:
    looked_up = schemas.refer(catalog_pb2.LookupCodeResponse.DESCRIPTOR)
    named = schemas.found[looked_up["$ref"].rpartition("/")[2]]
    own = {
        "code": {"type": "string", "description": "The code asked for."},
        "offer": schemas.refer(catalog_pb2.Offer.DESCRIPTOR),
        "alternatives": {
            "type": "array",
            "items": schemas.refer(visual_search_pb2.SearchResult.DESCRIPTOR),
            "description": "Products that look like it, best first.",
        },
        "degraded": {"type": "array", "items": {"type": "string"}},
    }
    schemas.found["LookupAnswer"] = {**named, "properties": {**named["properties"], **own}}
    return {"$ref": "#/components/schemas/LookupAnswer"}


def joined_paths(schemas: Schemas) -> dict[str, Any]:
    """The paths that join several RPCs, or none."""
    text: Schema = {"type": "string"}
    texts: Schema = {"type": "array", "items": text}
    answer = _lookup_answer(schemas)
    place = [_query("store", text, "The store."), _query("channel", text, "The channel.")]
    count = {"type": "integer", "minimum": 0, "maximum": MOST_ALTERNATIVES}
    options = [*place, _query("alternatives", count, "How many alternatives; 3 when absent.")]
    code = _query("code", text, "A code of any kind, as scanned or typed.", required=True)
    offers = schemas.refer(catalog_pb2.GetOffersResponse.DESCRIPTOR)
    whose = [
        _query("sku", {**texts, "minItems": 1}, "The products.", required=True),
        _query("store", texts, "The stores; all when absent."),
        _query("channel", texts, "The channels; none in particular when absent."),
    ]
    return {
        "/v1/lookup": _get("look-up", "Look up a code", [code, *options], answer),
        "/v1/lookup/{code}": _get(
            "look-up", "Look up a code in the path", [{**code, "in": "path"}, *options], answer
        ),
        "/v1/lookup:batch": _batch(answer),
        "/v1/availability": _get("look-up", "Who has a product", whose, offers),
        "/v1/changes": _changes(),
        "/v1/import": {**_may_import(), "post": _import(schemas)},
        "/v1/status": _get("status", "How the services are", [], _status(schemas)),
        "/v1/samples": _get("status", "Pictures to try", [], _listed("samples", _SAMPLE)),
        "/v1/openapi.json": _get("status", "This document", [], {"type": "object"}),
    }


_SAMPLE: Final[Schema] = {
    "type": "object",
    "required": ["name", "url", "mime_type"],
    "properties": {name: {"type": "string"} for name in ("name", "url", "mime_type")},
}


def _listed(name: str, item: Schema) -> Schema:
    return {
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "array", "items": item}},
        "additionalProperties": False,
    }


def _batch(answer: Schema) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/BatchLookup"}
    good = {"application/json": {"schema": _listed("answers", answer)}}
    told = {
        "tags": ["look-up"],
        "operationId": "look_up_codes",
        "summary": "Look up many codes",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": answers(
            {"description": "In the order asked.", "content": good}, (*WITH_BODY, "404")
        ),
    }
    return {"post": told}


def _changes() -> dict[str, Any]:
    revision: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
    stream = {"text/event-stream": {"schema": {"type": "string"}}}
    told = {
        "tags": ["catalogue"],
        "operationId": "follow_changes",
        "summary": "Follow the catalogue",
        "description": (
            "Events `product`, `deleted` and `caught_up`; `Last-Event-ID` resumes after the event "
            "with that id. 422 with REVISION_FROM_FUTURE or CATALOG_CHANGED: start again from "
            "nothing. RPC: `vitrine.v1.CatalogService.WatchChanges`."
        ),
        "parameters": [
            _query("since_revision", revision, "The last revision applied; 0 = everything."),
            _query("catalog_id", {"type": "string"}, "The catalogue that the revision is of."),
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
            },
        ],
        "responses": answers({"description": "Changes as they come.", "content": stream}),
    }
    return {"get": told}


def _may_import() -> dict[str, Any]:
    schema: Schema = {
        "type": "object",
        "required": ["allowed", "reason", "max_bytes", "content_types"],
        "properties": {
            "allowed": {"type": "boolean"},
            "reason": {"type": "string"},
            "max_bytes": {"type": "string", "pattern": "^[0-9]+$"},
            "content_types": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
    }
    return _get("catalogue", "Whether feeds may be imported here", [], schema)


def _import(schemas: Schemas) -> dict[str, Any]:
    options = catalog_pb2.ImportFeedOptions.DESCRIPTOR.fields_by_name
    line = schemas.refer(catalog_pb2.ImportFeedResponse.DESCRIPTOR)["$ref"].rpartition("/")[2]
    feed: Schema = {"type": "string", "format": "binary"}
    form: Schema = {
        "type": "object",
        "required": ["feed"],
        "properties": {"feed": feed},
        "additionalProperties": False,
    }
    content = {media_type: {"schema": feed} for media_type in FEED_TYPES}
    parameters = []
    for name, field in OPTIONS.items():
        schema = schemas.of_field(options[field])
        parameters.append(_query(name, schema, schema.pop("description")))
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    told = (
        f"Lines of JSON as the import goes: each an `{line}` with `progress`, `rejection`, "
        '`warning` or, last, `result`; or `{"problem": Problem}`, which ends it.'
    )
    return {
        "tags": ["catalogue"],
        "operationId": "import_feed",
        "summary": "Import a product feed",
        "description": f"{schemas.comment('CatalogService.ImportFeed')}\n\n{told}",
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {**content, "multipart/form-data": {"schema": form}},
        },
        "responses": answers(
            {"description": told, "content": lines}, (*WITH_BODY, "403", "404"), Cache.NEVER
        ),
    }


def _status(schemas: Schemas) -> Schema:
    service = {
        "type": "object",
        "required": ["name", "state"],
        "properties": {
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["serving", "not_serving"]},
        },
    }
    null: Schema = {"type": "null"}
    return {
        "type": "object",
        "required": ["services", "catalog", "index"],
        "properties": {
            "services": {"type": "array", "items": service},
            "catalog": {
                "anyOf": [schemas.refer(catalog_pb2.GetCatalogStatusResponse.DESCRIPTOR), null]
            },
            "index": {
                "anyOf": [schemas.refer(visual_search_pb2.GetIndexStatusResponse.DESCRIPTOR), null]
            },
        },
        "additionalProperties": False,
    }
