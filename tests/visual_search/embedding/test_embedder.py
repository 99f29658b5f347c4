"""Embedders: the classical ones, ONNX by its card, and the queue that runs them."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from services.visual_search.embedding.classical import CLASSICAL, open_classical
from services.visual_search.embedding.embedder import (
    EmbedderQueue,
    generation_name,
    open_by_generation,
    open_embedder,
)
from services.visual_search.embedding.onnx_embedder import OnnxEmbedder
from shared.errors import NotReady, Overloaded
from shared.models.card import SHIPPED_EMBEDDER, SHIPPED_MODELS, ModelCard, sha256_of, write_card
from shared.models.embedder_choice import COMPUTED_EMBEDDERS, installed_embedders
from tests.visual_search.pictures import pack

DIMS = 5


def write_model(folder, *, layout="NCHW", batch="N", name="tiny", dims=DIMS, side=16) -> ModelCard:
    """A network of two layers (mean colour, then a matrix) as ONNX, with its card."""
    shape = [batch, 3, side, side] if layout == "NCHW" else [batch, side, side, 3]
    weights = np.random.default_rng(0).normal(size=(3, dims)).astype(np.float32)
    axes = helper.make_tensor(
        "axes", TensorProto.INT64, [2], [2, 3] if layout == "NCHW" else [1, 2]
    )
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
            helper.make_node("MatMul", ["mean", "weights"], ["embedding"]),
            helper.make_node("Identity", ["mean"], ["features"]),
        ],
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, 3]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, dims]),
        ],
        [helper.make_tensor("weights", TensorProto.FLOAT, [3, dims], weights.ravel()), axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / f"{name}.onnx")
    card = ModelCard(
        id=name,
        task="embedding",
        file=f"{name}.onnx",
        sha256=sha256_of(folder / f"{name}.onnx"),
        licence="Apache-2.0",
        source="made by a test",
        input_size=(side, side),
        input_layout=layout,
        dims=dims,
    )
    write_card(card, folder / f"{name}.json")
    return card


@pytest.fixture
def any_embedder(request, tmp_path):
    """A classical embedder by name, or the tiny network."""
    if request.param == "onnx":
        return OnnxEmbedder(write_model(tmp_path / "models"), tmp_path / "models")
    return open_classical(request.param)


every_embedder = pytest.mark.parametrize("any_embedder", [*CLASSICAL, "onnx"], indirect=True)


@every_embedder
def test_no_pictures_give_no_vectors(any_embedder):
    """(0, D), not an error."""
    assert any_embedder.embed([]).shape == (0, any_embedder.card.dims)


@every_embedder
@pytest.mark.parametrize("size_wh", [(16, 16), (16, 900), (1280, 720)])
def test_vectors_have_the_cards_length_and_norm_one(any_embedder, size_wh):
    """Pictures of any size, float32."""
    vectors = any_embedder.embed([pack(1, size_wh), pack(2, size_wh)])
    assert vectors.shape == (2, any_embedder.card.dims)
    assert vectors.dtype == np.float32
    # Enlarged from 16 pixels a pack may show neither edge nor keypoint: zeros then.
    for length in np.linalg.norm(vectors, axis=1):
        assert length == pytest.approx(1, abs=1e-5) or (length == 0 and size_wh == (16, 16))


@every_embedder
def test_a_batch_is_the_same_as_one_by_one(any_embedder):
    """Neighbours in a batch do not matter, nor does the run."""
    pictures = [pack(seed) for seed in range(3)]
    together = any_embedder.embed(pictures)
    alone = np.concatenate([any_embedder.embed([picture]) for picture in pictures])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_weights_can_take_the_name_of_a_computed_feature():
    """The names that are kept free are those that are in use."""
    assert set(CLASSICAL) == COMPUTED_EMBEDDERS


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_featureless_picture_is_embedded_too(name):
    """Plain white has no edges and no keypoints; the vector stays finite."""
    assert np.isfinite(open_classical(name).embed([np.full((32, 32, 3), 255, np.uint8)])).all()


@pytest.mark.parametrize("name", ["classical", "hsv"])
def test_a_darker_smaller_copy_is_nearer_than_another_pack(name):
    """What an embedder is for."""
    import cv2

    copy = cv2.resize((pack(1) * 0.9).astype(np.uint8), (120, 160))
    ours, same, other = open_classical(name).embed([pack(1), copy, pack(2)])
    assert ours @ same > ours @ other


def test_the_output_named_embedding_is_taken(tmp_path):
    """Not the first one, which holds the features."""
    card = write_model(tmp_path)
    assert OnnxEmbedder(card, tmp_path).embed([pack(1)]).shape == (1, DIMS)


def test_axes_follow_the_card(tmp_path):
    """Channels first or last give the same vector."""
    vectors = [
        OnnxEmbedder(write_model(tmp_path / layout, layout=layout), tmp_path / layout).embed(
            [pack(1)]
        )
        for layout in ("NCHW", "NHWC")
    ]
    np.testing.assert_allclose(*vectors, atol=1e-5)


def test_a_model_for_one_picture_at_a_time_works(tmp_path):
    """A fixed batch of 1 is fed one by one."""
    embedder = OnnxEmbedder(write_model(tmp_path, batch=1), tmp_path)
    assert embedder.embed([pack(1), pack(2)]).shape == (2, DIMS)


def test_two_views_are_the_mean_with_the_mirror_image(tmp_path):
    """So a picture and its mirror image are the same."""
    card = replace(write_model(tmp_path), views=2)
    mirrored = np.ascontiguousarray(pack(1)[:, ::-1])
    ours, theirs = OnnxEmbedder(card, tmp_path).embed([pack(1), mirrored])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dims": 7}, "MODEL_INVALID"),
        ({"input_size": (32, 32)}, "MODEL_INVALID"),
        ({"input_size": (16,)}, "MODEL_INVALID"),
        ({"input_mean": (float("nan"),) * 3}, "MODEL_INVALID"),
        ({"views": 3}, "MODEL_INVALID"),
        ({"sha256": "0" * 64}, "MODEL_HASH_MISMATCH"),
        ({"file": "none.onnx"}, "MODEL_MISSING"),
    ],
)
def test_a_wrong_card_is_told_when_opening(tmp_path, change, reason):
    """Not at the first picture."""
    card = replace(write_model(tmp_path), **change)
    with pytest.raises(NotReady) as caught:
        OnnxEmbedder(card, tmp_path)
    assert caught.value.reason == reason


def test_a_file_that_is_no_model_is_told(tmp_path):
    """With its id."""
    (tmp_path / "m.onnx").write_bytes(b"no model")
    card = replace(write_model(tmp_path), file="m.onnx", sha256=sha256_of(tmp_path / "m.onnx"))
    with pytest.raises(NotReady, match="model tiny cannot be used"):
        OnnxEmbedder(card, tmp_path)


def test_an_unknown_id_names_those_that_exist(tmp_path):
    """So that a typing mistake is seen."""
    write_model(tmp_path)
    with pytest.raises(NotReady, match=r"no embedder 'tynny'; there are: classical, .*tiny"):
        open_embedder("tynny", [tmp_path])


def test_where_none_is_named_the_shipped_one_answers(tmp_path):
    """Not another that is installed, whatever its name; where it lacks, that is told."""
    write_model(tmp_path, name="zebra")
    assert open_embedder("", [SHIPPED_MODELS, tmp_path]).card.id == SHIPPED_EMBEDDER
    with pytest.raises(NotReady, match=rf"no embedder '{SHIPPED_EMBEDDER}'; there are: .*zebra"):
        open_embedder("", [tmp_path])


def test_cards_of_other_tasks_are_left_alone(tmp_path):
    """A face model is no embedder."""
    card = replace(write_model(tmp_path), id="face", task="face")
    write_card(card, tmp_path / "face.json")
    assert list(installed_embedders([tmp_path])) == ["tiny"]


def test_a_broken_card_stops_nobody_else(tmp_path):
    """Opening by id or by generation goes on; the broken one itself is told."""
    card = write_model(tmp_path)
    (tmp_path / "acme.json").write_text('{"id": "acme", "task"')
    assert open_embedder("tiny", [tmp_path]).card == card
    assert open_by_generation(generation_name(card), [tmp_path]).card == card
    with pytest.raises(NotReady, match=r"acme\.json is not a readable model card"):
        open_embedder("acme", [tmp_path])


def test_a_generation_names_model_and_file(tmp_path):
    """Another file of the same id is another generation; a known one can be opened again."""
    card = write_model(tmp_path)
    assert generation_name(card) != generation_name(replace(card, sha256="0" * 64))
    assert open_by_generation(generation_name(card), [tmp_path]).card == card
    assert open_by_generation("gone-000000000000-1", [tmp_path]) is None


def test_the_shipped_cards_are_readable():
    """Whatever is installed beside the code has its file and hash."""
    for embedder_id in installed_embedders([SHIPPED_MODELS]):
        assert open_embedder(embedder_id).card.id == embedder_id


class Slow:
    """An embedder that waits until it may."""

    def __init__(self) -> None:
        self.card = open_classical("hsv").card
        self.go = threading.Event()

    def embed(self, images_rgb):
        """Zeros, once it may."""
        self.go.wait(10)
        return np.zeros((len(images_rgb), self.card.dims), np.float32)


async def test_a_full_queue_refuses_with_a_time_to_come_back():
    """One runs, one waits, the third is refused unless it is patient; then all is well."""
    slow = Slow()
    queue = EmbedderQueue(slow, max_waiting=2)
    running = [asyncio.create_task(queue.embed([pack(1)])) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as caught:
        await queue.embed([pack(1)])
    assert caught.value.retry_after_ms > 0
    running.append(asyncio.create_task(queue.embed([pack(1)], patient=True)))
    slow.go.set()
    assert [len(one) for one in await asyncio.gather(*running)] == [1, 1, 1]
    assert len(await queue.embed([pack(1)])) == 1
    queue.close()


async def test_two_calls_run_at_once():
    """Two pass a gate that opens only when both have reached it."""
    met = threading.Barrier(2, timeout=10)

    class Meeting(Slow):
        def embed(self, images_rgb):
            met.wait()
            return np.zeros((len(images_rgb), self.card.dims), np.float32)

    queue = EmbedderQueue(Meeting())
    answers = await asyncio.gather(queue.embed([pack(1)]), queue.embed([pack(2)] * 2))
    assert [len(one) for one in answers] == [1, 2]
    queue.close()


async def test_nothing_to_embed_does_not_wait():
    """An empty list is answered at once, even when the queue is full."""
    queue = EmbedderQueue(Slow(), max_waiting=0)
    assert (await queue.embed([])).shape == (0, queue.card.dims)
    queue.close()
