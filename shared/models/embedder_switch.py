"""Waits until visual search answers with another embedder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from shared.errors import NotReady
from vitrine.v1 import visual_search_pb2 as pb

NOTICE_S = 20.0
"""How long a running visual search may take to notice that another embedder was chosen."""
_POLL_S = 0.1


async def until_switched(
    search: Any,
    embedder_id: str,
    on_progress: Callable[[int, int], None],
    notice_s: float = NOTICE_S,
) -> int:
    """Wait until an embedder's index answers; however long building it takes.

    Args:
        search: a ``VisualSearchServiceStub``.
        embedder_id: what was put in use.
        on_progress: called with the revision built and the one to reach.
        notice_s: how long the service may take to begin.

    Returns:
        How many reference images its index holds.

    Raises:
        NotReady: the service builds no index for it (``EMBEDDER_NOT_TAKEN``).
    """
    clock = asyncio.get_running_loop().time
    begun = clock()
    while True:
        status = await search.GetIndexStatus(pb.GetIndexStatusRequest(), timeout=30)
        if status.model.id == embedder_id:
            return int(status.reference_images)
        building = status.building_model.id == embedder_id
        if building:
            on_progress(status.building_revision, status.catalog_revision)
        elif clock() - begun > notice_s:
            raise _not_taken(embedder_id, status.model.id)
        await asyncio.sleep(_POLL_S)


def _not_taken(embedder_id: str, present: str) -> NotReady:
    return NotReady(
        f"{embedder_id} is in use by this state folder, but visual search still answers with "
        f"{present}: it runs with another state folder or with VITRINE_EMBEDDER set, or its "
        "log says why the model cannot be opened",
        reason="EMBEDDER_NOT_TAKEN",
    )
