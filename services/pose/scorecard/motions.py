"""Paths along which the scorecard's subjects move."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.chest import PIVOT_MM
from services.pose.placement.types import Floats
from services.pose.scorecard.synthetic import Pose

Motion = Callable[[float], Pose]
"""The true pose at a time in seconds."""
STEPS_HZ = 1.9
"""Steps a second of who walks at 1 m/s or a little faster."""
BOB_MM = 22.0
"""How far a walking body goes up and down about its mean: 4 to 5 cm from low to high."""
NECK_MM: Floats = np.array([0.0, 150.0, 90.0])
"""What a head leans about: low in the neck, on the canonical head."""


def rest(distance_mm: float = 500.0) -> Motion:
    """Nothing moves."""
    pose = Pose(rotation.exp((0.05, 0.1, 0.02)), np.array([20.0, 10.0, distance_mm]))
    return lambda time_s: pose


def turning(degrees: float = 30.0, hertz: float = 0.4) -> Motion:
    """A head that shakes slowly, and nods a little."""

    def at(time_s: float) -> Pose:
        yaw = math.radians(degrees) * math.sin(2 * math.pi * hertz * time_s)
        nod = math.radians(8) * math.sin(2 * math.pi * 0.3 * time_s + 1)
        return Pose(
            rotation.exp((0, yaw, 0)) @ rotation.exp((nod, 0, 0)), np.array([0.0, 0.0, 520.0])
        )

    return at


def swaying(
    reach_mm: float = 80.0, hertz: float = 0.4, distance_mm: float = 520.0, roll_deg: float = 6.0
) -> Motion:
    """Something that sways from side to side, and leans while it does."""

    def at(time_s: float) -> Pose:
        x = reach_mm * math.sin(2 * math.pi * hertz * time_s)
        roll = math.radians(roll_deg) * math.sin(2 * math.pi * hertz * time_s)
        return Pose(rotation.exp((0, 0, roll)), np.array([x, 0.1 * x, distance_mm]))

    return at


def approaching(near_mm: float = 380.0, far_mm: float = 720.0, hertz: float = 0.2) -> Motion:
    """Something that comes near and goes away."""

    def at(time_s: float) -> Pose:
        share = 0.5 - 0.5 * math.cos(2 * math.pi * hertz * time_s)
        z = far_mm + (near_mm - far_mm) * share
        return Pose(rotation.exp((0.05, 0.05, 0)), np.array([0.0, 20.0, z]))

    return at


def walking(speed_mm: float = 1000.0, reach_mm: float = 1200.0, away_mm: float = 3000.0) -> Motion:
    """A body that walks across the picture and back."""

    def at(time_s: float) -> Pose:
        x = _there_and_back(time_s, reach_mm, speed_mm)
        return _stepping(time_s, x, away_mm)

    return at


def walking_near(
    speed_mm: float = 800.0, near_mm: float = 2500.0, far_mm: float = 4000.0
) -> Motion:
    """A body that walks towards the camera and backwards away from it."""
    reach = (far_mm - near_mm) / 2

    def at(time_s: float) -> Pose:
        return _stepping(time_s, 0.0, near_mm + reach + _there_and_back(time_s, reach, -speed_mm))

    return at


def _stepping(time_s: float, x_mm: float, away_mm: float) -> Pose:
    """A body in mid-step: up and down with each step, to the side and leaning with each second."""
    step = math.pi * STEPS_HZ * time_s
    up = BOB_MM * math.cos(2 * step)
    turned = rotation.exp((0.0, 0.0, 0.02 * math.sin(step)))
    return Pose(turned, np.array([x_mm + 15.0 * math.sin(step), up, away_mm]))


def _there_and_back(time_s: float, reach: float, speed: float) -> float:
    """A place between -reach and reach, at a speed that changes only where it turns."""
    sharp = 0.98
    angle = math.asin(sharp * math.sin(math.pi / 2 * speed / reach * time_s))
    return reach * angle / math.asin(sharp)


def looking_around(distance_mm: float = 520.0) -> Motion:
    """A head that turns and nods on a chest that does not move."""

    def at(time_s: float) -> Pose:
        yaw = math.radians(30) * math.sin(2 * math.pi * 0.4 * time_s)
        nod = math.radians(8) * math.sin(2 * math.pi * 0.3 * time_s + 1)
        turned = rotation.exp((0.0, yaw, 0.0)) @ rotation.exp((nod, 0.0, 0.0))
        return _turned_about(PIVOT_MM, turned, distance_mm)

    return at


def leaning(distance_mm: float = 520.0) -> Motion:
    """A head that leans to either side over a chest that does not move."""

    def at(time_s: float) -> Pose:
        roll = math.radians(12) * math.sin(2 * math.pi * 0.4 * time_s)
        return _turned_about(NECK_MM, rotation.exp((0.0, 0.0, roll)), distance_mm)

    return at


def _turned_about(centre_mm: Floats, turned: Floats, distance_mm: float) -> Pose:
    """A head turned about a point of its own."""
    return Pose(turned, centre_mm - turned @ centre_mm + (0.0, 0.0, distance_mm))


def upright(distance_mm: float = 520.0) -> Motion:
    """Who faces the camera and does not move."""
    return lambda time_s: Pose(np.eye(3), np.array([0.0, 0.0, distance_mm]))


def shifting(at_s: float = 4.0, takes_s: float = 0.4, distance_mm: float = 520.0) -> Motion:
    """A chest that goes 26 mm aside, turns by 10 degrees and leans by 5, once."""

    def at(time_s: float) -> Pose:
        part = min(max((time_s - at_s) / takes_s, 0.0), 1.0)
        share = part * part * (3 - 2 * part)
        turned = rotation.exp((0.0, math.radians(10) * share, math.radians(5) * share))
        return Pose(turned, np.array([25.0 * share, 8.0 * share, distance_mm]))

    return at
