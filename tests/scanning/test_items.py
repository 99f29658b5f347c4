"""From regions and codes to things."""

from services.scanning.evidence import Candidate, Look
from services.scanning.items import Item, SeenRegion, arrange
from tests.scanning.making import look, named

WHOLE = (0.0, 0.0, 1.0, 1.0)
LEFT, RIGHT = (0.1, 0.2, 0.4, 0.8), (0.6, 0.2, 0.9, 0.8)
ON_LEFT, ON_RIGHT = (0.2, 0.6, 0.3, 0.7), (0.7, 0.6, 0.8, 0.7)
NOTHING = look(unknown=0.9)


def region(box, unknown=0.0, **probabilities: float):
    return SeenRegion(box, look(unknown, **probabilities))


def skus(items):
    return [item.look.best.sku if item.look and item.look.best else None for item in items]


def test_nobody_looked_and_no_codes():
    """Codes only, and none there: no things."""
    assert arrange([], [], 8) == []


def test_codes_alone_are_things():
    """Without a look each code is its own thing, where it stands."""
    (item,) = arrange([], [named("TEA", at=ON_LEFT)], 8)
    assert item == Item(ON_LEFT, None, (named("TEA", at=ON_LEFT),))
    assert item.outline == item.codes[0].code.quad


def test_equal_codes_apart_are_two_things():
    """Two packs of one product."""
    items = arrange([], [named("TEA", at=ON_LEFT), named("TEA", at=ON_RIGHT)], 8)
    assert [item.box_xyxy for item in items] == [ON_LEFT, ON_RIGHT]


def test_what_looks_like_nothing_is_one_thing():
    """The whole picture is told when no part of it tells anything."""
    (item,) = arrange([SeenRegion(WHOLE, NOTHING), SeenRegion(LEFT, NOTHING)], [], 8)
    assert item == Item(WHOLE, NOTHING)


def test_parts_that_are_things_are_told_instead_of_the_whole():
    """Two packs side by side are two things, however sure the whole looks."""
    regions = [region(WHOLE, TEA=0.99), region(RIGHT, JAM=0.8), region(LEFT, TEA=0.9)]
    items = arrange(regions, [], 8)
    assert [item.box_xyxy for item in items] == [LEFT, RIGHT]
    assert skus(items) == ["TEA", "JAM"]


def test_the_surest_of_overlapping_regions_is_told():
    """A pack and its label show one thing."""
    label = (0.15, 0.3, 0.35, 0.6)
    regions = [region(WHOLE, TEA=0.4), region(LEFT, TEA=0.9), region(label, JAM=0.6)]
    (item,) = arrange(regions, [], 8)
    assert item.box_xyxy == LEFT


def test_a_part_gives_the_box_of_what_the_whole_is_surer_of():
    """The same product in whole and part: the part's box, the surer look."""
    (item,) = arrange([region(WHOLE, TEA=0.9), region(LEFT, TEA=0.5)], [], 8)
    assert (item.box_xyxy, item.look.best.probability) == (LEFT, 0.9)


def test_the_whole_wins_over_an_unsure_part_of_something_else():
    """A close-up fills the picture; a detail of it looks a little like something else."""
    (item,) = arrange([region(WHOLE, TEA=0.9), region(LEFT, JAM=0.4)], [], 8)
    assert (item.box_xyxy, skus([item])) == (WHOLE, ["TEA"])


def test_codes_go_to_the_thing_they_lie_on():
    """Each pack gets its own code."""
    regions = [region(WHOLE), region(LEFT, TEA=0.9), region(RIGHT, JAM=0.9)]
    codes = [named("JAM", "9783161484100", ON_RIGHT), named("TEA", at=ON_LEFT)]
    items = arrange(regions, codes, 8)
    assert [[one.sku for one in item.codes] for item in items] == [["TEA"], ["JAM"]]


def test_a_code_beside_its_product_goes_to_it():
    """A code that sticks out of the region belongs to what looks like its product."""
    regions = [region(WHOLE), region(LEFT, TEA=0.9), region(RIGHT, JAM=0.9)]
    items = arrange(regions, [named("TEA", at=(0.45, 0.8, 0.5, 0.9))], 8)
    assert [[one.sku for one in item.codes] for item in items] == [["TEA"], []]


def test_a_code_on_an_unknown_look_takes_the_region_around_it():
    """The back of a pack looks like nothing, but its outline is there."""
    regions = [SeenRegion(WHOLE, NOTHING), SeenRegion(LEFT, NOTHING)]
    (item,) = arrange(regions, [named("TEA", at=ON_LEFT)], 8)
    assert (item.box_xyxy, len(item.codes)) == (LEFT, 1)


def test_a_single_code_without_a_region_is_on_the_whole():
    """A close-up of a code."""
    (item,) = arrange([SeenRegion(WHOLE, NOTHING)], [named("TEA", at=ON_LEFT)], 8)
    assert item == Item(WHOLE, NOTHING, (named("TEA", at=ON_LEFT),))


