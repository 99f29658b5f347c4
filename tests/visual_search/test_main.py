"""The composition: what start-up waits for, and for how long."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from services.visual_search.__main__ import open_patiently
from services.visual_search.index.edge import EdgeGenerations
from shared.errors import NotReady


async def test_an_index_that_is_let_go_of_is_waited_for(tmp_path: Path) -> None:
    """The second of two commands is answered when the first is done."""
    first = EdgeGenerations(tmp_path)
    second = asyncio.ensure_future(open_patiently(partial(EdgeGenerations, tmp_path), 60))
    await asyncio.sleep(0.3)
    assert not second.done()
    first.close()
    (await second).close()


async def test_an_index_that_stays_held_is_told_with_its_holder(tmp_path: Path) -> None:
    """Not for ever: the command says which process it is."""
    held = EdgeGenerations(tmp_path)
    with pytest.raises(NotReady, match=r"is held by process \d+ \(.+\); wait for it") as refused:
        await open_patiently(partial(EdgeGenerations, tmp_path), 0.2)
    assert refused.value.reason == "INDEX_IN_USE"
    held.close()


async def test_what_waiting_does_not_mend_is_told_at_once() -> None:
    """No second try."""
    tries = []

    def broken() -> EdgeGenerations:
        tries.append(1)
        raise NotReady("no such model", reason="MODEL_MISSING")

    with pytest.raises(NotReady, match="no such model"):
        await open_patiently(broken, 60)
    assert len(tries) == 1
