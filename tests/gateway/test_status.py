"""Live status of every service."""

from __future__ import annotations

import httpx

from tests.gateway.conftest import Shop


def test_the_status_names_every_service(shop: Shop, client: httpx.Client) -> None:
    """Those that run serve; catalogue and index say how far they are."""
    status = client.get("/v1/status").json()
    states = {service["name"]: service["state"] for service in status["services"]}
    assert list(states) == ["catalog", "visual_search", "scanning", "pose", "shopper"]
    assert states["catalog"] == "serving"
    assert status["catalog"]["products"] == "6"
    if "search" in shop.running:
        assert status["index"]["catalog_revision"]


def test_services_that_are_away_are_said_to_be(shop: Shop) -> None:
    """The page shows what is wrong instead of an error."""
    with shop.with_backends_away() as url, httpx.Client(base_url=url) as client:
        status = client.get("/v1/status").json()
    assert {service["state"] for service in status["services"]} == {"not_serving"}
    assert (status["catalog"], status["index"]) == (None, None)


def test_ready_means_that_the_catalogue_serves(client: httpx.Client) -> None:
    """Alive is another question."""
    assert client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/healthz").json() == {"status": "ok"}
