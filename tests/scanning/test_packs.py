"""Packs side by side, by their upright edges."""

import cv2
import numpy as np
import pytest

from services.scanning.packs import find_packs
from shared.geometry import iou

WH = (640, 480)


COLOURS = np.array([(180, 40, 30), (30, 90, 160), (40, 130, 60), (200, 160, 30)])


def shelf(*boxes_px: tuple[int, int, int, int]):
    """Packs of different colours, with a word on each, before a light wall."""
    picture = np.full((WH[1], WH[0], 3), 225, np.uint8)
    for (left, top, right, bottom), colour in zip(boxes_px, COLOURS, strict=False):
        picture[top:bottom, left:right] = colour
        text = tuple(int(v) for v in 255 - colour)
        cv2.putText(picture, "Tea", (left + 12, (top + bottom) // 2), 0, 1.0, text, 3)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


def normalised(*boxes_px: tuple[int, int, int, int]):
    return np.array(boxes_px) / (WH * 2)


@pytest.mark.parametrize("size_wh", [(1, 1), (16, 16), (5, 300), (640, 480)])
def test_a_plain_picture_has_no_packs(size_wh):
    """There are no edges, whatever the size."""
    assert find_packs(np.full((size_wh[1], size_wh[0], 3), 99, np.uint8)).shape == (0, 4)


def test_packs_that_touch_are_told_apart():
    """Three packs side by side are three boxes, the best of all."""
    truth = [(100, 120, 220, 360), (220, 120, 340, 360), (340, 120, 460, 360)]
    found = find_packs(shelf(*truth))[:3]
    assert iou(normalised(*truth), found).max(axis=1).min() > 0.8


def test_a_pack_that_stands_alone_is_found():
    """Also without neighbours."""
    found = find_packs(shelf((200, 100, 330, 380)))
    assert iou(normalised((200, 100, 330, 380)), found).max() > 0.85


def test_level_edges_are_no_packs():
    """Boards and price rails run across; they bound nothing."""
    picture = np.full((480, 640, 3), 220, np.uint8)
    picture[100:120], picture[300:320] = 60, 60
    assert len(find_packs(picture)) == 0


def test_edges_of_different_height_are_no_pair():
    """A low and a high thing apart are not one pack."""
    truth = [(100, 300, 103, 460), (260, 20, 263, 180)]
    assert len(find_packs(shelf(*truth))) == 0


def test_boxes_lie_in_the_picture():
    """Packs that are cut off above and below are cut at the picture's edge."""
    boxes = find_packs(shelf((60, 0, 200, 480), (200, 0, 340, 480)))
    assert len(boxes)
    assert ((boxes >= 0) & (boxes <= 1)).all()
