import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from vitrine.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_SCOPE_UNSPECIFIED: _ClassVar[ConsentScope]
    CONSENT_SCOPE_POSE: _ClassVar[ConsentScope]
    CONSENT_SCOPE_TASTE: _ClassVar[ConsentScope]

class ShopperEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHOPPER_EVENT_KIND_UNSPECIFIED: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_VIEW: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_SCAN: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_TRY_ON: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_BASKET: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_PURCHASE: _ClassVar[ShopperEventKind]
    SHOPPER_EVENT_KIND_DISLIKE: _ClassVar[ShopperEventKind]
CONSENT_SCOPE_UNSPECIFIED: ConsentScope
CONSENT_SCOPE_POSE: ConsentScope
CONSENT_SCOPE_TASTE: ConsentScope
SHOPPER_EVENT_KIND_UNSPECIFIED: ShopperEventKind
SHOPPER_EVENT_KIND_VIEW: ShopperEventKind
SHOPPER_EVENT_KIND_SCAN: ShopperEventKind
SHOPPER_EVENT_KIND_TRY_ON: ShopperEventKind
SHOPPER_EVENT_KIND_BASKET: ShopperEventKind
SHOPPER_EVENT_KIND_PURCHASE: ShopperEventKind
SHOPPER_EVENT_KIND_DISLIKE: ShopperEventKind

class GrantConsentRequest(_message.Message):
    __slots__ = ("shopper_id", "scopes", "lifetime_s")
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    LIFETIME_S_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    scopes: _containers.RepeatedScalarFieldContainer[ConsentScope]
    lifetime_s: int
    def __init__(self, shopper_id: _Optional[str] = ..., scopes: _Optional[_Iterable[_Union[ConsentScope, str]]] = ..., lifetime_s: _Optional[int] = ...) -> None: ...

class GrantConsentResponse(_message.Message):
    __slots__ = ("consent_token", "expire_time")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_token: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WithdrawConsentRequest(_message.Message):
    __slots__ = ("shopper_id", "scopes")
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    scopes: _containers.RepeatedScalarFieldContainer[ConsentScope]
    def __init__(self, shopper_id: _Optional[str] = ..., scopes: _Optional[_Iterable[_Union[ConsentScope, str]]] = ...) -> None: ...

class WithdrawConsentResponse(_message.Message):
    __slots__ = ("withdraw_time",)
    WITHDRAW_TIME_FIELD_NUMBER: _ClassVar[int]
    withdraw_time: _timestamp_pb2.Timestamp
    def __init__(self, withdraw_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ShopperEvent(_message.Message):
    __slots__ = ("id", "kind", "sku", "time")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: ShopperEventKind
    sku: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[ShopperEventKind, str]] = ..., sku: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RecordEventsRequest(_message.Message):
    __slots__ = ("consent_token", "events")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    events: _containers.RepeatedCompositeFieldContainer[ShopperEvent]
    def __init__(self, consent_token: _Optional[str] = ..., events: _Optional[_Iterable[_Union[ShopperEvent, _Mapping]]] = ...) -> None: ...

class RecordEventsResponse(_message.Message):
    __slots__ = ("recorded",)
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    recorded: int
    def __init__(self, recorded: _Optional[int] = ...) -> None: ...

class GetTasteRequest(_message.Message):
    __slots__ = ("shopper_id",)
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    def __init__(self, shopper_id: _Optional[str] = ...) -> None: ...

class GetTasteResponse(_message.Message):
    __slots__ = ("model", "interests")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    model: _types_pb2.ModelRef
    interests: _containers.RepeatedCompositeFieldContainer[TasteVector]
    def __init__(self, model: _Optional[_Union[_types_pb2.ModelRef, _Mapping]] = ..., interests: _Optional[_Iterable[_Union[TasteVector, _Mapping]]] = ...) -> None: ...

class TasteVector(_message.Message):
    __slots__ = ("values", "weight")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    weight: float
    def __init__(self, values: _Optional[_Iterable[float]] = ..., weight: _Optional[float] = ...) -> None: ...

class RecommendRequest(_message.Message):
    __slots__ = ("shopper_id", "top_k", "store_id")
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    top_k: int
    store_id: str
    def __init__(self, shopper_id: _Optional[str] = ..., top_k: _Optional[int] = ..., store_id: _Optional[str] = ...) -> None: ...

class Recommendation(_message.Message):
    __slots__ = ("sku", "score", "reason")
    SKU_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    sku: str
    score: float
    reason: str
    def __init__(self, sku: _Optional[str] = ..., score: _Optional[float] = ..., reason: _Optional[str] = ...) -> None: ...

class RecommendResponse(_message.Message):
    __slots__ = ("recommendations",)
    RECOMMENDATIONS_FIELD_NUMBER: _ClassVar[int]
    recommendations: _containers.RepeatedCompositeFieldContainer[Recommendation]
    def __init__(self, recommendations: _Optional[_Iterable[_Union[Recommendation, _Mapping]]] = ...) -> None: ...

class ExportShopperRequest(_message.Message):
    __slots__ = ("shopper_id",)
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    def __init__(self, shopper_id: _Optional[str] = ...) -> None: ...

class ExportShopperResponse(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: bytes
    def __init__(self, json: _Optional[bytes] = ...) -> None: ...

class EraseShopperRequest(_message.Message):
    __slots__ = ("shopper_id",)
    SHOPPER_ID_FIELD_NUMBER: _ClassVar[int]
    shopper_id: str
    def __init__(self, shopper_id: _Optional[str] = ...) -> None: ...

class EraseShopperResponse(_message.Message):
    __slots__ = ("receipt", "erased")
    class ErasedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    receipt: str
    erased: _containers.ScalarMap[str, int]
    def __init__(self, receipt: _Optional[str] = ..., erased: _Optional[_Mapping[str, int]] = ...) -> None: ...
