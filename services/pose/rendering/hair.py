"""Where hair is, told by colour around one head.

Three samples are taken where the head's pose says what is what: skin on cheeks and brow, hair
in a band over the brow, background far out. A pixel is hair when it is likeliest by the hair's
colours and connected with the band. Where hair cannot be told from skin (bald heads) or from
what is behind (a dark room), nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.pose.placement.canonical_face import FACE_OVAL
from services.pose.placement.head import Head
from services.pose.placement.types import Bytes, Floats, TryOnKind

_SKIN = (50, 280, 101, 330, 118, 347, 205, 425, 5, 195, 108, 337, 151)
_BROW_OVAL = FACE_OVAL[:6] + FACE_OVAL[-5:]  # the oval's part over the temples
_INWARDS = {
    21: 71, 162: 139, 127: 143, 234: 116, 93: 123, 132: 147, 58: 213, 172: 192,
    251: 301, 389: 368, 356: 372, 454: 345, 323: 352, 361: 376, 288: 433, 397: 416,
}  # fmt: skip
NEVER_HAIR = tuple(_INWARDS.get(one, one) for one in FACE_OVAL)
"""The oval without the temples and the cheeks before the ears: hair falls over those."""
_BAND = (1.08, 1.22)  # from the face's middle, over the oval's own distance
_REACH = 2.2  # of the face's width: hair ends there
_SIDE_PX = 220.0  # the head's neighbourhood is judged at about this size
MIN_DIFFERENCE = 2.0  # of hair to skin and to the ground, in deviations
_JAW_ENDS = (132, 361)
_SIDE_BOX = 0.06  # half a box beside the jaw, over the face's width
LONG = 0.35  # of that box is hair where hair is long
FALLS_IN_FRONT = frozenset({TryOnKind.TOP, TryOnKind.DRESS, TryOnKind.NECKLACE})
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
    lab, areas = lab_of(small_rgb), areas_of(points_px, small_rgb.shape[:2])
    colours = sample_colours(lab, points_px, areas.band)
    if colours is None or colours.difference() < MIN_DIFFERENCE:
        return None
    joined = hair_of(lab, colours, areas)
    if kind not in FALLS_IN_FRONT:
        joined[max(0, int(points_px[152, 1])) :] = 0
        sides = side_shares(joined, points_px)
        drop_sides(joined, points_px, [share < LONG for share in sides])
    return joined * np.uint8(255)


def lab_of(small_rgb: Bytes) -> Bytes:
    """The picture (H, W, 3) in CIELAB of 8 bits, a little smoothed."""
    return np.asarray(
        cv2.cvtColor(cv2.GaussianBlur(small_rgb, (3, 3), 0), cv2.COLOR_RGB2LAB), np.uint8
    )


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """What is known of a head's neighbourhood without its colours, each (H, W) uint8, 1 = yes.

    Attributes:
        band: where hair usually is, over the brow.
        face: what hair beside it does not reach.
    """

    band: Bytes
    face: Bytes


def areas_of(points_px: Floats, shape: tuple[int, int]) -> Areas:
    """Band and face of a head whose landmarks (468, 2) lie in a picture of a shape."""
    return Areas(_band(points_px, shape), _polygon(points_px[list(NEVER_HAIR)], shape))


@dataclass(frozen=True, slots=True, eq=False)
class HairColours:
    """Colours of hair, skin and ground: (3, 2, 3) float32, each middle and deviation in CIELAB."""

    models: Lab

    def difference(self) -> float:
        """How far hair is from the nearer of skin and ground, in deviations."""
        hair, skin, ground = self.models
        return min(_difference(hair, skin), _difference(hair, ground))


def sample_colours(lab: Bytes, points_px: Floats, band: Bytes) -> HairColours | None:
    """The colours in a picture (H, W, 3); None where too little hair or skin is in it."""
    hair, skin = lab[band > 0], _sampled(lab, points_px[list(_SKIN)])
    if len(hair) < 20 or len(skin) < 20:
        return None
    return HairColours(np.stack([_model(one) for one in (hair, skin, _border(lab))]))


def hair_of(lab: Bytes, colours: HairColours, areas: Areas) -> Bytes:
    """What is likeliest hair and hangs together with the band: (H, W) uint8, 1 = hair."""
    hair, skin, ground = (_cost(lab, model) for model in colours.models)
    likely = ((hair < skin) & (hair < ground) & (hair < 14.0)).astype(np.uint8)
    likely[areas.face > 0] = 0
    opened = cv2.morphologyEx(likely, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return _connected(np.asarray(opened, np.uint8), areas.band)


def side_shares(hair: Bytes | Lab, points_px: Floats) -> list[float]:
    """How much of a box beside each end of the jaw is hair, 0..1; 0 outside the picture."""
    reach = _SIDE_BOX * float(np.ptp(points_px[:, 0]))
    shares = []
    for x, y in points_px[list(_JAW_ENDS)]:
        centre = x + _outwards(x, points_px) * 1.2 * reach, y
        box = hair[
            max(0, int(centre[1] - reach)) : max(0, int(centre[1] + reach)),
            max(0, int(centre[0] - reach)) : max(0, int(centre[0] + reach)),
        ]
        shares.append(float(box.mean()) if box.size else 0.0)
    return shares


def drop_sides(hair: Bytes, points_px: Floats, short: Sequence[bool]) -> None:
    """Clear each side where hair ends above the jaw: arms and lobes lie over it."""
    middle = max(0, int(points_px[:, 0].mean()))
    for x, drop in zip(points_px[list(_JAW_ENDS), 0], short, strict=True):
        if drop:
            hair[np.s_[:, :middle] if _outwards(x, points_px) < 0 else np.s_[:, middle:]] = 0


def _outwards(x: float, points_px: Floats) -> float:
    return 1.0 if x > float(points_px[:, 0].mean()) else -1.0


def _band(points_px: Floats, shape: tuple[int, int]) -> Bytes:
    """Where hair usually is: a band over the brow."""
    middle = points_px[list(FACE_OVAL)].mean(axis=0)
    ring = points_px[list(_BROW_OVAL[6:] + _BROW_OVAL[:6])] - middle
    inner, outer = middle + _BAND[0] * ring, middle + _BAND[1] * ring
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(np.concatenate([inner, outer[::-1]])).astype(np.int32)], 1)
    return mask


def _polygon(points_px: Floats, shape: tuple[int, int]) -> Bytes:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(points_px).astype(np.int32)], 1)
    return mask


def _sampled(lab: Bytes, points_px: Floats) -> Bytes:
    """Colours (N, 3) in small squares around points."""
    height, width = lab.shape[:2]
    offsets = np.stack(np.meshgrid((-1, 0, 1), (-1, 0, 1)), axis=-1).reshape(-1, 2)
    at = (np.rint(points_px)[:, None] + offsets).reshape(-1, 2).astype(int)
    inside = ((at >= 0) & (at < (width, height))).all(axis=1)
    return np.asarray(lab[at[inside, 1], at[inside, 0]], np.uint8)


def _border(lab: Bytes) -> Bytes:
    """Colours (N, 3) along the left, right and upper edge."""
    edge = max(2, lab.shape[1] // 20)
    parts = [lab[: lab.shape[0] // 2, :edge], lab[: lab.shape[0] // 2, -edge:], lab[:edge]]
    return np.concatenate([part.reshape(-1, 3) for part in parts])


def _model(colours: Bytes) -> Lab:
    """Middle and deviation (2, 3) of colours (N, 3); robust against a few strangers."""
    known = colours.astype(np.float32)
    middle = _median(known)
    spread = 1.48 * _median(np.abs(known - middle))
    return np.stack([middle, np.maximum(spread, (8.0, 3.0, 3.0))]).astype(np.float32)


def _median(values: Lab) -> Lab:
    """``np.median`` of (N, 3) along N, in a third of the time for some hundreds."""
    half, odd = divmod(len(values), 2)
    near = np.partition(values, (half - 1 + odd, half), axis=0)
    return np.asarray((near[half - 1 + odd] + near[half]) / 2, np.float32)


def _difference(a: Lab, b: Lab) -> float:
    return float(np.sqrt((((a[0] - b[0]) / np.maximum(a[1], b[1])) ** 2).sum()))


def _cost(lab: Bytes, model: Lab) -> Lab:
    """Negative log likelihood (H, W) of a normal distribution, up to a constant.

    It is a sum over three channels of eight bits each, so each channel is looked up.
    """
    middle, spread = model
    table = ((np.arange(256, dtype=np.float32)[:, None] - middle) / spread) ** 2 / 2
    table[:, 0] += np.log(spread).sum()
    channels = cv2.LUT(lab, table[None].astype(np.float32))
    return np.asarray(cv2.transform(channels, np.ones((1, 3), np.float32)), np.float32)


def _connected(likely: Bytes, band: Bytes) -> Bytes:
    """The parts of a mask that touch the band."""
    count, labels = cv2.connectedComponents(likely)
    touched = np.unique(labels[(band > 0) & (likely > 0)])
    chosen = np.zeros(count, np.uint8)
    chosen[touched] = 1
    chosen[0] = 0
    return np.asarray(chosen[labels], np.uint8)
