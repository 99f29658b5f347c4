"""Which of the products that a place may show: more features, unless they hardly agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.visual_search.local_features.deciding import WORTH_WEIGHING, decide
from services.visual_search.local_features.features import PICTURE_SIDE
from services.visual_search.local_features.finding import Spot
from services.visual_search.local_features.index import ReferenceImage
from tests.visual_search.pictures import on_shelf, pack

FEWER, MORE = ReferenceImage("FEWER", "1"), ReferenceImage("MORE", "2")


def claimed(local, references, support: float) -> dict[str, float]:
    """Log-odds by product where both have the very picture, and MORE has ten features more.

    Args:
        local: an index that finds the pack.
        references: the packs' features.
        support: of MORE's sighting, as a share of FEWER's.
    """
    photo, _ = on_shelf(pack(1), 1)
    glance = local.look(photo, PICTURE_SIDE)
    seen = glance.spots[0].best
    features = np.concatenate([seen.features, seen.features[:10]])
    more = replace(seen, image=2, features=features, support=support * seen.support)
    spot = Spot((replace(seen, image=1), more))
    shown = {1: FEWER, 2: MORE}
    reference = references["image-1"]
    (thing,) = decide([spot], photo, glance.size_wh, lambda _: reference, shown, WORTH_WEIGHING)
    return {claim.sku: claim.log_odds for claim in thing.claims}


def test_of_two_that_are_supported_alike_the_one_with_more_features_leads(local, references):
    """By how many more; a difference in support as chance makes it counts nothing."""
    told, full = (claimed(local, references, support) for support in (0.7, 1.0))
    assert told["MORE"] > told["FEWER"]
    assert told["MORE"] - told["FEWER"] == pytest.approx(full["MORE"] - full["FEWER"])


def test_many_features_that_hardly_agree_do_not_outvote_those_that_do(local, references):
    """A texture agrees with anything, a little."""
    told = claimed(local, references, 0.05)
    assert told["FEWER"] > told["MORE"] + 1
