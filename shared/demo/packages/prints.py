"""What all prints share: a palette, the content's weight, a picture, a seal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from shared.demo.catalogue import Product
from shared.demo.drawing.paint import (
    Colour,
    Image,
    ellipse_points,
    ink_on,
    line,
    polygon,
    rgb,
    rng_of,
    text,
)
from shared.demo.packages.motifs import MOTIFS


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one product's print."""

    base: Colour
    ink: Colour
    band: Colour
    accent: Colour


def palette(product: Product) -> Palette:
    """Read the print colours of ``product``."""
    look = product.look
    return Palette(rgb(look["base"]), rgb(look["ink"]), rgb(look["band"]), rgb(look["accent"]))


def content(product: Product) -> str:
    """Say how much is inside, as printed.

    >>> from shared.demo.catalogue import product
    >>> content(product("CAN-062"))
    '330 ml'
    """
    return product.attributes.get("net_weight") or product.attributes.get("volume", "")


def motif(image: Image, product: Product, x: float, y: float, size: float, colour: Colour) -> None:
    """Paint the product's picture centred at (x, y)."""
    MOTIFS[product.look["motif"]](
        image, (x, y), size, colour, rng_of("motif", product.item_group_id or product.sku)
    )


def badge(image: Image, x: float, y: float, radius: float, fill: Colour, words: str) -> None:
    """Stamp a scalloped seal with two short lines of words."""
    t = np.linspace(0, 2 * math.pi, 96, endpoint=False)
    r = radius * (1 + 0.06 * np.cos(16 * t))
    polygon(image, np.stack([x + r * np.cos(t), y + r * np.sin(t)], axis=1), fill)
    ring = ellipse_points((x, y), (radius * 0.84, radius * 0.84))
    line(image, np.concatenate([ring, ring[:1]]), ink_on(fill), max(1, radius * 0.03))
    rows = words.split("|")
    for i, row in enumerate(rows):
        dy = (i - (len(rows) - 1) / 2) * radius * 0.46
        text(
            image,
            row,
            (x, y + dy),
            radius * 0.42,
            ink_on(fill),
            weight=700,
            max_width=radius * 1.45,
        )
