"""Masks of what stands in front of products, over the frames of a stream.

As ``compose.with_masks`` makes them for single pictures, in an eighth of the time: in the size
that clients get, and only around each product. Hair is remembered from frame to frame
(``live_hair``), so that masks do not flicker. All is driven by capture times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from services.pose.placement.frame import Frame, frame_of
from services.pose.placement.head import Head
from services.pose.placement.types import (
    Bytes,
    Camera,
    Floats,
    Item,
    Occluder,
    Placement,
    ScreenMesh,
    Subjects,
    TrackingState,
)
from services.pose.rendering.hair import FALLS_IN_FRONT
from services.pose.rendering.live_hair import LiveHair
from services.pose.rendering.occlusion import (
    cover_solid,
    front_of,
    head_index,
    head_of,
    needs_colours,
    softened,
)
from services.pose.rendering.raster import Float32, Window, window_of

MASK_SIDE_PX = 256
"""Longer side of the masks that clients get."""
_SHADOW = 0.12  # over the mesh's width: what is hidden there hides the product's shadow
_LEAST_HIDDEN = 0.04  # of a pixel: less is nothing
_Key = tuple[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A frame in the size of its masks."""

    frame: Frame
    small_rgb: Bytes


class LiveMasks:
    """Masks for one stream's placements.

    A mirror image needs nothing of its own: faces and bodies are alike on both sides.

    Args:
        items: the products.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = {item.sku: item for item in items}
        self._below_chin = any(item.asset.kind in FALLS_IN_FRONT for item in items)
        self._known: list[LiveHair] = []
        self._hair: dict[int, LiveHair] = {}
        self._last: dict[_Key, Bytes | None] = {}

    def add(
        self,
        placements: Sequence[Placement],
        image_rgb: Bytes,
        subjects: Subjects,
        camera: Camera,
        capture_time_us: int,
    ) -> list[Placement]:
        """The placements of the next frame, their meshes with masks where anything hides them.

        Args:
            placements: of this frame. Those without a mesh stay as they are.
            image_rgb: (H, W, 3) uint8 of any size with the camera's aspect.
            subjects: the frame's landmarks.
            camera: the lens.
            capture_time_us: later than that of the frame before.
        """
        small = small_camera(camera)
        frame = frame_of(subjects, small)
        self._look_at_hair(placements, frame, image_rgb, capture_time_us)
        scene = _Scene(frame, _small_picture(placements, frame, image_rgb))
        drawn = [one for one in placements if one.state is not TrackingState.LOST]
        self._last = {_key(one): self._mask_of(one, scene) for one in drawn}
        return [self._with_mask(one) for one in placements]

    def _look_at_hair(
        self, placements: Sequence[Placement], frame: Frame, image_rgb: Bytes, time_us: int
    ) -> None:
        wanted = {
            head_index(one)
            for one in placements
            if one.mesh is not None and Occluder.HAIR in one.occluders
        }
        free = [one for one in self._known if not one.is_over(time_us)]
        self._known, self._hair = list(free), {}
        for index in sorted(wanted & set(range(len(frame.heads)))):
            head = frame.heads[index]
            if head is not None:
                self._hair[index] = self._hair_of(head, free)
                scale = image_rgb.shape[1] / frame.camera.size_wh[0]
                self._hair[index].look(head, image_rgb, scale, time_us)

    def _hair_of(self, head: Head, free: list[LiveHair]) -> LiveHair:
        """What is known of a head, taken from ``free``: faces come in any order."""
        nearest = min(free, key=lambda one: one.away(head), default=None)
        if nearest is None or nearest.away(head) > 1:
            nearest = LiveHair(below_chin=self._below_chin)
            self._known.append(nearest)
        else:
            free.remove(nearest)
        return nearest

    def _mask_of(self, placement: Placement, scene: _Scene) -> Bytes | None:
        if placement.state is TrackingState.HELD:  # nobody is seen, all stays
            return self._last.get(_key(placement))
        mesh = placement.mesh
        return None if mesh is None else self._mask(placement, mesh, scene)

    def _with_mask(self, placement: Placement) -> Placement:
        mesh, mask = placement.mesh, self._last.get(_key(placement))
        if mesh is None or mask is None:
            return placement
        return replace(placement, mesh=replace(mesh, mask=mask))

    def _mask(self, placement: Placement, mesh: ScreenMesh, scene: _Scene) -> Bytes | None:
        size_wh = scene.frame.camera.size_wh
        points = mesh.vertices[:, :2].astype(np.float64) * size_wh
        drawn = points[np.unique(mesh.triangles)]
        window = window_of(drawn, size_wh, 2 + _SHADOW * _breadth(drawn))
        if min(window.size_wh) == 0:
            return None
        hidden = self._hidden(placement, scene, window)
        if not hidden.any():
            return None
        keep = softened(hidden)
        if (1 - keep)[_silhouette(mesh, size_wh, window) > 0].max(initial=0) < _LEAST_HIDDEN:
            return None
        mask = np.full(size_wh[::-1], 255, np.uint8)
        mask[window.slices] = np.rint(keep * 255)
        return mask

    def _hidden(self, placement: Placement, scene: _Scene, window: Window) -> Float32:
        frame = scene.frame
        covered = np.zeros(frame.camera.size_wh[::-1], np.uint8)
        cover_solid(covered, placement, self._items[placement.sku], frame, scene.small_rgb)
        hidden: Float32 = covered[window.slices].astype(np.float32) / np.float32(255)
        hair = self._hair.get(head_index(placement))
        if Occluder.HAIR in placement.occluders and hair and head_of(placement, frame):
            in_front = placement.kind in FALLS_IN_FRONT
            found = hair.within(window, falls_in_front=in_front)
            front = front_of(placement, frame.camera.size_wh, window).astype(np.float32)
            found = np.minimum(found, 1 - front / 255)
            np.maximum(hidden, found, out=hidden)
        return hidden


def _key(placement: Placement) -> _Key:
    """What is the same while a product is held, and differs where a subject's number is reused."""
    return placement.sku, placement.anchor_xy


