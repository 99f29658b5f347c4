"""One picture searched for one kind of subject, in rounds, each dearer than the one before.

MediaPipe's detectors look at the whole picture, scaled to about 200 pixels: what is small,
fills the frame or lies on its side escapes them. While nothing is found, margins, tiles and
quarter turns are tried in turn. When something is found, tiles show what stands smaller
beside it: ever finer ones as long as more turns up; beside a single subject, four of a large
picture. What was found is covered in them, so that it is not looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.pose import views
from services.pose.anatomy import Anatomy
from services.pose.mediapipe_tasks import Detector, Found
from services.pose.refinement import box_px, distance, refine, seen_in, side_px
from services.pose.views import Picture, View

REPEATED_DISTANCE = 0.1
"""Nearer than that, an answer is the same again: it was looked at closely before."""
MARGINS = (0.3, 0.8)
"""A subject that fills the picture looks to a detector as it should with a margin around."""
QUARTER_TURNS = (90.0, -90.0, 180.0)

FINER = (0.6, 0.36, 0.22)
"""Sides of the tiles of each round for more, over the picture's longer side."""
TILE_PX = 320
"""Their size in pixels of their own: detectors take 192 of them, closer looks come after."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How small a subject is found.

    Attributes:
        share: least size of its landmarks' box over the side of a view in which a detector
            sees it.
        smallest_px: least size that is worth a search where several were found.
        beside_one_px: the same where one was found, as in most pictures.
    """

    share: float
    smallest_px: float
    beside_one_px: float


class Search:
    """What was seen in a picture, and what was confirmed.

    Args:
        picture: is searched.
        anatomy: of the kind that is searched for.
        closer: looks again at what was seen.
        most: so many are enough.
    """

    def __init__(self, picture: Picture, anatomy: Anatomy, closer: Detector, most: int) -> None:
        self.picture = picture
        self.confirmed: list[Found] = []
        self._most = most
        self._anatomy = anatomy
        self._closer = closer
        self._seen: list[Found] = []

    @property
    def enough(self) -> bool:
        """Whether as many were found as are wanted."""
        return len(self.confirmed) >= self._most

    def look_at_all(self, detector: Detector) -> None:
        """Look at the whole picture."""
        self._add(detector.detect(self.picture.at_most(views.LARGEST_WHOLE_PX)))

    def look(
        self, detectors: Sequence[Detector], where: Iterable[View], covered: Sequence[Found] = ()
    ) -> None:
        """Look at parts of it; ``covered`` is painted over, from close by too."""
        for view in where:
            for detector in detectors:
                self._add(seen_in(view, self.picture, detector, self._anatomy, covered), covered)

    def look_harder(self, detectors: Sequence[Detector]) -> None:
        """Margins, ever smaller tiles, then quarter turns, until a round finds something."""
        size_wh = self.picture.size_wh
        rounds: list[Callable[[], list[View]]] = [
            lambda: [views.whole(size_wh, margin) for margin in MARGINS],
            lambda: views.tiles(size_wh, 2),
            lambda: views.tiles(size_wh, 3),
            lambda: [views.whole(size_wh, 0.0, turn) for turn in QUARTER_TURNS],
        ]
        for where in rounds:
            if self.confirmed:
                return
            self.look(detectors, where())

    def look_for_more(self, detector: Detector, reach: Reach) -> None:
        """Ever smaller tiles beside what was found, as long as they may show more."""
        longer = max(self.picture.size_wh)
        several = len(self.confirmed) > 1
        for before, part in zip((1.0, *FINER), FINER, strict=False):
            worth = reach.smallest_px if several else reach.beside_one_px
            if self.enough or reach.share * before * longer < worth:
                return
            known = len(self.confirmed)
            for view in views.overlapping(self.picture.size_wh, part * longer, TILE_PX):
                covered = [one for one in self.confirmed if self._is_in(one, view)]
                self._add(seen_in(view, self.picture, detector, self._anatomy, covered))
            if not several and len(self.confirmed) == known:
                return
            several = len(self.confirmed) > known

    def largest(self) -> list[Found]:
        """What was confirmed, no more than wanted."""
        size_wh = self.picture.size_wh
        return sorted(self.confirmed, key=lambda item: -side_px(item, size_wh))[: self._most]

    def _is_in(self, found: Found, view: View) -> bool:
        low, high = box_px(found, self.picture.size_wh).reshape(2, 2)
        away = np.maximum(low - view.center_xy_px, view.center_xy_px - high).max()
        return float(away) < view.side_px / 2

    def _add(self, seen: Iterable[Found], covered: Sequence[Found] = ()) -> None:
        for new in seen:
            if self._known(new, self._seen, REPEATED_DISTANCE):
                continue
            self._seen.append(new)
            looked = refine(self.picture, new, self._closer, self._anatomy, covered)
            if looked.confirmed(self._anatomy) and not self._known(
                looked.found, self.confirmed, self._anatomy.same
            ):
                self.confirmed.append(looked.found)

    def _known(self, new: Found, old: Iterable[Found], limit: float) -> bool:
        size_wh = self.picture.size_wh
        return any(distance(item, new, size_wh) < limit for item in old)
