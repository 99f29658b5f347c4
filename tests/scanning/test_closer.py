"""Closer looks at what a stream leaves open, beside its frames."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing

import numpy as np
import pytest

from services.scanning.closer import AGAIN_AFTER_FRAMES, JOIN_AFTER_FRAMES, JOIN_AFTER_US
from services.scanning.decision import Decision
from services.scanning.options import Options
from services.scanning.scanner import Scanner
from services.scanning.session import Session
from services.scanning.stream import Frame
from shared.errors import Unavailable
from shared.image import encode_jpeg
from tests.scanning.making import FakeCatalog, FakeVisualSearch, look, product

TEA, JAM, OAT = product("TEA"), product("JAM"), product("OAT")
FRAME_US = 100_000
SIBLINGS = look(TEA=0.4, JAM=0.4, unknown=0.2)
DETAILS = look(TEA=0.99, JAM=0.005, unknown=0.005)
DUE = JOIN_AFTER_US // FRAME_US


class Search(FakeVisualSearch):
    """By looks both siblings; closely what ``details`` says, once ``may_answer`` is set."""

    def __init__(self) -> None:
        super().__init__(SIBLINGS)
        self.details = DETAILS
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.under_way = self.most = 0

    async def recognize(self, image, regions, *, verify, find):
        if not verify:
            return await super().recognize(image, regions, verify=verify, find=find)
        assert find, "a closer look finds printed things too"
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.may_answer.wait()
        finally:
            self.under_way -= 1
        plain, self.always = self.always, self.details
        try:
            return await super().recognize(image, regions, verify=verify, find=find)
        finally:
            self.always = plain

    @property
    def closer_looks(self):
        return self.verified.count(True)


@pytest.fixture
def search():
    return Search()


@pytest.fixture
async def session(search):
    with ThreadPoolExecutor(2) as executor:
        scanner = Scanner(FakeCatalog(TEA, JAM, OAT), search, executor)
        async with aclosing(Session(scanner)) as opened:
            yield opened


def picture(number):
    """One thing, as large as the picture; each number differs from the next."""
    return encode_jpeg(np.full((240, 320, 3), 60 + 20 * (number % 8), np.uint8))


async def answer(session, number, *, image=None, dropped=0, step_us=FRAME_US):
    frame = Frame(number, number * step_us, image or picture(number), Options())
    async with asyncio.timeout(10):
        return await session.recognise(frame, await session.look(frame), dropped)


def decision(answer):
    return answer.items[0].verdict.decision


async def test_what_looks_leave_open_is_decided_by_a_closer_look(session):
    """With the frame half a second after; those before it are answered by looks."""
    answers = [await answer(session, number) for number in range(DUE + 1)]
    assert {decision(one) for one in answers[:-1]} == {Decision.AMBIGUOUS}
    last = answers[-1].items[0]
    assert (last.verdict.sku, last.track_id, last.frames_to_decide) == ("TEA", 1, DUE + 1)


async def test_one_frames_details_are_not_watered_down_by_many_frames_looks(session):
    """As sure as the closer look was, and still so when its frame has left the window."""
    answers = [await answer(session, number) for number in range(AGAIN_AFTER_FRAMES)]
    assert answers[-1].items[0].verdict.probability > 0.98


async def test_no_frame_waits_for_a_closer_look_before_it_is_due(session, search):
    """The closer look hangs; the frames are answered all the same."""
    search.may_answer.clear()
    answers = [await answer(session, number) for number in range(DUE)]
    assert {decision(one) for one in answers} == {Decision.AMBIGUOUS}
    assert search.under_way == 1


async def test_a_stream_that_drops_frames_never_waits(session, search):
    """It is to stay fresh; what the closer look says is joined when it is there."""
    search.may_answer.clear()
    late = [await answer(session, number, dropped=1) for number in range(DUE + 4)]
    assert decision(late[-1]) is Decision.AMBIGUOUS
    search.may_answer.set()
    await asyncio.sleep(0.05)
    assert decision(await answer(session, DUE + 4)) is Decision.IDENTIFIED


async def test_where_nothing_is_dropped_the_due_frame_waits(session, search):
    """So that a replay gives the same answers, however slow the machine is."""
    search.may_answer.clear()
    for number in range(DUE):
        await answer(session, number)
    asyncio.get_running_loop().call_later(0.2, search.may_answer.set)
    assert decision(await answer(session, DUE)) is Decision.IDENTIFIED


async def test_the_same_frames_give_the_same_answers(search):
    """Fast or slow."""
    runs = []
    for delay_s in (0.0, 0.02):
        with ThreadPoolExecutor(2) as executor:
            scanner = Scanner(FakeCatalog(TEA, JAM), search, executor)
            async with aclosing(Session(scanner)) as session:
                answers = []
                for number in range(2 * AGAIN_AFTER_FRAMES):
                    answers.append(await answer(session, number))
                    await asyncio.sleep(delay_s)
        runs.append([(one.items, one.unchanged) for one in answers])
    assert runs[0] == runs[1]


async def test_closer_looks_are_few_and_one_at_a_time(session, search):
    """A track that stays open is looked at every so many frames."""
    search.details = SIBLINGS
    for number in range(3 * AGAIN_AFTER_FRAMES):
        await answer(session, number)
    assert (search.closer_looks, search.most) == (3, 1)


async def test_what_looks_decide_is_not_looked_at_closely(session, search):
    """Nothing is open."""
    search.always = look(TEA=0.97, unknown=0.03)
    for number in range(5):
        await answer(session, number)
    assert search.closer_looks == 0


async def test_codes_only_streams_do_not_look(session, search):
    """Nobody is to look."""
    frame = Frame(1, 1, picture(1), Options(codes_only=True))
    await session.recognise(frame, await session.look(frame), 0)
    assert search.asked == []


async def test_a_still_picture_is_looked_at_closely_once(session, search):
    """The frame that brings the news is not called unchanged; those after it are."""
    image = picture(1)
    answers = [await answer(session, number, image=image) for number in range(2 * DUE)]
    news = [number for number, one in enumerate(answers) if not one.unchanged]
    assert news == [0, DUE]
    assert {decision(one) for one in answers[DUE:]} == {Decision.IDENTIFIED}
    assert search.closer_looks == 1


async def test_where_capture_times_stand_frames_are_counted(session):
    """A client without a clock gets closer looks too."""
    answers = [await answer(session, n, step_us=0) for n in range(JOIN_AFTER_FRAMES + 1)]
    assert decision(answers[-2]) is Decision.AMBIGUOUS
    assert decision(answers[-1]) is Decision.IDENTIFIED


async def test_a_thing_changed_for_its_sibling_is_noticed(session, search):
    """Looks do not tell; the closer looks that follow do."""
    for number in range(AGAIN_AFTER_FRAMES):
        await answer(session, number)
    search.details = look(JAM=0.99, TEA=0.005, unknown=0.005)
    start = AGAIN_AFTER_FRAMES
    frames = range(start, start + 3 * AGAIN_AFTER_FRAMES)
    answers = [await answer(session, number) for number in frames]
    assert answers[-1].items[0].verdict.sku == "JAM"


async def test_a_product_that_only_the_closer_look_saw_is_told(session, search):
    """Looks knew nothing of it; its product comes with the answer."""
    search.always, search.details = look(unknown=1.0), look(OAT=0.99, unknown=0.01)
    answers = [await answer(session, number) for number in range(DUE + 2)]
    assert decision(answers[0]) is Decision.UNKNOWN
    for one in answers[DUE:]:
        assert one.items[0].verdict.sku == "OAT"
        assert one.items[0].track_id == 1
        assert "OAT" in one.products


async def test_without_a_closer_look_the_stream_goes_on(session, search, monkeypatch):
    """Visual search answers frames but is too busy for more."""
    plain = FakeVisualSearch.recognize

    async def busy(self, image, regions, *, verify, find):
        if verify:
            raise Unavailable("busy")
        return await plain(self, image, regions, verify=verify, find=find)

    monkeypatch.setattr(Search, "recognize", busy)
    answers = [await answer(session, number) for number in range(DUE + 2)]
    assert decision(answers[-1]) is Decision.AMBIGUOUS


async def test_the_end_of_a_stream_ends_its_closer_look(session, search):
    """No task is left behind."""
    search.may_answer.clear()
    await answer(session, 0)
    await asyncio.sleep(0)
    assert search.under_way == 1
    await session.aclose()
    assert search.under_way == 0
