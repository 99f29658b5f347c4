"""What products stand on and in front of in a photo: boards, tables, walls and floors."""

from __future__ import annotations

import cv2
import numpy as np

from shared.demo.drawing.paint import (
    Colour,
    Floats,
    Image,
    canvas,
    channels,
    darker,
    gradient,
    lighter,
    mix,
    noise,
    pixels,
    polygon,
    rng_of,
    text,
)


def wood(
    size_wh: tuple[int, int], colour: Colour, rng: np.random.Generator, plank: int = 0
) -> Image:
    """Saw wood with its grain along the width, in planks of ``plank`` pixels if asked."""
    w, h = size_wh
    flow = _stretched(size_wh, (w / 3, 26), rng)
    y = np.arange(h, dtype=np.float32)[:, None]
    t = 0.5 + 0.24 * np.sin(y * 0.42 + 5.5 * flow) + 0.22 * _stretched(size_wh, (220, 2.2), rng)
    if plank:
        offsets = rng.uniform(-0.16, 0.16, h // plank + 2).astype(np.float32)
        t = t + offsets[(y / plank).astype(int)]
        t = t - 0.8 * ((y % plank) < 3)
    t = np.clip(t, 0, 1)[..., None]
    return _between(darker(colour, 0.3), lighter(colour, 0.18), t)


def plaster(size_wh: tuple[int, int], colour: Colour, rng: np.random.Generator) -> Image:
    """Paint a wall: nearly even, a little rough, brighter towards one side."""
    w, h = size_wh
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    slope = 0.10 * x * float(rng.choice([-1, 1])) - 0.06 * y
    light = 1 + slope + 0.02 * noise(size_wh, 90, rng) + 0.012 * noise(size_wh, 3, rng)
    return pixels(channels(colour) * light[..., None])


def stone(size_wh: tuple[int, int], colour: Colour, rng: np.random.Generator) -> Image:
    """Pour terrazzo: chips of several colours in a light ground."""
    image = canvas(size_wh, colour)
    tones = (darker(colour, 0.25), lighter(colour, 0.4), (176, 140, 118), (120, 128, 132))
    for _ in range(size_wh[0] * size_wh[1] // 1800):
        centre = rng.uniform(0, 1, 2) * size_wh
        angle = np.sort(rng.uniform(0, 2 * np.pi, 6))
        size = rng.uniform(2, 11)
        chip = np.stack([np.cos(angle), np.sin(angle)], axis=1) * size + centre
        polygon(image, chip, tones[int(rng.integers(len(tones)))])
    return image


def cloth(size_wh: tuple[int, int], colour: Colour, rng: np.random.Generator) -> Image:
    """Spread a linen cloth with a few soft folds."""
    light = 1 + 0.09 * noise(size_wh, 160, rng) + 0.03 * _stretched(size_wh, (1.5, 40), rng)
    light = light + 0.03 * _stretched(size_wh, (40, 1.5), rng)
    return pixels(channels(colour) * light[..., None])


def room(size_wh: tuple[int, int], rng: np.random.Generator) -> tuple[Image, int]:
    """Build a wall with a skirting board over a floor that runs away; also its edge's row."""
    w, h = size_wh
    edge = round(h * 0.64)
    walls = ((222, 214, 200), (206, 214, 212), (226, 208, 190), (200, 204, 214))
    image = plaster(size_wh, walls[int(rng.integers(len(walls)))], rng)
    planks = wood((w, h), (176, 132, 88), rng, plank=64)
    turned = cv2.rotate(planks, cv2.ROTATE_90_CLOCKWISE)
    source = np.array([(0, 0), (h, 0), (h, w), (0, w)], np.float32)
    target = np.array(
        [(-0.05 * w, edge), (1.05 * w, edge), (1.9 * w, h), (-0.9 * w, h)], np.float32
    )
    warp = cv2.getPerspectiveTransform(source, target)
    floor = cv2.warpPerspective(turned, warp, size_wh, borderMode=cv2.BORDER_REFLECT)
    image[edge:] = floor[edge:]
    image[edge - 22 : edge] = gradient((w, 22), (246, 244, 240), (224, 220, 212))
    return image, edge


def shelf_panel(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Make the back of a shelf: sheet metal or wood, darker under the board above."""
    if rng.uniform() < 0.8:
        tones = ((214, 216, 218), (228, 224, 216), (196, 202, 208))
        return plaster(size_wh, tones[int(rng.integers(3))], rng)
    return wood(size_wh, (202, 170, 130), rng)


def price_tag(size_wh: tuple[int, int], price: str, name: str) -> Image:
    """Print a shelf label."""
    w, h = size_wh
    image = canvas(size_wh, (252, 250, 240))
    image[: max(2, h // 7)] = (206, 44, 40)
    text(image, name, (w * 0.05, h * 0.32), h * 0.2, (40, 40, 44), align=0, max_width=w * 0.9)
    text(image, price, (w * 0.95, h * 0.68), h * 0.46, (24, 24, 28), weight=800, align=1)
    return image


def _stretched(
    size_wh: tuple[int, int], cell: tuple[float, float], rng: np.random.Generator
) -> Floats:
    """Value noise whose features are ``cell`` wide and high."""
    w, h = size_wh
    grid = rng.standard_normal((max(3, round(h / cell[1]) + 2), max(3, round(w / cell[0]) + 2)))
    field = cv2.resize(grid.astype(np.float32), size_wh, interpolation=cv2.INTER_CUBIC)
    return np.asarray(field * 0.6, np.float32)


def _between(low: Colour, high: Colour, t: Floats) -> Image:
    steps = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    table = pixels(channels(low) * (1 - steps) + channels(high) * steps)
    return np.asarray(table[pixels(t[..., 0] * 255)])


def board_front(size_wh: tuple[int, int], colour: Colour, name: object) -> Image:
    """Make the front edge of a shelf board with its rail for labels."""
    w, h = size_wh
    image = wood(size_wh, colour, rng_of("board", name))
    rail = gradient((w, h - h // 4), mix(colour, (236, 238, 240), 0.85), (196, 198, 202))
    image[h // 4 :] = rail
    return image
