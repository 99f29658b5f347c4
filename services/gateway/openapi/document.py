"""The OpenAPI 3.1 document, made from the table of operations and the contracts."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.gateway import previews
from services.gateway.answers import query_values, respond
from services.gateway.bodies import IMAGE_TYPES
from services.gateway.lookup import BatchLookup
from services.gateway.openapi.comments import all_comments
from services.gateway.openapi.documented import PROBLEM, STATUSES, WITH_BODY, answers, problem
from services.gateway.openapi.joined_paths import joined_paths
from services.gateway.openapi.schemas import Schema, Schemas
from services.gateway.operation import Body, Cache, Operation, Parameter
from services.gateway.operations import OPERATIONS
from services.gateway.transcoding import field_at, to_json

VERSION: Final = "1.0.0"
ABOUT: Final = (
    "Scan, visual search and virtual try-on for a shop. Every message is one of the "
    "contracts in protobuf's JSON mapping: int64 is text, bytes are base64, enums are "
    "names; fields without presence are always there, absent messages are left out. "
    "Live frames go over WebSocket at `/v1/scan` and `/v1/tryon`: `/docs` describes them."
)
_MAX_SIDE: Final = {
    "name": previews.PARAMETER,
    "in": "query",
    "required": False,
    "description": "Longer side in pixels of a copy as JPEG; the picture as it is when absent.",
    "schema": {"type": "integer", "enum": list(previews.SIDES)},
}
_BINARY: Schema = {"type": "string", "format": "binary"}


def make_document() -> dict[str, Any]:
    """The whole document."""
    schemas = Schemas(all_comments())
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        path = re.sub(r":path}", "}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    paths |= joined_paths(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vitrine",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.found, **_own_schemas()},
            "responses": {status: problem(told) for status, told in STATUSES.items()},
            "securitySchemes": {"consent": {"type": "http", "scheme": "bearer"}},
        },
    }


class Document:
    """The handler of ``GET /v1/openapi.json``."""

    def __init__(self) -> None:
        self._text = to_json(make_document())

    async def served(self, request: Request) -> Response:
        """The document, made once."""
        query_values(request, ())
        return respond(request, self._text, "application/json", Cache.REVALIDATE)


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    name = operation.rpc.method.full_name.removeprefix("vitrine.v1.")
    comment = schemas.comment(name)
    told: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{operation.method.lower()}{operation.path}"),
        "tags": [operation.tag],
        "summary": comment.split(". ")[0].rstrip("."),
        "description": f"{comment}\n\nRPC: `vitrine.v1.{name}`.",
        "parameters": [_parameter(item, operation, schemas) for item in operation.parameters],
        "responses": _responses(operation, schemas),
    }
    if operation.path in previews.PREVIEWED:
        told["parameters"].append(_MAX_SIDE)
    if operation.consent:
        told["security"] = [{"consent": []}]
    if operation.body is not Body.NONE:
        told["requestBody"] = _request_body(operation, schemas)
    return told


def _parameter(item: Parameter, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of_field(field_at(operation.rpc.request.DESCRIPTOR, item.field))
    in_path = f"{{{item.name}" in operation.path
    if in_path and schema["type"] == "array":
        schema = {**schema["items"], "description": schema["description"]}
    told = {"description": schema.pop("description", "")}
    if schema["type"] == "array" and item.required:
        schema["minItems"] = 1
    if in_path:
        schema["minLength"] = 1
    return {
        "name": item.name,
        "in": "path" if in_path else "query",
        "required": item.required,
        **told,
        "schema": schema,
    }


def _request_body(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    whole = schemas.refer(operation.rpc.request.DESCRIPTOR)
    content: dict[str, Any] = {"application/json": {"schema": whole}}
    if operation.body is Body.IMAGE:
        content |= {media_type: {"schema": _BINARY} for media_type in IMAGE_TYPES}
        content["multipart/form-data"] = {
            "schema": {
                "type": "object",
                "properties": {"image": _BINARY, "request": whole},
                "additionalProperties": False,
            },
            "encoding": {"request": {"contentType": "application/json"}},
        }
    return {"required": True, "content": content}


def _responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    schema = schemas.refer(operation.answer_class.DESCRIPTOR)
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if operation.bytes_field:
        images = {media_type: {"schema": _BINARY} for media_type in IMAGE_TYPES[:3]}
        content = images if operation.cache is Cache.FOREVER else content | images
    extra = (
        *(WITH_BODY if operation.body is not Body.NONE else ()),
        *(("403",) if operation.consent else ()),
        *(("404",) if operation.missing else ()),
    )
    return answers({"description": "The answer.", "content": content}, extra, operation.cache)


def _own_schemas() -> dict[str, Schema]:
    return {
        "Problem": PROBLEM,
        "BatchLookup": BatchLookup.model_json_schema(),
    }
