"""One Euro: calm at rest, not late in motion, driven by the frames' own time."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import rotation
from services.pose.placement.smoothing import RotationFilter, VectorFilter, smoothing_weight
from services.pose.placement.tunings import HEAD, Tuning

STEP_S = 1 / 30


def test_the_first_value_passes_unchanged():
    """There is nothing to smooth it with."""
    value = np.array([3.0, 4.0])
    assert VectorFilter(HEAD.position).update(value, 1.0) is value


def test_a_constant_stays_itself():
    """What does not move is not moved."""
    filter_ = VectorFilter(HEAD.position)
    for _ in range(20):
        result = filter_.update(np.array([3.0, 4.0]), STEP_S, 100.0)
    assert result == pytest.approx([3.0, 4.0])


def test_noise_at_rest_shrinks_to_a_quarter():
    """Rest is where trembling shows."""
    random, filter_ = np.random.default_rng(0), VectorFilter(HEAD.position)
    raw = random.normal(size=(300, 2)) * 0.1
    smooth = np.array([filter_.update(one, STEP_S, 100.0) for one in raw])
    assert smooth[60:].std() < 0.5 * raw.std()
    assert np.diff(smooth[60:], axis=0).std() < 0.25 * np.diff(raw, axis=0).std()


def test_a_ramp_is_followed_within_a_few_milliseconds():
    """One subject width a second: the filter is open."""
    filter_ = VectorFilter(HEAD.position)
    for frame in range(60):
        true = np.array([100.0 * frame * STEP_S, 0.0])
        result = filter_.update(true, STEP_S, 100.0)
    assert (true - result)[0] / 100.0 < 0.005
    assert filter_.velocity[0] == pytest.approx(100.0, rel=0.02)


def test_a_slow_filter_that_settles_begins_with_the_mean():
    """The first value's error is gone after a second, not after a minute."""
    random = np.random.default_rng(0)
    slow = Tuning(0.01, 0.0, 1.0)
    errors = {}
    for settles in (False, True):
        filter_ = VectorFilter(slow, settles=settles)
        filter_.update(np.array([10.0, 0.0]), STEP_S)
        for _ in range(99):
            result = filter_.update(random.normal(size=2), STEP_S)
        errors[settles] = float(np.hypot(*result))
    assert errors[True] < 0.5
    assert errors[False] > 5


def test_points_that_appear_restart_the_filter():
    """Another number of points is another thing."""
    filter_ = VectorFilter(HEAD.points)
    filter_.update(np.zeros((2, 2)), 1.0)
    assert filter_.update(np.ones((3, 2)), STEP_S) == pytest.approx(np.ones((3, 2)))


@pytest.mark.parametrize("cutoff", [0.1, 1.0, 10.0])
def test_weights_lie_between_nothing_and_all(cutoff):
    """Longer gaps trust the newest value more."""
    short, long = smoothing_weight(cutoff, 0.01), smoothing_weight(cutoff, 1.0)
    assert 0 < short < long < 1


def test_the_frame_rate_does_not_change_the_filter_much():
    """Time drives it, not frames: 15 and 60 frames a second end at the same place."""
    ends = []
    for rate in (15, 60):
        filter_ = VectorFilter(Tuning(1.0, 0.0, 1.0))
        filter_.update(np.array([0.0]), 1.0)
        for _ in range(rate // 5):
            result = filter_.update(np.array([1.0]), 1 / rate)
        ends.append(float(result[0]))
    assert ends[0] == pytest.approx(ends[1], abs=0.06)


def test_smoothed_rotations_stay_rotations():
    """Thousands of steps leave no shear."""
    random, filter_ = np.random.default_rng(1), RotationFilter(HEAD.rotation, HEAD.roll)
    for _ in range(2000):
        result = filter_.update(rotation.exp(random.normal(size=3) * 0.3), STEP_S)
    assert result @ result.T == pytest.approx(np.eye(3), abs=1e-9)


def test_a_turn_beyond_half_takes_the_short_way():
    """From 170 to -170 degrees is 20 degrees, not 340."""
    filter_ = RotationFilter(HEAD.rotation, HEAD.roll)
    filter_.update(rotation.exp((0, 0, np.radians(170))), STEP_S)
    result = filter_.update(rotation.exp((0, 0, np.radians(-170))), STEP_S)
    start = rotation.exp((0, 0, np.radians(170)))
    assert np.degrees(rotation.angle_between(start, result)) <= 20.001
