"""True scale is claimed where it is known, with its uncertainty, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.placement import rotation
from services.pose.placement.camera import camera_of
from services.pose.placement.head import estimate_head
from services.pose.placement.scale import (
    FRAMES,
    IRIS_SIGMA_RELATIVE,
    IrisReading,
    ScaleMedian,
    read_iris,
    single_scale,
    with_face_sizes,
)
from services.pose.placement.types import FaceLandmarks, ScaleSource
from services.pose.scorecard.synthetic import Noise, Pose, face_landmarks

CAMERA = camera_of((1280, 720))
EXACT = Noise(0.0, 0.0, 0.0, 0.0)


def head_of(turn=(0.0, 0.0, 0.0), z=500.0, factor=1.0, noise=EXACT, seed=0):
    pose = Pose(rotation.exp(turn), np.array([0.0, 0.0, z]))
    face = face_landmarks(pose, factor, CAMERA, noise, np.random.default_rng(seed))
    return estimate_head(face, CAMERA), face


def test_without_a_reading_scale_is_an_average_persons():
    """Nothing measured: good for looks, not for size."""
    assert single_scale(None).source is ScaleSource.ASSUMED
    assert ScaleMedian().update(None).source is ScaleSource.ASSUMED


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.15])
def test_the_factor_is_found_within_one_percent(factor):
    """Exact landmarks give the exact head."""
    head, _ = head_of(factor=factor, z=500 * factor)
    assert read_iris(head, CAMERA).factor == pytest.approx(factor, rel=0.01)


@pytest.mark.parametrize("turn", [(0, 0.4, 0), (0, -0.4, 0), (0.6, 0, 0)])
def test_a_turned_head_is_outside_the_gate(turn):
    """An iris seen from the side is no circle."""
    head, _ = head_of(turn=turn)
    assert read_iris(head, CAMERA) is None


def test_closed_eyes_are_outside_the_gate():
    """Behind lids there is no iris, whatever the landmarks guess."""
    _, face = head_of()
    points = face.points.copy()
    points[[159, 386], 1] = points[[145, 374], 1]
    assert read_iris(estimate_head(FaceLandmarks(points), CAMERA), CAMERA) is None


def test_one_closed_eye_leaves_the_other():
    """A wink is measured on the open eye."""
    _, face = head_of()
    points = face.points.copy()
    points[159, 1] = points[145, 1]
    assert read_iris(estimate_head(FaceLandmarks(points), CAMERA), CAMERA).factor == pytest.approx(
        1.0, rel=0.01
    )


def test_few_pixels_are_outside_the_gate():
    """From two metres an iris has three pixels."""
    head, _ = head_of(z=4500.0)
    assert read_iris(head, CAMERA) is None


def test_an_absurd_iris_is_not_believed():
    """An iris as large as an eye is a mistake of the landmarks."""
    _, face = head_of()
    points = face.points.copy()
    for centre in (468, 473):
        points[centre + 1, 0] += 0.03
    assert read_iris(estimate_head(FaceLandmarks(points), CAMERA), CAMERA) is None


def test_sigma_never_falls_below_the_deviation_between_people():
    """Many frames remove noise, not the differences between irises."""
    median = ScaleMedian()
    for seed in range(60):
        head, _ = head_of(noise=Noise(), seed=seed)
        scale = median.update(read_iris(head, CAMERA))
    assert scale.source is ScaleSource.IRIS
    assert IRIS_SIGMA_RELATIVE <= scale.sigma_relative < 1.1 * IRIS_SIGMA_RELATIVE
    assert scale.factor == pytest.approx(1.0, abs=0.02)


def test_the_median_survives_wild_frames():
    """A third of nonsense does not move it far."""
    median, head = ScaleMedian(), head_of()[0]
    good = read_iris(head, CAMERA)
    for index in range(60):
        wild = index % 3 == 0
        scale = median.update(type(good)(1.4, 0.02) if wild else good)
    assert scale.factor == pytest.approx(good.factor)


def test_pupils_and_face_come_with_a_known_scale():
    """On the canonical head: pupils 63 mm, temples 155 mm apart."""
    head, _ = head_of(factor=1.1, z=550)
    scale = with_face_sizes(single_scale(read_iris(head, CAMERA)), head, CAMERA)
    assert scale.pupillary_distance_mm == pytest.approx(63.2 * 1.1, rel=0.015)
    assert scale.face_width_mm == pytest.approx(154.9 * 1.1, rel=0.015)
    assert scale.sigma_mm > scale.face_width_mm * scale.sigma_relative  # the lens is assumed


def test_a_known_lens_makes_the_face_better_known():
    """How far temples lie behind the eyes matters less when the distance is known."""
    head, _ = head_of()
    assumed = with_face_sizes(single_scale(read_iris(head, CAMERA)), head, CAMERA)
    told = camera_of((1280, 720), (*CAMERA.focal_xy_px, *CAMERA.center_xy_px))
    known = with_face_sizes(single_scale(read_iris(head, told)), head, told)
    assert known.sigma_mm == pytest.approx(known.face_width_mm * known.sigma_relative)
    assert known.sigma_mm < assumed.sigma_mm


def test_pupils_are_not_told_of_an_assumed_scale():
    """What is not known is zero."""
    head, _ = head_of(turn=(0, 0.6, 0))
    scale = with_face_sizes(single_scale(None), head, CAMERA)
    assert scale.pupillary_distance_mm == scale.face_width_mm == 0


def test_straight_readings_outweigh_turned_ones():
    """Once there are enough of them; until then the turned ones are better than nothing."""
    median = ScaleMedian()
    for _ in range(20):
        scale = median.update(IrisReading(1.10, 0.01, yaw_deg=13.0))
    assert scale.factor == pytest.approx(1.10)
    for _ in range(5):
        scale = median.update(IrisReading(1.02, 0.01, yaw_deg=-4.0))
    assert scale.factor == pytest.approx(1.02)


def test_the_median_looks_back_on_so_many_frames_only():
    """A new person's frames push the old ones' out."""
    median = ScaleMedian()
    for factor in (*[0.9] * 200, *[1.1] * FRAMES):
        scale = median.update(IrisReading(factor, 0.01))
    assert scale.factor == pytest.approx(1.1)
