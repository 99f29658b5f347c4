"""Bodies in single pictures: one, mirrored, and several that stand close."""

from __future__ import annotations

import numpy as np
import pytest

from services.pose.anatomy import BODY
from services.pose.landmarks import LandmarkFinder
from services.pose.placement.types import LandmarkKind
from tests.pose.test_landmarks import photo


def test_the_person_mask_has_the_pictures_size(finder, astronaut):
    """255 on the person, 0 beside."""
    mask = finder.find(astronaut[:400], [LandmarkKind.BODY], person_mask=True).person_mask
    assert mask.shape == (400, 512)
    assert mask.dtype == np.uint8
    assert mask[100, 230] == 255
    assert mask[380, 500] == 0


def test_shoulders_are_where_they_are_and_legs_are_not_seen(finder, astronaut):
    """Visibility tells which points the picture shows."""
    (body,) = finder.find(astronaut, [LandmarkKind.BODY]).bodies
    assert body.points[11, :2] == pytest.approx((0.60, 0.48), abs=0.07)
    assert body.points[12, :2] == pytest.approx((0.22, 0.44), abs=0.07)
    assert body.points[[11, 12], 3].min() > 0.9
    assert body.points[[27, 28], 3].max() < 0.5


def test_a_mirrored_body_swaps_its_sides(finder, astronaut):
    """The mirrored picture's left shoulder is the right one here."""
    (body,) = finder.find(astronaut, [LandmarkKind.BODY]).bodies
    (other,) = finder.find(np.ascontiguousarray(astronaut[:, ::-1]), [LandmarkKind.BODY]).bodies
    mirrored = (body.points * (-1, 1, 1, 1) + (511 / 512, 0, 0, 0))[BODY.mirror_order]
    np.testing.assert_allclose(other.points[11:13, :2], mirrored[11:13, :2], atol=0.04)
    across, other_across = (
        one.world_points_mm[11] - one.world_points_mm[12] for one in (body, other)
    )
    np.testing.assert_allclose(other_across, across * (1, -1, -1), atol=80)


def heads(finder: LandmarkFinder, image: np.ndarray) -> list[np.ndarray]:
    """Middles of the heads of all bodies that are found, in pixels."""
    found = finder.find(image, [LandmarkKind.BODY], most={LandmarkKind.BODY: 10})
    return [one.points[:11, :2].mean(axis=0) * image.shape[1::-1] for one in found.bodies]


@pytest.mark.parametrize("people", [3, 5])
def test_each_of_a_row_of_people_has_one_body(finder, astronaut, people: int):
    """They stand shoulder to shoulder; each of them is found once."""
    row = np.hstack([astronaut[:, 115:335]] * people)
    places = sorted(head[0] / 220 for head in heads(finder, row))
    assert [int(place) for place in places] == list(range(people))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "least"), [("2007_007763", 5), ("2008_002079", 5), ("2008_007676", 6)]
)
def test_people_of_a_group_photo_have_bodies_of_their_own(finder, name: str, least: int):
    """Six or seven people, some behind others: no two bodies have one head."""
    image = photo(f"faces/{name}.jpg")
    found = heads(finder, image)
    assert len(found) >= least
    apart = [np.hypot(*(a - b)) for i, a in enumerate(found) for b in found[:i]]
    assert min(apart) > 20
