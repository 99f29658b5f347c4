"""A second, closer look at what was found: averaged over views, and confirmed by them.

A landmark network's answer moves by about one percent of the face from crop to crop. The
mean over a few upright, mirrored and slightly turned crops moves by less than half of
that; and what no closer view finds again was no face (hand, body) in the first place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.anatomy import Anatomy, Closer
from services.pose.mediapipe_tasks import Detector, Found
from services.pose.placement.types import Floats, Handedness
from services.pose.views import Picture, Rgb, View

SEEN = 0.5
"""Visibility above which a body's point counts."""
FEWEST_SEEN = 5
"""With fewer points than that, all count."""
COVER = 1.15
"""How much larger than its points a subject is that is painted over."""

_OTHER_HAND = {
    Handedness.LEFT: Handedness.RIGHT,
    Handedness.RIGHT: Handedness.LEFT,
    Handedness.UNKNOWN: Handedness.UNKNOWN,
}


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """What a closer look says.

    Attributes:
        found: mean of all answers, or the first one where none agreed with it.
        confirmations: number of closer views that found the same.
        spread: median distance of their points to the mean, relative to the box's longer
            side; infinite without an answer.
    """

    found: Found
    confirmations: int
    spread: float

    def confirmed(self, anatomy: Anatomy) -> bool:
        """Whether the closer views bear out that there is something."""
        return self.confirmations >= anatomy.confirmations and self.spread <= anatomy.spread


def box_px(found: Found, size_wh: tuple[int, int]) -> Floats:
    """Left, top, right, bottom of the points seen, in pixels, (4,)."""
    seen = found.points[_seen(found)] if found.points.shape[1] > 3 else found.points
    points = seen[:, :2] * size_wh
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def side_px(found: Found, size_wh: tuple[int, int]) -> float:
    """Longer side of the points' box in pixels, at least one."""
    box = box_px(found, size_wh)
    return float(max(1.0, (box[2:] - box[:2]).max()))


def seen_in(
    view: View,
    picture: Picture,
    detector: Detector,
    anatomy: Anatomy,
    covered: Iterable[Found] = (),
) -> list[Found]:
    """What a detector finds in a view, told as of the picture; ``covered`` is painted over."""
    pixels = view.cut(picture)
    for known in covered:
        _paint_over(pixels, view.to_view(known.points[:, :2] * picture.size_wh))
    seen = detector.detect(pixels)
    return [_to_picture(found, view, picture.size_wh, anatomy) for found in seen]


def _paint_over(pixels: Rgb, points_px: Floats) -> None:
    """Fill the hull of points (N, 2), a little wider, with the view's mean colour."""
    middle = points_px.mean(axis=0)
    wider = middle + (points_px - middle) * COVER
    hull = cv2.convexHull(wider.round().astype(np.int32))
    cv2.fillConvexPoly(pixels, hull, [round(one) for one in cv2.mean(pixels)[:3]])


def refine(
    picture: Picture,
    first: Found,
    detector: Detector,
    anatomy: Anatomy,
    covered: Iterable[Found] = (),
) -> Refined:
    """Look at something found again, closer.

    Args:
        picture: the whole picture.
        first: what was found in it.
        detector: of the same kind, for several subjects: neighbours come into view.
        anatomy: of that kind.
        covered: painted over.
    """
    size_wh = picture.size_wh
    near = first
    answers: list[Found] = []
    for left, closer in zip(range(len(anatomy.closer), 0, -1), anatomy.closer, strict=True):
        if len(answers) + left < anatomy.confirmations:
            break
        view = _view(near, closer, size_wh, anatomy)
        seen = seen_in(view, picture, detector, anatomy, covered)
        same = _same(near, seen, size_wh, anatomy.agreement)
        if same is not None:
            answers.append(same)
            near = near if len(answers) > 1 else same
    mean = _mean(first, answers)
    return Refined(mean, len(answers), _spread(mean, answers, size_wh))


def distance(a: Found, b: Found, size_wh: tuple[int, int]) -> float:
    """Median distance of the points seen in ``a``, relative to the longer side of its box."""
    apart = np.linalg.norm((a.points[:, :2] - b.points[:, :2]) * size_wh, axis=1)
    return float(np.median(apart[_seen(a)])) / side_px(a, size_wh)


def _seen(found: Found) -> npt.NDArray[np.bool_]:
    """Which points are seen (N,): a body's legs may be guesses far below the picture."""
    if found.points.shape[1] < 4 or (found.points[:, 3] > SEEN).sum() < FEWEST_SEEN:
        return np.ones(len(found.points), bool)
    return np.asarray(found.points[:, 3] > SEEN)


def _view(found: Found, closer: Closer, size_wh: tuple[int, int], anatomy: Anatomy) -> View:
    box = box_px(found, size_wh)
    points = np.column_stack([found.points[:, :2] * size_wh])
    return View(
        (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2),
        side_px(found, size_wh) * closer.widening,
        anatomy.turn_to_upright_deg(points) + closer.turn_deg,
        closer.mirrored,
    )


def _to_picture(found: Found, view: View, size_wh: tuple[int, int], anatomy: Anatomy) -> Found:
    order = anatomy.mirror_order if view.mirrored else slice(None)
    world = view.vectors_to_picture(found.world_points_mm)
    return Found(
        view.to_picture(found.points, size_wh)[order],
        world[order] if len(world) else world,
        _OTHER_HAND[found.handedness] if view.mirrored else found.handedness,
    )


def _same(
    near: Found, seen: Sequence[Found], size_wh: tuple[int, int], agreement: float
) -> Found | None:
    nearest = min(seen, key=lambda other: distance(near, other, size_wh), default=None)
    if nearest is None or distance(near, nearest, size_wh) > agreement:
        return None
    return nearest


def _mean(first: Found, answers: Sequence[Found]) -> Found:
    if not answers:
        return first
    sides = [answer.handedness for answer in answers]
    return replace(
        first,
        points=np.mean([answer.points for answer in answers], axis=0),
        world_points_mm=np.mean([answer.world_points_mm for answer in answers], axis=0),
        handedness=max(sorted(set(sides)), key=sides.count),
    )


def _spread(mean: Found, answers: Sequence[Found], size_wh: tuple[int, int]) -> float:
    if not answers:
        return float("inf")
    points = np.array([answer.points[:, :2] for answer in answers])
    apart = np.linalg.norm((points - mean.points[:, :2]) * size_wh, axis=2)  # (A, N)
    return float(np.median(apart[:, _seen(mean)])) / side_px(mean, size_wh)
