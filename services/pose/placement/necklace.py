"""Necklaces: around the base of the neck, at the head's scale, on the chest's slope.

The head's landmarks say ten times as well as the shoulders' where a person is. So a
necklace's rig is the head's, at the pivot of head and neck, with the chest under it; over the
frames of a stream the chest is followed apart (``chest_following``).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.pose.placement.chest import PIVOT_MM, hanging, neck_base_mm, see_chest
from services.pose.placement.frame import Frame
from services.pose.placement.head import Head
from services.pose.placement.mesh import Surface, grid, grid_triangles
from services.pose.placement.picture import known_width, pair, picture_of
from services.pose.placement.rig import Rig
from services.pose.placement.types import Occluder, Scale, TryOnAsset

USUAL_WIDTH_MM = 140.0
_ROUND_MM = 45.0  # how far the ends lie behind the middle


def measure(head: Head, frame: Frame, scale: Scale) -> Rig:
    """The head's own frame at its pivot, and the chest under it."""
    chest = see_chest(head, frame)
    return Rig(
        rotation=head.rotation,
        position_mm=head.to_camera(PIVOT_MM),
        size_px=head.width_px,
        scale=scale,
        visibility=1.0 if chest.is_seen else 0.6,
        occluders=(Occluder.FACE, Occluder.HAIR, Occluder.HAND, Occluder.ARMS),
        chest=chest,
    )


def at_base(rig: Rig) -> Rig:
    """The rig moved from the head to the neck's base: the middle between a necklace's ends."""
    if rig.chest is None:
        return rig
    base = neck_base_mm(rig.chest, rig.position_mm)
    return replace(rig, position_mm=base, rotation=hanging(rig.chest))


def surface(rig: Rig, asset: TryOnAsset) -> Surface:
    """The picture bent around the neck: its ends lie back, its middle on the chest."""
    first, second = pair(asset, "end")
    middle = (first + second) / 2
    width = known_width(asset, USUAL_WIDTH_MM * rig.scale.factor)
    picture = picture_of(asset, (float(middle[0]), float(middle[1])), width)
    texture = grid(13, 9, asset.opaque_xyxy)
    flat = picture.to_mm(texture)
    half = max(abs(float(picture.to_mm(second)[0])), 1.0)
    back = _ROUND_MM * np.square(np.clip(flat[:, :1] / half, -1.3, 1.3))
    return Surface(np.concatenate([flat, back], axis=1), texture, grid_triangles(13, 9))
