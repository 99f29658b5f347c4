"""Rounds of voting and verifying."""

from __future__ import annotations

import numpy as np

from services.visual_search.local_features import finding
from services.visual_search.local_features.features import PICTURE_SIDE
from services.visual_search.local_features.matching import look
from services.visual_search.local_features.voting import vote
from tests.visual_search.pictures import pack


def shelf():
    """Six packs side by side (680, 780, 3), of which the catalogue has the first alone."""
    rows = [[pack(seed) for seed in seeds] for seeds in ((5, 30, 31), (32, 33, 34))]
    picture = np.vstack([np.hstack(row) for row in rows])
    return np.pad(picture, ((20, 20), (30, 30), (0, 0)), constant_values=128)


def told(pose):
    """All that a pose says."""
    return (pose.image, *pose.centre_px.tolist(), pose.scale, pose.angle_rad, pose.votes)


def test_a_pose_that_comes_again_in_a_later_round_is_looked_at_once(local, monkeypatch):
    """Its features are the same, and so is what is seen there."""
    voted, looked = [], []

    def voting(votes, products, most):
        poses = vote(votes, products, most)
        voted.append({told(pose) for pose in poses})
        return poses

    def looking(picture, reference, content_xyxy_px, pose):
        looked.append(told(pose))
        return look(picture, reference, content_xyxy_px, pose)

    monkeypatch.setattr(finding, "vote", voting)
    monkeypatch.setattr(finding, "look", looking)
    assert len(local.look(shelf(), PICTURE_SIDE).spots) == 1
    assert len(looked) == len(set(looked))
    assert voted[0] & voted[1] & set(looked)
