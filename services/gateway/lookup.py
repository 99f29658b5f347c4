"""What an omnichannel backend asks: everything about a code, and who has a product.

Each answer joins a few RPCs; none of them decides anything here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.answers import query_values, respond
from services.gateway.backends import Backends
from services.gateway.bodies import Bodies
from services.gateway.contracts import rpc
from services.gateway.json_mapping import to_object
from services.gateway.operation import Cache
from services.gateway.transcoding import parse_json, set_parameter, to_json
from shared.errors import FieldViolation, InvalidInput, VitrineError
from vitrine.v1 import catalog_pb2, visual_search_pb2

LOOKUP = rpc("CatalogService", "LookupCode")
OFFERS = rpc("CatalogService", "GetOffers")
STORES = rpc("CatalogService", "ListStores")
SEARCH = rpc("VisualSearchService", "Search")

ALTERNATIVES = 3
MOST_ALTERNATIVES = 20
ALTERNATIVES_TIMEOUT_S = 2.0
MOST_PLACES = 256
AT_ONCE = 8

Model = TypeVar("Model", bound=BaseModel)


class BatchLookup(BaseModel):
    """Codes to look up together."""

    model_config = ConfigDict(extra="forbid", strict=True)

    codes: list[str] = Field(
        min_length=1, max_length=100, description="Codes of any kind, as scanned or typed."
    )
    store: str = Field("", description="The store whose price and stock are wanted.")
    channel: str = Field("", description="The channel whose prices hold.")


class Options(BaseModel):
    """What an answer to a look-up adds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = ""
    store: str = ""
    channel: str = ""
    alternatives: int = Field(ALTERNATIVES, ge=0, le=MOST_ALTERNATIVES)


class Lookups:
    """The handlers of look-up and availability."""

    def __init__(self, backends: Backends, bodies: Bodies) -> None:
        self._backends = backends
        self._bodies = bodies

    async def one(self, request: Request) -> Response:
        """``GET /v1/lookup/{code}`` and ``GET /v1/lookup?code=``."""
        options = _options(request)
        found = await self._look_up(request, options.code)
        told = {"code": options.code, **to_object(found), "alternatives": [], "degraded": []}
        if found.HasField("product"):
            offers, (alternatives, degraded) = await asyncio.gather(
                self._offers(request, [found.product.sku], options.store, options.channel),
                self._alternatives(request, found.product.sku, options),
            )
            told |= {"alternatives": alternatives, "degraded": degraded}
            if offers.offers:
                told["offer"] = to_object(offers.offers[0])
        return respond(request, to_json(told), "application/json", Cache.REVALIDATE)

    async def batch(self, request: Request) -> Response:
        """``POST /v1/lookup:batch``."""
        query_values(request, ())
        async with self._bodies.json(request) as text:
            asked = _checked(BatchLookup, parse_json(text))
        found = await _bounded([partial(self._look_up, request, code) for code in asked.codes])
        skus = list(dict.fromkeys(item.product.sku for item in found if item.HasField("product")))
        reply = await self._offers(request, skus, asked.store, asked.channel)
        offers = {offer.sku: to_object(offer) for offer in reply.offers}
        answers = [
            _joined(code, item, offers) for code, item in zip(asked.codes, found, strict=True)
        ]
        return respond(request, to_json({"answers": answers}), "application/json", Cache.NEVER)

    async def availability(self, request: Request) -> Response:
        """``GET /v1/availability``: offers of every store and channel asked for."""
        asked = query_values(request, ("sku", "store", "channel"))
        skus = asked.get("sku", [])
        if not skus:
            raise InvalidInput.of("sku", "is missing")
        stores = asked.get("store") or await self._store_ids(request)
        places = [(store, channel) for store in stores for channel in asked.get("channel", [""])]
        if len(places) > MOST_PLACES:
            raise InvalidInput.of(
                "store", f"makes {len(places)} stores and channels, must be at most {MOST_PLACES}"
            )
        replies = await _bounded([partial(self._offers, request, skus, *place) for place in places])
        joined = catalog_pb2.GetOffersResponse(
            offers=[o for reply in replies for o in reply.offers]
        )
        return respond(request, to_json(to_object(joined)), "application/json", Cache.REVALIDATE)

    async def _look_up(self, request: Request, code: str) -> Any:
        message = catalog_pb2.LookupCodeRequest()
        set_parameter(message, "code", "code", [code])
        return await self._backends.call(LOOKUP, message, request.state.request_id)

    async def _offers(self, request: Request, skus: Sequence[str], store: str, channel: str) -> Any:
        message = catalog_pb2.GetOffersRequest()
        for name, values in (("skus", skus), ("store_id", [store]), ("channel", [channel])):
            set_parameter(message, name, name, values)
        return await self._backends.call(OFFERS, message, request.state.request_id)

    async def _store_ids(self, request: Request) -> list[str]:
        message = catalog_pb2.ListStoresRequest()
        reply = await self._backends.call(STORES, message, request.state.request_id)
        return [store.id for store in reply.stores]

    async def _alternatives(
        self, request: Request, sku: str, options: Options
    ) -> tuple[list[Any], list[str]]:
        """What looks like a product. A search that fails costs the alternatives only."""
        if not options.alternatives:
            return [], []
        message = visual_search_pb2.SearchRequest(
            sku=sku, top_k=options.alternatives, store_id=options.store, channel=options.channel
        )
        request_id = request.state.request_id
        try:
            reply = await self._backends.call(SEARCH, message, request_id, ALTERNATIVES_TIMEOUT_S)
        except VitrineError:
            return [], ["visual_search"]
        return [to_object(result) for group in reply.groups for result in group.results], []


def _joined(code: str, found: Any, offers: dict[str, Any]) -> dict[str, Any]:
    told = {"code": code, **to_object(found), "alternatives": [], "degraded": []}
    offer = offers.get(found.product.sku) if found.HasField("product") else None
    return {**told, "offer": offer} if offer else told


def _options(request: Request) -> Options:
    asked = query_values(request, tuple(Options.model_fields))
    for name, values in asked.items():
        if len(values) > 1:
            raise InvalidInput.of(name, "may be given once")
    return _checked(
        Options, {name: values[0] for name, values in asked.items()} | request.path_params
    )


def _checked(model: type[Model], told: dict[str, Any]) -> Model:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        wrong = [
            FieldViolation(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()
        ]
        sentence = "; ".join(f"{item.field}: {item.description}" for item in wrong)
        raise InvalidInput(sentence, violations=wrong) from error


async def _bounded(calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Run calls side by side, a few at once; the first error ends them all."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(call: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await call()

    tasks = [asyncio.create_task(one(call)) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
