"""Switches to another embedder when another one was chosen while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from services.visual_search.embedding.embedder import Embedder
from shared.errors import VitrineError

_LOOK_S: Final = 1.0
_log = structlog.get_logger()


async def follow_choice(
    history: Callable[[], tuple[str, ...]],
    open_chosen: Callable[[], Embedder],
    switch_to: Callable[[Embedder], Awaitable[None]],
    look_s: float = _LOOK_S,
) -> None:
    """Look for a change of the choice again and again; never returns.

    An embedder that cannot be opened is told in the log; the present one goes on.

    Args:
        history: what was chosen, the present choice last; read in a thread.
        open_chosen: opens the embedder of the present choice.
        switch_to: builds its index beside the present one, then switches.
        look_s: seconds between two looks.
    """
    seen = await asyncio.to_thread(history)
    while True:
        await asyncio.sleep(look_s)
        found = await asyncio.to_thread(history)
        if found == seen:
            continue
        seen = found
        try:
            await switch_to(await asyncio.to_thread(open_chosen))
        except VitrineError as error:
            _log.warning("the embedder chosen cannot be used", reason=error.message)
