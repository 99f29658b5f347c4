"""The table of REST operations: each is one RPC of the contracts, told once.

The routes (``answers``) and the OpenAPI document (``openapi``) are both made from it.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from services.gateway.contracts import Rpc, rpc
from services.gateway.operation import Body, Cache, Operation, Parameter
from shared.errors import NotFound
from vitrine.v1 import catalog_pb2


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
