from vitrine.v1 import catalog_pb2 as _catalog_pb2
from vitrine.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_IDENTIFIED: _ClassVar[Decision]
    DECISION_AMBIGUOUS: _ClassVar[Decision]
    DECISION_UNKNOWN: _ClassVar[Decision]

class EvidenceKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVIDENCE_KIND_UNSPECIFIED: _ClassVar[EvidenceKind]
    EVIDENCE_KIND_CODE: _ClassVar[EvidenceKind]
    EVIDENCE_KIND_APPEARANCE: _ClassVar[EvidenceKind]
    EVIDENCE_KIND_GEOMETRY: _ClassVar[EvidenceKind]
    EVIDENCE_KIND_TEXT: _ClassVar[EvidenceKind]

class ConflictKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFLICT_KIND_UNSPECIFIED: _ClassVar[ConflictKind]
    CONFLICT_KIND_CODE_LOOK_MISMATCH: _ClassVar[ConflictKind]
    CONFLICT_KIND_CODES_DISAGREE: _ClassVar[ConflictKind]
    CONFLICT_KIND_CODE_NOT_IN_CATALOG: _ClassVar[ConflictKind]
DECISION_UNSPECIFIED: Decision
DECISION_IDENTIFIED: Decision
DECISION_AMBIGUOUS: Decision
DECISION_UNKNOWN: Decision
EVIDENCE_KIND_UNSPECIFIED: EvidenceKind
EVIDENCE_KIND_CODE: EvidenceKind
EVIDENCE_KIND_APPEARANCE: EvidenceKind
EVIDENCE_KIND_GEOMETRY: EvidenceKind
EVIDENCE_KIND_TEXT: EvidenceKind
CONFLICT_KIND_UNSPECIFIED: ConflictKind
CONFLICT_KIND_CODE_LOOK_MISMATCH: ConflictKind
CONFLICT_KIND_CODES_DISAGREE: ConflictKind
CONFLICT_KIND_CODE_NOT_IN_CATALOG: ConflictKind

class Evidence(_message.Message):
    __slots__ = ("kind", "sku", "log_likelihood_ratio", "description")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    LOG_LIKELIHOOD_RATIO_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    kind: EvidenceKind
    sku: str
    log_likelihood_ratio: float
    description: str
    def __init__(self, kind: _Optional[_Union[EvidenceKind, str]] = ..., sku: _Optional[str] = ..., log_likelihood_ratio: _Optional[float] = ..., description: _Optional[str] = ...) -> None: ...

class Conflict(_message.Message):
    __slots__ = ("kind", "skus", "description")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    kind: ConflictKind
    skus: _containers.RepeatedScalarFieldContainer[str]
    description: str
    def __init__(self, kind: _Optional[_Union[ConflictKind, str]] = ..., skus: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ...) -> None: ...

class ScannedCode(_message.Message):
    __slots__ = ("text", "symbology", "gtin", "outline")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SYMBOLOGY_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    OUTLINE_FIELD_NUMBER: _ClassVar[int]
    text: str
    symbology: str
    gtin: str
    outline: _types_pb2.Quad
    def __init__(self, text: _Optional[str] = ..., symbology: _Optional[str] = ..., gtin: _Optional[str] = ..., outline: _Optional[_Union[_types_pb2.Quad, _Mapping]] = ...) -> None: ...

class ScanCandidate(_message.Message):
    __slots__ = ("product", "probability")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    product: _catalog_pb2.Product
    probability: float
    def __init__(self, product: _Optional[_Union[_catalog_pb2.Product, _Mapping]] = ..., probability: _Optional[float] = ...) -> None: ...

