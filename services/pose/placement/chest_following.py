"""A chest followed under its head: four ways in which it may move, weighed against each other.

A chest moves with its head as one body (a person who sways), or the head turns on it and only
carries it along (who looks around while walking), or it stays where it is (who leans the
head), or it moves by itself. Each way predicts where the shoulders are next; the same noisy
shoulders correct each with its own Kalman gain; how well a way predicted is how much it counts.
This is the interacting multiple model filter (Blom, Bar-Shalom: IEEE Trans. Automatic Control
33(8), 1988). At rest the first three agree and the gain falls as one over the number of frames,
which no unbiased estimate betters; a chest that moves by itself is followed within a second.

No clock is read: the same frames give the same bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from services.pose.placement import rotation
from services.pose.placement.chest import middle_mm, seen_ray
from services.pose.placement.rig import Chest
from services.pose.placement.types import Floats

SIGMA_MM, SIGMA_TURN = 14.0, (0.06, 0.1, 0.06)
"""Doubt in the middle of a frame's shoulders and in the torso's turn (radians about x, y, z).

Twice what MediaPipe's err by at rest: in motion they are late besides, and a chest that seems
to move so little by itself mostly does not.
"""
_USUAL = np.array([0.55, 0.28, 0.16, 0.01])
"""How often a chest moves in each way: with the head, carried, still, by itself."""
_MOVES, _TURNS = (True, True, False, True), (True, False, False, False)
"""Whether a way takes the chest along where the head goes, and turns it as the head turns."""
_DRIFT = np.array([1e-4, 1e-4, 1e-4, 0.3])
"""What a second adds to each way's variance, in variances of one frame's shoulders."""
_CHANGES_PER_S = 0.1
_ALIKE_S = 0.1
"""Frames that are nearer in time err alike: together they say no more than one."""
_UNKNOWN = 1e9
_LEARNT = 300
"""Frames after which a mean over all frames becomes one over the latest."""
_QUICK_S = 0.1
_UNSURE_MM = 2.5  # a common error less than this is noise of nine points


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """Pivot of head and neck (3,) and the head's rotation (3, 3)."""

    pivot_mm: Floats
    rotation: Floats


class _Mean:
    """Mean over all frames, later over the latest ones."""

    def __init__(self) -> None:
        self._count = 0
        self.value: Floats = np.zeros(1)

    def update(self, value: Floats) -> Floats:
        self._count += 1
        share = 1 / min(self._count, _LEARNT)
        self.value = value if self._count == 1 else self.value + share * (value - self.value)
        return self.value


class _CommonError:
    """What all of a body's landmarks are off by at once, as its face points tell.

    BlazePose smooths its landmarks, so those of who moves are late together. Where the two
    models put the same point of a face differs too; that is their mean difference.
    """

    def __init__(self) -> None:
        self._usual = _Mean()
        self._quick: Floats | None = None

    def update(self, error: Floats, away_mm: float, elapsed_s: float) -> Floats:
        """The error (3,) beyond the usual one, in the head's axes at depth 1."""
        before = error if self._quick is None else self._quick
        self._quick = before + (1 - math.exp(-elapsed_s / _QUICK_S)) * (error - before)
        beyond: Floats = self._quick - self._usual.update(error)
        size_mm = float(np.linalg.norm(beyond)) * away_mm
        return beyond * max(0.0, 1 - _UNSURE_MM / max(size_mm, _UNSURE_MM))


class ChestFilter:
    """Follows one chest over the frames of a stream."""

    def __init__(self) -> None:
        self._head: _Head | None = None
        self._is_seen = False
        self._start()

    def _start(self) -> None:
        self._states: Floats = np.zeros((len(_USUAL), 5))  # of each way: ray x, y, then turn
        self._variances: Floats = np.full(len(_USUAL), _UNKNOWN)
        self._weights: Floats = _USUAL
        self._breadth, self._common = _Mean(), _CommonError()

    def update(self, chest: Chest, pivot_mm: Floats, head: Floats, elapsed_s: float) -> Chest:
        """The chest as it is believed to be; one that was seen and is hidden is predicted.

        Args:
            chest: as one frame sees it.
            pivot_mm: (3,) pivot of head and neck, smoothed.
            head: (3, 3) the head's rotation, smoothed.
            elapsed_s: since the frame before.
        """
        before, self._head = self._head, _Head(pivot_mm, head)
        away_mm = float(pivot_mm[2])
        sigma = np.array((SIGMA_MM / away_mm, SIGMA_MM / away_mm, *SIGMA_TURN))
        if chest.is_seen and not self._is_seen:  # what was guessed before says nothing
            self._start()
        elif before is not None:
            self._mix(sigma, elapsed_s)
            self._predict(before, self._head, elapsed_s)
        if chest.is_seen or not self._is_seen:
            error = head @ self._common.update(chest.error, away_mm, elapsed_s)
            self._breadth.update(np.array(chest.breadth_mm))
            self._correct(np.append(chest.ray - error[:2], chest.turn), sigma, elapsed_s)
        self._is_seen = self._is_seen or chest.is_seen
        believed = self._weights @ self._states
        breadth = float(self._breadth.value)
        return replace(chest, ray=believed[:2], turn=believed[2:], breadth_mm=breadth)

    def _mix(self, sigma: Floats, elapsed_s: float) -> None:
        """Each way may change into another: its state is drawn towards the others'."""
        change = 1 - math.exp(-_CHANGES_PER_S * elapsed_s)
        likely = (1 - change) * self._weights + change * _USUAL
        drawn = change * _USUAL / likely
        mean = self._weights @ self._states
        apart = (((self._states - mean) / sigma) ** 2).mean(axis=1)
        spread = float(self._weights @ (self._variances + apart))
        own, other = 1 - drawn, drawn
        self._variances = own * self._variances + other * spread + own * other * apart
        self._states = self._states + drawn[:, None] * (mean - self._states)
        self._weights = likely

    def _predict(self, before: _Head, now: _Head, elapsed_s: float) -> None:
        """Move each way's chest as it says that chests move with their heads."""
        breadth = float(self._breadth.value)
        for state, moves, turns in zip(self._states, _MOVES, _TURNS, strict=True):
            turned = rotation.exp(state[2:])
            middle = middle_mm(state[:2], turned, breadth, before.pivot_mm)
            if turns:
                turn = now.rotation @ before.rotation.T
                turned = turn @ turned
                middle = before.pivot_mm + turn @ (middle - before.pivot_mm)
            if moves:
                middle = middle + now.pivot_mm - before.pivot_mm
            state[:2], state[2:] = seen_ray(middle, turned, breadth), rotation.log(turned)
        self._variances = self._variances + _DRIFT * elapsed_s

    def _correct(self, seen: Floats, sigma: Floats, elapsed_s: float) -> None:
        """Weigh the ways by how near they were, and draw each to what is seen."""
        wrong, total = seen - self._states, self._variances + 1
        misses = ((wrong / sigma) ** 2).sum(axis=1) / total + len(seen) * np.log(total)
        told = min(1.0, elapsed_s / _ALIKE_S) / 2
        weights = self._weights * np.exp(told * (misses.min() - misses))
        self._weights = weights / weights.sum()
        self._variances = self._variances / total
        self._states = self._states + self._variances[:, None] * wrong
