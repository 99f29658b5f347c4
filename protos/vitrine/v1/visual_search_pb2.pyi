import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from vitrine.v1 import catalog_pb2 as _catalog_pb2
from vitrine.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IndexState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INDEX_STATE_UNSPECIFIED: _ClassVar[IndexState]
    INDEX_STATE_CATCHING_UP: _ClassVar[IndexState]
    INDEX_STATE_READY: _ClassVar[IndexState]
    INDEX_STATE_CATALOG_UNREACHABLE: _ClassVar[IndexState]
INDEX_STATE_UNSPECIFIED: IndexState
INDEX_STATE_CATCHING_UP: IndexState
INDEX_STATE_READY: IndexState
INDEX_STATE_CATALOG_UNREACHABLE: IndexState

class SearchFilter(_message.Message):
    __slots__ = ("categories", "brands", "min_price", "max_price", "attributes", "in_stock")
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    BRANDS_FIELD_NUMBER: _ClassVar[int]
    MIN_PRICE_FIELD_NUMBER: _ClassVar[int]
    MAX_PRICE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    IN_STOCK_FIELD_NUMBER: _ClassVar[int]
    categories: _containers.RepeatedScalarFieldContainer[str]
    brands: _containers.RepeatedScalarFieldContainer[str]
    min_price: _types_pb2.Money
    max_price: _types_pb2.Money
    attributes: _containers.RepeatedCompositeFieldContainer[AttributeFilter]
    in_stock: bool
    def __init__(self, categories: _Optional[_Iterable[str]] = ..., brands: _Optional[_Iterable[str]] = ..., min_price: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., max_price: _Optional[_Union[_types_pb2.Money, _Mapping]] = ..., attributes: _Optional[_Iterable[_Union[AttributeFilter, _Mapping]]] = ..., in_stock: _Optional[bool] = ...) -> None: ...

