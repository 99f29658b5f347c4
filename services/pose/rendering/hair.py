"""Where hair is, told by colour around one head.

Three samples are taken where the head's pose says what is what: skin on cheeks and brow, hair
in a band over the brow, background far out. A pixel is hair when it is likeliest by the hair's
colours and connected with the band. Where hair cannot be told from skin (bald heads) or from
what is behind (a dark room), nothing is claimed.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.canonical_face import FACE_OVAL
from services.pose.placement.head import Head
from services.pose.placement.types import Bytes, Floats, TryOnKind

_SKIN = (50, 280, 101, 330, 118, 347, 205, 425, 5, 195, 108, 337, 151)
_BROW_OVAL = FACE_OVAL[:6] + FACE_OVAL[-5:]  # the oval's part over the temples
_BAND = (1.08, 1.22)  # from the face's middle, over the oval's own distance
_REACH = 2.2  # of the face's width: hair ends there
_SIDE_PX = 220.0  # the head's neighbourhood is judged at about this size
_MIN_DIFFERENCE = 2.0  # of hair to skin and to the ground, in deviations
_JAW_ENDS = (132, 361)
_SIDE_BOX = 0.06  # half a box beside the jaw, over the face's width
_LONG = 0.35  # of that box is hair where hair is long
_FRONT_KINDS = frozenset({TryOnKind.TOP, TryOnKind.DRESS, TryOnKind.NECKLACE})
Lab = npt.NDArray[np.float32]


def hair_mask(kind: TryOnKind, head: Head, image_rgb: Bytes) -> Bytes:
    """Hair that may hide a product: (H, W) uint8, 255 = hair.

    For glasses and earrings it is what lies beside the face, for garments what falls over
    them.
    """
    height, width = image_rgb.shape[:2]
    empty = np.zeros((height, width), np.uint8)
    box, scale = _neighbourhood(head, (width, height))
    x0, y0, x1, y1 = box
    if x1 - x0 < 8 or y1 - y0 < 8 or head.width_px < 24:
        return empty
    part = cv2.resize(image_rgb[y0:y1, x0:x1], None, fx=scale, fy=scale)
    small: Bytes = np.asarray(part, np.uint8)
    points = (head.points_px[:468] - (x0, y0)) * scale
    found = _classify(small, points, kind)
    if found is not None:
        grown = cv2.resize(found, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        empty[y0:y1, x0:x1] = grown
    return empty


def _neighbourhood(head: Head, size_wh: tuple[int, int]) -> tuple[tuple[int, int, int, int], float]:
    centre = head.points_px[:468].mean(axis=0)
    reach = _REACH * head.width_px
    low = np.clip(centre - reach * np.array([1.0, 0.8]), 0, size_wh).astype(int)
    high = np.clip(centre + reach, 0, size_wh).astype(int)
    scale = min(1.0, _SIDE_PX / (2 * reach))
    return (int(low[0]), int(low[1]), int(high[0]), int(high[1])), scale


def _classify(small_rgb: Bytes, points_px: Floats, kind: TryOnKind) -> Bytes | None:
    smooth = cv2.GaussianBlur(small_rgb, (3, 3), 0)
    lab: Lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float32)
    band, face = _band(points_px, lab.shape[:2]), _polygon(points_px[list(FACE_OVAL)], lab)
    skin = _sampled(lab, points_px[list(_SKIN)])
    hair, far = lab[band > 0], _border(lab)
    if len(hair) < 20 or len(skin) < 20:
        return None
    models = [_model(one) for one in (hair, skin, far)]
    if min(_difference(models[0], other) for other in models[1:]) < _MIN_DIFFERENCE:
        return None
    costs = np.stack([_cost(lab, model) for model in models])
    likely = ((costs[0] < costs[1]) & (costs[0] < costs[2]) & (costs[0] < 14.0)).astype(np.uint8)
    likely[face > 0] = 0
    opened = cv2.morphologyEx(likely, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    joined = _connected(np.asarray(opened, np.uint8), band)
    if kind not in _FRONT_KINDS:
        joined[max(0, int(points_px[152, 1])) :] = 0
        _drop_short_sides(joined, points_px)
    return joined * np.uint8(255)


def _drop_short_sides(hair: Bytes, points_px: Floats) -> None:
    """Clear each side of the face where hair ends above the jaw: arms and lobes lie over it."""
    middle = float(points_px[:, 0].mean())
    reach = _SIDE_BOX * float(np.ptp(points_px[:, 0]))
    for jaw in _JAW_ENDS:
        x, y = points_px[jaw]
        outwards = 1.0 if x > middle else -1.0
        centre = x + outwards * 1.2 * reach, y
        left, right = sorted((centre[0] - reach, centre[0] + reach))
        box = hair[
            max(0, int(centre[1] - reach)) : max(0, int(centre[1] + reach)),
            max(0, int(left)) : max(0, int(right)),
        ]
        if box.size == 0 or box.mean() < _LONG:
            side = np.s_[:, : int(middle)] if outwards < 0 else np.s_[:, max(0, int(middle)) :]
            hair[side] = 0


def _band(points_px: Floats, shape: tuple[int, int]) -> Bytes:
    """Where hair usually is: a band over the brow."""
    middle = points_px[list(FACE_OVAL)].mean(axis=0)
    ring = points_px[list(_BROW_OVAL[6:] + _BROW_OVAL[:6])] - middle
    inner, outer = middle + _BAND[0] * ring, middle + _BAND[1] * ring
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(np.concatenate([inner, outer[::-1]])).astype(np.int32)], 1)
    return mask


def _polygon(points_px: Floats, like: Lab) -> Bytes:
    mask = np.zeros(like.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(points_px).astype(np.int32)], 1)
    return mask


def _sampled(lab: Lab, points_px: Floats) -> Lab:
    """Colours (N, 3) in small squares around points."""
    height, width = lab.shape[:2]
    offsets = np.stack(np.meshgrid((-1, 0, 1), (-1, 0, 1)), axis=-1).reshape(-1, 2)
    at = (np.rint(points_px)[:, None] + offsets).reshape(-1, 2).astype(int)
    inside = ((at >= 0) & (at < (width, height))).all(axis=1)
    return np.asarray(lab[at[inside, 1], at[inside, 0]], np.float32)


def _border(lab: Lab) -> Lab:
    """Colours (N, 3) along the left, right and upper edge."""
    edge = max(2, lab.shape[1] // 20)
    parts = [lab[: lab.shape[0] // 2, :edge], lab[: lab.shape[0] // 2, -edge:], lab[:edge]]
    return np.concatenate([part.reshape(-1, 3) for part in parts])


def _model(colours: Lab) -> tuple[Lab, Lab]:
    """Middle and deviation (3,) of colours; robust against a few strangers."""
    middle = np.median(colours, axis=0)
    spread = 1.48 * np.median(np.abs(colours - middle), axis=0)
    return middle, np.maximum(spread, (8.0, 3.0, 3.0)).astype(np.float32)


def _difference(a: tuple[Lab, Lab], b: tuple[Lab, Lab]) -> float:
    return float(np.sqrt((((a[0] - b[0]) / np.maximum(a[1], b[1])) ** 2).sum()))


def _cost(lab: Lab, model: tuple[Lab, Lab]) -> Lab:
    """Negative log likelihood (H, W) of a normal distribution, up to a constant."""
    middle, spread = model
    cost = (((lab - middle) / spread) ** 2).sum(axis=-1) / 2 + np.log(spread).sum()
    return np.asarray(cost, np.float32)


def _connected(likely: Bytes, band: Bytes) -> Bytes:
    """The parts of a mask that touch the band."""
    count, labels = cv2.connectedComponents(likely)
    touched = np.unique(labels[(band > 0) & (likely > 0)])
    chosen = np.zeros(count, np.uint8)
    chosen[touched] = 1
    chosen[0] = 0
    return np.asarray(chosen[labels], np.uint8)
