from vitrine.v1 import catalog_pb2 as _catalog_pb2
from vitrine.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class IntrinsicsSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INTRINSICS_SOURCE_UNSPECIFIED: _ClassVar[IntrinsicsSource]
    INTRINSICS_SOURCE_REQUEST: _ClassVar[IntrinsicsSource]
    INTRINSICS_SOURCE_EXIF: _ClassVar[IntrinsicsSource]
    INTRINSICS_SOURCE_ASSUMED: _ClassVar[IntrinsicsSource]

class Handedness(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HANDEDNESS_UNSPECIFIED: _ClassVar[Handedness]
    HANDEDNESS_LEFT: _ClassVar[Handedness]
    HANDEDNESS_RIGHT: _ClassVar[Handedness]

class LandmarkKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LANDMARK_KIND_UNSPECIFIED: _ClassVar[LandmarkKind]
    LANDMARK_KIND_FACE: _ClassVar[LandmarkKind]
    LANDMARK_KIND_HAND: _ClassVar[LandmarkKind]
    LANDMARK_KIND_BODY: _ClassVar[LandmarkKind]

class ScaleSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCALE_SOURCE_UNSPECIFIED: _ClassVar[ScaleSource]
    SCALE_SOURCE_IRIS: _ClassVar[ScaleSource]
    SCALE_SOURCE_REFERENCE: _ClassVar[ScaleSource]
    SCALE_SOURCE_DEPTH: _ClassVar[ScaleSource]
    SCALE_SOURCE_ASSUMED: _ClassVar[ScaleSource]

class Fit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FIT_UNSPECIFIED: _ClassVar[Fit]
    FIT_FITS: _ClassVar[Fit]
    FIT_TIGHT: _ClassVar[Fit]
    FIT_LOOSE: _ClassVar[Fit]

class Occluder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OCCLUDER_UNSPECIFIED: _ClassVar[Occluder]
    OCCLUDER_FACE: _ClassVar[Occluder]
    OCCLUDER_HAIR: _ClassVar[Occluder]
    OCCLUDER_ARMS: _ClassVar[Occluder]
    OCCLUDER_HAND: _ClassVar[Occluder]

class TrackingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRACKING_STATE_UNSPECIFIED: _ClassVar[TrackingState]
    TRACKING_STATE_TRACKING: _ClassVar[TrackingState]
    TRACKING_STATE_HELD: _ClassVar[TrackingState]
    TRACKING_STATE_LOST: _ClassVar[TrackingState]
INTRINSICS_SOURCE_UNSPECIFIED: IntrinsicsSource
INTRINSICS_SOURCE_REQUEST: IntrinsicsSource
INTRINSICS_SOURCE_EXIF: IntrinsicsSource
INTRINSICS_SOURCE_ASSUMED: IntrinsicsSource
HANDEDNESS_UNSPECIFIED: Handedness
HANDEDNESS_LEFT: Handedness
HANDEDNESS_RIGHT: Handedness
LANDMARK_KIND_UNSPECIFIED: LandmarkKind
LANDMARK_KIND_FACE: LandmarkKind
LANDMARK_KIND_HAND: LandmarkKind
LANDMARK_KIND_BODY: LandmarkKind
SCALE_SOURCE_UNSPECIFIED: ScaleSource
SCALE_SOURCE_IRIS: ScaleSource
SCALE_SOURCE_REFERENCE: ScaleSource
SCALE_SOURCE_DEPTH: ScaleSource
SCALE_SOURCE_ASSUMED: ScaleSource
FIT_UNSPECIFIED: Fit
FIT_FITS: Fit
FIT_TIGHT: Fit
FIT_LOOSE: Fit
OCCLUDER_UNSPECIFIED: Occluder
OCCLUDER_FACE: Occluder
OCCLUDER_HAIR: Occluder
OCCLUDER_ARMS: Occluder
OCCLUDER_HAND: Occluder
TRACKING_STATE_UNSPECIFIED: TrackingState
TRACKING_STATE_TRACKING: TrackingState
TRACKING_STATE_HELD: TrackingState
TRACKING_STATE_LOST: TrackingState

class CameraIntrinsics(_message.Message):
    __slots__ = ("focal_x_px", "focal_y_px", "center_x_px", "center_y_px")
    FOCAL_X_PX_FIELD_NUMBER: _ClassVar[int]
    FOCAL_Y_PX_FIELD_NUMBER: _ClassVar[int]
    CENTER_X_PX_FIELD_NUMBER: _ClassVar[int]
    CENTER_Y_PX_FIELD_NUMBER: _ClassVar[int]
    focal_x_px: float
    focal_y_px: float
    center_x_px: float
    center_y_px: float
    def __init__(self, focal_x_px: _Optional[float] = ..., focal_y_px: _Optional[float] = ..., center_x_px: _Optional[float] = ..., center_y_px: _Optional[float] = ...) -> None: ...

class Landmark(_message.Message):
    __slots__ = ("x", "y", "z", "visibility")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    VISIBILITY_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    visibility: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ..., visibility: _Optional[float] = ...) -> None: ...

