"""Reading and writing the files that commands name."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from shared.errors import InvalidInput, NotReady

_ORDERS = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


def read_bytes(path: Path, field: str = "image") -> bytes:
    """A file's bytes.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput.of(field, f"cannot read {path}: {error.strerror}") from error


def write_picture(path: Path, image: npt.NDArray[np.uint8]) -> None:
    """Write (H, W, 3) RGB or (H, W, 4) RGBA in the format that the name says.

    Raises:
        InvalidInput: the name says no format (``.png``, ``.jpg``).
        NotReady: it cannot be written (``CANNOT_WRITE``).
    """
    try:
        done, data = cv2.imencode(path.suffix, cv2.cvtColor(image, _ORDERS[image.shape[2]]))
    except cv2.error as error:
        raise InvalidInput.of("out", f"{path.name}: end it in .png or .jpg") from error
    if not done:
        raise InvalidInput.of("out", f"{path.name}: the picture cannot be written as that")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise NotReady(f"cannot write {path}: {error.strerror}", reason="CANNOT_WRITE") from error
