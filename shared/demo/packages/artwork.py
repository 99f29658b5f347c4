"""What is printed on the front of the packages: one layout per product line.

A layout paints a whole face of ``size_wh`` pixels from the product's ``look``.
Variants of a line share the layout and differ in a band, a motif or a name, as
they do in a shop.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.demo.catalogue import Product
from shared.demo.drawing.paint import (
    Image,
)
from shared.demo.packages import pack_fronts, soft_fronts


def front(product: Product, size_wh: tuple[int, int]) -> Image:
    """Paint the front of ``product`` (H, W, 3)."""
    return LAYOUTS[product.look["layout"]](product, size_wh)


LAYOUTS: dict[str, Callable[[Product, tuple[int, int]], Image]] = {
    "tea": pack_fronts.tea,
    "band": pack_fronts.band,
    "cereal": pack_fronts.cereal,
    "pasta": pack_fronts.pasta,
    "chocolate": pack_fronts.chocolate,
    "coffee": soft_fronts.coffee,
    "chips": soft_fronts.chips,
    "milk": soft_fronts.milk,
    "oat": soft_fronts.oat,
}
"""Every flat layout by the name that ``look.layout`` gives it."""
