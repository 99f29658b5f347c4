"""What the mirror's tests share: a face to film, what a page sends, and what should be drawn."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, Request, WebSocket, expect

from services.pose.placement.types import Camera, IntrinsicsSource, ScreenMesh
from services.pose.rendering.compose import layer_of
from services.pose.rendering.raster import Window

Image = NDArray[np.uint8]
FRAME_WH = (640, 480)
GLASSES, GLASSES_MM = "GLS-105", 142.0
FRONT_VERTICES = 13 * 5
"""The front of glasses comes first in their mesh."""
FIRST_ANSWER_MS = 90_000
"""The networks are loaded for a stream's first frame."""
expect.set_options(timeout=30_000)


def read_rgb(path: Path) -> Image:
    """A picture file as (H, W, 3)."""
    bgr = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR))
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def face_frames(portrait: Path, count: int = 16) -> Iterator[Image]:
    """A camera before which a person moves and leans a little, there and back again."""
    image = read_rgb(portrait)
    for index in range(count):
        swing = 2 * math.pi * index / count
        centre = (225 + 8 * math.sin(swing), 125 + 5 * math.cos(swing))
        scale = 2.3 + 0.2 * math.cos(swing)
        matrix = np.asarray(cv2.getRotationMatrix2D(centre, 4 * math.sin(swing), scale), np.float64)
        matrix[:, 2] += np.array(FRAME_WH) / 2 - centre
        yield np.asarray(cv2.warpAffine(image, matrix, FRAME_WH, flags=cv2.INTER_CUBIC), np.uint8)


def shelf_frames(count: int = 4) -> Iterator[Image]:
    """A camera that nobody stands before."""
    for index in range(count):
        yield np.full((FRAME_WH[1], FRAME_WH[0], 3), 120 + index, np.uint8)


@dataclass
class Wire:
    """Everything that a page sent, and what it was answered over its sockets."""

    posts: list[Request] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    sockets: list[WebSocket] = field(default_factory=list)
    frames: int = 0
    answers: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, page: Page) -> Wire:
        """Listen to a page from now on."""
        wire = cls()
        page.on("request", wire._asked)
        page.on("websocket", wire._opened)
        return wire

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        if request.method != "GET":
            self.posts.append(request)

    def _opened(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, payload: str | bytes) -> None:
        self.frames += isinstance(payload, bytes)

    def _received(self, payload: str | bytes) -> None:
        answer = json.loads(payload).get("answer")
        if answer:
            self.answers[int(answer["seq"])] = answer


def agreed(page: Page, *skus: str) -> None:
    """Open the mirror with products on, and agree."""
    page.goto("/mirror?" + "&".join(f"sku={sku}" for sku in skus))
    expect(page.locator("#strip [data-sku]").first).to_be_visible()
    page.locator("#agree").click()
    expect(page.locator("#choose")).to_be_visible()


def drawn_at(page: Page) -> int:
    """Wait until the mirror shows an answer; its number."""
    expect(page.locator("#picture[data-seq]")).to_be_visible(timeout=FIRST_ANSWER_MS)
    return int(page.locator("#picture").get_attribute("data-seq") or 0)


def shown(page: Page) -> Image:
    """The picture as it stands on the screen, (H, W, 3)."""
    data = np.frombuffer(page.locator("#picture").screenshot(animations="disabled"), np.uint8)
    bgr = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def with_and_without(page: Page) -> tuple[Image, Image]:
    """The standing picture with the products and, after a tap, without them."""
    compare = page.locator("[data-does='mirror.compare']")
    drawn = shown(page)
    compare.click()
    expect(compare).to_have_attribute("aria-pressed", "true")
    plain = shown(page)
    compare.click()
    return drawn, plain


def mesh_of(placement: Any) -> ScreenMesh:
    """The mesh of a placement in JSON."""
    told = placement["mesh"]
    return ScreenMesh(
        np.array(told["vertices"], np.float32).reshape(-1, 3),
        np.array(told["texture_coordinates"], np.float32).reshape(-1, 2),
        np.array(told["triangles"], np.int32).reshape(-1, 3),
        told["texture_id"],
    )


def expected_change(mesh: ScreenMesh, texture: Path, plain: Image) -> NDArray[np.float32]:
    """How much each pixel (H, W) should change, drawn by the service's own rasteriser."""
    bgra = np.asarray(cv2.imread(str(texture), cv2.IMREAD_UNCHANGED))
    rgba = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGBA), np.uint8)
    height, width = plain.shape[:2]
    camera = Camera((width, height), (1, 1), (0, 0), IntrinsicsSource.ASSUMED)
    layer = layer_of(mesh, rgba, camera, Window(0, 0, width, height))
    below = plain.astype(np.float32)
    drawn = below * (1 - layer[..., 3:]) + layer[..., :3] * 255
    return np.asarray(np.abs(drawn - below).mean(axis=2), np.float32)


def change(drawn: Image, plain: Image) -> NDArray[np.float32]:
    """How much each pixel (H, W) changed."""
    apart = np.abs(drawn.astype(np.float32) - plain.astype(np.float32))
    return np.asarray(apart.mean(axis=2), np.float32)


def offset_px(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """How far what is in one picture is from the same thing in another."""
    (x, y), _ = cv2.phaseCorrelate(first.astype(np.float64), second.astype(np.float64))
    return math.hypot(x, y)


def likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Correlation of two pictures, 1 = the same but for light."""
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def face_width_px(placement: Any, mesh: ScreenMesh, width_px: int, glasses_mm: float) -> float:
    """The face's width on the screen, by glasses whose width is known."""
    front = mesh.vertices[:FRONT_VERTICES, 0]
    face_mm = placement["scale"]["face_width_mm"] or glasses_mm
    return float(np.ptp(front)) * width_px * face_mm / glasses_mm


def as_shown(data: bytes, screen: Image) -> Image:
    """A picture file laid out as the mirror lays it out: as large as fits, in the middle."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    image = cv2.cvtColor(np.asarray(bgr), cv2.COLOR_BGR2RGB)
    height, width = screen.shape[:2]
    ratio = min(width / image.shape[1], height / image.shape[0])
    image = cv2.resize(image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_LINEAR)
    left, top = (width - image.shape[1]) // 2, (height - image.shape[0]) // 2
    laid = np.zeros_like(screen)
    laid[top : top + image.shape[0], left : left + image.shape[1]] = image
    return laid


def standing_at(page: Page, wire: Wire) -> int:
    """The number of the picture that stands once all frames on the way are answered."""
    seen = -1
    for _ in range(60):
        page.wait_for_timeout(500)
        now = drawn_at(page)
        if now == seen == max(wire.answers):
            return now
        seen = now
    raise AssertionError("the picture does not stand still")
