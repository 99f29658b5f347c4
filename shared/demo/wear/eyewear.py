"""Glasses and sunglasses: a front that is cut and polished, and two arms behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.demo.catalogue import Product, product
from shared.demo.drawing.camera import Light, Pose, fit_camera
from shared.demo.drawing.meshes import Surface, render_with, surface
from shared.demo.drawing.paint import (
    Floats,
    Image,
    channels,
    darker,
    ellipse_points,
    lighter,
    mix,
    noise,
    premultiplied,
    rgb,
    rng_of,
    spline,
    stack,
    straight,
)
from shared.demo.drawing.relief import Board, Cloth, coverage

Outline = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """The form of a front, right half, in millimetres from its centre, y down.

    Attributes:
        lens: outline of the right lens round its own middle.
        middle: where the middle of the right lens is.
        rim: width of the rim; metal rims are thin.
        bridge: path of the bridge's middle line, from the axis outwards.
        bridge_width: its width.
        hinge: height at which the arm starts.
    """

    lens: tuple[tuple[float, float], ...]
    middle: tuple[float, float]
    rim: float
    bridge: tuple[tuple[float, float], ...]
    bridge_width: float
    hinge: float


_FRAMES = {
    "panto": Frame(
        (
            (-22, -13),
            (-9, -20.5),
            (8, -20.5),
            (23, -13),
            (23, 2),
            (14, 18),
            (0, 22.5),
            (-13, 18.5),
            (-22, 4),
        ),
        (35.5, 0),
        4.2,
        ((0, -9.0), (6, -8.6), (12.5, -5.5)),
        5.2,
        -11.5,
    ),
    "aviator": Frame(
        (
            (-25, -16),
            (-8, -21),
            (14, -20.5),
            (27, -14),
            (28.5, 0),
            (21, 18),
            (6, 27),
            (-9, 22),
            (-21, 5),
        ),
        (36.5, 0),
        1.7,
        ((0, -9.5), (6, -9.5), (12, -7)),
        2.0,
        -14.5,
    ),
    "square": Frame(
        (
            (-25, -18),
            (-10, -20),
            (12, -20),
            (27, -18.5),
            (27.5, -4),
            (24.5, 13),
            (12, 19.5),
            (-8, 19.5),
            (-21, 13),
            (-25, -2),
        ),
        (36, 0),
        4.8,
        ((0, -9.5), (6, -9.5), (12, -7.5)),
        5.6,
        -12.0,
    ),
}


def draw(item: Product, pose: Pose) -> Image:
    """Draw a pair of glasses as a cut-out (H, W, 4): the front before its open arms."""
    flat = front(item.sku, pose.light)
    width = item.size_mm[0]
    h, w = flat.shape[:2]
    half_w, half_h = width / 2, width / 2 * h / w
    plane = np.array(
        [(-half_w, half_h, 0), (half_w, half_h, 0), (half_w, -half_h, 0), (-half_w, -half_h, 0)]
    )
    arms = _arms(item)
    camera = fit_camera(np.concatenate([plane, *(a.points.reshape(-1, 3) for a in arms)]), pose)
    behind = render_with(arms, pose, camera)
    corners, _ = camera.project(plane)
    source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    warp = cv2.getPerspectiveTransform(source, (corners / 2).astype(np.float32))
    size = (behind.shape[1], behind.shape[0])
    laid = cv2.warpPerspective(premultiplied(flat), warp, size)
    return stack(behind, straight(np.asarray(laid, np.uint8)))


def hinge_y(item: Product) -> float:
    """Tell how high on the front the arms start, 0 at its top, 1 at its lower edge."""
    top, low = _extent(_FRAMES[item.look["shape"]])
    return (_FRAMES[item.look["shape"]].hinge - top) / (low - top)


def bridge_y(item: Product) -> float:
    """Tell how high on the front the bridge rests, 0 at its top, 1 at its lower edge."""
    frame = _FRAMES[item.look["shape"]]
    top, low = _extent(frame)
    return (frame.bridge[0][1] + frame.bridge_width / 2 - top) / (low - top)


def _extent(frame: Frame) -> tuple[float, float]:
    y = spline(frame.lens)[:, 1] + frame.middle[1]
    return float(y.min()) - frame.rim, float(y.max()) + frame.rim


@lru_cache(maxsize=8)
def front(sku: str, light: Light) -> Image:
    """Cut the front alone, seen straight on: (H, W, 4), framed from hinge to hinge."""
    item = product(sku)
    frame, width = _FRAMES[item.look["shape"]], item.size_mm[0]
    top, low = _extent(frame)
    scale = 540 / width
    board = Board((540, round((low - top) * scale)), light)
    place = np.array([270.0, -top * scale])
    lenses, mask = _cut(frame, width, board, scale, place)
    for side, lens in zip((-1, 1), lenses, strict=True):
        _glaze(board, item, lens, side)
    metal = frame.rim < 3
    cloth = Cloth(3, 3, 0.9, 18, 0.25) if metal else Cloth(7, 9, 0.85, 26, 0.3)
    board.lay_mask(mask, _acetate(item, board.size_wh), cloth)
    for side in (-1, 1):
        _rivets(
            board,
            np.add(place, (side * (width / 2 - 4.5) * scale, frame.hinge * scale)),
            rgb(item.look["metal"]),
        )
    if metal:
        _pads(board, place, scale, rgb(item.look["metal"]))
    return board.cutout()


def _cut(
    frame: Frame, width: float, board: Board, scale: float, place: NDArray[np.float64]
) -> tuple[list[Outline], Floats]:
    """Saw the rims, the bridge and the end pieces: lens outlines in pixels and coverage."""
    lens = spline(frame.lens) + frame.middle
    grown = _grow(spline(frame.lens), frame.rim) + frame.middle
    bridge = spline(frame.bridge, closed=False)
    whole = np.concatenate([bridge[::-1] * (-1, 1), bridge])
    thick = np.array([(0, frame.bridge_width / 2)])
    bars = [np.concatenate([whole - thick, (whole + thick)[::-1]])]
    if frame.rim < 3:
        bars.append(np.array([(-16, -18.5), (16, -18.5), (16, -16.7), (-16, -16.7)]))
    solid = np.zeros((board.size_wh[1], board.size_wh[0]), np.float32)
    outer, end = frame.middle[0] + 22, 3.4 if frame.rim > 3 else 1.6
    for side in (-1.0, 1.0):
        tip = [
            (outer - 6, frame.hinge - end - 1),
            (width / 2, frame.hinge - end),
            (width / 2, frame.hinge + end),
            (outer - 4, frame.hinge + end + 2),
        ]
        for part in (grown, np.array(tip)):
            solid = np.maximum(solid, coverage(board.size_wh, part * (side, 1) * scale + place))
    for bar in bars:
        solid = np.maximum(solid, coverage(board.size_wh, bar * scale + place))
    lenses = [lens * (side, 1) * scale + place for side in (-1, 1)]
    for hole in lenses:
        solid = np.minimum(solid, 1 - coverage(board.size_wh, hole))
    return lenses, solid


def _grow(outline: Outline, by: float) -> Outline:
    """Move a closed outline outwards along its normals."""
    ahead = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    normal = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    return outline + normal * by


def _acetate(item: Product, size_wh: tuple[int, int]) -> Floats:
    """Colour the frame: plain, or marbled as tortoise is."""
    base, ink = channels(rgb(item.look["base"])), channels(rgb(item.look["ink"]))
    plate = np.broadcast_to(base, (size_wh[1], size_wh[0], 3)).astype(np.float32)
    if item.attributes["color"] != "tortoise":
        return plate
    rng = rng_of("acetate", item.sku)
    t = np.clip(noise(size_wh, 20, rng) + 0.6 * noise(size_wh, 9, rng) + 0.35, 0, 1)[..., None]
    dark = channels(darker(rgb(item.look["base"]), 0.55))
    return np.asarray(dark * (1 - t) + (0.35 * base + 0.65 * ink) * t, np.float32)


def _glaze(board: Board, item: Product, lens: Outline, side: int) -> None:
    """Put a lens in: tint that fades downwards, two slanting reflections."""
    tint, colour = float(item.look["tint"]), rgb(item.look["lens"])
    h = board.size_wh[1]
    fade = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
    shade = (
        channels(colour) * (1 - fade) + channels(lighter(colour, 0.35 if tint > 0.5 else 0)) * fade
    )
    texture = np.broadcast_to(shade, (h, board.size_wh[0], 3)).astype(np.float32)
    board.lay(lens, texture, Cloth(2, 20, 0.0, shadow=0.0), opacity=tint)
    centre, size = lens.mean(axis=0), np.ptp(lens, axis=0)
    inside = coverage(board.size_wh, lens)
    for x, width, strength in ((-0.18, 0.13, 0.42), (0.02, 0.05, 0.3)):
        streak = np.array(
            [(x + 0.16, -0.6), (x + 0.16 + width, -0.6), (x - 0.22 + width, 0.6), (x - 0.22, 0.6)]
        )
        gleam = coverage(board.size_wh, streak * size + centre) * inside
        fading = gleam * (1 - 0.75 * fade[..., 0]) * strength * (0.9 if tint > 0.5 else 1.0)
        board.lay_mask(np.asarray(fading, np.float32), (255, 255, 255), Cloth(0, 1, 0, shadow=0.0))


def _rivets(board: Board, at: NDArray[np.float64], metal: tuple[int, int, int]) -> None:
    board.lay(ellipse_points((at[0], at[1]), (3.4, 2.0)), metal, Cloth(2, 2, 0.8, 14, 0.3))


def _pads(
    board: Board, place: NDArray[np.float64], scale: float, metal: tuple[int, int, int]
) -> None:
    for side in (-1, 1):
        pad = (
            ellipse_points(
                (side * 8.3 * scale, 1.0 * scale), (2.0 * scale, 4.6 * scale), side * -14
            )
            + place
        )
        board.lay(pad, mix(metal, (250, 246, 236), 0.8), Cloth(5, 6, 0.6, 14, 0.3), opacity=0.7)


def _arms(item: Product) -> list[Surface]:
    """Two arms from the hinges back to the ears, bent down at their ends."""
    frame, (width, _, length) = _FRAMES[item.look["shape"]], item.size_mm
    metal = frame.rim < 3
    colour = rgb(item.look["metal"]) if metal else rgb(item.look["base"])
    back = np.linspace(0, 1, 40)
    bend = np.clip((back - 0.72) / 0.28, 0, 1)
    arms = []
    for side in (-1, 1):
        x = side * (width / 2 - 1.5 - 4 * back**2)
        y = -frame.hinge - 26 * bend**1.4
        z = -1.0 - 0.94 * length * back
        half = np.full_like(back, 1.1) if metal else 3.4 - 1.1 * back + 1.4 * bend
        path = np.stack([x, y, z], axis=1)
        arms.append(_bar(path, half, 1.0 if metal else 1.9, darker(colour, 0.1), metal))
    return arms


def _bar(
    path: Outline,
    half: NDArray[np.float64],
    thick: float,
    colour: tuple[int, int, int],
    metal: bool,
) -> Surface:
    """Run a flat bar with rounded edges along a path (N, 3)."""
    angle = np.linspace(0, 2 * np.pi, 17)
    rim = np.stack([thick * np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    points = path[:, None] + rim[None] * np.stack([np.ones_like(half), half, half], axis=1)[:, None]
    return surface(points, colour, "metal" if metal else "gloss", two_sided=True)
