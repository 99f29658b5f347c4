"""Smoothing without lag where it matters: the One Euro filter on positions, rotations, scales.

Casiez, Roussel, Vogel: 1 Euro Filter (CHI 2012): a low-pass filter whose cutoff grows with
speed, so that what rests does not tremble and what moves is not late. Time is the frames' own
capture time; no clock is read, so the same frames give the same bytes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.camera import project, project_one, ray_of, rays
from services.pose.placement.chest_following import ChestFilter
from services.pose.placement.rig import Rig
from services.pose.placement.tunings import FACTOR, Tuning, Tunings
from services.pose.placement.types import Camera, Floats

Point = tuple[float, float]


def smoothing_weight(cutoff_hz: float, elapsed_s: float) -> float:
    """Weight of the newest value in a first-order low-pass filter.

    >>> smoothing_weight(1e9, 0.04) > 0.999
    True
    """
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff_hz * elapsed_s))


def _cutoff(tuning: Tuning, speed: float) -> float:
    return tuning.rest_hz + tuning.per_speed * max(0.0, speed - tuning.dead_speed)


class VectorFilter:
    """One Euro over arrays; all their numbers share one cutoff.

    Args:
        tuning: of the filter.
        settles: begin with the mean of the values so far, until the filter is calmer: a slow
            one would keep the first value's error for long.
    """

    def __init__(self, tuning: Tuning, *, settles: bool = False) -> None:
        self._tuning = tuning
        self._settles = settles
        self._count = 1
        self._value: Floats | None = None
        self._raw: Floats = np.zeros(1)
        self.velocity: Floats = np.zeros(1)

    def update(self, value: Floats, elapsed_s: float, unit: float = 1.0) -> Floats:
        """The filtered value; ``unit`` is the length in which speeds are judged."""
        if self._value is None or self._value.shape != value.shape:
            self._value, self._raw, self.velocity = value, value, np.zeros_like(value)
            return value
        weight = smoothing_weight(self._tuning.speed_hz, elapsed_s)
        # Against the raw value before: against the filtered one its lag would count as speed.
        speed_now, self._raw = (value - self._raw) / elapsed_s, value
        self.velocity = self.velocity + weight * (speed_now - self.velocity)
        # Rows are points; the one that moves most decides for all.
        squares = (self.velocity * self.velocity).sum(axis=-1)
        cutoff = _cutoff(self._tuning, math.sqrt(float(squares.max())) / unit)
        share, self._count = smoothing_weight(cutoff, elapsed_s), self._count + 1
        if self._settles:
            share = max(share, 1 / self._count)
        self._value = self._value + share * (value - self._value)
        return self._value


class PointFilter:
    """``VectorFilter`` of one point of the picture, without the arrays: a fifth of its time."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._value: Point | None = None
        self._raw: Point = (0.0, 0.0)
        self.velocity: Point = (0.0, 0.0)

    def update(self, value: Point, elapsed_s: float, unit: float) -> Point:
        """The filtered point; ``unit`` is the length in which speeds are judged."""
        if self._value is None:
            self._value = self._raw = value
            return value
        (x, y), (x_before, y_before) = value, self._raw
        speed_now = ((x - x_before) / elapsed_s, (y - y_before) / elapsed_s)
        weight = smoothing_weight(self._tuning.speed_hz, elapsed_s)
        self._raw, self.velocity = value, _towards(self.velocity, speed_now, weight)
        cutoff = _cutoff(self._tuning, math.hypot(*self.velocity) / unit)
        self._value = _towards(self._value, value, smoothing_weight(cutoff, elapsed_s))
        return self._value


def _towards(old: Point, new: Point, weight: float) -> Point:
    return old[0] + weight * (new[0] - old[0]), old[1] + weight * (new[1] - old[1])