class AttributeFilter(_message.Message):
    __slots__ = ("name", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class SearchRequest(_message.Message):
    __slots__ = ("image", "regions", "sku", "text", "filter", "top_k", "store_id", "channel", "shopper_id", "min_revision", "max_wait", "explain", "keep_variants")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    MIN_REVISION_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    KEEP_VARIANTS_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    regions: _containers.RepeatedCompositeFieldContainer[_types_pb2.Box]
    sku: str
    text: str
    filter: SearchFilter
    top_k: int
    store_id: str
    channel: str
    shopper_id: str
    min_revision: int
    max_wait: _duration_pb2.Duration
    explain: bool
    keep_variants: bool
    def __init__(self, image: _Optional[bytes] = ..., regions: _Optional[_Iterable[_Union[_types_pb2.Box, _Mapping]]] = ..., sku: _Optional[str] = ..., text: _Optional[str] = ..., filter: _Optional[_Union[SearchFilter, _Mapping]] = ..., top_k: _Optional[int] = ..., store_id: _Optional[str] = ..., channel: _Optional[str] = ..., shopper_id: _Optional[str] = ..., min_revision: _Optional[int] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., explain: _Optional[bool] = ..., keep_variants: _Optional[bool] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("width", "height", "query_map", "reference_map", "query_points", "reference_points", "query_area", "reference_area")
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    QUERY_MAP_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_MAP_FIELD_NUMBER: _ClassVar[int]
    QUERY_POINTS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_POINTS_FIELD_NUMBER: _ClassVar[int]
    QUERY_AREA_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_AREA_FIELD_NUMBER: _ClassVar[int]
    width: int
    height: int
    query_map: _containers.RepeatedScalarFieldContainer[float]
    reference_map: _containers.RepeatedScalarFieldContainer[float]
    query_points: _containers.RepeatedCompositeFieldContainer[_types_pb2.Point]
    reference_points: _containers.RepeatedCompositeFieldContainer[_types_pb2.Point]
    query_area: _types_pb2.Box
    reference_area: _types_pb2.Box
    def __init__(self, width: _Optional[int] = ..., height: _Optional[int] = ..., query_map: _Optional[_Iterable[float]] = ..., reference_map: _Optional[_Iterable[float]] = ..., query_points: _Optional[_Iterable[_Union[_types_pb2.Point, _Mapping]]] = ..., reference_points: _Optional[_Iterable[_Union[_types_pb2.Point, _Mapping]]] = ..., query_area: _Optional[_Union[_types_pb2.Box, _Mapping]] = ..., reference_area: _Optional[_Union[_types_pb2.Box, _Mapping]] = ...) -> None: ...

class SearchResult(_message.Message):
    __slots__ = ("product", "score", "similarity", "reference_image_id", "folded_skus", "offer", "explanation")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    FOLDED_SKUS_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    product: _catalog_pb2.Product
    score: float
    similarity: float
    reference_image_id: str
    folded_skus: _containers.RepeatedScalarFieldContainer[str]
    offer: _catalog_pb2.Offer
    explanation: Explanation
    def __init__(self, product: _Optional[_Union[_catalog_pb2.Product, _Mapping]] = ..., score: _Optional[float] = ..., similarity: _Optional[float] = ..., reference_image_id: _Optional[str] = ..., folded_skus: _Optional[_Iterable[str]] = ..., offer: _Optional[_Union[_catalog_pb2.Offer, _Mapping]] = ..., explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class SearchResultGroup(_message.Message):
    __slots__ = ("box", "results")
    BOX_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    box: _types_pb2.Box
    results: _containers.RepeatedCompositeFieldContainer[SearchResult]
    def __init__(self, box: _Optional[_Union[_types_pb2.Box, _Mapping]] = ..., results: _Optional[_Iterable[_Union[SearchResult, _Mapping]]] = ...) -> None: ...

class SearchResponse(_message.Message):
    __slots__ = ("groups", "provenance")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[SearchResultGroup]
    provenance: _types_pb2.Provenance
    def __init__(self, groups: _Optional[_Iterable[_Union[SearchResultGroup, _Mapping]]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class RecognizeRegionsRequest(_message.Message):
    __slots__ = ("image", "raw_image", "regions", "top_k", "skip_verification", "find_regions")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    RAW_IMAGE_FIELD_NUMBER: _ClassVar[int]
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    SKIP_VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    FIND_REGIONS_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    raw_image: _types_pb2.RawImage
    regions: _containers.RepeatedCompositeFieldContainer[RecognizeRegion]
    top_k: int
    skip_verification: bool
    find_regions: bool
    def __init__(self, image: _Optional[bytes] = ..., raw_image: _Optional[_Union[_types_pb2.RawImage, _Mapping]] = ..., regions: _Optional[_Iterable[_Union[RecognizeRegion, _Mapping]]] = ..., top_k: _Optional[int] = ..., skip_verification: _Optional[bool] = ..., find_regions: _Optional[bool] = ...) -> None: ...

class RecognizeRegion(_message.Message):
    __slots__ = ("box", "suggested_skus")
    BOX_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_SKUS_FIELD_NUMBER: _ClassVar[int]
    box: _types_pb2.Box
    suggested_skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, box: _Optional[_Union[_types_pb2.Box, _Mapping]] = ..., suggested_skus: _Optional[_Iterable[str]] = ...) -> None: ...

class GeometricVerification(_message.Message):
    __slots__ = ("reference_image_id", "inliers", "matches", "outline", "verified")
    REFERENCE_IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    INLIERS_FIELD_NUMBER: _ClassVar[int]
    MATCHES_FIELD_NUMBER: _ClassVar[int]
    OUTLINE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    reference_image_id: str
    inliers: int
    matches: int
    outline: _types_pb2.Quad
    verified: bool
    def __init__(self, reference_image_id: _Optional[str] = ..., inliers: _Optional[int] = ..., matches: _Optional[int] = ..., outline: _Optional[_Union[_types_pb2.Quad, _Mapping]] = ..., verified: _Optional[bool] = ...) -> None: ...

class Candidate(_message.Message):
    __slots__ = ("sku", "probability", "similarity", "reference_image_id", "verification")
    SKU_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    sku: str
    probability: float
    similarity: float
    reference_image_id: str
    verification: GeometricVerification
    def __init__(self, sku: _Optional[str] = ..., probability: _Optional[float] = ..., similarity: _Optional[float] = ..., reference_image_id: _Optional[str] = ..., verification: _Optional[_Union[GeometricVerification, _Mapping]] = ...) -> None: ...

class RecognizedRegion(_message.Message):
    __slots__ = ("box", "candidates", "unknown_probability", "found")
    BOX_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    box: _types_pb2.Box
    candidates: _containers.RepeatedCompositeFieldContainer[Candidate]
    unknown_probability: float
    found: bool
    def __init__(self, box: _Optional[_Union[_types_pb2.Box, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[Candidate, _Mapping]]] = ..., unknown_probability: _Optional[float] = ..., found: _Optional[bool] = ...) -> None: ...

class RecognizeRegionsResponse(_message.Message):
    __slots__ = ("regions", "provenance")
    REGIONS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    regions: _containers.RepeatedCompositeFieldContainer[RecognizedRegion]
    provenance: _types_pb2.Provenance
    def __init__(self, regions: _Optional[_Iterable[_Union[RecognizedRegion, _Mapping]]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class GetIndexStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetIndexStatusResponse(_message.Message):
    __slots__ = ("state", "applied_revision", "catalog_revision", "products", "reference_images", "model", "index_generation", "building_model", "building_revision", "problems", "local_features_revision", "calibration_digest")
    STATE_FIELD_NUMBER: _ClassVar[int]
    APPLIED_REVISION_FIELD_NUMBER: _ClassVar[int]
    CATALOG_REVISION_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGES_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INDEX_GENERATION_FIELD_NUMBER: _ClassVar[int]
    BUILDING_MODEL_FIELD_NUMBER: _ClassVar[int]
    BUILDING_REVISION_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FEATURES_REVISION_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    state: IndexState
    applied_revision: int
    catalog_revision: int
    products: int
    reference_images: int
    model: _types_pb2.ModelRef
    index_generation: str
    building_model: _types_pb2.ModelRef
    building_revision: int
    problems: _containers.RepeatedCompositeFieldContainer[IndexProblem]
    local_features_revision: int
    calibration_digest: str
    def __init__(self, state: _Optional[_Union[IndexState, str]] = ..., applied_revision: _Optional[int] = ..., catalog_revision: _Optional[int] = ..., products: _Optional[int] = ..., reference_images: _Optional[int] = ..., model: _Optional[_Union[_types_pb2.ModelRef, _Mapping]] = ..., index_generation: _Optional[str] = ..., building_model: _Optional[_Union[_types_pb2.ModelRef, _Mapping]] = ..., building_revision: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[IndexProblem, _Mapping]]] = ..., local_features_revision: _Optional[int] = ..., calibration_digest: _Optional[str] = ...) -> None: ...

class IndexProblem(_message.Message):
    __slots__ = ("sku", "reference_image_id", "message")
    SKU_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    sku: str
    reference_image_id: str
    message: str
    def __init__(self, sku: _Optional[str] = ..., reference_image_id: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
