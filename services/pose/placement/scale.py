"""True scale: from the iris, from a reference card; what follows from it; when to say nothing.

The horizontal visible iris diameter is 11.7 mm with a deviation of 0.5 over adults, whatever
their sex, height or origin. The vertical one is cut by the lids. The iris is only measured
where it stands as a circle: head turned and nodded little, eyes open, enough pixels. A stream
takes the median over its good frames, which removes the landmarks' noise but not the deviation
between people: sigma never falls below that.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from services.pose.placement import canonical_face
from services.pose.placement.camera import ray_of
from services.pose.placement.head import Head
from services.pose.placement.rotation import yaw_pitch_roll_deg
from services.pose.placement.types import Camera, IntrinsicsSource, Scale, ScaleSource

IRIS_SIGMA_RELATIVE = 0.5 / canonical_face.IRIS_DIAMETER_MM
"""Deviation between people (Rüfer et al., 2005; MediaPipe Iris states the same)."""
MAX_YAW_DEG, MAX_PITCH_DEG = 15.0, 25.0
STRAIGHT_DEG, ENOUGH = 10.0, 5
"""Heads turned less than this err half as much: so many readings of them, and only they count."""
MIN_IRIS_PX = 6.0
MIN_OPENING = 0.45
"""Least distance of the lids over the iris' diameter."""
FRAMES = 90
"""Good frames that the median looks back on: three seconds."""
ASSUMED = Scale(ScaleSource.ASSUMED, 1.0, 0.10)
"""An average person; adults' heads and hands deviate by up to a tenth."""
_POINT_NOISE_PX = 0.4  # of an iris landmark, at the size of MediaPipe's eye crop
_IRIS_ENDS = ((469, 471), (474, 476))
_LIDS = ((159, 145), (386, 374))
_MEASURED = np.array((*_IRIS_ENDS[0], *_IRIS_ENDS[1], *_LIDS[0], *_LIDS[1]))
_SPANS = ((0, 2), (4, 6))
"""Where both irises' and both eyes' ends begin among ``_MEASURED``."""
_CENTRES = (468, 473)
_CENTRES_MM = canonical_face.POINTS_MM[list(_CENTRES)]
_SIZED = np.array((*_CENTRES, *canonical_face.TEMPLES))
_SIZED_MM = canonical_face.POINTS_MM[_SIZED]
_LENS_DOUBT = {
    IntrinsicsSource.REQUEST: 0.0,
    IntrinsicsSource.EXIF: 0.15,  # crops keep their EXIF
    IntrinsicsSource.ASSUMED: 0.5,
}
"""Relative deviation of a head's distance by where the lens data came from."""
_PLAUSIBLE = (0.6, 1.5)  # a child's head to twice the deviation above the largest adult's


@dataclass(frozen=True, slots=True)
class IrisReading:
    """One frame's measurement: the factor, its relative noise, how far the head was turned."""

    factor: float
    noise_relative: float
    yaw_deg: float = 0.0


def read_iris(head: Head, camera: Camera) -> IrisReading | None:
    """Measure the irises of one frame; None outside the gate."""
    yaw, pitch, _ = yaw_pitch_roll_deg(head.rotation)
    if abs(yaw) > MAX_YAW_DEG or abs(pitch) > MAX_PITCH_DEG:
        return None
    seen = head.points_px.take(_MEASURED, axis=0).tolist()
    diameters, openings = ([math.dist(seen[at], seen[at + 1]) for at in ats] for ats in _SPANS)
    # Who turns the head may look ahead, which narrows the iris, or at the camera, which does
    # not: half of the narrowing is expected, so that either errs by at most 1.7 percent.
    narrowed = (1 + math.cos(math.radians(yaw))) / 2
    good = [
        (expected * narrowed / diameter, diameter)
        for expected, diameter, opening in zip(
            _expected_px(head, camera), diameters, openings, strict=True
        )
        if opening >= MIN_OPENING * diameter and diameter >= MIN_IRIS_PX
    ]
    if not good:
        return None
    factor, diameter = fmean(ratio for ratio, _ in good), fmean(width for _, width in good)
    if not _PLAUSIBLE[0] <= factor <= _PLAUSIBLE[1]:
        return None
    return IrisReading(factor, _POINT_NOISE_PX * math.sqrt(2 / len(good)) / diameter, yaw)