class ScannedItem(_message.Message):
    __slots__ = ("box", "outline", "decision", "product", "gtin", "probability", "codes", "evidence", "conflicts", "candidates", "offer", "track_id", "frames_used", "frames_to_decide")
    BOX_FIELD_NUMBER: _ClassVar[int]
    OUTLINE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    TRACK_ID_FIELD_NUMBER: _ClassVar[int]
    FRAMES_USED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TO_DECIDE_FIELD_NUMBER: _ClassVar[int]
    box: _types_pb2.Box
    outline: _types_pb2.Quad
    decision: Decision
    product: _catalog_pb2.Product
    gtin: str
    probability: float
    codes: _containers.RepeatedCompositeFieldContainer[ScannedCode]
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    conflicts: _containers.RepeatedCompositeFieldContainer[Conflict]
    candidates: _containers.RepeatedCompositeFieldContainer[ScanCandidate]
    offer: _catalog_pb2.Offer
    track_id: int
    frames_used: int
    frames_to_decide: int
    def __init__(self, box: _Optional[_Union[_types_pb2.Box, _Mapping]] = ..., outline: _Optional[_Union[_types_pb2.Quad, _Mapping]] = ..., decision: _Optional[_Union[Decision, str]] = ..., product: _Optional[_Union[_catalog_pb2.Product, _Mapping]] = ..., gtin: _Optional[str] = ..., probability: _Optional[float] = ..., codes: _Optional[_Iterable[_Union[ScannedCode, _Mapping]]] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ..., conflicts: _Optional[_Iterable[_Union[Conflict, _Mapping]]] = ..., candidates: _Optional[_Iterable[_Union[ScanCandidate, _Mapping]]] = ..., offer: _Optional[_Union[_catalog_pb2.Offer, _Mapping]] = ..., track_id: _Optional[int] = ..., frames_used: _Optional[int] = ..., frames_to_decide: _Optional[int] = ...) -> None: ...

class ScanOptions(_message.Message):
    __slots__ = ("store_id", "channel", "max_items", "codes_only")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    CODES_ONLY_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    channel: str
    max_items: int
    codes_only: bool
    def __init__(self, store_id: _Optional[str] = ..., channel: _Optional[str] = ..., max_items: _Optional[int] = ..., codes_only: _Optional[bool] = ...) -> None: ...

class ScanImageRequest(_message.Message):
    __slots__ = ("image", "options")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    options: ScanOptions
    def __init__(self, image: _Optional[bytes] = ..., options: _Optional[_Union[ScanOptions, _Mapping]] = ...) -> None: ...

class ScanImageResponse(_message.Message):
    __slots__ = ("items", "provenance", "degraded", "width_px", "height_px")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ScannedItem]
    provenance: _types_pb2.Provenance
    degraded: _containers.RepeatedScalarFieldContainer[str]
    width_px: int
    height_px: int
    def __init__(self, items: _Optional[_Iterable[_Union[ScannedItem, _Mapping]]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ..., degraded: _Optional[_Iterable[str]] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ...) -> None: ...

class ScanFrame(_message.Message):
    __slots__ = ("seq", "capture_time_us", "image")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_US_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    capture_time_us: int
    image: bytes
    def __init__(self, seq: _Optional[int] = ..., capture_time_us: _Optional[int] = ..., image: _Optional[bytes] = ...) -> None: ...

class ScanStreamRequest(_message.Message):
    __slots__ = ("options", "frame")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    options: ScanOptions
    frame: ScanFrame
    def __init__(self, options: _Optional[_Union[ScanOptions, _Mapping]] = ..., frame: _Optional[_Union[ScanFrame, _Mapping]] = ...) -> None: ...

class FrameRefusal(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ScanStreamResponse(_message.Message):
    __slots__ = ("seq", "capture_time_us", "items", "frames_dropped", "unchanged", "refusal", "provenance", "degraded")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_US_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DROPPED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    seq: int
    capture_time_us: int
    items: _containers.RepeatedCompositeFieldContainer[ScannedItem]
    frames_dropped: int
    unchanged: bool
    refusal: FrameRefusal
    provenance: _types_pb2.Provenance
    degraded: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, seq: _Optional[int] = ..., capture_time_us: _Optional[int] = ..., items: _Optional[_Iterable[_Union[ScannedItem, _Mapping]]] = ..., frames_dropped: _Optional[int] = ..., unchanged: _Optional[bool] = ..., refusal: _Optional[_Union[FrameRefusal, _Mapping]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ..., degraded: _Optional[_Iterable[str]] = ...) -> None: ...