class FaceLandmarks(_message.Message):
    __slots__ = ("points",)
    POINTS_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[Landmark]
    def __init__(self, points: _Optional[_Iterable[_Union[Landmark, _Mapping]]] = ...) -> None: ...

class HandLandmarks(_message.Message):
    __slots__ = ("points", "handedness", "world_points_mm")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    HANDEDNESS_FIELD_NUMBER: _ClassVar[int]
    WORLD_POINTS_MM_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[Landmark]
    handedness: Handedness
    world_points_mm: _containers.RepeatedCompositeFieldContainer[Vector3]
    def __init__(self, points: _Optional[_Iterable[_Union[Landmark, _Mapping]]] = ..., handedness: _Optional[_Union[Handedness, str]] = ..., world_points_mm: _Optional[_Iterable[_Union[Vector3, _Mapping]]] = ...) -> None: ...

class BodyLandmarks(_message.Message):
    __slots__ = ("points", "world_points_mm")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    WORLD_POINTS_MM_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[Landmark]
    world_points_mm: _containers.RepeatedCompositeFieldContainer[Vector3]
    def __init__(self, points: _Optional[_Iterable[_Union[Landmark, _Mapping]]] = ..., world_points_mm: _Optional[_Iterable[_Union[Vector3, _Mapping]]] = ...) -> None: ...

class Vector3(_message.Message):
    __slots__ = ("x", "y", "z")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    z: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...

class EstimateLandmarksRequest(_message.Message):
    __slots__ = ("consent_token", "image", "kinds", "max_subjects", "person_mask")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    MAX_SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    PERSON_MASK_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    image: bytes
    kinds: _containers.RepeatedScalarFieldContainer[LandmarkKind]
    max_subjects: int
    person_mask: bool
    def __init__(self, consent_token: _Optional[str] = ..., image: _Optional[bytes] = ..., kinds: _Optional[_Iterable[_Union[LandmarkKind, str]]] = ..., max_subjects: _Optional[int] = ..., person_mask: _Optional[bool] = ...) -> None: ...

class EstimateLandmarksResponse(_message.Message):
    __slots__ = ("width_px", "height_px", "faces", "hands", "bodies", "person_mask_png", "provenance")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    HANDS_FIELD_NUMBER: _ClassVar[int]
    BODIES_FIELD_NUMBER: _ClassVar[int]
    PERSON_MASK_PNG_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    faces: _containers.RepeatedCompositeFieldContainer[FaceLandmarks]
    hands: _containers.RepeatedCompositeFieldContainer[HandLandmarks]
    bodies: _containers.RepeatedCompositeFieldContainer[BodyLandmarks]
    person_mask_png: bytes
    provenance: _types_pb2.Provenance
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., faces: _Optional[_Iterable[_Union[FaceLandmarks, _Mapping]]] = ..., hands: _Optional[_Iterable[_Union[HandLandmarks, _Mapping]]] = ..., bodies: _Optional[_Iterable[_Union[BodyLandmarks, _Mapping]]] = ..., person_mask_png: _Optional[bytes] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class Scale(_message.Message):
    __slots__ = ("source", "factor", "sigma_relative", "pupillary_distance_mm", "face_width_mm", "sigma_mm")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FACTOR_FIELD_NUMBER: _ClassVar[int]
    SIGMA_RELATIVE_FIELD_NUMBER: _ClassVar[int]
    PUPILLARY_DISTANCE_MM_FIELD_NUMBER: _ClassVar[int]
    FACE_WIDTH_MM_FIELD_NUMBER: _ClassVar[int]
    SIGMA_MM_FIELD_NUMBER: _ClassVar[int]
    source: ScaleSource
    factor: float
    sigma_relative: float
    pupillary_distance_mm: float
    face_width_mm: float
    sigma_mm: float
    def __init__(self, source: _Optional[_Union[ScaleSource, str]] = ..., factor: _Optional[float] = ..., sigma_relative: _Optional[float] = ..., pupillary_distance_mm: _Optional[float] = ..., face_width_mm: _Optional[float] = ..., sigma_mm: _Optional[float] = ...) -> None: ...

