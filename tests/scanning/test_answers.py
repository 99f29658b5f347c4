"""Which answers may stand for one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.scanning.answers import OFFERS_HOLD_US, StreamOffers, key_of
from services.scanning.asking import Source
from services.scanning.options import Options
from services.scanning.session import FrameAnswer
from services.scanning.stream import Frame
from vitrine.v1 import catalog_pb2
from vitrine.v1 import scanning_pb2 as pb

SOURCE = Source("model", "ab", 7, "g1", 6)


def test_the_same_question_has_the_same_key() -> None:
    """A picture asked again is known."""
    assert key_of(SOURCE, Options(), b"picture") == key_of(SOURCE, Options(), b"picture")


@pytest.mark.parametrize(
    "other",
    [
        replace(SOURCE, model_sha256="cd"),
        replace(SOURCE, catalog_revision=8),
        replace(SOURCE, index_generation="g2"),
        replace(SOURCE, print_revision=7),
        replace(SOURCE, calibration="another"),
    ],
)
def test_an_answer_of_another_index_is_not_kept_for_this_one(other: Source) -> None:
    """What was answered before print was indexed does not hide what print adds."""
    assert key_of(SOURCE, Options(), b"picture") != key_of(other, Options(), b"picture")


class Prices:
    """A catalogue that has everything, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def offers(
        self, skus: list[str], store_id: str, channel: str
    ) -> dict[str, catalog_pb2.Offer]:
        self.asked += 1
        return {sku: catalog_pb2.Offer(sku=sku, quantity=self.asked) for sku in skus}


async def offered(
    offers: StreamOffers, time_us: int, sku: str = "TEA", store: str = "", *, unchanged: bool
) -> int:
    """The quantity that a frame is told: that of the catalogue's n-th answer."""
    frame = Frame(1, time_us, b"", Options(store_id=store))
    item = pb.ScannedItem(product=catalog_pb2.Product(sku=sku))
    await offers.add([item], FrameAnswer(frame, 0, unchanged=unchanged))
    return item.offer.quantity


async def test_an_unchanged_frame_asks_for_no_offers_again() -> None:
    """What was told a moment ago is told again; after a second it is read anew."""
    offers = StreamOffers(Prices())  # type: ignore[arg-type]
    assert await offered(offers, 0, unchanged=False) == 1
    assert await offered(offers, OFFERS_HOLD_US - 1, unchanged=True) == 1
    assert await offered(offers, OFFERS_HOLD_US, unchanged=True) == 2


async def test_a_changed_frame_another_product_or_store_asks_anew() -> None:
    """Nobody is told the price of something else."""
    offers = StreamOffers(Prices())  # type: ignore[arg-type]
    assert await offered(offers, 0, unchanged=False) == 1
    assert await offered(offers, 1, unchanged=False) == 2
    assert await offered(offers, 2, "JAM", unchanged=True) == 3
    assert await offered(offers, 3, "JAM", "berlin-1", unchanged=True) == 4
