"""The table of REST operations: each is one RPC of the contracts, told once.

The routes (``answers``) and the OpenAPI document (``openapi``) are both made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf.message import Message

from services.gateway.backends import TIMEOUT_S
from services.gateway.contracts import Rpc, rpc
from shared.errors import NotFound
from vitrine.v1 import catalog_pb2


class Body(Enum):
    """What a request carries."""

    NONE = "none"
    JSON = "json"
    IMAGE = "image"


class Cache(Enum):
    """``Cache-Control`` of an answer."""

    NEVER = "no-store"
    REVALIDATE = "no-cache"
    FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query or the path.

    Attributes:
        name: what callers write.
        field: the request's field that it sets, dotted.
        required: whether it must be given.
    """

    name: str
    field: str
    required: bool = False


Pick = Callable[[Any, Any], Message]
"""Takes the request and the response; returns the message to answer with."""


def _whole(request: Any, response: Any) -> Message:
    found: Message = response
    return found


@dataclass(frozen=True, slots=True)
class Operation:
    """One REST operation.

    Attributes:
        method: HTTP method.
        path: path with ``{parameter}``; ``{parameter:path}`` may hold slashes.
        rpc: the RPC that answers.
        tag: the group that it is shown in.
        parameters: of query and path.
        body: what it carries.
        cache: for how long an answer may be kept.
        pick: which message of the response is the answer.
        answer: class of that message.
        bytes_field: field with bytes that may be the answer itself; ``mime_type`` is beside it.
        timeout_s: deadline of the RPC.
        consent: whether ``Authorization: Bearer`` sets ``consent_token``.
        missing: the answer may be 404.
    """

    method: str
    path: str
    rpc: Rpc
    tag: str
    parameters: tuple[Parameter, ...] = ()
    body: Body = Body.NONE
    cache: Cache = Cache.NEVER
    pick: Pick = _whole
    answer: type[Message] | None = None
    bytes_field: str = ""
    timeout_s: float = TIMEOUT_S
    consent: bool = False
    missing: bool = False

    @property
    def answer_class(self) -> type[Message]:
        """Class of the message that a caller gets."""
        return self.answer or self.rpc.response


def _only_product(request: Any, response: Any) -> Message:
    if not response.products:
        raise NotFound.of("product", request.skus[0])
    product: Message = response.products[0]
    return product


_STORE = Parameter("store", "store_id")
_CHANNEL = Parameter("channel", "channel")
_PAGE = (Parameter("page_size", "page_size"), Parameter("page_token", "page_token"))
_LIST = (
    Parameter("query", "query"),
    Parameter("category", "category_path"),
    Parameter("try_on", "try_on"),
    Parameter("try_on_kind", "try_on_kinds"),
    *_PAGE,
)
_SEARCH = (
    Parameter("text", "text"),
    Parameter("sku", "sku"),
    Parameter("top_k", "top_k"),
    _STORE,
    _CHANNEL,
    Parameter("category", "filter.categories"),
    Parameter("brand", "filter.brands"),
    Parameter("in_stock", "filter.in_stock"),
    Parameter("shopper", "shopper_id"),
    Parameter("explain", "explain"),
    Parameter("keep_variants", "keep_variants"),
    Parameter("min_revision", "min_revision"),
)
_SCAN = (
    Parameter("store", "options.store_id"),
    Parameter("channel", "options.channel"),
    Parameter("max_items", "options.max_items"),
    Parameter("codes_only", "options.codes_only"),
)
_PLACE = (
    Parameter("sku", "options.skus"),
    Parameter("mirrored", "options.mirrored"),
    Parameter("screen_mesh", "options.screen_mesh"),
    Parameter("reference_card", "options.reference_card"),
    Parameter("hands", "options.hands"),
)
SEARCH_TIMEOUT_S = 35.0
"""The contract lets a search wait 30 s for a revision."""


def _catalog(name: str) -> Rpc:
    return rpc("CatalogService", name)