class ScreenMesh(_message.Message):
    __slots__ = ("vertices", "texture_coordinates", "triangles", "texture_id", "mask_png")
    VERTICES_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_COORDINATES_FIELD_NUMBER: _ClassVar[int]
    TRIANGLES_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_ID_FIELD_NUMBER: _ClassVar[int]
    MASK_PNG_FIELD_NUMBER: _ClassVar[int]
    vertices: _containers.RepeatedScalarFieldContainer[float]
    texture_coordinates: _containers.RepeatedScalarFieldContainer[float]
    triangles: _containers.RepeatedScalarFieldContainer[int]
    texture_id: str
    mask_png: bytes
    def __init__(self, vertices: _Optional[_Iterable[float]] = ..., texture_coordinates: _Optional[_Iterable[float]] = ..., triangles: _Optional[_Iterable[int]] = ..., texture_id: _Optional[str] = ..., mask_png: _Optional[bytes] = ...) -> None: ...

class Placement(_message.Message):
    __slots__ = ("sku", "kind", "subject", "camera_from_item", "anchor", "scale", "visibility", "occluders", "velocity_per_s", "state", "item_points", "image_points", "fit", "fit_description", "mesh")
    SKU_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FROM_ITEM_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    VISIBILITY_FIELD_NUMBER: _ClassVar[int]
    OCCLUDERS_FIELD_NUMBER: _ClassVar[int]
    VELOCITY_PER_S_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ITEM_POINTS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_POINTS_FIELD_NUMBER: _ClassVar[int]
    FIT_FIELD_NUMBER: _ClassVar[int]
    FIT_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MESH_FIELD_NUMBER: _ClassVar[int]
    sku: str
    kind: _catalog_pb2.TryOnKind
    subject: int
    camera_from_item: _containers.RepeatedScalarFieldContainer[float]
    anchor: _types_pb2.Point
    scale: Scale
    visibility: float
    occluders: _containers.RepeatedScalarFieldContainer[Occluder]
    velocity_per_s: _types_pb2.Point
    state: TrackingState
    item_points: _containers.RepeatedCompositeFieldContainer[_types_pb2.Point]
    image_points: _containers.RepeatedCompositeFieldContainer[_types_pb2.Point]
    fit: Fit
    fit_description: str
    mesh: ScreenMesh
    def __init__(self, sku: _Optional[str] = ..., kind: _Optional[_Union[_catalog_pb2.TryOnKind, str]] = ..., subject: _Optional[int] = ..., camera_from_item: _Optional[_Iterable[float]] = ..., anchor: _Optional[_Union[_types_pb2.Point, _Mapping]] = ..., scale: _Optional[_Union[Scale, _Mapping]] = ..., visibility: _Optional[float] = ..., occluders: _Optional[_Iterable[_Union[Occluder, str]]] = ..., velocity_per_s: _Optional[_Union[_types_pb2.Point, _Mapping]] = ..., state: _Optional[_Union[TrackingState, str]] = ..., item_points: _Optional[_Iterable[_Union[_types_pb2.Point, _Mapping]]] = ..., image_points: _Optional[_Iterable[_Union[_types_pb2.Point, _Mapping]]] = ..., fit: _Optional[_Union[Fit, str]] = ..., fit_description: _Optional[str] = ..., mesh: _Optional[_Union[ScreenMesh, _Mapping]] = ...) -> None: ...

class PlacementOptions(_message.Message):
    __slots__ = ("skus", "intrinsics", "mirrored", "screen_mesh", "reference_card", "hands")
    SKUS_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_FIELD_NUMBER: _ClassVar[int]
    MIRRORED_FIELD_NUMBER: _ClassVar[int]
    SCREEN_MESH_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_CARD_FIELD_NUMBER: _ClassVar[int]
    HANDS_FIELD_NUMBER: _ClassVar[int]
    skus: _containers.RepeatedScalarFieldContainer[str]
    intrinsics: CameraIntrinsics
    mirrored: bool
    screen_mesh: bool
    reference_card: bool
    hands: bool
    def __init__(self, skus: _Optional[_Iterable[str]] = ..., intrinsics: _Optional[_Union[CameraIntrinsics, _Mapping]] = ..., mirrored: _Optional[bool] = ..., screen_mesh: _Optional[bool] = ..., reference_card: _Optional[bool] = ..., hands: _Optional[bool] = ...) -> None: ...

