"""The values that placement takes and gives: landmarks, cameras, assets, placements.

Plain arrays in frozen dataclasses. Image points are normalised to the upright image as
sent (x right, y down, 0..1) unless a name ends in ``_px``. Space is the camera's: x right,
y down, z away, in millimetres. Values mirror ``vitrine.v1.pose``; the
enumerations are those of ``placement.kinds``, passed on from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.pose.placement.kinds import (
    NEEDS,
    Fit,
    Handedness,
    IntrinsicsSource,
    LandmarkKind,
    Occluder,
    ScaleSource,
    TrackingState,
    TryOnKind,
)

__all__ = [
    "NEEDS",
    "NO_POINTS",
    "BodyLandmarks",
    "Bytes",
    "Camera",
    "FaceLandmarks",
    "Fit",
    "Floats",
    "HandLandmarks",
    "Handedness",
    "Indices",
    "IntrinsicsSource",
    "Item",
    "LandmarkKind",
    "Occluder",
    "Placement",
    "Scale",
    "ScaleSource",
    "ScreenMesh",
    "Subjects",
    "TrackingState",
    "TryOnAsset",
    "TryOnKind",
]

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class FaceLandmarks:
    """One face.

    Attributes:
        points: (478, 3) float64 x, y, z in the order of MediaPipe's face mesh with irises;
            z in the scale of x, smaller is nearer.
    """

    points: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HandLandmarks:
    """One hand.

    Attributes:
        points: (21, 3) float64 x, y, z in the order of MediaPipe's hand model.
        handedness: which hand of the person it is, in a picture that is not mirrored.
        world_points_mm: (21, 3) around the hand's centre, x right, y down, z away.
    """

    points: Floats
    handedness: Handedness
    world_points_mm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class BodyLandmarks:
    """One body.

    Attributes:
        points: (33, 4) float64 x, y, z, visibility in the order of BlazePose.
        world_points_mm: (33, 3) around the hips' middle, x right, y down, z away.
    """

    points: Floats
    world_points_mm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Subjects:
    """Everything that was found in one frame, each kind largest first.

    Attributes:
        faces: faces.
        hands: hands.
        bodies: bodies.
        person_mask: (H, W) uint8 of any size with the frame's aspect, 255 = person; or None.
        card_corners: (4, 2) corners of an ID-1 reference card, or None; see
            ``reference_card.find_card``.
    """

    faces: tuple[FaceLandmarks, ...] = ()
    hands: tuple[HandLandmarks, ...] = ()
    bodies: tuple[BodyLandmarks, ...] = ()
    person_mask: Bytes | None = None
    card_corners: Floats | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole without distortion, in pixels of the upright image as sent.

    Attributes:
        size_wh: width and height of the image in pixels.
        focal_xy_px: focal lengths along x and y.
        center_xy_px: principal point.
        source: where the lens data came from.
    """

    size_wh: tuple[int, int]
    focal_xy_px: tuple[float, float]
    center_xy_px: tuple[float, float]
    source: IntrinsicsSource


@dataclass(frozen=True, slots=True, eq=False)
class TryOnAsset:
    """What is drawn for a product.

    Attributes:
        kind: what kind of thing it is.
        size_wh: width and height of the picture in pixels; (0, 0) for lipstick.
        width_mm: real width of the picture's opaque part; 0 = not known.
        points: named points in the picture, normalised to it (``asset_points.POINTS`` lists
            the names of each kind).
        color: sRGB "#rrggbb", for lipstick.
        opaque_xyxy: box of the picture's opaque part, normalised to the picture.
        texture_id: hex SHA-256 of the picture file; empty for lipstick.
        rows_x: (R, 2) left and right end of the opaque part in each of R even rows from the
            top of ``opaque_xyxy`` to its bottom, normalised to the picture; None = full width.
        columns_y: (C, 2) top and bottom end in each of C even columns; None = full height.
    """

    kind: TryOnKind
    size_wh: tuple[int, int]
    width_mm: float
    points: Mapping[str, tuple[float, float]]
    color: str = ""
    opaque_xyxy: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    texture_id: str = ""
    rows_x: Floats | None = None
    columns_y: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A product to place: its SKU and its try-on asset."""

    sku: str
    asset: TryOnAsset


@dataclass(frozen=True, slots=True)
class Scale:
    """How large things are.

    Attributes:
        source: where it comes from.
        factor: true size over the canonical face, hand or body.
        sigma_relative: standard deviation of ``factor``, relative to it.
        pupillary_distance_mm: 0 = not known.
        face_width_mm: between the temples; 0 = not known.
        sigma_mm: standard deviation of those two.
    """

    source: ScaleSource
    factor: float = 1.0
    sigma_relative: float = 0.0
    pupillary_distance_mm: float = 0.0
    face_width_mm: float = 0.0
    sigma_mm: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ScreenMesh:
    """A product as triangles on the screen.

    Attributes:
        vertices: (V, 3) float32 x, y in the upright image and depth, 0 near to 1 far: a
            distance z in mm has the depth z / (z + 1000), the same for all meshes of a frame.
        texture_coordinates: (V, 2) float32 u, v, 0..1.
        triangles: (T, 3) int32, counter-clockwise seen from the camera.
        texture_id: hex SHA-256 of the texture; empty for lipstick.
        mask: (h, w) uint8 with the image's aspect, 255 = draw; None = draw all.
    """

    vertices: npt.NDArray[np.float32]
    texture_coordinates: npt.NDArray[np.float32]
    triangles: Indices
    texture_id: str = ""
    mask: Bytes | None = None


NO_POINTS: Floats = np.zeros((0, 2))
"""What a kind has that is carried by its anchor alone."""


def _no_points() -> Floats:
    return NO_POINTS


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where one product sits.

    Attributes:
        sku: the product.
        kind: what kind it is.
        subject: position among the faces, hands or bodies.
        camera_from_item: (4, 4) float64, row by row as numpy has it (the contract wants
            columns: ``camera_from_item.T.ravel()``), from the item's millimetres to the
            camera's. In a mirrored picture its determinant is negative.
        anchor_xy: the item's origin in the upright image.
        scale: how large things are.
        visibility: how much of the product can be seen, 0..1.
        occluders: what may stand in front of it.
        velocity_xy_per_s: of the anchor, in images a second; None for single pictures.
        state: how it stands in time.
        item_points: (N, 2) points of the picture that go to ``image_points``: a garment's
            control points, both earrings' hooks, both shoes.
        image_points: (N, 2) in the upright image.
        fit: whether it suits in size.
        fit_description: a sentence for a person.
        mesh: ready triangles, when asked for.
    """

    sku: str
    kind: TryOnKind
    subject: int
    camera_from_item: Floats
    anchor_xy: tuple[float, float]
    scale: Scale
    visibility: float
    occluders: tuple[Occluder, ...]
    velocity_xy_per_s: tuple[float, float] | None = None
    state: TrackingState = TrackingState.SINGLE
    item_points: Floats = field(default_factory=_no_points)
    image_points: Floats = field(default_factory=_no_points)
    fit: Fit = Fit.UNKNOWN
    fit_description: str = ""
    mesh: ScreenMesh | None = None
