"""The REST door's answers to pictures: search, scan, try-on, textures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import httpx

from tests.gateway.conftest import Shop
from tests.gateway.contents import barcode, found_sku, picture

JPEG = {"content-type": "image/jpeg"}


def test_a_photo_finds_its_product(
    client: httpx.Client, needs: Callable[[str], None], until: Callable[..., None]
) -> None:
    """Raw, in a form and in JSON: the same product."""
    needs("search")
    image = picture(0)
    until(lambda: found_sku(client.post("/v1/search", content=image, headers=JPEG)) == "TEA-1")
    form = client.post("/v1/search?top_k=1", files={"image": ("a.jpg", image, "image/jpeg")})
    encoded = {"image": base64.b64encode(image).decode(), "top_k": 1}
    told = client.post("/v1/search", json=encoded)
    assert [found_sku(form), found_sku(told)] == ["TEA-1", "TEA-1"]
    assert form.headers["cache-control"] == "no-store"


def test_a_form_carries_the_contracts_request(
    client: httpx.Client, needs: Callable[[str], None]
) -> None:
    """Filters that no query parameter can say."""
    needs("search")
    request = '{"filter": {"brands": ["Clay"]}, "regions": [{"x_max": 1, "y_max": 1}]}'
    response = client.post(
        "/v1/search", files={"image": ("a.jpg", picture(0)), "request": (None, request)}
    )
    skus = [item["product"]["sku"] for item in response.json()["groups"][0]["results"]]
    assert skus
    assert "TEA-1" not in skus


def test_a_scanned_photo_names_its_product(
    client: httpx.Client, needs: Callable[[str], None]
) -> None:
    """The decision, with price and stock in the store."""
    needs("scanning")
    reply = client.post("/v1/scan?store=berlin-1", content=barcode(), headers=JPEG).json()
    (item,) = reply["items"]
    assert item["decision"] == "DECISION_IDENTIFIED"
    assert item["product"]["sku"] == "TEA-1"
    assert item["offer"]["quantity"] == 7


def test_an_image_that_is_none_is_refused_by_the_gate(
    client: httpx.Client, needs: Callable[[str], None]
) -> None:
    """The services' own reasons come through."""
    needs("search")
    response = client.post("/v1/search", content=b"not an image", headers=JPEG)
    assert response.status_code == 422
    assert response.json()["reason"].startswith("IMAGE_")


def test_a_texture_is_read_without_consent_and_kept(
    shop: Shop, client: httpx.Client, needs: Callable[[str], None]
) -> None:
    """The asset's own file under the hash of its bytes, which may be kept for ever."""
    needs("pose")
    file = (shop.folder / "glasses.png").read_bytes()
    path = f"/v1/tryon/textures/GLS-1/{hashlib.sha256(file).hexdigest()}"
    response = client.get(path)
    assert response.content == file
    assert response.headers["content-type"] == "image/png"
    assert "immutable" in response.headers["cache-control"]
    again = client.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    refused = client.get(f"/v1/tryon/textures/GLS-1/{'0' * 64}")
    assert (refused.status_code, refused.json()["reason"]) == (404, "TEXTURE_NOT_FOUND")
    refused = client.get(f"/v1/tryon/textures/TEA-1/{'0' * 64}")
    assert (refused.status_code, refused.json()["reason"]) == (409, "TRY_ON_ASSET_MISSING")


def test_try_on_without_consent_is_forbidden(
    client: httpx.Client, needs: Callable[[str], None]
) -> None:
    """403 before anything is seen."""
    needs("pose")
    response = client.post("/v1/tryon:place?sku=TEA-1", content=picture(0), headers=JPEG)
    assert (response.status_code, response.json()["reason"]) == (403, "CONSENT_MISSING")
