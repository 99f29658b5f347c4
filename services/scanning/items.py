"""From regions and codes to the things in a picture.

Regions overlap: a pack is found as a whole, as its label and as a part of the shelf.
Each thing is to be told once, where it is seen best, with the codes that stand on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.scanning.codes import Quad
from services.scanning.evidence import Candidate, Look, NamedCode
from shared import geometry

Box = tuple[float, float, float, float]

# A region whose best candidate is less probable tells nothing by itself.
_WORTH_TELLING: Final = 0.3
# Two regions show one thing when this much of the smaller lies in the larger.
_SAME_THING: Final = 0.6

# Parts that cover less of the region around them are parts of one thing.
_FILLED: Final = 0.5
# A region is the thing around a code when it is this much larger than the code.
_MORE_THAN_CODE: Final = 2.0
# A region shows something found when this much of either lies in the other.
_SHARED: Final = 0.3
# Intersection over union from which something found is what is at a place.
_SAME_PLACE: Final = 0.4
# Intersection over union up to which a region is none of the things already told.
_APART: Final = 0.2


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: where it is, what it looks like, which codes stand on it.

    Attributes:
        box_xyxy: normalised to the picture.
        look: what appearance says; None = nobody looked.
        codes: the codes on it.
    """

    box_xyxy: Box
    look: Look | None
    codes: tuple[NamedCode, ...] = ()

    @property
    def outline(self) -> Quad | None:
        """Its outline: of its only code if that is all, else by its local features."""
        if self.look is None:
            return self.codes[0].code.quad if len(self.codes) == 1 else None
        best = self.look.best
        return best.outline if best and best.verified else None


@dataclass(frozen=True, slots=True)
class SeenRegion:
    """A region that was looked at."""

    box_xyxy: Box
    look: Look


def arrange(
    regions: Sequence[SeenRegion],
    codes: Sequence[NamedCode],
    max_items: int,
    found: Sequence[SeenRegion] = (),
) -> list[Item]:
    """Tell each thing once, in reading order.

    Args:
        regions: what was looked at, the whole picture first; none = nobody looked.
        codes: every code of the picture.
        max_items: things to tell; those with codes and the most probable are kept.
        found: what local features found, with its true outline; what was looked at tells
            nothing more about these places.
    """
    found = _once(found)
    chosen = [*found, *_choose(_elsewhere(regions, found))]
    items = _with_codes([Item(one.box_xyxy, one.look) for one in chosen], codes, regions)
    if not items and regions:
        items = [Item(regions[0].box_xyxy, regions[0].look)]
    kept = sorted(items, key=_importance, reverse=True)[:max_items]
    return sorted(kept, key=lambda one: (round(one.box_xyxy[1], 1), one.box_xyxy[0]))


def look_at(box: Box, look: Look, found: Sequence[SeenRegion]) -> Look:
    """What is told of a place: of what local features found there, else of the place itself."""
    if not found:
        return look
    overlaps = geometry.iou([box], [one.box_xyxy for one in found])[0]
    nearest = int(overlaps.argmax())
    return found[nearest].look if overlaps[nearest] >= _SAME_PLACE else look


def _choose(regions: Sequence[SeenRegion]) -> list[SeenRegion]:
    """Of the regions that show one thing, the one that is surest of it.

    The whole picture is one thing only when no two parts of it are things; a part that
    looks like the same product then gives the box.
    """
    ranked = sorted(regions[1:], key=lambda one: -_probability(one.look.best))
    chosen: list[SeenRegion] = []
    for region in ranked:
        if _probability(region.look.best) < _WORTH_TELLING:
            break
        if not any(_same_thing(region, other) for other in chosen):
            chosen.append(region)
    chosen = _whole_packs(chosen, regions[1:])
    if len(chosen) > 1 or not regions:
        return chosen
    return _whole_or_part(regions[0], chosen[0] if chosen else None)


def _once(found: Sequence[SeenRegion]) -> list[SeenRegion]:
    """Leave out finds that their details do not verify on top of one that they do.

    A pack's own print, a face of it or a sibling's emblem, makes them.
    """
    sure = [one for one in found if _is_verified(one)]
    return [one for one in found if one in sure or not any(_same_thing(one, o) for o in sure)]


def _is_verified(one: SeenRegion) -> bool:
    return one.look.best is not None and one.look.best.verified


def _elsewhere(regions: Sequence[SeenRegion], found: Sequence[SeenRegion]) -> Sequence[SeenRegion]:
    """Of the regions those that touch nothing found; not the whole picture then."""
    if not found:
        return regions
    boxes = [one.box_xyxy for one in found]
    free = [
        one
        for one in regions[1:]
        if geometry.coverage([one.box_xyxy], boxes).max() < _SHARED
        and geometry.coverage(boxes, [one.box_xyxy]).max() < _SHARED
    ]
    nothing = SeenRegion(geometry.WHOLE_IMAGE, Look((), 1.0))
    return [nothing, *free]


