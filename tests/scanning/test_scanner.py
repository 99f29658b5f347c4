"""One picture, with a catalogue and a visual search in memory."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from services.scanning.asking import Source
from services.scanning.evidence import Candidate, Look
from services.scanning.scanner import Scanner
from shared.errors import ImageRefused, Unavailable
from shared.image import encode_jpeg
from shared.telemetry import Stages
from tests.scanning.making import FakeCatalog, FakeVisualSearch, look, product
from tests.scanning.pictures import EAN, code_picture, turned

TEA = product("TEA", EAN.zfill(14))
JAM = product("JAM")
CODE = encode_jpeg(turned(code_picture(), 3))
PLAIN = encode_jpeg(np.full((480, 640, 3), 200, np.uint8))


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def catalog():
    return FakeCatalog(TEA, JAM)


async def scan(catalog, search, threads, image=CODE, *, look=True):
    scanner = Scanner(catalog, search, threads)
    stages = Stages()
    scene = await scanner.scan(image, 8, stages, look=look)
    return scene, stages.as_ms()


async def test_bytes_that_are_no_picture_are_refused(catalog, threads):
    """The gate's refusal comes through."""
    with pytest.raises(ImageRefused):
        await scan(catalog, FakeVisualSearch(), threads, b"no picture")


async def test_a_plain_picture_is_one_unknown_thing(catalog, threads):
    """The whole picture, with what visual search says of it."""
    scene, _ = await scan(catalog, FakeVisualSearch(), threads, PLAIN)
    assert [item.box_xyxy for item in scene.items] == [(0, 0, 1, 1)]
    assert scene.size_wh == (640, 480)
    assert scene.source == Source("model", "ab", 7, "g1")


async def test_codes_are_named_by_the_catalogue(catalog, threads):
    """The code's product and GTIN come with the item."""
    scene, _ = await scan(catalog, FakeVisualSearch(), threads)
    (code,) = [one for item in scene.items for one in item.codes]
    assert (code.sku, code.gtin) == ("TEA", EAN.zfill(14))
    assert scene.products["TEA"] == TEA
    assert scene.skus_with_gtin == {"TEA"}


async def test_a_code_is_asked_about_once(catalog, threads):
    """However often it stands in the picture."""
    two = encode_jpeg(np.hstack([code_picture(), code_picture()]))
    await scan(catalog, FakeVisualSearch(), threads, two)
    assert catalog.asked == [EAN.zfill(14)]


async def test_codes_only_does_not_look(catalog, threads):
    """Visual search is not asked, and that is no degradation."""
    search = FakeVisualSearch()
    scene, timings = await scan(catalog, search, threads, look=False)
    assert (search.asked, scene.degraded) == ([], ())
    assert [item.look for item in scene.items] == [None]
    assert "regions" not in timings


async def test_without_visual_search_codes_still_decide(catalog, threads):
    """The answer says which part is missing."""
    search = FakeVisualSearch()
    search.away = True
    scene, _ = await scan(catalog, search, threads)
    assert scene.degraded == ("visual_search",)
    assert [one.sku for item in scene.items for one in item.codes] == ["TEA"]


async def test_without_the_catalogue_there_is_no_answer(catalog, threads):
    """A code cannot be named; that is told as it is."""
    catalog.away = True
    with pytest.raises(Unavailable):
        await scan(catalog, FakeVisualSearch(), threads)


async def test_candidates_that_are_gone_are_not_told(catalog, threads):
    """A product that was deleted after it was indexed."""
    search = FakeVisualSearch(look(GONE=0.9, JAM=0.05, unknown=0.05))
    scene, _ = await scan(catalog, search, threads, PLAIN)
    (item,) = scene.items
    assert [one.sku for one in item.look.candidates] == ["JAM"]
    assert set(scene.products) == {"JAM"}


async def test_a_contradicted_code_is_asked_about_again(catalog, threads):
    """The look is of another product: the code's own is suggested, and features compared."""
    search = FakeVisualSearch(look(JAM=0.95, unknown=0.05))
    told = Look((Candidate("JAM", 0.9), Candidate("TEA", 0.02)), 0.05)
    search.looks = [look(JAM=0.95, unknown=0.05), told]
    scene, _ = await scan(catalog, search, threads)
    ((_, suggested),) = search.asked[1]
    assert (suggested, search.verified) == (["TEA"], [False, True])
    assert told in [item.look for item in scene.items]


async def test_what_is_clear_is_not_looked_at_again(catalog, threads):
    """A sure look without codes, or one that agrees with its code, costs one question."""
    for image, seen in ((PLAIN, look(JAM=0.9, unknown=0.1)), (CODE, look(TEA=0.5, unknown=0.5))):
        search = FakeVisualSearch(seen)
        await scan(catalog, search, threads, image)
        assert search.verified == [False]


async def test_an_unsure_look_is_looked_at_more_closely(catalog, threads):
    """Local features decide between two that look alike."""
    search = FakeVisualSearch()
    search.looks = [look(JAM=0.5, TEA=0.4), look(JAM=0.99)]
    scene, _ = await scan(catalog, search, threads, PLAIN)
    assert search.verified == [False, True]
    assert scene.items[0].look.best.probability == 0.99


async def test_timings_name_the_stages(catalog, threads):
    """Each stage here, and those of visual search."""
    _, timings = await scan(catalog, FakeVisualSearch(look(JAM=0.9, unknown=0.1)), threads)
    assert {"decode", "regions", "codes", "lookup", "embed", "products", "total"} <= set(timings)


async def test_an_endless_qr_code_is_reported_but_not_looked_up(catalog, threads):
    """The catalogue takes 2000 characters."""
    text = "x" * 2001
    scene, _ = await scan(
        catalog, FakeVisualSearch(), threads, encode_jpeg(code_picture(text, "QRCode"))
    )
    assert catalog.asked == []
    assert [one.code.text for item in scene.items for one in item.codes] == [text]
