"""Several embedders teach one: what they say of a view, in the student's own dimensions.

Networks that were trained in different ways know different things. One network has no room for
all of them; it is held to the principal directions of their vectors side by side, turned so
that they lie as near as can be to what it says already (orthogonal Procrustes; Schoenemann,
Psychometrika 1966), where its proxies are. Matching what a teacher says of the very same view:
Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.nn import functional

from services.trainer.dataset import NO_LABEL, LabelSpace, Photo, spread
from services.trainer.evaluation import decode_fit
from services.trainer.loading import normalised
from services.trainer.network import Embedder, duplicate
from services.trainer.plan import Plan

_PHOTOS = 2000
# Where few photos leave directions open, they are the start's.
_PULL = 1e-3
_AT_ONCE = 32


class Teaching:
    """What the starting network and its teachers say together.

    Args:
        teachers: embedders; their product parts count.
        share: of the teachers together beside the start's, 0..1.
        device: where they compute.
    """

    def __init__(self, teachers: Sequence[Embedder], share: float, device: torch.device) -> None:
        copies = [duplicate(one).requires_grad_(False).eval() for one in teachers]
        self._teachers = [one.to(device) for one in copies]
        self._share = share
        self.turn = torch.empty(0)
        """(S, dims), empty before ``learn``."""
        self._device = device

    def side_by_side(self, image: torch.Tensor, product: torch.Tensor) -> torch.Tensor:
        """All vectors of views in one row each.

        Args:
            image: (N, 3, H, W), pixels in -1..1.
            product: (N, dims) of the starting network, of length 1.

        Returns:
            (N, dims and those of the teachers), of length 1.
        """
        each = (self._share / len(self._teachers)) ** 0.5
        said = [(1 - self._share) ** 0.5 * product]
        for teacher in self._teachers:
            pooled = teacher.trunk(image).float().mean(dim=(2, 3))
            with torch.autocast(image.device.type, enabled=False):
                said.append(each * teacher.head.parts(pooled)[0])
        return torch.cat(said, dim=1)

    @torch.no_grad()
    def learn(self, start: Embedder, photos: Sequence[Photo], plan: Plan) -> None:
        """Choose the directions that are kept, by some of the photos that the teachers know."""
        known = [photo for photo in photos if plan.teacher_of in ("", photo.dataset)]
        together, products = [], []
        for image in _images(known, plan, self._device):
            with torch.autocast(self._device.type, torch.bfloat16, enabled=plan.bfloat16):
                product = start.head.parts(start.trunk(image).float().mean(dim=(2, 3)))[0].float()
                together.append(self.side_by_side(image, product))
            products.append(product)
        self.turn = turned(torch.cat(together), torch.cat(products))

    def said(self, image: torch.Tensor, product: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """What the student is to say of views, after ``learn``.

        Args:
            image: (N, 3, H, W), pixels in -1..1.
            product: (N, dims) of the starting network, of length 1.
            known: (N,), whether the teachers know what the view shows; the others stay
                the start's.

        Returns:
            (N, dims) of length 1.
        """
        together = self.side_by_side(image, product)
        with torch.autocast(image.device.type, enabled=False):
            kept = functional.normalize(together @ self.turn)
        return torch.where(known[:, None], kept, product)


def is_known(own: torch.Tensor, spaces: Sequence[LabelSpace], dataset: str) -> torch.Tensor:
    """Which views (N,) are of a data set, by their own labels, not by what is pasted in.

    Args:
        own: labels (N, spaces) of the views.
        spaces: the softmaxes.
        dataset: its name; empty = any.
    """
    if not dataset:
        return torch.ones(len(own), dtype=torch.bool, device=own.device)
    columns = [column for column, space in enumerate(spaces) if space.dataset == dataset]
    return (own[:, columns] != NO_LABEL).any(dim=1)


def turned(together: torch.Tensor, product: torch.Tensor) -> torch.Tensor:
    """Map (S, dims) to the principal directions of rows (M, S), turned towards rows (M, dims).

    Directions of the rows as they are, not centred. The first ``dims`` columns are the start's;
    where the rows leave directions open, they are the start's too.

    >>> rows = torch.eye(3)
    >>> bool(torch.allclose(rows @ turned(rows, rows), rows, atol=1e-6))
    True
    """
    dims = product.shape[1]
    pull = _PULL * torch.eye(dims, together.shape[1]).to(together)
    rows = torch.cat([together, pull]).double()
    aim = torch.cat([product, pull[:, :dims]]).double()
    _, directions = torch.linalg.eigh(rows.T @ rows)
    kept = directions.flip(1)[:, :dims]
    left, _, right = torch.linalg.svd((rows @ kept).T @ aim)
    turn: torch.Tensor = kept @ left @ right
    return turn.float()


def _images(photos: Sequence[Photo], plan: Plan, device: torch.device) -> Iterator[torch.Tensor]:
    chosen = spread(photos, _PHOTOS)
    for at in range(0, len(chosen), _AT_ONCE):
        pixels = np.stack([decode_fit(one, plan.eval_side) for one in chosen[at : at + _AT_ONCE]])
        yield normalised(torch.from_numpy(pixels).permute(0, 3, 1, 2).to(device))