def _whole_packs(chosen: Sequence[SeenRegion], regions: Sequence[SeenRegion]) -> list[SeenRegion]:
    """Join parts that look like one product and lie in one region that they do not fill.

    Two packs of a product side by side fill the region around both; two prints on one
    pack do not.
    """
    merged = list(chosen)
    for around in regions:
        parts = [one for one in merged if _lies_in(one, around) and one is not around]
        products = {one.look.best.sku for one in parts if one.look.best}
        covered = float(geometry.box_area([one.box_xyxy for one in parts]).sum())
        sparse = covered < _FILLED * float(geometry.box_area([around.box_xyxy])[0])
        if len(parts) > 1 and len(products) == 1 and sparse:
            surest = max(parts, key=lambda one: _probability(one.look.best))
            merged = [one for one in merged if one not in parts]
            merged.append(SeenRegion(around.box_xyxy, surest.look))
    return merged


def _lies_in(part: SeenRegion, around: SeenRegion) -> bool:
    return bool(geometry.coverage([part.box_xyxy], [around.box_xyxy])[0, 0] >= _SAME_THING)


def _whole_or_part(whole: SeenRegion, part: SeenRegion | None) -> list[SeenRegion]:
    best, of_part = whole.look.best, part.look.best if part else None
    if part and of_part and (best is None or best.probability <= of_part.probability):
        return [part]
    if best is None or best.probability < _WORTH_TELLING:
        return []
    alike = part and of_part and of_part.sku == best.sku
    return [SeenRegion(part.box_xyxy, whole.look) if part and alike else whole]


def _probability(candidate: Candidate | None) -> float:
    return candidate.probability if candidate else 0.0


def _same_thing(a: SeenRegion, b: SeenRegion) -> bool:
    boxes = [a.box_xyxy, b.box_xyxy]
    return bool(max(geometry.coverage(boxes, boxes)[(0, 1), (1, 0)]) >= _SAME_THING)


def _with_codes(
    items: Sequence[Item], codes: Sequence[NamedCode], regions: Sequence[SeenRegion]
) -> list[Item]:
    """Give each code to the smallest thing that it lies on; the others are things of their own."""
    told = list(items)
    alone: list[NamedCode] = []
    for one in codes:
        owner = _owner(told, one)
        if owner is None:
            owner, told = _grown(told, one, regions)
        if owner is None:
            alone.append(one)
        else:
            told[owner] = replace(told[owner], codes=(*told[owner].codes, one))
    return [*told, *_own_things(alone, told, regions)]


def _grown(
    items: Sequence[Item], one: NamedCode, regions: Sequence[SeenRegion]
) -> tuple[int | None, list[Item]]:
    """A part of a pack and a code on the same pack: the part grows to the region of both.

    Only where that region holds no other thing.
    """
    around = _around(one, regions[1:])
    inside = [
        index
        for index, item in enumerate(items)
        if around and geometry.coverage([item.box_xyxy], [around.box_xyxy])[0, 0] >= _SAME_THING
    ]
    if around is None or len(inside) != 1:
        return None, list(items)
    grown = list(items)
    grown[inside[0]] = replace(items[inside[0]], box_xyxy=around.box_xyxy)
    return inside[0], grown


def _own_things(
    codes: Sequence[NamedCode], items: Sequence[Item], regions: Sequence[SeenRegion]
) -> list[Item]:
    """Things that only their codes tell: the region around each, shared by equal codes.

    The whole picture surrounds a code when it is the only thing there.
    """
    free = [one for one in regions[1:] if not any(_overlap(one, item) for item in items)]
    single = not items and len({_meaning(one) for one in codes}) == 1
    found: dict[Box, Item] = {}
    for one in codes:
        around = _around(one, free) or (regions[0] if single and regions else None)
        box = around.box_xyxy if around else one.code.box_xyxy
        before = found.get(box, Item(box, around.look if around else None))
        found[box] = replace(before, codes=(*before.codes, one))
    return list(found.values())


def _around(one: NamedCode, regions: Sequence[SeenRegion]) -> SeenRegion | None:
    """The first region that holds a code and clearly more than it."""
    area = float(geometry.box_area([one.code.box_xyxy])[0])
    for region in regions:
        inside = geometry.coverage([one.code.box_xyxy], [region.box_xyxy])[0, 0] >= _SAME_THING
        if inside and geometry.box_area([region.box_xyxy])[0] >= _MORE_THAN_CODE * area:
            return region
    return None


def _overlap(region: SeenRegion, item: Item) -> bool:
    return bool(geometry.iou([region.box_xyxy], [item.box_xyxy])[0, 0] > _APART)


def _meaning(one: NamedCode) -> str:
    return one.sku or one.gtin or one.code.lookup


def _owner(items: Sequence[Item], one: NamedCode) -> int | None:
    """The smallest item that a code lies on, else the nearest that looks like its product."""
    boxes = [item.box_xyxy for item in items]
    covered = geometry.coverage([one.code.box_xyxy], boxes)[0]
    areas = geometry.box_area(boxes)
    inside = [index for index in range(len(items)) if covered[index] >= _SAME_THING]
    if inside:
        return min(inside, key=lambda index: float(areas[index]))
    alike = [index for index, item in enumerate(items) if one.sku and _best_sku(item) == one.sku]
    return min(alike, key=lambda index: _distance(boxes[index], one.code.box_xyxy), default=None)


def _best_sku(item: Item) -> str:
    best = item.look.best if item.look else None
    return best.sku if best else ""


def _distance(a: Box, b: Box) -> float:
    """Between the centres of two boxes."""
    return math.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2)


def _importance(item: Item) -> tuple[bool, float]:
    return bool(item.codes), _probability(item.look.best if item.look else None)
