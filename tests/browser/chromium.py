"""The system's Chromium, with a camera that films what it is given."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Playwright

PHONE = {"width": 390, "height": 844}
KIOSK = {"width": 1080, "height": 1920}
LAPTOP = {"width": 1280, "height": 800}
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
)
"""Nothing of the browser's own goes to the network; WebGL is drawn by the processor."""


class ChromiumMissing(RuntimeError):
    """The browser is not installed; the message says how to get it."""


def chromium_path() -> str:
    """Where the system's Chromium is.

    Raises:
        ChromiumMissing: it is not installed.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise ChromiumMissing("chromium is not installed: apt-get install chromium")
    return found


def write_mjpeg(path: Path, frames_rgb: Iterable[NDArray[np.uint8]]) -> Path:
    """Write frames (H, W, 3) uint8 as the motion JPEG that Chromium's fake camera plays."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, 90]
    with path.open("wb") as file:
        for frame in frames_rgb:
            done, data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), settings)
            assert done
            file.write(data.tobytes())
    return path


@contextmanager
def launched(playwright: Playwright, camera: Path | None = None) -> Iterator[Browser]:
    """A browser with a new profile; ``camera`` is the motion JPEG that its camera films.

    Without one there is no camera at all.
    """
    flags = list(FLAGS)
    if camera is not None:
        flags += [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags)
    try:
        yield browser
    finally:
        browser.close()


def context_options(**changes: Any) -> dict[str, Any]:
    """A fresh profile: a laptop's window, English, light, motion reduced so that pictures rest."""
    chosen: dict[str, Any] = {
        "viewport": LAPTOP,
        "locale": "en-GB",
        "color_scheme": "light",
        "reduced_motion": "reduce",
    }
    return chosen | changes


def until(page: Page, expression: str, timeout_ms: float = 60_000) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's own ``wait_for_function`` evaluates text within the page, which our content
    policy forbids.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, (
            f"not true after {timeout_ms / 1000:.0f} s: {expression}"
        )
        page.wait_for_timeout(50)
