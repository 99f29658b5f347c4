"""One stream of frames, with a catalogue and a visual search in memory."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing

import numpy as np
import pytest

from services.scanning.decision import Decision
from services.scanning.options import Options
from services.scanning.scanner import Scanner
from services.scanning.session import REFRESH_US, Session
from services.scanning.stream import Frame, Refusal
from shared.errors import ImageRefused
from shared.image import encode_jpeg
from tests.scanning.making import FakeCatalog, FakeVisualSearch, look, product
from tests.scanning.pictures import EAN, code_picture, noise, turned

TEA, JAM = product("TEA", EAN.zfill(14)), product("JAM")
FRAME_US = 100_000


@pytest.fixture
def search():
    return FakeVisualSearch(look(JAM=0.75, TEA=0.1, unknown=0.15))


@pytest.fixture
async def session(search):
    with ThreadPoolExecutor(2) as executor:
        async with aclosing(Session(Scanner(FakeCatalog(TEA, JAM), search, executor))) as opened:
            yield opened


def picture(seed):
    """A plain picture, as bright as its seed says: one thing, and a change for each seed."""
    return encode_jpeg(np.full((240, 320, 3), 60 + 20 * seed, np.uint8))


async def answer(session, image, time_us=0, options=Options()):  # noqa: B008 - frozen
    frame = Frame(time_us, time_us, image, options)
    return await session.recognise(frame, await session.look(frame), 0)


async def test_the_first_frame_is_worked_on(session):
    """There is nothing to compare it with."""
    first = await answer(session, picture(1))
    assert not first.unchanged
    assert [item.track_id for item in first.items] == [1]


async def test_an_unchanged_frame_does_no_work(session, search):
    """The last answer again, marked; nobody is asked what the frame shows."""
    first = await answer(session, picture(1))
    again = await answer(session, picture(1), FRAME_US)
    assert (again.unchanged, again.items, search.verified.count(False)) == (True, first.items, 1)
    assert again.frame.seq == FRAME_US


async def test_an_unchanged_picture_is_worked_on_again_after_a_while(session, search):
    """So that a change of the catalogue shows on a still camera."""
    await answer(session, picture(1))
    again = await answer(session, picture(1), REFRESH_US + 1)
    assert (again.unchanged, search.verified.count(False)) == (False, 2)


async def test_other_options_are_a_change(session, search):
    """The same picture, but another question."""
    await answer(session, picture(1))
    assert not (await answer(session, picture(1), 1, Options(codes_only=True))).unchanged


async def test_evidence_is_pooled_over_frames(session):
    """Frames that change a little but show the same thing decide together."""
    answers = [await answer(session, picture(seed), seed * FRAME_US) for seed in range(6)]
    decisions = [one.items[0].verdict.decision for one in answers]
    assert decisions[0] is Decision.AMBIGUOUS
    assert decisions[-1] is Decision.IDENTIFIED
    assert answers[-1].items[0].frames_to_decide == 1 + decisions.index(Decision.IDENTIFIED)


async def test_products_of_earlier_frames_are_still_known(session, search):
    """The pooled candidates can all be told."""
    search.looks = [look(TEA=0.5, JAM=0.3, unknown=0.2), look(JAM=0.6, unknown=0.3)]
    await answer(session, picture(1))
    second = await answer(session, picture(2), FRAME_US)
    told = {sku for item in second.items for sku, _ in item.verdict.candidates}
    assert told == {"TEA", "JAM"} == set(second.products)


async def test_codes_on_a_thing_are_suggested(session, search):
    """In a stream the codes are read before the regions are recognised."""
    await answer(session, encode_jpeg(turned(code_picture(), 2)))
    assert all("TEA" in skus for box, skus in search.asked[0] if box == (0, 0, 1, 1))


async def test_few_regions_are_looked_at(session, search):
    """A stream has further frames to look elsewhere."""
    await answer(session, encode_jpeg(noise(seed=3)))
    assert 2 <= len(search.asked[0]) <= 5


async def test_a_refused_frame_leaves_the_session_as_it_was(session):
    """The next good frame goes on with the same track."""
    await answer(session, picture(1))
    with pytest.raises(ImageRefused):
        await session.look(Frame(1, 1, b"no picture", Options()))
    assert (await answer(session, picture(2), FRAME_US)).items[0].track_id == 1


async def test_a_refusal_is_an_answer(session):
    """With the frame's number and the reason."""
    error = ImageRefused("cut", reason="IMAGE_TRUNCATED")
    refused = session.refuse(Refusal(Frame(7, 7, b"", Options()), error), 2)
    assert (refused.frame.seq, refused.dropped, refused.refusal) == (7, 2, error)


async def test_the_same_frames_give_the_same_answers(search):
    """Replay is exact, whatever the time of day."""
    runs = []
    for _ in range(2):
        with ThreadPoolExecutor(2) as executor:
            session = Session(Scanner(FakeCatalog(TEA, JAM), search, executor))
            images = [picture(1), picture(1), picture(2), picture(3)]
            answers = [await answer(session, one, i * FRAME_US) for i, one in enumerate(images)]
            runs.append([(one.items, one.unchanged, dict(one.products)) for one in answers])
    assert runs[0] == runs[1]
