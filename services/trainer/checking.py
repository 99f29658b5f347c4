"""Every photo is tried before the first step, since a bad one would end a run hours later."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from services.trainer.dataset import Photo
from shared import image
from shared.errors import ImageRefused, InvalidInput

_NAMED = 10


def check_photos(photos: Sequence[Photo], on_photo: Callable[[], None]) -> None:
    """Send every photo through the image gate.

    Args:
        photos: what will be trained on and validated with.
        on_photo: called after each.

    Raises:
        InvalidInput: some cannot be decoded; the first ten are named, each with its fault,
            and the others counted (``TRAINING_DATA_INVALID``).
    """
    faults = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for photo, fault in zip(photos, pool.map(_fault, photos), strict=True):
            on_photo()
            if fault:
                faults.append(f"{photo.path}: {fault}")
    if faults:
        raise _refusal(faults, len(photos))


def _fault(photo: Photo) -> str:
    try:
        image.check(photo.path.read_bytes())
    except ImageRefused as error:
        return error.message
    except OSError as error:
        return "does not exist" if isinstance(error, FileNotFoundError) else str(error.strerror)
    return ""


def _refusal(faults: Sequence[str], photos: int) -> InvalidInput:
    more = len(faults) - _NAMED
    shown = "\n  ".join([*faults[:_NAMED], *([f"and {more} more"] if more > 0 else [])])
    return InvalidInput(
        f"{len(faults)} of {photos} photos cannot be trained on; mend them or leave them out:"
        f"\n  {shown}",
        reason="TRAINING_DATA_INVALID",
    )