_CATALOG = (
    Operation(
        "GET",
        "/v1/products",
        _catalog("ListProducts"),
        "catalogue",
        _LIST,
        cache=Cache.REVALIDATE,
    ),
    Operation(
        "GET",
        "/v1/products/{sku:path}",
        _catalog("BatchGetProducts"),
        "catalogue",
        (Parameter("sku", "skus", required=True),),
        cache=Cache.REVALIDATE,
        pick=_only_product,
        answer=catalog_pb2.Product,
        missing=True,
    ),
    Operation(
        "GET",
        "/v1/products:batchGet",
        _catalog("BatchGetProducts"),
        "catalogue",
        (Parameter("sku", "skus", required=True),),
        cache=Cache.REVALIDATE,
    ),
    Operation(
        "GET",
        "/v1/offers",
        _catalog("GetOffers"),
        "catalogue",
        (Parameter("sku", "skus", required=True), _STORE, _CHANNEL),
        cache=Cache.REVALIDATE,
        missing=True,
    ),
    Operation("GET", "/v1/stores", _catalog("ListStores"), "catalogue", cache=Cache.REVALIDATE),
    Operation(
        "GET",
        "/v1/stores/{store:path}/stock",
        _catalog("ListStock"),
        "catalogue",
        (Parameter("store", "store_id", required=True), *_PAGE),
        cache=Cache.REVALIDATE,
        missing=True,
    ),
    Operation(
        "GET",
        "/v1/reference-images/{id}",
        _catalog("GetReferenceImage"),
        "catalogue",
        (Parameter("id", "id", required=True),),
        cache=Cache.FOREVER,
        bytes_field="data",
        missing=True,
    ),
    Operation(
        "GET",
        "/v1/catalog-status",
        _catalog("GetCatalogStatus"),
        "catalogue",
        cache=Cache.REVALIDATE,
    ),
)
_SEEING = (
    Operation(
        "GET",
        "/v1/search",
        rpc("VisualSearchService", "Search"),
        "search",
        _SEARCH,
        timeout_s=SEARCH_TIMEOUT_S,
        missing=True,
    ),
    Operation(
        "POST",
        "/v1/search",
        rpc("VisualSearchService", "Search"),
        "search",
        _SEARCH,
        Body.IMAGE,
        timeout_s=SEARCH_TIMEOUT_S,
        missing=True,
    ),
    Operation(
        "GET",
        "/v1/index-status",
        rpc("VisualSearchService", "GetIndexStatus"),
        "search",
        cache=Cache.REVALIDATE,
    ),
    Operation(
        "POST",
        "/v1/scan",
        rpc("ScanningService", "ScanImage"),
        "scan",
        _SCAN,
        Body.IMAGE,
        missing=True,
    ),
)
_TRY_ON = (
    Operation(
        "POST",
        "/v1/tryon:place",
        rpc("PoseService", "PlaceProducts"),
        "try-on",
        _PLACE,
        Body.IMAGE,
        consent=True,
        missing=True,
    ),
    Operation(
        "POST",
        "/v1/tryon:render",
        rpc("PoseService", "RenderTryOn"),
        "try-on",
        (*_PLACE, Parameter("mime_type", "mime_type")),
        Body.IMAGE,
        bytes_field="image",
        consent=True,
        missing=True,
    ),
    Operation(
        "GET",
        "/v1/tryon/textures/{sku:path}/{texture_id}",
        rpc("PoseService", "GetTexture"),
        "try-on",
        (
            Parameter("sku", "sku", required=True),
            Parameter("texture_id", "texture_id", required=True),
        ),
        cache=Cache.FOREVER,
        bytes_field="data",
        missing=True,
    ),
    Operation(
        "POST", "/v1/consent", rpc("ShopperService", "GrantConsent"), "consent", (), Body.JSON
    ),
    Operation(
        "POST",
        "/v1/consent:withdraw",
        rpc("ShopperService", "WithdrawConsent"),
        "consent",
        (),
        Body.JSON,
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_CATALOG, *_SEEING, *_TRY_ON)
