"""Which region places which kind: landmarks to rigs, rigs to placements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from services.pose.placement import (
    bands,
    body,
    earrings,
    garments,
    glasses,
    hand,
    hat,
    lipstick,
    necklace,
    sewing,
    shoes,
)
from services.pose.placement.camera import project_one
from services.pose.placement.fit import fit_of
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.mesh import Surface, screen_mesh
from services.pose.placement.rig import Rig
from services.pose.placement.types import (
    NEEDS,
    NO_POINTS,
    Camera,
    Floats,
    Item,
    LandmarkKind,
    Placement,
    Scale,
    ScreenMesh,
    TrackingState,
    TryOnAsset,
    TryOnKind,
)

_ON_HEADS: Mapping[TryOnKind, Callable[[Head, Camera, Scale], Rig]] = {
    TryOnKind.GLASSES: glasses.measure,
    TryOnKind.HAT: hat.measure,
    TryOnKind.EARRINGS: earrings.measure,
    TryOnKind.LIPSTICK: lipstick.measure,
}
_GARMENTS = (TryOnKind.TOP, TryOnKind.DRESS, TryOnKind.TROUSERS)
_BANDS = (TryOnKind.RING, TryOnKind.WATCH, TryOnKind.BRACELET)


def subject_kind(kind: TryOnKind) -> LandmarkKind:
    """Whether a product's subjects are faces, hands or bodies."""
    return min(NEEDS[kind])


def measure(kind: TryOnKind, frame: Frame, scales: Sequence[Scale]) -> dict[int, Rig]:
    """Rigs of one kind of product on every subject that has one, by the subject's position.

    Args:
        kind: what is worn.
        frame: the landmarks.
        scales: true scale of each face, hand or body, whichever carries the product.
    """
    found = {
        subject: _measure_one(kind, frame, subject, scale) for subject, scale in enumerate(scales)
    }
    return {subject: rig for subject, rig in found.items() if rig is not None}


def _measure_one(kind: TryOnKind, frame: Frame, subject: int, scale: Scale) -> Rig | None:
    if kind in _BANDS:
        return hand.measure(kind, frame.subjects.hands[subject], frame, scale)
    if kind in _GARMENTS:
        return body.measure(kind, frame.subjects.bodies[subject], frame, scale)
    if kind is TryOnKind.SHOES:
        return shoes.measure(frame.subjects.bodies[subject], frame, scale)
    head = frame.heads[subject]
    if head is None:
        return None
    if kind is TryOnKind.NECKLACE:
        return necklace.measure(head, frame, scale)
    return _ON_HEADS[kind](head, frame.camera, scale)


def realise(
    item: Item,
    subject: int,
    rig: Rig,
    camera: Camera,
    *,
    with_mesh: bool,
    state: TrackingState = TrackingState.SINGLE,
    velocity_xy_per_s: tuple[float, float] | None = None,
) -> Placement:
    """The placement that a rig describes."""
    rig = at_anchor(item.asset.kind, rig, camera)
    anchor = _anchor_px(rig, camera)
    item_points, image_points = _points(rig, item.asset, camera)
    fit, words = fit_of(item.asset, rig.scale, rig.body_mm)
    return Placement(
        sku=item.sku,
        kind=item.asset.kind,
        subject=subject,
        camera_from_item=rig.camera_from_item,
        anchor_xy=(anchor[0] / camera.size_wh[0], anchor[1] / camera.size_wh[1]),
        scale=rig.scale,
        visibility=rig.visibility * _inside(anchor, rig.size_px, camera.size_wh),
        occluders=rig.occluders,
        velocity_xy_per_s=velocity_xy_per_s,
        state=state,
        item_points=item_points,
        image_points=image_points,
        fit=fit,
        fit_description=words,
        mesh=_mesh(rig, item.asset, camera) if with_mesh else None,
    )


def at_anchor(kind: TryOnKind, rig: Rig, camera: Camera) -> Rig:
    """The rig moved to where its kind has its origin: one of a pair, or beside what moves it."""
    if kind is TryOnKind.EARRINGS:
        return earrings.at_better_lobe(rig, camera)
    if kind is TryOnKind.SHOES:
        return shoes.at_better_foot(rig, camera)
    return necklace.at_base(rig) if kind is TryOnKind.NECKLACE else rig


def carried_by_points(kind: TryOnKind) -> bool:
    """Whether a placement of a kind says more than its anchor: ``Placement.image_points``."""
    return kind in _GARMENTS or kind in (TryOnKind.EARRINGS, TryOnKind.SHOES)


def _anchor_px(rig: Rig, camera: Camera) -> tuple[float, float]:
    return project_one(camera, rig.position_mm.tolist())


def _inside(anchor_px: tuple[float, float], size_px: float, size_wh: tuple[int, int]) -> float:
    """How much of a square around the anchor, as wide as the subject, is in the picture."""
    share = 1.0
    for centre, length in zip(anchor_px, size_wh, strict=True):
        seen = min(centre + size_px / 2, length) - max(centre - size_px / 2, 0.0)
        share *= min(max(seen / size_px, 0.0), 1.0)
    return share


def _points(rig: Rig, asset: TryOnAsset, camera: Camera) -> tuple[Floats, Floats]:
    """Points of the picture and of the image that they go to, for kinds that have several."""
    if asset.kind in _GARMENTS:
        points = sewing.controls(rig, asset)
        return points.item, points.image_px / camera.size_wh
    if asset.kind is TryOnKind.EARRINGS:
        hook = np.array(asset.points["hook"])
        return np.array([hook, hook]), rig.points_px[:, :2] / camera.size_wh
    if asset.kind is TryOnKind.SHOES:
        ends = [asset.points["heel"], asset.points["toe"]]
        return np.array([*ends, *ends]), rig.points_px[[0, 1, 3, 4], :2] / camera.size_wh
    return NO_POINTS, NO_POINTS


def _mesh(rig: Rig, asset: TryOnAsset, camera: Camera) -> ScreenMesh:
    if asset.kind is TryOnKind.LIPSTICK:
        return lipstick.screen_mesh(rig, camera)
    if asset.kind in _GARMENTS:
        return garments.screen_mesh(rig, asset, camera)
    return screen_mesh(_surface(rig, asset, camera), rig.camera_from_item, camera, asset.texture_id)


def _surface(rig: Rig, asset: TryOnAsset, camera: Camera) -> Surface:
    if asset.kind in _BANDS:
        return bands.facing(bands.surface(rig, asset), rig.camera_from_item)
    if asset.kind is TryOnKind.EARRINGS:
        return earrings.surface(rig, asset, camera)
    if asset.kind is TryOnKind.SHOES:
        return shoes.surface(rig, asset, camera)
    if asset.kind is TryOnKind.GLASSES:
        return glasses.surface(rig, asset, camera)
    solid = {
        TryOnKind.HAT: hat.surface,
        TryOnKind.NECKLACE: necklace.surface,
    }
    return solid[asset.kind](rig, asset)