def _expected_px(head: Head, camera: Camera) -> list[float]:
    """Both diameters in pixels if the head had the canonical size, facing the camera."""
    depths = (_CENTRES_MM @ head.rotation[2] + head.translation_mm[2]).tolist()
    return [canonical_face.IRIS_DIAMETER_MM * camera.focal_xy_px[0] / depth for depth in depths]


def single_scale(reading: IrisReading | None) -> Scale:
    """Scale from one frame alone."""
    if reading is None:
        return ASSUMED
    sigma = math.hypot(IRIS_SIGMA_RELATIVE, reading.noise_relative)
    return Scale(ScaleSource.IRIS, reading.factor, sigma)


def with_face_sizes(scale: Scale, head: Head, camera: Camera) -> Scale:
    """The scale with pupillary distance and face width, where it is known."""
    if scale.source in (ScaleSource.UNKNOWN, ScaleSource.ASSUMED):
        return scale
    pupils, width = (span * scale.factor for span in _spans_mm(head, camera))
    sigma = math.hypot(scale.sigma_relative, _lens_sigma(head, camera)) * width
    return replace(scale, pupillary_distance_mm=pupils, face_width_mm=width, sigma_mm=sigma)


def _lens_sigma(head: Head, camera: Camera) -> float:
    """Relative deviation of the face's width from not knowing the lens.

    The temples lie behind the irises that give the scale; how much smaller that makes them
    look depends on how near the head is, which the lens tells.
    """
    behind = float(canonical_face.MESH_MM[127, 2] - canonical_face.POINTS_MM[468, 2])
    return _LENS_DOUBT[camera.source] * behind / float(head.translation_mm[2])


def _spans_mm(head: Head, camera: Camera) -> tuple[float, float]:
    """Distance of the pupils and of the temples in space, each as deep as the model says."""
    depths = (_SIZED_MM @ head.rotation[2] + head.translation_mm[2]).tolist()
    seen = [ray_of(camera, x, y) for x, y in head.points_px.take(_SIZED, axis=0).tolist()]
    # In a turned head the misfit of the depths would count; across the head it does not.
    a, b, c = head.rotation[:, 0].tolist()
    right, left, right_temple, left_temple = (
        depth * (a * x + b * y + c) for (x, y), depth in zip(seen, depths, strict=True)
    )
    return abs(left - right), abs(left_temple - right_temple)


class _Median:
    """Median of the newest values, kept in order: sorting them anew each frame takes longer."""

    def __init__(self) -> None:
        self._newest: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, value: float) -> None:
        if len(self._newest) == FRAMES:
            del self._sorted[bisect_left(self._sorted, self._newest.popleft())]
        self._newest.append(value)
        insort(self._sorted, value)

    @property
    def count(self) -> int:
        return len(self._sorted)

    @property
    def value(self) -> float:
        half = len(self._sorted) // 2
        return (self._sorted[half] + self._sorted[-half - 1]) / 2


class ScaleMedian:
    """The scale of one tracked face: the median over its good frames."""

    def __init__(self) -> None:
        self._any, self._straight = (_Median(), _Median()), (_Median(), _Median())

    def update(self, reading: IrisReading | None) -> Scale:
        """Take one frame's reading, None where it had none, and give the scale so far."""
        if reading is not None:
            is_straight = abs(reading.yaw_deg) <= STRAIGHT_DEG
            for factors, noises in (self._any, self._straight)[: 1 + is_straight]:
                factors.add(reading.factor)
                noises.add(reading.noise_relative)
        factors, noises = self._straight if self._straight[0].count >= ENOUGH else self._any
        if not factors.count:
            return ASSUMED
        factor, noise = factors.value, noises.value
        # The median of n normal values deviates 1.25 / sqrt(n) as much as one.
        sigma = math.hypot(IRIS_SIGMA_RELATIVE, 1.25 * noise / math.sqrt(factors.count))
        return Scale(ScaleSource.IRIS, factor, sigma)
