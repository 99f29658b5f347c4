"""Landmarks in, the place of each product out: pure numpy, no clock, no randomness.

``place`` answers for a single picture, ``PlacementTracker`` for the frames of a camera.
Both take ``Subjects`` (landmarks), a ``Camera`` and ``Item`` s, and give ``Placement`` s.
Nothing found is an empty list; a frame out of order raises ``InvalidInput`` with the
reason ``FRAME_OUT_OF_ORDER``.
"""

from services.pose.placement.place import place
from services.pose.placement.tracking import PlacementTracker

__all__ = ["PlacementTracker", "place"]
