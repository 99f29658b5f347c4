"""From an epoch's draw to batches: order, worker processes, pixels to numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from services.trainer.augmentation import augment
from services.trainer.dataset import LabelSpace, Photo, decode, draw_epoch
from services.trainer.distributed import Place
from services.trainer.plan import Plan
from shared.errors import InvalidInput

# A view's address: epoch, place in the epoch, photo.
Address = tuple[int, int, int]
View = tuple[torch.Tensor, torch.Tensor]


class Views(Dataset[View]):
    """Augmented views: ``(3, side, side)`` uint8 and labels ``(spaces,)`` int64.

    A view depends on the seed and its address alone, not on which worker makes it.
    """

    def __init__(
        self, photos: Sequence[Photo], spaces: Sequence[LabelSpace], side: int, seed: int
    ) -> None:
        self._photos = photos
        self._labels = [[space.index(photo) for space in spaces] for photo in photos]
        self._side = side
        self._seed = seed

    def __getitem__(self, address: Address) -> View:
        """Decode and augment one view."""
        cv2.setNumThreads(1)
        epoch, place, index = address
        random = np.random.default_rng([self._seed, epoch, place])
        other = self._photos[int(random.integers(len(self._photos)))]
        image_rgb = decode(self._photos[index].path)
        view = augment(image_rgb, lambda: decode(other.path), self._side, random)
        pixels = torch.from_numpy(view.transpose(2, 0, 1).copy())
        return pixels, torch.tensor(self._labels[index])


class EpochOrder(Sampler[Address]):
    """The addresses of one epoch that fall to this process; set ``epoch`` before iterating.

    Whole batches only: the remainder of an epoch is left out, another one each time.
    """

    def __init__(self, photos: Sequence[Photo], plan: Plan, place: Place) -> None:
        self.epoch = 0
        self._photos = photos
        self._plan = plan
        self._place = place
        drawn = len(self._drawn())
        self.batch = max(1, min(plan.batch, drawn) // place.processes)
        self._length = drawn // (self.batch * place.processes) * self.batch

    def __len__(self) -> int:
        """Views of an epoch in this process."""
        return self._length

    def __iter__(self) -> Iterator[Address]:
        """Every so-manieth address of the epoch, beginning with this process's own."""
        drawn = self._drawn()
        step, first = self._place.processes, self._place.rank
        for place in range(first, self._length * step, step):
            yield self.epoch, place, drawn[place]

    def _drawn(self) -> list[int]:
        return draw_epoch(self._photos, self._plan, self.epoch)


def view_loader(
    photos: Sequence[Photo],
    spaces: Sequence[LabelSpace],
    order: EpochOrder,
    plan: Plan,
    workers: int,
) -> DataLoader[View]:
    """Batches of views in the order's order; its workers live as long as the loader."""
    views = Views(photos, spaces, plan.side, plan.seed)
    return DataLoader(
        views,
        batch_size=order.batch,
        sampler=order,
        num_workers=workers,
        # OpenCV's and torch's threads do not survive a fork.
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=workers > 0,
        prefetch_factor=4 if workers else None,
        # Else its first pass, of a run or of what resumes it, draws from the dropout's numbers.
        generator=torch.Generator().manual_seed(plan.seed),
    )


def batches(loader: DataLoader[View], device: torch.device) -> Iterator[View]:
    """The loader's batches on a device.

    Raises:
        InvalidInput: a photo cannot be decoded any more (``TRAINING_DATA_INVALID``).
    """
    try:
        for pixels, labels in loader:
            yield pixels.to(device, non_blocking=True), labels.to(device, non_blocking=True)
    except InvalidInput as error:
        # What torch raises for a worker process holds that one's traceback before the message.
        message = error.message.rpartition(f"{InvalidInput.__name__}: ")[2].strip()
        raise InvalidInput(message, reason="TRAINING_DATA_INVALID") from None


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """Pixels 0..255 uint8 to -1..1 float32, in the memory order convolutions like best."""
    scaled = pixels.float().div(127.5).sub(1)
    return scaled.contiguous(memory_format=torch.channels_last)
