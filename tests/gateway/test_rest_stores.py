"""The REST door's answers about stores: availability, stock."""

from __future__ import annotations

import httpx


def test_availability_spans_stores_and_channels(client: httpx.Client) -> None:
    """Every store when none is named; every pair of store and channel."""
    everywhere = client.get("/v1/availability?sku=TEA-1").json()["offers"]
    assert [(offer["store_id"], offer["quantity"]) for offer in everywhere] == [
        ("berlin-1", 7),
        ("munich-1", 0),
    ]
    pairs = client.get(
        "/v1/availability?sku=TEA-1&store=berlin-1&channel=app&channel=kiosk"
    ).json()["offers"]
    assert [(offer["store_id"], offer["channel"]) for offer in pairs] == [
        ("berlin-1", "app"),
        ("berlin-1", "kiosk"),
    ]


def test_stores_and_their_stock_are_listed(client: httpx.Client) -> None:
    """One to one with the contract."""
    stores = client.get("/v1/stores").json()["stores"]
    assert [store["id"] for store in stores] == ["berlin-1", "munich-1"]
    stock = client.get("/v1/stores/berlin-1/stock").json()["levels"]
    assert stock == [{"sku": "TEA-1", "store_id": "berlin-1", "quantity": 7}]