def test_different_codes_without_regions_are_apart():
    """Two codes of different products are not called one thing with two codes."""
    codes = [named("TEA", at=ON_LEFT), named("JAM", "9783161484100", ON_RIGHT)]
    items = arrange([SeenRegion(WHOLE, NOTHING)], codes, 8)
    assert [item.box_xyxy for item in items] == [ON_LEFT, ON_RIGHT]


def test_two_codes_in_one_region_are_on_one_thing():
    """That is where codes can disagree."""
    codes = [named("TEA", at=ON_LEFT), named("JAM", "9783161484100", (0.2, 0.3, 0.3, 0.4))]
    (item,) = arrange([region(WHOLE), region(LEFT, TEA=0.9)], codes, 8)
    assert len(item.codes) == 2


def test_things_with_codes_are_kept_first():
    """When there are more things than wanted, those with codes stay, then the surest."""
    regions = [region(WHOLE), region(LEFT, TEA=0.9), region(RIGHT, JAM=0.8)]
    code = named("OIL", "9783161484100", (0.45, 0.1, 0.5, 0.15))
    kept = arrange(regions, [code], 2)
    assert [item.box_xyxy for item in kept] == [code.code.box_xyxy, LEFT]


def test_a_part_grows_to_the_pack_that_bears_the_code():
    """A recognised part and a code beside it, both in one region, are one thing."""
    part = (0.15, 0.3, 0.35, 0.5)
    regions = [region(WHOLE), region(part, TEA=0.9), SeenRegion(LEFT, NOTHING)]
    (item,) = arrange(regions, [named("JAM", "9783161484100", ON_LEFT)], 8)
    assert (item.box_xyxy, skus([item]), len(item.codes)) == (LEFT, ["TEA"], 1)


def test_a_region_of_two_packs_makes_them_no_pack():
    """A code that only a group's region holds is nobody's."""
    group = (0.05, 0.1, 0.95, 0.9)
    regions = [region(WHOLE), region(LEFT, TEA=0.9), region(RIGHT, JAM=0.9)]
    regions.append(SeenRegion(group, NOTHING))
    items = arrange(regions, [named("OIL", "9783161484100", (0.45, 0.5, 0.5, 0.55))], 8)
    assert [len(item.codes) for item in items if item.look] == [0, 0]


def test_prints_on_one_pack_are_one_thing():
    """Two parts that look like one product, far apart in one region."""
    top, bottom = (0.15, 0.25, 0.35, 0.35), (0.15, 0.65, 0.35, 0.75)
    regions = [region(WHOLE), region(top, TEA=0.9), region(bottom, TEA=0.8)]
    (item,) = arrange([*regions, SeenRegion(LEFT, NOTHING)], [], 8)
    assert (item.box_xyxy, item.look.best.probability) == (LEFT, 0.9)


def test_two_packs_of_one_product_stay_two():
    """Side by side they fill the region around both."""
    left, right = (0.1, 0.2, 0.3, 0.8), (0.3, 0.2, 0.5, 0.8)
    around = SeenRegion((0.1, 0.2, 0.5, 0.8), NOTHING)
    items = arrange([region(WHOLE), around, region(left, TEA=0.9), region(right, TEA=0.9)], [], 8)
    assert [item.box_xyxy for item in items] == [left, right]


def find(box, sku, probability, *, verified):
    """Something that local features found."""
    candidate = Candidate(sku, probability, inliers=60, verified=verified)
    return SeenRegion(box, Look((candidate,), 1.0 - probability))


PACK, PART_OF_IT = (0.25, 0.05, 0.8, 0.9), (0.4, 0.1, 1.0, 0.7)


def test_a_find_that_is_not_verified_on_one_that_is_tells_nothing():
    """The pack is told once, and its code stands on it."""
    sure, weak = (
        find(PACK, "TEA", 0.99, verified=True),
        find(PART_OF_IT, "JAM", 0.45, verified=False),
    )
    code = named("TEA", at=(0.42, 0.58, 0.64, 0.77))
    (item,) = arrange([SeenRegion(WHOLE, NOTHING)], [code], 8, [sure, weak])
    assert (item.box_xyxy, item.codes) == (PACK, (code,))


def test_a_verified_find_in_front_of_another_is_told():
    """A small pack before a large one."""
    small = (0.4, 0.5, 0.6, 0.8)
    finds = [find(PACK, "TEA", 0.99, verified=True), find(small, "JAM", 0.98, verified=True)]
    assert set(skus(arrange([SeenRegion(WHOLE, NOTHING)], [], 8, finds))) == {"TEA", "JAM"}


def test_a_find_that_is_not_verified_is_told_where_nothing_else_is():
    """A person may choose."""
    finds = [find(LEFT, "TEA", 0.99, verified=True), find(RIGHT, "JAM", 0.45, verified=False)]
    assert skus(arrange([SeenRegion(WHOLE, NOTHING)], [], 8, finds)) == ["TEA", "JAM"]