class PlaceProductsRequest(_message.Message):
    __slots__ = ("consent_token", "image", "options")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    image: bytes
    options: PlacementOptions
    def __init__(self, consent_token: _Optional[str] = ..., image: _Optional[bytes] = ..., options: _Optional[_Union[PlacementOptions, _Mapping]] = ...) -> None: ...

class PlaceProductsResponse(_message.Message):
    __slots__ = ("placements", "intrinsics_source", "intrinsics", "provenance")
    PLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    placements: _containers.RepeatedCompositeFieldContainer[Placement]
    intrinsics_source: IntrinsicsSource
    intrinsics: CameraIntrinsics
    provenance: _types_pb2.Provenance
    def __init__(self, placements: _Optional[_Iterable[_Union[Placement, _Mapping]]] = ..., intrinsics_source: _Optional[_Union[IntrinsicsSource, str]] = ..., intrinsics: _Optional[_Union[CameraIntrinsics, _Mapping]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class TrackProductsConfig(_message.Message):
    __slots__ = ("consent_token", "options")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    options: PlacementOptions
    def __init__(self, consent_token: _Optional[str] = ..., options: _Optional[_Union[PlacementOptions, _Mapping]] = ...) -> None: ...

class TrackProductsFrame(_message.Message):
    __slots__ = ("seq", "capture_time_us", "image")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_US_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    capture_time_us: int
    image: bytes
    def __init__(self, seq: _Optional[int] = ..., capture_time_us: _Optional[int] = ..., image: _Optional[bytes] = ...) -> None: ...

class TrackProductsRequest(_message.Message):
    __slots__ = ("config", "frame")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    config: TrackProductsConfig
    frame: TrackProductsFrame
    def __init__(self, config: _Optional[_Union[TrackProductsConfig, _Mapping]] = ..., frame: _Optional[_Union[TrackProductsFrame, _Mapping]] = ...) -> None: ...

class TrackProductsRefusal(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class TrackProductsResponse(_message.Message):
    __slots__ = ("seq", "capture_time_us", "placements", "frames_dropped", "refusal", "intrinsics_source", "provenance")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_US_FIELD_NUMBER: _ClassVar[int]
    PLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DROPPED_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    INTRINSICS_SOURCE_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    seq: int
    capture_time_us: int
    placements: _containers.RepeatedCompositeFieldContainer[Placement]
    frames_dropped: int
    refusal: TrackProductsRefusal
    intrinsics_source: IntrinsicsSource
    provenance: _types_pb2.Provenance
    def __init__(self, seq: _Optional[int] = ..., capture_time_us: _Optional[int] = ..., placements: _Optional[_Iterable[_Union[Placement, _Mapping]]] = ..., frames_dropped: _Optional[int] = ..., refusal: _Optional[_Union[TrackProductsRefusal, _Mapping]] = ..., intrinsics_source: _Optional[_Union[IntrinsicsSource, str]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class RenderTryOnRequest(_message.Message):
    __slots__ = ("consent_token", "image", "options", "mime_type")
    CONSENT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    consent_token: str
    image: bytes
    options: PlacementOptions
    mime_type: str
    def __init__(self, consent_token: _Optional[str] = ..., image: _Optional[bytes] = ..., options: _Optional[_Union[PlacementOptions, _Mapping]] = ..., mime_type: _Optional[str] = ...) -> None: ...

class RenderTryOnResponse(_message.Message):
    __slots__ = ("image", "mime_type", "placements", "provenance")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    PLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    image: bytes
    mime_type: str
    placements: _containers.RepeatedCompositeFieldContainer[Placement]
    provenance: _types_pb2.Provenance
    def __init__(self, image: _Optional[bytes] = ..., mime_type: _Optional[str] = ..., placements: _Optional[_Iterable[_Union[Placement, _Mapping]]] = ..., provenance: _Optional[_Union[_types_pb2.Provenance, _Mapping]] = ...) -> None: ...

class GetTextureRequest(_message.Message):
    __slots__ = ("sku", "texture_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    texture_id: str
    def __init__(self, sku: _Optional[str] = ..., texture_id: _Optional[str] = ...) -> None: ...

class GetTextureResponse(_message.Message):
    __slots__ = ("data", "mime_type", "texture_id")
    DATA_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    TEXTURE_ID_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    mime_type: str
    texture_id: str
    def __init__(self, data: _Optional[bytes] = ..., mime_type: _Optional[str] = ..., texture_id: _Optional[str] = ...) -> None: ...
