import datetime

from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from vitrine.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProductStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRODUCT_STATUS_UNSPECIFIED: _ClassVar[ProductStatus]
    PRODUCT_STATUS_ACTIVE: _ClassVar[ProductStatus]
    PRODUCT_STATUS_ARCHIVED: _ClassVar[ProductStatus]

class TryOnKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRY_ON_KIND_UNSPECIFIED: _ClassVar[TryOnKind]
    TRY_ON_KIND_GLASSES: _ClassVar[TryOnKind]
    TRY_ON_KIND_HAT: _ClassVar[TryOnKind]
    TRY_ON_KIND_EARRINGS: _ClassVar[TryOnKind]
    TRY_ON_KIND_NECKLACE: _ClassVar[TryOnKind]
    TRY_ON_KIND_WATCH: _ClassVar[TryOnKind]
    TRY_ON_KIND_RING: _ClassVar[TryOnKind]
    TRY_ON_KIND_BRACELET: _ClassVar[TryOnKind]
    TRY_ON_KIND_TOP: _ClassVar[TryOnKind]
    TRY_ON_KIND_DRESS: _ClassVar[TryOnKind]
    TRY_ON_KIND_TROUSERS: _ClassVar[TryOnKind]
    TRY_ON_KIND_SHOES: _ClassVar[TryOnKind]
    TRY_ON_KIND_LIPSTICK: _ClassVar[TryOnKind]

class CodeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_KIND_UNSPECIFIED: _ClassVar[CodeKind]
    CODE_KIND_GTIN: _ClassVar[CodeKind]
    CODE_KIND_SKU: _ClassVar[CodeKind]
    CODE_KIND_ELEMENT_STRING: _ClassVar[CodeKind]
    CODE_KIND_DIGITAL_LINK: _ClassVar[CodeKind]

class Availability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AVAILABILITY_UNSPECIFIED: _ClassVar[Availability]
    AVAILABILITY_IN_STOCK: _ClassVar[Availability]
    AVAILABILITY_OUT_OF_STOCK: _ClassVar[Availability]
PRODUCT_STATUS_UNSPECIFIED: ProductStatus
PRODUCT_STATUS_ACTIVE: ProductStatus
PRODUCT_STATUS_ARCHIVED: ProductStatus
TRY_ON_KIND_UNSPECIFIED: TryOnKind
TRY_ON_KIND_GLASSES: TryOnKind
TRY_ON_KIND_HAT: TryOnKind
TRY_ON_KIND_EARRINGS: TryOnKind
TRY_ON_KIND_NECKLACE: TryOnKind
TRY_ON_KIND_WATCH: TryOnKind
TRY_ON_KIND_RING: TryOnKind
TRY_ON_KIND_BRACELET: TryOnKind
TRY_ON_KIND_TOP: TryOnKind
TRY_ON_KIND_DRESS: TryOnKind
TRY_ON_KIND_TROUSERS: TryOnKind
TRY_ON_KIND_SHOES: TryOnKind
TRY_ON_KIND_LIPSTICK: TryOnKind
CODE_KIND_UNSPECIFIED: CodeKind
CODE_KIND_GTIN: CodeKind
CODE_KIND_SKU: CodeKind
CODE_KIND_ELEMENT_STRING: CodeKind
CODE_KIND_DIGITAL_LINK: CodeKind
AVAILABILITY_UNSPECIFIED: Availability
AVAILABILITY_IN_STOCK: Availability
AVAILABILITY_OUT_OF_STOCK: Availability

class TryOnAsset(_message.Message):
    __slots__ = ("kind", "uri", "width_mm", "points", "color")
    class PointsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _types_pb2.Point
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_types_pb2.Point, _Mapping]] = ...) -> None: ...
    KIND_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    WIDTH_MM_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    kind: TryOnKind
    uri: str
    width_mm: float
    points: _containers.MessageMap[str, _types_pb2.Point]
    color: str
    def __init__(self, kind: _Optional[_Union[TryOnKind, str]] = ..., uri: _Optional[str] = ..., width_mm: _Optional[float] = ..., points: _Optional[_Mapping[str, _types_pb2.Point]] = ..., color: _Optional[str] = ...) -> None: ...

