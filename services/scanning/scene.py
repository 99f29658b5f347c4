"""A picture on its way through: decoded, its codes read, what it shows told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.scanning.asking import Named, Product, Source
from services.scanning.codes import Code
from services.scanning.decision import CONFIDENT_LOOK, IDENTIFIED_FROM
from services.scanning.evidence import NamedCode
from services.scanning.items import Box, Item
from shared.geometry import box_corners, points_in_quad
from shared.image_pixels import Rgb

# Probability from which a look supports the code of the same product well enough.
_AGREES_WITH_CODE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture. ``boxes``: where to look, the whole first; none = do not look."""

    encoded: bytes
    image_rgb: Rgb
    original_size_wh: tuple[int, int]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """The codes of a picture, and the products that they name, by SKU."""

    codes: tuple[NamedCode, ...]
    products: Mapping[str, Product]


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows.

    Attributes:
        size_wh: of the upright picture, in pixels.
        items: the things in it, in reading order.
        products: by SKU, every product that an item may be.
        source: where recognition comes from.
        degraded: parts that did not answer.
    """

    size_wh: tuple[int, int]
    items: tuple[Item, ...]
    products: Mapping[str, Product]
    source: Source
    degraded: tuple[str, ...] = ()

    @property
    def skus_with_gtin(self) -> frozenset[str]:
        """Products whose trade item numbers the catalogue knows."""
        return frozenset(sku for sku, product in self.products.items() if product.gtins)


def name_code(code: Code, named: Named | None) -> NamedCode:
    """A code with what the catalogue says of it; None = it was not asked."""
    if named is None:
        return NamedCode(code)
    return NamedCode(code, named.gtin, named.product.sku if named.product else "")


def skus_on(box: Box, codes: Sequence[NamedCode]) -> list[str]:
    """Products named by the codes that lie in a box."""
    corners = box_corners(box)
    return named_skus([one for one in codes if points_in_quad([one.code.centre], corners)[0]])


def named_skus(codes: Sequence[NamedCode]) -> list[str]:
    """Products that codes name, each once."""
    return list(dict.fromkeys(one.sku for one in codes if one.sku))


def is_unclear(item: Item) -> bool:
    """Whether a look is not sure, or is of something else than a code names."""
    best = item.look.best if item.look else None
    if best is None:
        return False
    if best.inliers is not None and best.probability >= CONFIDENT_LOOK:
        return False  # print has spoken, for a code or against it
    named = named_skus(item.codes)
    if named:
        return named != [best.sku] or best.probability < _AGREES_WITH_CODE
    if best.inliers is not None:
        return False  # its local features have been compared
    return best.probability < IDENTIFIED_FROM


def only_known(item: Item, products: Mapping[str, Product]) -> Item:
    """Without candidates that the catalogue no longer has."""
    if item.look is None:
        return item
    known = tuple(one for one in item.look.candidates if one.sku in products)
    return replace(item, look=replace(item.look, candidates=known))
