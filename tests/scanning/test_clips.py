"""A demo clip through a stream, with a real catalogue and a real visual search."""

import asyncio

import pytest

from shared.demo.clips import clip
from shared.image import encode_jpeg
from tests.scanning.conftest import demo_product
from tests.scanning.test_service import send_one_by_one, skus_of
from vitrine.v1 import scanning_pb2 as pb
from vitrine.v1 import types_pb2
from vitrine.v1 import visual_search_pb2 as search_pb

pytestmark = pytest.mark.asyncio(loop_scope="module")

CEREAL, SIBLING = "CER-010", "CER-011"
SECONDS_TO_CATCH_UP = 120
"""Local features follow the catalogue in their own time, and machines are busy."""


async def details_are_known(shop, image):
    """Wait until the product is found by its local features."""
    request = search_pb.RecognizeRegionsRequest(
        image=image,
        regions=[search_pb.RecognizeRegion(box=types_pb2.Box(x_max=1, y_max=1))],
        find_regions=True,
    )
    async with asyncio.timeout(SECONDS_TO_CATCH_UP):
        while not any(one.found for one in (await shop.search.RecognizeRegions(request)).regions):
            await asyncio.sleep(0.5)


async def test_a_filmed_product_is_identified_within_its_clip(own_shop):
    """Its sibling looks alike: one frame's details decide, as in a single picture."""
    await own_shop.change(demo_product(SIBLING))
    await own_shop.add_pictures(SIBLING)
    images = [encode_jpeg(frame.image_rgb) for frame in clip(3, 8, CEREAL)]
    await details_are_known(own_shop, images[0])
    replies = await send_one_by_one(own_shop, images)
    assert replies[0].items[0].decision == pb.DECISION_AMBIGUOUS
    assert {sku for reply in replies for sku in skus_of(reply)} == {"", CEREAL}
    last = replies[-1].items[0]
    assert (last.product.sku, last.track_id) == (CEREAL, 1)
    assert 0 < last.frames_to_decide <= len(images)
    assert last.probability > 0.95
