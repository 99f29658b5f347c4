"""The CatalogService's reference images over a real channel."""

from __future__ import annotations

from typing import Any

import pytest

from services.catalog.images import image_id
from shared.errors import InvalidInput, NotFound
from tests.catalog.making import jpeg, send_images, send_products
from tests.catalog.test_service import PRODUCT, refused
from vitrine.v1 import catalog_pb2 as pb


async def test_an_image_goes_there_and_back(stub: Any) -> None:
    """Bytes, kind, size and view."""
    await send_products(stub, PRODUCT)
    reply = await send_images(stub, ("GLS-104", "front", jpeg(1, (40, 30))), ("nope", "", jpeg(2)))
    assert (reply.stored, reply.revision) == (1, 2)
    assert [(r.index, r.sku, r.reason) for r in reply.rejections] == [
        (1, "nope", "PRODUCT_NOT_FOUND")
    ]
    got = await stub.GetReferenceImage(pb.GetReferenceImageRequest(id=image_id(jpeg(1, (40, 30)))))
    assert (got.data, got.mime_type) == (jpeg(1, (40, 30)), "image/jpeg")
    (found,) = (await stub.BatchGetProducts(pb.BatchGetProductsRequest(skus=["GLS-104"]))).products
    (image,) = found.reference_images
    assert (image.view, image.width_px, image.height_px) == ("front", 40, 30)
    gone = await stub.DeleteReferenceImages(
        pb.DeleteReferenceImagesRequest(sku="GLS-104", ids=[image.id])
    )
    assert (gone.deleted, gone.revision) == (1, 3)


async def test_several_images_come_in_few_messages(stub: Any) -> None:
    """In the order asked, each once; unknown ids are left out."""
    await send_products(stub, PRODUCT)
    pictures = [jpeg(n) for n in range(3)]
    await send_images(stub, *(("GLS-104", str(n), data) for n, data in enumerate(pictures)))
    ids = [image_id(data) for data in pictures]
    wanted = pb.BatchGetReferenceImagesRequest(ids=[ids[2], "nope", ids[0], ids[2]])
    (message,) = [message async for message in stub.BatchGetReferenceImages(wanted)]
    told = [(image.id, image.data, image.mime_type) for image in message.images]
    assert told == [(ids[n], pictures[n], "image/jpeg") for n in (2, 0)]


async def test_large_images_come_in_messages_of_about_a_mebibyte(stub: Any) -> None:
    """None is left out, and no message holds many of them."""
    await send_products(stub, PRODUCT)
    filler = b"\xff\xfe\xff\xff" + b"x" * 0xFFFD
    pictures = [(data := jpeg(n))[:2] + filler * 10 + data[2:] for n in range(5)]
    await send_images(stub, *(("GLS-104", str(n), data) for n, data in enumerate(pictures)))
    wanted = pb.BatchGetReferenceImagesRequest(ids=map(image_id, pictures))
    replies = [message async for message in stub.BatchGetReferenceImages(wanted)]
    assert [len(message.images) for message in replies] == [2, 2, 1]
    assert [image.data for message in replies for image in message.images] == pictures


async def test_no_images_are_an_empty_answer_and_too_many_are_refused(stub: Any) -> None:
    """Nothing asked is no error; 1001 ids are."""
    for ids in ([], ["nope"]):
        call = stub.BatchGetReferenceImages(pb.BatchGetReferenceImagesRequest(ids=ids))
        assert [message async for message in call] == []
    too_many = pb.BatchGetReferenceImagesRequest(ids=["x"] * 1001)
    error = await refused(stub.BatchGetReferenceImages(too_many).read())
    assert isinstance(error, InvalidInput)
    assert error.violations[0].field == "ids"


async def test_large_images_are_taken(stub: Any) -> None:
    """Up to the gate's 8 MiB, several in one stream; beyond it they are refused."""
    await send_products(stub, PRODUCT)
    large = jpeg(1, (64, 64))
    # A comment segment fills the file up without making it harder to decode.
    filler = b"\xff\xfe\xff\xff" + b"x" * 0xFFFD
    padded = large[:2] + filler * 120 + large[2:]
    too_large = large[:2] + filler * 130 + large[2:]
    reply = await send_images(
        stub, ("GLS-104", "1", padded), ("GLS-104", "2", too_large), ("GLS-104", "3", large)
    )
    assert reply.stored == 2
    assert [r.reason for r in reply.rejections] == ["IMAGE_TOO_LARGE"]


@pytest.mark.parametrize("image", ["", "0" * 64, "../../etc/passwd", "x" * 5000])
async def test_an_unknown_image_is_not_found(stub: Any, image: str) -> None:
    """Whatever the id looks like."""
    error = await refused(stub.GetReferenceImage(pb.GetReferenceImageRequest(id=image)))
    assert isinstance(error, NotFound)
    assert error.reason == "IMAGE_NOT_FOUND"
