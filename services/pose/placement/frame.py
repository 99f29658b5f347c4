"""One frame's landmarks with what every region needs of them, computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.pose.placement.head import Head, estimate_head
from services.pose.placement.types import BodyLandmarks, Camera, Floats, Subjects


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Subjects in front of a camera.

    Attributes:
        subjects: what was found.
        camera: the lens.
        heads: pose of each face; None where it has none.
    """

    subjects: Subjects
    camera: Camera
    heads: tuple[Head | None, ...]

    def body_of(self, head: Head) -> BodyLandmarks | None:
        """The body whose nose is on this face; None when nobody's is."""
        for body in self.subjects.bodies:
            nose_px = body.points[0, :2] * self.camera.size_wh
            if np.hypot(*(nose_px - head.points_px[1])) < head.width_px:
                return body
        return None

    def to_px(self, points: Floats) -> Floats:
        """Normalised points (..., >= 2) in pixels (..., 2)."""
        pixels: Floats = points[..., :2] * self.camera.size_wh
        return pixels


def frame_of(subjects: Subjects, camera: Camera) -> Frame:
    """Prepare one frame."""
    heads = tuple(estimate_head(face, camera) for face in subjects.faces)
    return Frame(subjects, camera, heads)
