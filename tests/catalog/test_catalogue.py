"""Products and their images, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from services.catalog.catalogue import Catalogue, Status
from services.catalog.images import image_id
from services.catalog.products import (
    Dimensions,
    Money,
    NewImage,
    ProductChange,
    ProductFilter,
    ProductStatus,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput, NotFound
from tests.catalog.making import jpeg, product, put, put_images, stream

GTIN = "04006381333931"
FULL = product(
    gtins=(GTIN, "00000096385074"),
    brand="Nördlicht",
    description="Schwarztee\nmit Bergamotte 🍋",
    category_path=("Groceries", "Tea"),
    attributes={"flavour": "bergamot", "bags": "20"},
    price=Money("EUR", 2_790_000),
    item_group_id="tea",
    dimensions=Dimensions(128.5, 150.0, 64.25),
    try_on_asset=TryOnAsset(TryOnKind.GLASSES, "x.png", 142.0, {"bridge": (0.5, 0.25)}),
    status=ProductStatus.ARCHIVED,
    link="https://shop.example/p",
)


async def test_an_empty_catalogue_is_at_revision_zero(catalogue: Catalogue) -> None:
    """Nothing happened, nothing is counted."""
    status = await catalogue.status()
    assert status == Status(0, 0, 0, 0, status.catalog_id)


async def test_an_empty_stream_changes_nothing(catalogue: Catalogue) -> None:
    """No items is no error."""
    assert (await put(catalogue)).revision == 0
    assert (await put_images(catalogue)).revision == 0


async def test_every_field_comes_back_as_it_was_sent(catalogue: Catalogue) -> None:
    """There and back is the identity."""
    outcome = await put(catalogue, FULL)
    assert (outcome.stored, outcome.revision) == (1, 1)
    (found,) = await catalogue.batch_get([FULL.sku])
    assert found.product == FULL
    assert found.revision == 1


async def test_the_same_product_again_takes_no_revision(catalogue: Catalogue) -> None:
    """Sending a feed twice changes nothing."""
    await put(catalogue, FULL)
    outcome = await put(catalogue, FULL, FULL)
    assert (outcome.stored, outcome.unchanged, outcome.revision) == (0, 2, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"gtins": (GTIN,)},
        {"gtins": ("00000096385074", GTIN)},
        {"attributes": {"bags": "20"}},
        {"price": None},
        {"dimensions": Dimensions()},
        {"try_on_asset": None},
        {"status": ProductStatus.ACTIVE},
    ],
)
async def test_any_difference_is_a_change(catalogue: Catalogue, change: dict[str, object]) -> None:
    """Each field counts, the order of GTINs included."""
    await put(catalogue, FULL)
    changed = replace(FULL, **change)  # type: ignore[arg-type]
    outcome = await put(catalogue, changed)
    assert (outcome.stored, outcome.revision) == (1, 2)
    assert (await catalogue.batch_get([FULL.sku]))[0].product == changed


async def test_a_wrong_product_is_rejected_alone(catalogue: Catalogue) -> None:
    """The others of the stream are stored, and its position is told."""
    outcome = await put(catalogue, product("A"), product("B", title=""), product("C"))
    assert outcome.stored == 2
    (rejected,) = outcome.rejections
    assert (rejected.index, rejected.sku, rejected.reason) == (1, "B", "TITLE_REQUIRED")
    assert [p.product.sku for p in await catalogue.batch_get(["C", "B", "A"])] == ["C", "A"]


async def test_a_gtin_belongs_to_one_sku(catalogue: Catalogue) -> None:
    """Taken by a stored product or by an earlier one of the stream: rejected."""
    await put(catalogue, product("A", gtins=(GTIN,)))
    outcome = await put(
        catalogue,
        product("B", gtins=("4006381333931",)),
        product("C", gtins=("96385074",)),
        product("D", gtins=("00000096385074",)),
    )
    assert [(r.sku, r.reason, r.field) for r in outcome.rejections] == [
        ("B", "GTIN_TAKEN", "gtins[0]"),
        ("D", "GTIN_TAKEN", "gtins[0]"),
    ]
    assert "'A'" in outcome.rejections[0].message


async def test_a_gtin_can_move_within_one_stream(catalogue: Catalogue) -> None:
    """Given up by one product, it is free for the next."""
    await put(catalogue, product("A", gtins=(GTIN,)))
    outcome = await put(catalogue, product("A"), product("B", gtins=(GTIN,)))
    assert outcome.rejections == ()
    _, gtin, found = await catalogue.look_up(GTIN)
    assert gtin == GTIN
    assert found is not None
    assert found.product.sku == "B"


async def test_the_last_of_equal_skus_in_a_stream_wins(catalogue: Catalogue) -> None:
    """Items are applied in the order sent."""
    outcome = await put(catalogue, product(title="one"), product(title="two"), product(title="one"))
    assert (outcome.stored, outcome.revision) == (3, 3)
    (found,) = await catalogue.batch_get(["TEA-1"])
    assert (found.product.title, found.revision) == ("one", 3)


async def test_a_mask_works_on_what_the_stream_just_stored(catalogue: Catalogue) -> None:
    """Each change sees the ones before it."""
    masked = ProductChange(1, product(brand="B"), frozenset({"brand"}))
    items = [ProductChange(0, product(title="T")), masked]
    outcome = await catalogue.upsert_products(stream(items))
    assert outcome.rejections == ()
    (found,) = await catalogue.batch_get(["TEA-1"])
    assert (found.product.title, found.product.brand) == ("T", "B")


async def test_a_deleted_product_leaves_nothing(catalogue: Catalogue) -> None:
    """Its GTIN is free, its SKU may be used again, its images are not there."""
    await put(catalogue, product("A", gtins=(GTIN,)))
    await put_images(catalogue, ("A", "front", jpeg()))
    assert await catalogue.delete_products(["A", "nope", "A"]) == (1, 3)
    assert await catalogue.batch_get(["A"]) == []
    assert (await catalogue.look_up(GTIN))[2] is None
    with pytest.raises(NotFound):
        await catalogue.get_image(image_id(jpeg()))
    await put(catalogue, product("B", gtins=(GTIN,)), product("A"))
    (again,) = await catalogue.batch_get(["A"])
    assert (again.images, again.revision) == ((), 5)


async def test_deleting_nothing_takes_no_revision(catalogue: Catalogue) -> None:
    """Unknown SKUs are ignored."""
    assert await catalogue.delete_products(["nope"]) == (0, 0)


async def test_too_many_skus_are_refused(catalogue: Catalogue) -> None:
    """The limit is the contract's."""
    await catalogue.batch_get(["x"] * 1000)
    for call in (catalogue.batch_get, catalogue.delete_products):
        with pytest.raises(InvalidInput) as refused:
            await call(["x"] * 1001)
        assert refused.value.reason == "SKUS_TOO_MANY"


