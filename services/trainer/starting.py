"""Starting weights: the ImageNet network, or an embedder that was trained before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from services.trainer.augmentation import Image
from services.trainer.dequantise import read_convolutions
from services.trainer.loading import normalised
from services.trainer.network import FEATURES, Embedder, Head, Trunk
from shared.errors import NotReady
from shared.models.card import checked_file, read_card

PRODUCT_DIMS = 144
GENERAL_DIMS = 112
# Best on the validation photos together with the kinds held out; table in the README.
MIX = 0.95


def from_imagenet(path: Path, sample: Sequence[Image], seed: int) -> Embedder:
    """Build the embedder from the quantised MobileNetV2 at ``path``.

    Args:
        path: the TFLite file.
        sample: images (side, side, 3) uint8 of what will be embedded; the general part
            starts as the principal components of their pooled features.
        seed: of the product part's random start.

    Raises:
        NotReady: the file is missing or unreadable.
    """
    torch.manual_seed(seed)
    trunk = Trunk()
    trunk.load_convolutions(read_convolutions(path))
    pooled = _pooled(trunk, sample)
    general = min(GENERAL_DIMS, max(2, len(sample) - 1))
    head = Head(PRODUCT_DIMS, general, MIX)
    mean, components = principal_components(pooled, general)
    with torch.no_grad():
        head.general.weight.copy_(components)
        head.general.bias.copy_(-components @ mean)
    return Embedder(trunk, head).eval()


def principal_components(rows: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean (D,) and leading principal components (count, D) of rows (N, D)."""
    exact = rows.double()
    mean = exact.mean(dim=0)
    _, vectors = torch.linalg.eigh((exact - mean).T @ (exact - mean))
    return mean.float(), vectors.flip(1)[:, :count].T.float().contiguous()


def from_card(path: Path) -> Embedder:
    """Read an embedder back from the card of one that this trainer exported.

    Raises:
        NotReady: the card or its file is missing, changed, or of another network
            (``STARTING_WEIGHTS_INVALID``).
    """
    card = read_card(path)
    weights = read_onnx_weights(checked_file(card, path.parent))
    try:
        dims = [weights[f"head.{part}.weight"].shape[0] for part in ("product", "general")]
        embedder = Embedder(Trunk(), Head(dims[0], dims[1], MIX))
        embedder.load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        raise NotReady(
            f"{path} is not an embedder of this trainer in full precision; want the card of one "
            "that it exported, not of its int8 twin",
            reason="STARTING_WEIGHTS_INVALID",
        ) from error
    return embedder.eval()


def read_onnx_weights(path: Path) -> dict[str, torch.Tensor]:
    """The network's weights by their torch names, float32, whatever they are stored as."""
    initializers = onnx.load(path).graph.initializer
    arrays = {entry.name: numpy_helper.to_array(entry) for entry in initializers}
    return {
        name: torch.from_numpy(np.array(array, np.float32))
        for name, array in arrays.items()
        if name.startswith(("trunk.", "head."))
    }


@torch.inference_mode()
def _pooled(trunk: Trunk, images: Sequence[Image]) -> torch.Tensor:
    chunks = []
    for start in range(0, len(images), 32):
        pixels = torch.from_numpy(np.stack(images[start : start + 32])).permute(0, 3, 1, 2)
        chunks.append(trunk(normalised(pixels)).mean(dim=(2, 3)))
    return torch.cat(chunks) if chunks else torch.zeros(1, FEATURES)