class ScalarFilter:
    """One Euro over a number: ``VectorFilter`` without the arrays, a tenth of its time."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._value: float | None = None
        self._raw = self._velocity = 0.0

    def update(self, value: float, elapsed_s: float) -> float:
        """The filtered value."""
        if self._value is None:
            self._value = self._raw = value
            return value
        weight = smoothing_weight(self._tuning.speed_hz, elapsed_s)
        speed_now, self._raw = (value - self._raw) / elapsed_s, value
        self._velocity += weight * (speed_now - self._velocity)
        cutoff = _cutoff(self._tuning, abs(self._velocity))
        self._value += smoothing_weight(cutoff, elapsed_s) * (value - self._value)
        return self._value


class RotationFilter:
    """One Euro on the rotations in space, about each of the camera's axes by itself.

    A turn in the picture (about z) is seen directly; a turn out of it only in depths.

    Args:
        tuning: for turns out of the picture.
        in_picture: for turns in the picture.
    """

    def __init__(self, tuning: Tuning, in_picture: Tuning) -> None:
        self._tunings = (tuning, tuning, in_picture)
        self._value: Floats | None = None
        self._velocity = [0.0, 0.0, 0.0]

    def update(self, value: Floats, elapsed_s: float) -> Floats:
        """The filtered rotation (3, 3)."""
        if self._value is None:
            self._value = value
            return value
        turns = rotation.log(value @ self._value.T).tolist()
        step = []
        for axis, (tuning, turn) in enumerate(zip(self._tunings, turns, strict=True)):
            speed = self._velocity[axis]
            speed += smoothing_weight(tuning.speed_hz, elapsed_s) * (turn / elapsed_s - speed)
            self._velocity[axis] = speed
            step.append(smoothing_weight(_cutoff(tuning, abs(speed)), elapsed_s) * turn)
        self._value = rotation.tidied(rotation.exp(step) @ self._value)
        return self._value


class RigFilter:
    """Smooths one product on one subject over the frames of a stream.

    Args:
        tunings: of what carries the product.
        with_points: False passes the rig's points as they are, for whom nobody looks at them.
    """

    def __init__(self, tunings: Tunings, *, with_points: bool = True) -> None:
        self._with_points = with_points
        self._anchor = PointFilter(tunings.position)
        self._depth = ScalarFilter(tunings.depth)
        self._rotation = RotationFilter(tunings.rotation, tunings.roll)
        self._factor = ScalarFilter(FACTOR)
        depths = tunings.point_depths
        self._points = VectorFilter(tunings.points, settles=depths is not None)
        self._point_depths = None if depths is None else VectorFilter(depths, settles=True)
        self._chest = ChestFilter()
        self._time_us: int | None = None

    def update(self, rig: Rig, camera: Camera, time_us: int) -> Rig:
        """The smoothed rig; times must grow from call to call."""
        elapsed = 1.0 if self._time_us is None else (time_us - self._time_us) / 1e6
        self._time_us = time_us
        place = rig.position_mm.tolist()
        seen = project_one(camera, place)
        anchor = self._anchor.update(seen, elapsed, rig.size_px)
        depth = math.exp(self._depth.update(math.log(place[2]), elapsed))
        factor = math.exp(self._factor.update(math.log(rig.scale.factor), elapsed))
        aside, down = ray_of(camera, *anchor)
        position = np.array((aside * depth, down * depth, depth))
        if self._point_depths is None:
            points = self._smooth_points(rig, seen, anchor, elapsed)
        else:
            points = self._smooth_in_space(self._point_depths, rig, position, camera, elapsed)
        turned = self._rotation.update(rig.rotation, elapsed)
        if rig.chest is not None:
            rig = replace(rig, chest=self._chest.update(rig.chest, position, turned, elapsed))
        return replace(
            rig,
            rotation=turned,
            position_mm=position,
            scale=replace(rig.scale, factor=factor),
            points_px=points,
        )

    def velocity_px_per_s(self) -> Point:
        """Velocity of the anchor."""
        return self._anchor.velocity

    def _smooth_points(self, rig: Rig, seen: Point, anchor: Point, elapsed: float) -> Floats:
        """Points keep their own motion around the anchor, in units of the subject's size."""
        if not self._with_points or not len(rig.points_px):
            return rig.points_px
        around = rig.points_px.copy()
        around[:, :2] -= seen
        smooth = self._points.update(around, elapsed, rig.size_px).copy()
        smooth[:, :2] += anchor
        return smooth

    def _smooth_in_space(
        self, depths: VectorFilter, rig: Rig, position_mm: Floats, camera: Camera, elapsed: float
    ) -> Floats:
        """The same in mm around the anchor: in the picture, what is nearer shifts against it."""
        around = rays(camera, rig.points_px[:, :2]) * rig.points_px[:, 2:] - rig.position_mm
        size_mm = rig.size_px * rig.position_mm[2] / camera.focal_xy_px[0]
        flat = self._points.update(around[:, :2], elapsed, float(size_mm))
        smooth = position_mm + np.hstack([flat, depths.update(around[:, 2:], elapsed)])
        return np.column_stack([project(camera, smooth), smooth[:, 2]])