async def test_a_code_is_found_by_gtin_before_sku(catalogue: Catalogue) -> None:
    """A SKU that looks like a GTIN is found when no product has that GTIN."""
    await put(catalogue, product("96385074", title="by sku"))
    assert (await catalogue.look_up("96385074"))[2].product.title == "by sku"  # type: ignore[union-attr]
    await put(catalogue, product("B", gtins=("96385074",)))
    assert (await catalogue.look_up("96385074"))[2].product.sku == "B"  # type: ignore[union-attr]


async def test_products_are_listed_by_sku(catalogue: Catalogue) -> None:
    """By code point, the same on both databases."""
    await put(catalogue, *(product(sku) for sku in ("b", "a-2", "B", "ä", "a", "A", "_", "a.1")))
    listed = await catalogue.list_products("", 100)
    expected = sorted(["b", "a-2", "B", "ä", "a", "A", "_", "a.1"])
    assert [entry.product.sku for entry in listed] == expected
    after = await catalogue.list_products("a", 2)
    assert [entry.product.sku for entry in after] == ["a-2", "a.1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("TEE", ["1", "2"]),
        ("ÖL", ["3"]),
        ("straSSe", ["2"]),
        ("50%", ["3"]),
        ("_", []),
        ("nord", ["1"]),
        ("\\", []),
    ],
)
async def test_the_query_ignores_case_and_means_its_characters(
    catalogue: Catalogue, query: str, found: list[str]
) -> None:
    """SKU, title and brand; % and _ are plain characters."""
    await put(
        catalogue,
        product("1", title="Tee", brand="NORDLICHT"),
        product("2", title="Straße tee"),
        product("3", title="Olivenöl 50%"),
    )
    listed = await catalogue.list_products("", 100, ProductFilter(query))
    assert [entry.product.sku for entry in listed] == found


@pytest.mark.parametrize(
    ("path", "found"),
    [(("G",), ["1", "2"]), (("G", "Te"), []), (("G", "Tea"), ["1", "2"]), (("g",), [])],
)
async def test_a_category_is_a_whole_prefix(
    catalogue: Catalogue, path: tuple[str, ...], found: list[str]
) -> None:
    """Levels are compared whole and exactly."""
    await put(
        catalogue,
        product("1", category_path=("G", "Tea")),
        product("2", category_path=("G", "Tea", 'Green "x"')),
        product("3", category_path=("Gx",)),
        product("4"),
    )
    listed = await catalogue.list_products("", 100, ProductFilter(category_path=path))
    assert [entry.product.sku for entry in listed] == found


async def test_a_long_stream_is_committed_in_parts(catalogue: Catalogue) -> None:
    """Positions in rejections are those of the whole stream."""
    items = [product(f"S{i:04}", title="" if i % 250 == 249 else "x") for i in range(1000)]
    outcome = await put(catalogue, *items)
    assert [rejected.index for rejected in outcome.rejections] == [249, 499, 749, 999]
    assert (outcome.stored, outcome.revision) == (996, 996)


async def test_a_stream_that_breaks_keeps_what_was_committed_whole(catalogue: Catalogue) -> None:
    """No product is half-written."""

    async def broken():  # type: ignore[no-untyped-def]
        for i in range(250):
            yield ProductChange(i, product(f"S{i}"))
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await catalogue.upsert_products(broken())
    status = await catalogue.status()
    assert status.products == status.revision == 200


async def test_many_writers_at_once_lose_nothing(catalogue: Catalogue) -> None:
    """Every change has a revision of its own; images and products do not block each other."""
    await put(catalogue, *(product(f"S{i}") for i in range(8)))

    async def write(i: int) -> None:
        await put(catalogue, product(f"S{i}", title="changed"))
        await catalogue.upsert_images(stream([NewImage(0, f"S{i}", "", jpeg(i))]))

    await asyncio.gather(*(write(i) for i in range(8)))
    status = await catalogue.status()
    assert (status.revision, status.products, status.reference_images) == (24, 8, 8)
    found = await catalogue.batch_get([f"S{i}" for i in range(8)])
    assert len({entry.revision for entry in found}) == 8
