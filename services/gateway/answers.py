"""One REST operation answered: read the request, call the RPC, tell the response."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import previews
from services.gateway.backends import Backends
from services.gateway.bodies import Bodies
from services.gateway.json_mapping import to_object
from services.gateway.operation import Body, Cache, Operation
from services.gateway.transcoding import merge, parse_json, set_parameter, to_json
from shared.errors import InvalidInput

LARGE_BYTES = 128 << 10
"""Longer answers are written beside the event loop, so that live frames do not wait."""

Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(operation: Operation, backends: Backends, bodies: Bodies) -> Endpoint:
    """The handler of one operation."""

    async def answer(request: Request) -> Response:
        side = previews.side_of(request) if operation.path in previews.PREVIEWED else None
        async with read(operation, request, bodies) as message:
            request_id = request.state.request_id
            reply = await backends.call(operation.rpc, message, request_id, operation.timeout_s)
        if side:
            await _make_small(operation, reply, side)
        picked = operation.pick(message, reply)
        if picked.ByteSize() > LARGE_BYTES:
            return await asyncio.to_thread(tell, operation, request, reply, picked)
        return tell(operation, request, reply, picked)

    return answer


async def _make_small(operation: Operation, reply: Any, side: int) -> None:
    small = await previews.preview(getattr(reply, operation.bytes_field), side)
    setattr(reply, operation.bytes_field, small)
    reply.mime_type = previews.MEDIA_TYPE


@asynccontextmanager
async def read(operation: Operation, request: Request, bodies: Bodies) -> AsyncIterator[Message]:
    """The RPC's request, from body, query, path and headers; a later one wins.

    Raises:
        VitrineError: a field is wrong.
        HTTPException: the body cannot be read.
    """
    message = operation.rpc.request()
    if operation.body is Body.IMAGE:
        async with bodies.upload(request) as upload:
            if upload.request is not None:
                merge(message, parse_json(upload.request))
            if upload.image is not None:
                merge_image(message, upload.image)
            set_from_request(operation, request, message)
            yield message
    elif operation.body is Body.JSON:
        async with bodies.json(request) as text:
            merge(message, parse_json(text))
            set_from_request(operation, request, message)
            yield message
    else:
        set_from_request(operation, request, message)
        yield message


def merge_image(message: Any, image: bytes) -> None:
    """Set the image of a request, which must not be empty.

    Raises:
        InvalidInput: there are no bytes.
    """
    if not image:
        raise InvalidInput.of("image", "is empty, must be a JPEG, PNG or WebP file")
    message.image = image


def set_from_request(operation: Operation, request: Request, message: Any) -> None:
    """Set the fields that query, path and ``Authorization`` name.

    Raises:
        InvalidInput: a parameter is unknown, missing or does not fit.
    """
    own = [previews.PARAMETER] if operation.path in previews.PREVIEWED else []
    given = query_values(request, [*(one.name for one in operation.parameters), *own])
    given |= {name: [value] for name, value in request.path_params.items()}
    for parameter in operation.parameters:
        if parameter.name in given:
            set_parameter(message, parameter.field, parameter.name, given[parameter.name])
        elif parameter.required:
            raise InvalidInput.of(parameter.name, "is missing")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if operation.consent and scheme.lower() == "bearer":
        message.consent_token = token.strip()


def query_values(request: Request, known: Sequence[str]) -> dict[str, list[str]]:
    """The query's parameters, each with all its values.

    Raises:
        InvalidInput: one that nobody knows.
    """
    for name in request.query_params:
        if name not in known or name in request.path_params:
            choice = ", ".join(known) or "none"
            raise InvalidInput.of(name, f"is no parameter here ({choice})")
    return {name: request.query_params.getlist(name) for name in request.query_params}


def tell(operation: Operation, request: Request, reply: Any, picked: Message) -> Response:
    """The HTTP response of an RPC's response."""
    wants_bytes = operation.cache is Cache.FOREVER or "image/" in request.headers.get("accept", "")
    if operation.bytes_field and wants_bytes:
        return respond(
            request, getattr(reply, operation.bytes_field), reply.mime_type, operation.cache
        )
    return respond(request, to_json(to_object(picked)), "application/json", operation.cache)


def respond(request: Request, content: bytes, media_type: str, cache: Cache) -> Response:
    """A response that may be kept as ``cache`` says; 304 when the caller has it."""
    headers = {"Cache-Control": cache.value}
    if cache is not Cache.NEVER:
        headers["ETag"] = f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
        if _has(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _has(request: Request, etag: str) -> bool:
    """Weak comparison of RFC 9110, 13.1.2."""
    known = request.headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
