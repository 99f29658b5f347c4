"""A sewing pattern: one garment's board, cloth and colours, in units of its own size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.demo.catalogue import Product
from shared.demo.drawing.camera import Light
from shared.demo.drawing.paint import Floats, darker, rgb, spline
from shared.demo.drawing.relief import Board, Cloth, mirrored
from shared.demo.wear.fabrics import fabric, folds

Path = NDArray[np.float64]


class Pattern:
    """What is needed to sew ``item``: x in half widths from the middle, y in heights.

    Attributes:
        board: the picture in the making.
        base: colour of the cloth.
        ink: second colour: prints, buttons, stitches.
        cloth: the texture (H, W, 3).
    """

    def __init__(self, item: Product, size_wh: tuple[int, int], light: Light) -> None:
        self.item = item
        self.board = Board(size_wh, light)
        self.base, self.ink = rgb(item.look["base"]), rgb(item.look["ink"])
        pattern = item.look.get("pattern", "plain")
        self.cloth: Floats = fabric(pattern, size_wh, self.base, self.ink, item.sku)

    def at(self, points: ArrayLike) -> Path:
        """Map (N, 2) units to pixels, two pixels of margin left."""
        w, h = self.board.size_wh
        p = np.asarray(points, np.float64)
        return np.stack([w / 2 + p[:, 0] * (w / 2 - 2), 2 + p[:, 1] * (h - 4)], axis=1)

    def curve(self, points: ArrayLike) -> Path:
        """Run a smooth open line through units and map it to pixels."""
        return self.at(spline(points, closed=False, steps=8))

    def whole(self, half: ArrayLike) -> Path:
        """Map a mirrored outline, given its right half, to pixels; corners stay corners."""
        return self.at(mirrored(half))

    def fall(
        self,
        drape: float,
        ridges: Sequence[ArrayLike] = (),
        part: str = "",
        lean: tuple[float, float] = (46.0, 210.0),
    ) -> Floats:
        """Let this garment's cloth fall; ridges are smooth lines in units."""
        lines = [self.curve(ridge) for ridge in ridges]
        return folds(self.board.size_wh, self.item.sku + part, drape, lines, lean)

    def lay(
        self,
        outline: Path,
        shade: float = 0.0,
        fall: Floats | None = None,
        *,
        puff: float = 9.0,
        edge: float = 16.0,
        shadow: float = 0.4,
        shine: float = 0.0,
    ) -> None:
        """Lay a piece of this garment's cloth, ``shade`` darker."""
        texture = self.cloth if shade == 0 else self.cloth * (1 - shade)
        self.board.lay(outline, texture, Cloth(puff, edge, shine, 10.0, shadow), fall)

    def seam(self, points: ArrayLike, strength: float = 0.5, width: float = 1.2) -> None:
        """Sew a seam along a smooth line in units, on both sides if it is off the middle."""
        for path in self._both(points):
            self.board.stroke(path, darker(self.base, strength), width, 0.7)

    def stitch(self, points: ArrayLike, colour: tuple[int, int, int], width: float = 0.9) -> None:
        """Sew a visible dashed line, on both sides if it is off the middle."""
        for path in self._both(points):
            self.board.stitches(path, colour, width)

    def _both(self, points: ArrayLike) -> list[Path]:
        p = np.asarray(points, np.float64)
        right = self.curve(p)
        return [right] if np.allclose(p[:, 0], 0) else [right, self.curve(p * (-1, 1))]
