"""The catalogue's reference images and the files that hold them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from services.catalog.catalogue import Catalogue
from services.catalog.images import FolderBlobs, image_id
from shared.errors import NotFound
from tests.catalog.making import HOUR_US, Clock, jpeg, product, put, put_images


async def test_an_image_belongs_to_its_product(catalogue: Catalogue) -> None:
    """Bytes as sent, kind and size as found, views in the order of adding."""
    await put(catalogue, product("A"))
    outcome = await put_images(
        catalogue, ("A", "front", jpeg(1, (40, 30))), ("A", "", jpeg(2)), ("A", "back", jpeg(3))
    )
    assert (outcome.stored, outcome.revision) == (3, 4)
    (found,) = await catalogue.batch_get(["A"])
    assert [image.view for image in found.images] == ["front", image_id(jpeg(2)), "back"]
    assert found.images[0].size_wh == (40, 30)
    assert found.revision == 4
    found = await catalogue.get_image(image_id(jpeg(2)))
    assert (found.data, found.mime_type) == (jpeg(2), "image/jpeg")


async def test_the_same_image_again_takes_no_revision(catalogue: Catalogue) -> None:
    """Recognised by its bytes, under whatever view."""
    await put(catalogue, product("A"))
    await put_images(catalogue, ("A", "front", jpeg()))
    outcome = await put_images(catalogue, ("A", "front", jpeg()), ("A", "other", jpeg()))
    assert (outcome.stored, outcome.unchanged, outcome.revision) == (0, 2, 2)


async def test_an_image_of_the_same_view_replaces(catalogue: Catalogue) -> None:
    """The new picture takes the place of the old one."""
    await put(catalogue, product("A"))
    await put_images(catalogue, ("A", "front", jpeg(1)), ("A", "back", jpeg(2)))
    await put_images(catalogue, ("A", "front", jpeg(3)))
    (found,) = await catalogue.batch_get(["A"])
    assert [image.id for image in found.images] == [image_id(jpeg(3)), image_id(jpeg(2))]
    with pytest.raises(NotFound):
        await catalogue.get_image(image_id(jpeg(1)))


async def test_two_products_may_share_an_image(catalogue: Catalogue) -> None:
    """Deleting one of them leaves the picture to the other."""
    await put(catalogue, product("A"), product("B"))
    await put_images(catalogue, ("A", "", jpeg()), ("B", "", jpeg()))
    await catalogue.delete_products(["A"])
    assert (await catalogue.get_image(image_id(jpeg()))).data == jpeg()


async def test_a_refused_image_is_rejected_alone(catalogue: Catalogue) -> None:
    """Of an unknown product, no image at all, broken inside, with an impossible view."""
    await put(catalogue, product("A"))
    broken = bytearray(jpeg(5, (640, 480)))
    broken[200:210] = b"\0" * 10
    outcome = await put_images(
        catalogue,
        ("nope", "", jpeg(1)),
        ("A", "", b"GIF89a"),
        ("A", "x" * 101, jpeg(2)),
        ("A", "", jpeg(3)[:-20]),
        ("A", "good", jpeg(4)),
    )
    assert [(r.index, r.reason, r.field) for r in outcome.rejections] == [
        (0, "PRODUCT_NOT_FOUND", "sku"),
        (1, "IMAGE_FORMAT_UNSUPPORTED", "data"),
        (2, "VIEW_TOO_LONG", "view"),
        (3, "IMAGE_TRUNCATED", "data"),
    ]
    assert outcome.stored == 1


async def test_images_can_be_taken_away(catalogue: Catalogue) -> None:
    """Unknown ids are ignored, an unknown product is an error."""
    await put(catalogue, product("A"))
    await put_images(catalogue, ("A", "1", jpeg(1)), ("A", "2", jpeg(2)))
    assert await catalogue.delete_images("A", [image_id(jpeg(1)), "f" * 64]) == (1, 4)
    assert await catalogue.delete_images("A", ["f" * 64]) == (0, 4)
    (found,) = await catalogue.batch_get(["A"])
    assert [image.view for image in found.images] == ["2"]
    with pytest.raises(NotFound):
        await catalogue.delete_images("nope", [])


async def test_an_unused_blob_is_removed_after_an_hour(
    catalogue: Catalogue, blobs: FolderBlobs, clock: Clock
) -> None:
    """Not before, not while a product has it, and those of rejected images too."""
    await put(catalogue, product("A"), product("B"))
    await put_images(
        catalogue, ("A", "", jpeg(1)), ("A", "", jpeg(2)), ("B", "", jpeg(2)), ("x", "", jpeg(3))
    )
    await catalogue.delete_products(["A"])
    assert await catalogue.remove_unused_blobs() == 0
    clock.now_us += HOUR_US + 1
    assert await catalogue.remove_unused_blobs() == 2
    present = [bool(blobs.get([image_id(jpeg(seed))])) for seed in (1, 2, 3)]
    assert present == [False, True, False]
    assert await catalogue.remove_unused_blobs() == 0


async def test_a_blob_that_is_used_again_is_kept(catalogue: Catalogue, clock: Clock) -> None:
    """The hour begins anew when the last product gives it up."""
    await put(catalogue, product("A"))
    await put_images(catalogue, ("A", "", jpeg()))
    await catalogue.delete_images("A", [image_id(jpeg())])
    clock.now_us += HOUR_US + 1
    await put_images(catalogue, ("A", "", jpeg()))
    assert await catalogue.remove_unused_blobs() == 0
    assert (await catalogue.get_image(image_id(jpeg()))).data == jpeg()


async def test_a_blob_that_vanishes_between_writing_and_commit_is_written_again(
    catalogue: Catalogue, blobs: FolderBlobs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep that comes in between costs a second write, never a missing picture."""
    await put(catalogue, product("A"))
    loop, swept, write = asyncio.get_running_loop(), [], blobs.put

    def put_then_sweep(data: Mapping[str, bytes]) -> None:
        write(data)
        if not swept:
            clock.now_us += 2 * HOUR_US  # as if this process had stood still
            sweep = asyncio.run_coroutine_threadsafe(catalogue.remove_unused_blobs(), loop)
            swept.append(sweep.result(30))

    monkeypatch.setattr(blobs, "put", put_then_sweep)
    outcome = await put_images(catalogue, ("A", "", jpeg()))
    assert (outcome.stored, swept) == (1, [1])
    assert (await catalogue.get_image(image_id(jpeg()))).data == jpeg()
