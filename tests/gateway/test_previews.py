"""Small copies of pictures, for lists."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

from services.gateway.previews import SIDES, preview
from shared.errors import ImageRefused
from shared.image import decode, encode_jpeg
from tests.gateway.conftest import Shop


def wide() -> bytes:
    """A picture of 1200 x 600 pixels, left half dark."""
    image = np.full((600, 1200, 3), 220, np.uint8)
    image[:, :600] = 20
    return encode_jpeg(image)


@pytest.fixture
def image_url(client: httpx.Client) -> str:
    """Where a product's reference image is."""
    product = client.get("/v1/products/TEA-1").json()
    return f"/v1/reference-images/{product['reference_images'][0]['id']}"


@pytest.mark.parametrize("side", SIDES)
async def test_a_preview_keeps_the_form_of_the_picture(side: int) -> None:
    """Its longer side is what was asked for, and it shows the same."""
    small = decode(await preview(wide(), side)).image_rgb
    assert small.shape == (side // 2, side, 3)
    assert small[:, : side // 3].mean() < 40
    assert small[:, -side // 3 :].mean() > 200


async def test_a_small_picture_is_not_enlarged() -> None:
    """There is nothing to be gained."""
    tiny = encode_jpeg(np.full((40, 60, 3), 90, np.uint8))
    assert decode(await preview(tiny, 640)).size_wh == (60, 40)


async def test_what_is_no_picture_is_refused() -> None:
    """The gate stands here too."""
    with pytest.raises(ImageRefused):
        await preview(b"no picture", 160)


def test_a_reference_image_comes_small_and_for_ever(client: httpx.Client, image_url: str) -> None:
    """As JPEG, with an ETag of its own; without the parameter it is as it was."""
    whole, small = client.get(image_url), client.get(image_url, params={"max_side": 160})
    assert small.status_code == 200
    assert small.headers["content-type"] == "image/jpeg"
    assert small.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert max(decode(small.content).size_wh) == min(160, max(decode(whole.content).size_wh))
    assert small.headers["etag"] != whole.headers["etag"]
    again = {"If-None-Match": small.headers["etag"]}
    assert client.get(image_url, params={"max_side": 160}, headers=again).status_code == 304


def test_a_sample_comes_small_and_is_revalidated(client: httpx.Client) -> None:
    """The samples folder may change."""
    small = client.get("/samples/shelf%2001.jpg", params={"max_side": 160})
    assert small.headers["content-type"] == "image/jpeg"
    assert small.headers["cache-control"] == "no-cache"
    assert max(decode(small.content).size_wh) <= 160
    again = {"If-None-Match": small.headers["etag"]}
    url = "/samples/shelf%2001.jpg?max_side=160"
    assert client.get(url, headers=again).status_code == 304


def test_a_clip_is_shown_by_its_first_picture(shop: Shop, client: httpx.Client) -> None:
    """A motion JPEG is pictures one after the other; the bright second one is not seen."""
    clip = wide() + encode_jpeg(np.full((600, 1200, 3), 250, np.uint8))
    (shop.folder / "samples" / "clip.mjpeg").write_bytes(clip)
    small = client.get("/samples/clip.mjpeg", params={"max_side": 160})
    assert small.headers["content-type"] == "image/jpeg"
    image = decode(small.content).image_rgb
    assert image.shape == (80, 160, 3)
    assert image[:, :50].mean() < 40


def test_other_clips_have_no_small_copy(shop: Shop, client: httpx.Client) -> None:
    """To take a picture out of them would want a decoder of films."""
    (shop.folder / "samples" / "film.mp4").write_bytes(b"a film")
    refused = client.get("/samples/film.mp4", params={"max_side": 160})
    assert (refused.status_code, refused.json()["reason"]) == (422, "INVALID_INPUT")


@pytest.mark.parametrize("side", ["0", "161", "100000", "-1", "x", ""])
def test_other_sizes_are_refused(client: httpx.Client, image_url: str, side: str) -> None:
    """A few sizes are offered, and named."""
    for url in (image_url, "/samples/shelf%2001.jpg"):
        refused = client.get(url, params={"max_side": side})
        assert refused.status_code == 422
        (violation,) = refused.json()["violations"]
        assert violation["field"] == "max_side"
        assert "160, 320, 640" in violation["description"]


def test_an_unknown_picture_is_missing_at_any_size(client: httpx.Client) -> None:
    """404, as without."""
    for url in (f"/v1/reference-images/{'0' * 64}", "/samples/none.jpg"):
        assert client.get(url, params={"max_side": 320}).status_code == 404


def test_other_operations_have_no_small_copies(client: httpx.Client) -> None:
    """The parameter belongs to pictures."""
    assert client.get("/v1/stores", params={"max_side": 160}).status_code == 422


def test_the_document_tells_the_sizes(client: httpx.Client) -> None:
    """As an enumeration."""
    paths = client.get("/v1/openapi.json").json()["paths"]
    told = {p["name"]: p for p in paths["/v1/reference-images/{id}"]["get"]["parameters"]}
    assert told["max_side"]["schema"]["enum"] == list(SIDES)
