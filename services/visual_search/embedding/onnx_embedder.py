"""Any embedder as an ONNX file, described by its card. The only module that runs ONNX.

The card says how a picture is brought to the input (size, fit, mean, deviation, order of
axes) and what comes out. The output is the one named ``embedding``, else the first; it
is scaled to length 1 here. With ``views`` = 2 the mirrored picture is embedded too and
the two vectors are averaged. An output named ``features`` whose mean over the places is
the embedding (before it is scaled) says which part of a vector comes from where.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from services.visual_search.embedding.embedder import Places, Vectors, l2_normalised
from shared.errors import NotReady
from shared.image import fit
from shared.image_pixels import Rgb
from shared.models.card import ModelCard, checked_file
from shared.privacy import forbid_telemetry

_LARGEST_BATCH: Final = 32
_EMBEDDING: Final = "embedding"
_FEATURES: Final = "features"
_SUM_TOLERANCE: Final = 1e-3


class OnnxEmbedder:
    """Embeds by an ONNX model. See ``embedder.Embedder``.

    Args:
        card: describes the file.
        folder: where the file is.
        threads: of one inference.

    Raises:
        NotReady: the file is missing, is not the one that the card describes, or is no
            model that gives vectors of the card's length (``MODEL_INVALID``).
    """

    def __init__(self, card: ModelCard, folder: Path, *, threads: int = 1) -> None:
        self._card = card
        self._session = _open_session(card, checked_file(card, folder), threads)
        self._input = self._session.get_inputs()[0]
        names = [output.name for output in self._session.get_outputs()]
        self._output = _EMBEDDING if _EMBEDDING in names else names[0]
        self._tells_places = {_EMBEDDING, _FEATURES} <= set(names)
        self._mean = np.asarray(card.input_mean, np.float32)
        self._scale = 1 / np.asarray(card.input_std, np.float32)
        self._batch = _LARGEST_BATCH if _is_free(self._input.shape[0]) else 1
        self._check()

    @property
    def card(self) -> ModelCard:
        """What it is."""
        return self._card

    @property
    def on_gpu(self) -> bool:
        """Whether the network runs on a GPU."""
        return "CUDAExecutionProvider" in self._session.get_providers()

    def embed(self, images_rgb: Sequence[Rgb]) -> Vectors:
        """Embed pictures (H, W, 3) uint8 as (N, D) float32."""
        if not images_rgb:
            return np.zeros((0, self._card.dims), np.float32)
        pixels = np.stack([self._pixels(image) for image in images_rgb])
        vectors = self._run(pixels)
        if self._card.views == 2:
            axis = 3 if self._card.input_layout == "NCHW" else 2
            vectors = vectors + self._run(np.flip(pixels, axis))
        return l2_normalised(vectors)

    def embed_places(self, images_rgb: Sequence[Rgb]) -> Places | None:
        """Embed pictures place by place. See ``embedder.PlaceEmbedder``."""
        if not self._tells_places:
            return None
        pixels = np.stack([self._pixels(image) for image in images_rgb])
        places = self._run_places(pixels)
        if places is None or self._card.views == 1:
            return places
        axis = 3 if self._card.input_layout == "NCHW" else 2
        mirrored = self._run_places(np.flip(pixels, axis))
        return None if mirrored is None else _to_unit_sum(places + np.flip(mirrored, 2))

    def _run_places(self, pixels: npt.NDArray[np.float32]) -> Places | None:
        """Parts (N, h, w, D) of vectors of length 1; None where they do not sum to them."""
        batches = [
            self._session.run(
                [_EMBEDDING, _FEATURES],
                {self._input.name: np.ascontiguousarray(pixels[start : start + self._batch])},
            )
            for start in range(0, len(pixels), self._batch)
        ]
        vectors, features = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        if features.ndim != 4:
            return None
        if self._card.input_layout == "NCHW":
            features = features.transpose(0, 2, 3, 1)
        if features.shape[3] != vectors.shape[-1]:
            return None
        places = _to_unit_sum(features.astype(np.float32))
        wrong = np.abs(places.sum(axis=(1, 2)) - l2_normalised(vectors)).max()
        return places if wrong < _SUM_TOLERANCE else None

    def _pixels(self, image_rgb: Rgb) -> npt.NDArray[np.float32]:
        fitted = fit(image_rgb, self._card.input_size, self._card.fit)
        values = np.asarray((fitted - self._mean) * self._scale, np.float32)
        return values.transpose(2, 0, 1) if self._card.input_layout == "NCHW" else values

    def _run(self, pixels: npt.NDArray[np.float32]) -> Vectors:
        parts = [
            self._session.run(
                [self._output],
                {self._input.name: np.ascontiguousarray(pixels[start : start + self._batch])},
            )[0]
            for start in range(0, len(pixels), self._batch)
        ]
        vectors: npt.NDArray[np.float32] = np.concatenate(parts).astype(np.float32)
        return l2_normalised(vectors.reshape(len(pixels), -1))

    def _check(self) -> None:
        """Embed one grey picture, so that a wrong card shows now and the first answer is quick."""
        if self._card.views not in {1, 2}:
            raise _invalid(self._card, f"views is {self._card.views}, must be 1 or 2")
        try:
            width, height = self._card.input_size
            vectors = self.embed([np.full((height, width, 3), 127, np.uint8)])
        except Exception as error:  # ONNX Runtime's errors have no common parent
            raise _invalid(self._card, str(error)) from error
        if vectors.shape != (1, self._card.dims):
            found = vectors.shape[1]
            raise _invalid(self._card, f"it gives {found} numbers, its card says {self._card.dims}")
        if not np.isfinite(vectors).all():
            raise _invalid(self._card, "what it gives for a grey picture is no number")


def _to_unit_sum(places: npt.NDArray[np.float32]) -> Places:
    """Scale (N, h, w, D) so that each sum over the places has length 1."""
    lengths = np.linalg.norm(places.sum(axis=(1, 2)), axis=1)
    return np.asarray(places / np.maximum(lengths, 1e-12)[:, None, None, None], np.float32)


def _open_session(card: ModelCard, path: Path, threads: int) -> Any:
    forbid_telemetry()
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads  # the default ignores container quotas
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=_providers(ort))
    except Exception as error:  # ONNX Runtime's errors have no common parent
        raise _invalid(card, str(error)) from error


def _providers(ort: Any) -> list[str]:
    """CUDA where the package has it and the machine a GPU, and the CPU in any case."""
    gpu = Path("/dev/nvidia0").exists() or Path("/dev/nvidiactl").exists()
    wanted = ["CUDAExecutionProvider"] if gpu else []
    available = set(ort.get_available_providers())
    return [*(name for name in wanted if name in available), "CPUExecutionProvider"]


def _is_free(size: Any) -> bool:
    return not isinstance(size, int)


def _invalid(card: ModelCard, what: str) -> NotReady:
    return NotReady(f"model {card.id} cannot be used: {what}", reason="MODEL_INVALID")