def _breadth(points_px: Floats) -> float:
    return float(np.ptp(points_px[:, 0])) if len(points_px) else 0.0


def small_camera(camera: Camera) -> Camera:
    """The lens in pixels of a mask."""
    width, height = camera.size_wh
    ratio = min(1.0, MASK_SIDE_PX / max(width, height))
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    scale = size[0] / width, size[1] / height
    (focal_x, focal_y), (x, y) = camera.focal_xy_px, camera.center_xy_px
    focal, center = (focal_x * scale[0], focal_y * scale[1]), (x * scale[0], y * scale[1])
    return Camera(size, focal, center, camera.source)


def _small_picture(placements: Sequence[Placement], frame: Frame, image_rgb: Bytes) -> Bytes:
    """The picture in the size of its masks; an empty one where no product's mask reads it."""
    if not any(needs_colours(one.kind, frame) for one in placements):
        return np.zeros((0, 0, 3), np.uint8)
    small = cv2.resize(image_rgb, frame.camera.size_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _silhouette(mesh: ScreenMesh, size_wh: tuple[int, int], window: Window) -> Bytes:
    """Where a mesh is drawn in a window (h, w), 1 = drawn, a pixel more all around."""
    drawn = np.zeros(window.size_wh[::-1], np.uint8)
    points = mesh.vertices[:, :2].astype(np.float64) * size_wh - 0.5 - (window.left, window.top)
    for corners in np.rint(points).astype(np.int32)[mesh.triangles]:
        cv2.fillConvexPoly(drawn, corners, 1)
    return np.asarray(cv2.dilate(drawn, np.ones((3, 3), np.uint8)), np.uint8)
