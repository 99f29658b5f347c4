"""Embedders: pictures in, vectors out, whose dot product says how alike they look.

An embedder is a card and what computes its vectors. ``open_embedder`` finds one by
id: the classical ones need no weights, every other id is an ONNX file beside its
card. Vectors of two embedders are never compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from shared.errors import Overloaded
from shared.image_pixels import Rgb
from shared.models.calibrations import calibrated
from shared.models.card import SHIPPED_EMBEDDER, SHIPPED_MODELS, ModelCard
from shared.models.embedder_choice import installed_embedder, installed_embedders

Result = TypeVar("Result")
Vectors = npt.NDArray[np.float32]
Places = npt.NDArray[np.float32]
"""(N, h, w, D): the part that each place of a picture has in its vector; they sum to it."""

GENERATION_FORMAT = 1
"""Raise when what the index stores about a product changes: it is then built anew."""
AT_ONCE: Final = 2
"""Calls of an ``EmbedderQueue`` that run at once; more would only share the same cores."""


class Embedder(Protocol):
    """Computes the vectors that an index holds. Called from several threads at once."""

    @property
    def card(self) -> ModelCard:
        """What it is: id, hash, length of its vectors, calibration."""

    def embed(self, images_rgb: Sequence[Rgb]) -> Vectors:
        """Embed pictures.

        Args:
            images_rgb: N pictures (H, W, 3) uint8 of any size.

        Returns:
            (N, ``card.dims``) float32, each row of length 1, or of zeros for a picture
            in which a classical method finds nothing.
        """


@runtime_checkable
class PlaceEmbedder(Embedder, Protocol):
    """An embedder that can tell which part of a vector comes from where."""

    def embed_places(self, images_rgb: Sequence[Rgb]) -> Places | None:
        """Embed pictures place by place, by the same pass as ``embed``.

        Args:
            images_rgb: N pictures (H, W, 3) uint8 of any size, at least one.

        Returns:
            (N, h, w, ``card.dims``) float32, row by row from the top left; the sum over
            the places is what ``embed`` gives. None where the network cannot tell.
        """


def l2_normalised(vectors: npt.NDArray[np.float32]) -> Vectors:
    """Scale each row of (N, D) to length 1; a row of zeros stays.

    >>> l2_normalised(np.array([[3, 4]], np.float32)).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def generation_name(card: ModelCard) -> str:
    """Name of the index that holds this embedder's vectors; another file is another name."""
    return f"{card.id}-{card.sha256[:12]}-{GENERATION_FORMAT}"


def open_embedder(
    embedder_id: str = "", folders: Sequence[Path] = (SHIPPED_MODELS,), *, threads: int = 1
) -> Embedder:
    """Open an embedder by its id; empty = the one that comes with Vitrine.

    Raises:
        NotReady: no embedder has this id (``MODEL_MISSING``), its card cannot be read
            (``MODEL_CARD_INVALID``), or its file is missing or not the one that the card
            describes.
    """
    from services.visual_search.embedding.classical import CLASSICAL, open_classical

    wanted = embedder_id or SHIPPED_EMBEDDER
    if wanted in CLASSICAL:
        return open_classical(wanted, folders)
    from services.visual_search.embedding.onnx_embedder import OnnxEmbedder

    card, folder = installed_embedder(wanted, folders, CLASSICAL)
    return OnnxEmbedder(calibrated(card, folders), folder, threads=threads)


def open_by_generation(
    name: str, folders: Sequence[Path] = (SHIPPED_MODELS,), *, threads: int = 1
) -> Embedder | None:
    """Open the embedder that an index was built with; None when it is not here any more."""
    from services.visual_search.embedding.classical import CLASSICAL, open_classical

    cards = [open_classical(method).card for method in CLASSICAL]
    cards += [card for card, _ in installed_embedders(folders).values()]
    for card in cards:
        if generation_name(card) == name:
            return open_embedder(card.id, folders, threads=threads)
    return None


class EmbedderQueue:
    """Runs an embedder off the event loop and bounds who waits.

    Two calls run at once: one brings its pictures to size while the network of the other
    runs, which fills the cores that short layers leave idle.

    Args:
        embedder: what to run.
        max_waiting: calls that may wait; one more is refused.
    """

    def __init__(self, embedder: Embedder, max_waiting: int = 64) -> None:
        self.embedder = embedder
        self._max_waiting = max_waiting
        self._waiting = 0
        self._thread = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="embed")

    @property
    def card(self) -> ModelCard:
        """The embedder's card."""
        return self.embedder.card

    async def embed(self, images_rgb: Sequence[Rgb], *, patient: bool = False) -> Vectors:
        """Embed pictures, see ``Embedder.embed``; who is patient waits however many do.

        Raises:
            Overloaded: too many calls wait already.
        """
        if not images_rgb:
            return np.zeros((0, self.card.dims), np.float32)
        return await self._run(lambda: self.embedder.embed(images_rgb), patient=patient)

    async def embed_places(self, images_rgb: Sequence[Rgb]) -> Places | None:
        """Embed pictures place by place, see ``PlaceEmbedder``; None if it is none.

        Raises:
            Overloaded: too many calls wait already.
        """
        embedder = self.embedder
        if not images_rgb or not isinstance(embedder, PlaceEmbedder):
            return None
        return await self._run(lambda: embedder.embed_places(images_rgb), patient=False)

    async def _run(self, work: Callable[[], Result], *, patient: bool) -> Result:
        if self._waiting >= self._max_waiting and not patient:
            raise Overloaded("the embedder's queue is full", retry_after_ms=250)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the threads end after what they are doing."""
        self._thread.shutdown(wait=False, cancel_futures=True)