class ReferenceImage(_message.Message):
    __slots__ = ("id", "sku", "view", "mime_type", "width_px", "height_px")
    ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    id: str
    sku: str
    view: str
    mime_type: str
    width_px: int
    height_px: int
    def __init__(self, id: _Optional[str] = ..., sku: _Optional[str] = ..., view: _Optional[str] = ..., mime_type: _Optional[str] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ("sku", "gtins", "title", "brand", "description", "category_path", "attributes", "price", "item_group_id", "dimensions", "try_on_asset", "status", "link", "reference_images", "revision")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SKU_FIELD_NUMBER: _ClassVar[int]
    GTINS_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    BRAND_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_PATH_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    ITEM_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    TRY_ON_ASSET_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    sku: str
    gtins: _containers.RepeatedScalarFieldContainer[str]
    title: str
    brand: str
    description: str
    category_path: _containers.RepeatedScalarFieldContainer[str]
    attributes: _containers.ScalarMap[str, str]
    price: _types_pb2.Money
    item_group_id: str
    dimensions: _types_pb2.Dimensions
    try_on_asset: TryOnAsset
    status: ProductStatus
    link: str
    reference_images: _containers.RepeatedCompositeFieldContainer[ReferenceImage]
    revision: int
    def __init__(self, sku: _Optional[str] = ..., gtins: _Optional[_Iterable[str]] = ..., title: _Optional[str] = ..., brand: _Optional[str] = ..., description: _Optional[str] = ..., category_path: _Optional[_Iterable[str]] = ..., attributes: _Optional[_Mapping[str, str]] = ..., price: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., item_group_id: _Optional[str] = ..., dimensions: _Optional[_Union[_types_pb2.Dimensions, _Mapping]] = ..., try_on_asset: _Optional[_Union[TryOnAsset, _Mapping]] = ..., status: _Optional[_Union[ProductStatus, str]] = ..., link: _Optional[str] = ..., reference_images: _Optional[_Iterable[_Union[ReferenceImage, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("index", "sku", "reason", "field", "message")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    index: int
    sku: str
    reason: str
    field: str
    message: str
    def __init__(self, index: _Optional[int] = ..., sku: _Optional[str] = ..., reason: _Optional[str] = ..., field: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class UpsertProductsRequest(_message.Message):
    __slots__ = ("product", "update_mask", "further")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    FURTHER_FIELD_NUMBER: _ClassVar[int]
    product: Product
    update_mask: _field_mask_pb2.FieldMask
    further: _containers.RepeatedCompositeFieldContainer[UpsertProductsRequest]
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., further: _Optional[_Iterable[_Union[UpsertProductsRequest, _Mapping]]] = ...) -> None: ...

class UpsertProductsResponse(_message.Message):
    __slots__ = ("upserted", "unchanged", "rejections", "revision")
    UPSERTED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    upserted: int
    unchanged: int
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    revision: int
    def __init__(self, upserted: _Optional[int] = ..., unchanged: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class BatchGetProductsRequest(_message.Message):
    __slots__ = ("skus",)
    SKUS_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, skus: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetProductsResponse(_message.Message):
    __slots__ = ("products",)
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ...) -> None: ...

class LookupCodeRequest(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: str
    def __init__(self, code: _Optional[str] = ...) -> None: ...

class LookupCodeResponse(_message.Message):
    __slots__ = ("kind", "gtin", "product", "application_identifiers", "problem")
    class ApplicationIdentifiersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    KIND_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    kind: CodeKind
    gtin: str
    product: Product
    application_identifiers: _containers.ScalarMap[str, str]
    problem: str
    def __init__(self, kind: _Optional[_Union[CodeKind, str]] = ..., gtin: _Optional[str] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., application_identifiers: _Optional[_Mapping[str, str]] = ..., problem: _Optional[str] = ...) -> None: ...

class ListProductsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "query", "category_path", "try_on", "try_on_kinds")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_PATH_FIELD_NUMBER: _ClassVar[int]
    TRY_ON_FIELD_NUMBER: _ClassVar[int]
    TRY_ON_KINDS_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    query: str
    category_path: _containers.RepeatedScalarFieldContainer[str]
    try_on: bool
    try_on_kinds: _containers.RepeatedScalarFieldContainer[TryOnKind]
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., query: _Optional[str] = ..., category_path: _Optional[_Iterable[str]] = ..., try_on: _Optional[bool] = ..., try_on_kinds: _Optional[_Iterable[_Union[TryOnKind, str]]] = ...) -> None: ...

class ListProductsResponse(_message.Message):
    __slots__ = ("products", "next_page_token")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[Product]
    next_page_token: str
    def __init__(self, products: _Optional[_Iterable[_Union[Product, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteProductsRequest(_message.Message):
    __slots__ = ("skus",)
    SKUS_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, skus: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteProductsResponse(_message.Message):
    __slots__ = ("deleted", "revision")
    DELETED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    revision: int
    def __init__(self, deleted: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class UpsertReferenceImagesRequest(_message.Message):
    __slots__ = ("sku", "view", "data", "further")
    SKU_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    FURTHER_FIELD_NUMBER: _ClassVar[int]
    sku: str
    view: str
    data: bytes
    further: _containers.RepeatedCompositeFieldContainer[UpsertReferenceImagesRequest]
    def __init__(self, sku: _Optional[str] = ..., view: _Optional[str] = ..., data: _Optional[bytes] = ..., further: _Optional[_Iterable[_Union[UpsertReferenceImagesRequest, _Mapping]]] = ...) -> None: ...

class UpsertReferenceImagesResponse(_message.Message):
    __slots__ = ("stored", "unchanged", "rejections", "revision")
    STORED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    stored: int
    unchanged: int
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    revision: int
    def __init__(self, stored: _Optional[int] = ..., unchanged: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ..., revision: _Optional[int] = ...) -> None: ...

class DeleteReferenceImagesRequest(_message.Message):
    __slots__ = ("sku", "ids")
    SKU_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sku: _Optional[str] = ..., ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteReferenceImagesResponse(_message.Message):
    __slots__ = ("deleted", "revision")
    DELETED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    deleted: int
    revision: int
    def __init__(self, deleted: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class GetReferenceImageRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class GetReferenceImageResponse(_message.Message):
    __slots__ = ("data", "mime_type")
    DATA_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    mime_type: str
    def __init__(self, data: _Optional[bytes] = ..., mime_type: _Optional[str] = ...) -> None: ...

class BatchGetReferenceImagesRequest(_message.Message):
    __slots__ = ("ids",)
    IDS_FIELD_NUMBER: _ClassVar[int]
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetReferenceImagesResponse(_message.Message):
    __slots__ = ("images",)
    class Image(_message.Message):
        __slots__ = ("id", "data", "mime_type")
        ID_FIELD_NUMBER: _ClassVar[int]
        DATA_FIELD_NUMBER: _ClassVar[int]
        MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
        id: str
        data: bytes
        mime_type: str
        def __init__(self, id: _Optional[str] = ..., data: _Optional[bytes] = ..., mime_type: _Optional[str] = ...) -> None: ...
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    images: _containers.RepeatedCompositeFieldContainer[BatchGetReferenceImagesResponse.Image]
    def __init__(self, images: _Optional[_Iterable[_Union[BatchGetReferenceImagesResponse.Image, _Mapping]]] = ...) -> None: ...

class WatchChangesRequest(_message.Message):
    __slots__ = ("since_revision", "catalog_id", "max_changes")
    SINCE_REVISION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_CHANGES_FIELD_NUMBER: _ClassVar[int]
    since_revision: int
    catalog_id: str
    max_changes: int
    def __init__(self, since_revision: _Optional[int] = ..., catalog_id: _Optional[str] = ..., max_changes: _Optional[int] = ...) -> None: ...

class WatchChangesResponse(_message.Message):
    __slots__ = ("revision", "product", "deleted_sku", "caught_up", "further")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    DELETED_SKU_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    FURTHER_FIELD_NUMBER: _ClassVar[int]
    revision: int
    product: Product
    deleted_sku: str
    caught_up: bool
    further: _containers.RepeatedCompositeFieldContainer[WatchChangesResponse]
    def __init__(self, revision: _Optional[int] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., deleted_sku: _Optional[str] = ..., caught_up: _Optional[bool] = ..., further: _Optional[_Iterable[_Union[WatchChangesResponse, _Mapping]]] = ...) -> None: ...

class Store(_message.Message):
    __slots__ = ("id", "name", "currency_code", "time_zone")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    currency_code: str
    time_zone: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., currency_code: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class UpsertStoresRequest(_message.Message):
    __slots__ = ("stores",)
    STORES_FIELD_NUMBER: _ClassVar[int]
    stores: _containers.RepeatedCompositeFieldContainer[Store]
    def __init__(self, stores: _Optional[_Iterable[_Union[Store, _Mapping]]] = ...) -> None: ...

class UpsertStoresResponse(_message.Message):
    __slots__ = ("upserted",)
    UPSERTED_FIELD_NUMBER: _ClassVar[int]
    upserted: int
    def __init__(self, upserted: _Optional[int] = ...) -> None: ...

class ListStoresRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStoresResponse(_message.Message):
    __slots__ = ("stores",)
    STORES_FIELD_NUMBER: _ClassVar[int]
    stores: _containers.RepeatedCompositeFieldContainer[Store]
    def __init__(self, stores: _Optional[_Iterable[_Union[Store, _Mapping]]] = ...) -> None: ...

class StockLevel(_message.Message):
    __slots__ = ("sku", "store_id", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    store_id: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., store_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class SetStockRequest(_message.Message):
    __slots__ = ("levels",)
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    levels: _containers.RepeatedCompositeFieldContainer[StockLevel]
    def __init__(self, levels: _Optional[_Iterable[_Union[StockLevel, _Mapping]]] = ...) -> None: ...

class SetStockResponse(_message.Message):
    __slots__ = ("updated",)
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    updated: int
    def __init__(self, updated: _Optional[int] = ...) -> None: ...

class ListStockRequest(_message.Message):
    __slots__ = ("store_id", "page_size", "page_token")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    page_size: int
    page_token: str
    def __init__(self, store_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStockResponse(_message.Message):
    __slots__ = ("levels", "next_page_token")
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    levels: _containers.RepeatedCompositeFieldContainer[StockLevel]
    next_page_token: str
    def __init__(self, levels: _Optional[_Iterable[_Union[StockLevel, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ChannelPrice(_message.Message):
    __slots__ = ("sku", "store_id", "channel", "price")
    SKU_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    sku: str
    store_id: str
    channel: str
    price: _types_pb2.Money
    def __init__(self, sku: _Optional[str] = ..., store_id: _Optional[str] = ..., channel: _Optional[str] = ..., price: _Optional[_Union[_types_pb2.Money, _Mapping]] = ...) -> None: ...

class SetPricesRequest(_message.Message):
    __slots__ = ("prices",)
    PRICES_FIELD_NUMBER: _ClassVar[int]
    prices: _containers.RepeatedCompositeFieldContainer[ChannelPrice]
    def __init__(self, prices: _Optional[_Iterable[_Union[ChannelPrice, _Mapping]]] = ...) -> None: ...

class SetPricesResponse(_message.Message):
    __slots__ = ("updated",)
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    updated: int
    def __init__(self, updated: _Optional[int] = ...) -> None: ...

class GetOffersRequest(_message.Message):
    __slots__ = ("skus", "store_id", "channel")
    SKUS_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedScalarFieldContainer[str]
    store_id: str
    channel: str
    def __init__(self, skus: _Optional[_Iterable[str]] = ..., store_id: _Optional[str] = ..., channel: _Optional[str] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("sku", "store_id", "channel", "price", "availability", "quantity", "stock_time")
    SKU_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    AVAILABILITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STOCK_TIME_FIELD_NUMBER: _ClassVar[int]
    sku: str
    store_id: str
    channel: str
    price: _types_pb2.Money
    availability: Availability
    quantity: int
    stock_time: _timestamp_pb2.Timestamp
    def __init__(self, sku: _Optional[str] = ..., store_id: _Optional[str] = ..., channel: _Optional[str] = ..., price: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., availability: _Optional[_Union[Availability, str]] = ..., quantity: _Optional[int] = ..., stock_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetOffersResponse(_message.Message):
    __slots__ = ("offers",)
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[Offer]
    def __init__(self, offers: _Optional[_Iterable[_Union[Offer, _Mapping]]] = ...) -> None: ...

class ImportFeedOptions(_message.Message):
    __slots__ = ("file_name", "currency_code", "store_id")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    currency_code: str
    store_id: str
    def __init__(self, file_name: _Optional[str] = ..., currency_code: _Optional[str] = ..., store_id: _Optional[str] = ...) -> None: ...

class ImportFeedRequest(_message.Message):
    __slots__ = ("options", "chunk")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    options: ImportFeedOptions
    chunk: bytes
    def __init__(self, options: _Optional[_Union[ImportFeedOptions, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class ImportFeedProgress(_message.Message):
    __slots__ = ("bytes_read", "bytes_total", "rows_read", "products", "images", "rejected")
    BYTES_READ_FIELD_NUMBER: _ClassVar[int]
    BYTES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ROWS_READ_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    bytes_read: int
    bytes_total: int
    rows_read: int
    products: int
    images: int
    rejected: int
    def __init__(self, bytes_read: _Optional[int] = ..., bytes_total: _Optional[int] = ..., rows_read: _Optional[int] = ..., products: _Optional[int] = ..., images: _Optional[int] = ..., rejected: _Optional[int] = ...) -> None: ...

class ImportFeedRejection(_message.Message):
    __slots__ = ("line", "sku", "reason", "message")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    line: int
    sku: str
    reason: str
    message: str
    def __init__(self, line: _Optional[int] = ..., sku: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ImportFeedWarning(_message.Message):
    __slots__ = ("line", "message")
    LINE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    line: int
    message: str
    def __init__(self, line: _Optional[int] = ..., message: _Optional[str] = ...) -> None: ...

class ImportFeedResult(_message.Message):
    __slots__ = ("products", "images", "rejected", "revision")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    products: int
    images: int
    rejected: int
    revision: int
    def __init__(self, products: _Optional[int] = ..., images: _Optional[int] = ..., rejected: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

class ImportFeedResponse(_message.Message):
    __slots__ = ("progress", "rejection", "warning", "result")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    REJECTION_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: ImportFeedProgress
    rejection: ImportFeedRejection
    warning: ImportFeedWarning
    result: ImportFeedResult
    def __init__(self, progress: _Optional[_Union[ImportFeedProgress, _Mapping]] = ..., rejection: _Optional[_Union[ImportFeedRejection, _Mapping]] = ..., warning: _Optional[_Union[ImportFeedWarning, _Mapping]] = ..., result: _Optional[_Union[ImportFeedResult, _Mapping]] = ...) -> None: ...

class GetCatalogStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCatalogStatusResponse(_message.Message):
    __slots__ = ("revision", "products", "reference_images", "stores", "catalog_id")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGES_FIELD_NUMBER: _ClassVar[int]
    STORES_FIELD_NUMBER: _ClassVar[int]
    CATALOG_ID_FIELD_NUMBER: _ClassVar[int]
    revision: int
    products: int
    reference_images: int
    stores: int
    catalog_id: str
    def __init__(self, revision: _Optional[int] = ..., products: _Optional[int] = ..., reference_images: _Optional[int] = ..., stores: _Optional[int] = ..., catalog_id: _Optional[str] = ...) -> None: ...
