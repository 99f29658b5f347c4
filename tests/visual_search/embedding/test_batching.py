"""Batches on the way to a GPU: same answers, no waiting for others, errors where they belong."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from services.visual_search.embedding.batching import BatchingQueue, queue_for
from services.visual_search.embedding.classical import open_classical
from services.visual_search.embedding.embedder import EmbedderQueue, open_embedder
from shared.errors import Overloaded
from tests.visual_search.pictures import pack

BROKEN = np.zeros((1, 1, 3), np.uint8)


class Gated:
    """An embedder that notes its batches and waits for a gate; one picture breaks it."""

    def __init__(self, *, on_gpu: bool = True) -> None:
        self._inner = open_classical("hsv")
        self.card, self.on_gpu = self._inner.card, on_gpu
        self.batches: list[int] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def embed(self, images_rgb):
        """Vectors, once the gate is open."""
        self.batches.append(len(images_rgb))
        self.begun.set()
        assert self.go.wait(10)
        if any(image.shape == BROKEN.shape for image in images_rgb):
            raise RuntimeError("broken picture")
        return self._inner.embed(images_rgb)


async def one_running(queue: BatchingQueue, gated: Gated) -> asyncio.Task:
    """Start a call and wait until the embedder works on it."""
    task = asyncio.create_task(queue.embed([pack(0)]))
    await asyncio.to_thread(gated.begun.wait, 10)
    return task


async def test_what_waits_while_one_runs_runs_together():
    """The first runs alone at once; the next three become one batch; each gets its own."""
    gated = Gated()
    queue = BatchingQueue(gated)
    first = await one_running(queue, gated)
    counts = (1, 3, 2)
    rest = [
        asyncio.create_task(queue.embed([pack(10 * n + k) for k in range(count)]))
        for n, count in enumerate(counts, start=1)
    ]
    await asyncio.sleep(0)
    gated.go.set()
    answers = await asyncio.gather(first, *rest)
    assert gated.batches == [1, 6]
    for n, (count, vectors) in enumerate(zip(counts, answers[1:], strict=True), start=1):
        expected = open_classical("hsv").embed([pack(10 * n + k) for k in range(count)])
        np.testing.assert_array_equal(vectors, expected)
    queue.close()


async def test_answers_are_those_of_the_plain_queue():
    """With the shipped network on the CPU, many calls at once."""
    embedder = open_embedder("vitrine-embedder-1")
    batching, plain = BatchingQueue(embedder), EmbedderQueue(embedder)
    pictures = [pack(seed) for seed in range(9)]
    together = await asyncio.gather(*(batching.embed([picture]) for picture in pictures))
    alone = [await plain.embed([picture]) for picture in pictures]
    np.testing.assert_allclose(np.concatenate(together), np.concatenate(alone), atol=1e-5)
    batching.close()
    plain.close()


async def test_batches_are_bounded():
    """Five pictures at most: the calls that do not fit go with the next; a larger call alone."""
    gated = Gated()
    queue = BatchingQueue(gated, largest=5)
    tasks = [await one_running(queue, gated)]
    for count in (2, 2, 2, 7, 1):
        tasks.append(asyncio.create_task(queue.embed([pack(1)] * count)))
    await asyncio.sleep(0)
    gated.go.set()
    answers = await asyncio.gather(*tasks)
    assert gated.batches == [1, 4, 2, 7, 1]
    assert [len(answer) for answer in answers] == [1, 2, 2, 2, 7, 1]
    queue.close()


async def test_a_full_queue_refuses_who_is_not_patient():
    """And says when to come back; the patient one is answered."""
    gated = Gated()
    queue = BatchingQueue(gated, max_waiting=2)
    tasks = [await one_running(queue, gated)]
    tasks += [asyncio.create_task(queue.embed([pack(1)])) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as caught:
        await queue.embed([pack(1)])
    assert caught.value.retry_after_ms > 0
    tasks.append(asyncio.create_task(queue.embed([pack(1)], patient=True)))
    await asyncio.sleep(0)
    gated.go.set()
    assert [len(one) for one in await asyncio.gather(*tasks)] == [1, 1, 1, 1]
    queue.close()


async def test_only_the_broken_call_fails():
    """Its neighbours in the batch are answered, and so is who comes after."""
    gated = Gated()
    queue = BatchingQueue(gated)
    first = await one_running(queue, gated)
    good, bad = (asyncio.create_task(queue.embed([one])) for one in (pack(1), BROKEN))
    await asyncio.sleep(0)
    gated.go.set()
    results = await asyncio.gather(first, good, bad, return_exceptions=True)
    assert [len(one) for one in results[:2]] == [1, 1]
    assert isinstance(results[2], RuntimeError)
    assert len(await queue.embed([pack(2)])) == 1
    queue.close()


async def test_who_gave_up_is_not_computed_for():
    """A call cancelled while it waits takes no place in the batch."""
    gated = Gated()
    queue = BatchingQueue(gated)
    first = await one_running(queue, gated)
    gone, stays = (asyncio.create_task(queue.embed([pack(n)])) for n in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gated.go.set()
    await asyncio.gather(first, stays)
    assert gated.batches == [1, 1]
    assert gone.cancelled()
    queue.close()


def test_only_a_gpu_is_given_batches():
    """The classical ones and the network on the CPU keep the plain queue."""
    on_gpu, on_cpu = Gated(), Gated(on_gpu=False)
    assert isinstance(queue_for(on_gpu), BatchingQueue)
    for embedder in (on_cpu, open_classical("hsv"), open_embedder("vitrine-embedder-1")):
        assert type(queue_for(embedder)) is EmbedderQueue
