"""One picture: decoded, looked at, products placed and drawn. Plain functions for a thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from services.pose.landmarks import LandmarkFinder
from services.pose.placement import place
from services.pose.placement.camera import camera_of
from services.pose.placement.camera import mirrored as mirrored_camera
from services.pose.placement.mirror import mirror_placement, mirror_subjects
from services.pose.placement.types import (
    NEEDS,
    Bytes,
    Camera,
    Item,
    LandmarkKind,
    Placement,
    Subjects,
)
from services.pose.reference_card_finder import with_card
from services.pose.rendering.compose import compose, with_masks
from services.pose.tryon_asset import LoadedAsset
from shared.errors import InvalidInput
from shared.image import Limits, UprightImage, decode, encode_jpeg
from shared.telemetry import Stages

EVERYBODY: Mapping[LandmarkKind, int] = {
    LandmarkKind.FACE: 10,
    LandmarkKind.HAND: 4,
    LandmarkKind.BODY: 3,
}
"""How many of each kind products are placed on, in one picture."""
MIME_TYPES = {"": "image/jpeg", "image/jpeg": "image/jpeg", "image/png": "image/png"}
JPEG_QUALITY = 92

Lens = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What to place in a picture, and how.

    Attributes:
        items: the products.
        lens: focal_x, focal_y, center_x, center_y in pixels of the picture, or None.
        mirrored: the picture is a mirror image.
        screen_mesh: add ready triangles.
        reference_card: an ID-1 card is held to the face.
        person_mask: also segment persons, for drawing.
        hands: look for hands too, whatever the products need.
    """

    items: tuple[Item, ...]
    lens: Lens | None = None
    mirrored: bool = False
    screen_mesh: bool = False
    reference_card: bool = False
    person_mask: bool = False
    hands: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Products placed in a picture.

    Attributes:
        image: the picture.
        subjects: its landmarks.
        camera: the lens used.
        placements: where the products sit.
    """

    image: UprightImage
    subjects: Subjects
    camera: Camera
    placements: list[Placement]


def estimate(
    finder: LandmarkFinder,
    data: bytes,
    limits: Limits,
    kinds: Collection[LandmarkKind],
    most: int,
    person_mask: bool,
    stages: Stages,
) -> tuple[Subjects, tuple[int, int]]:
    """Landmarks of a picture file, and its size.

    Raises:
        ImageRefused: the image gate said no.
        NotReady: a model is missing.
    """
    with stages("decode"):
        image = decode(data, limits)
    with stages("landmarks"):
        limit = dict.fromkeys(kinds, most) if most else None
        subjects = finder.find(image.image_rgb, kinds, most=limit, person_mask=person_mask)
    return subjects, image.original_size_wh


def place_in_picture(
    finder: LandmarkFinder, data: bytes, limits: Limits, wanted: Wanted, stages: Stages
) -> Placed:
    """Place products in a picture file.

    Raises:
        ImageRefused: the image gate said no.
        InvalidInput: the lens is impossible.
        NotReady: a model is missing.
    """
    with stages("decode"):
        image = decode(data, limits)
    camera = camera_of(image.original_size_wh, wanted.lens, image.focal_length_35mm)
    with stages("landmarks"):
        subjects = finder.find(
            image.image_rgb,
            needed(wanted.items, hands=wanted.hands),
            most=EVERYBODY,
            person_mask=wanted.person_mask,
        )
        if wanted.reference_card:
            subjects = with_card(subjects, image.image_rgb)
    with stages("placement"):
        placements = place(
            wanted.items,
            subjects,
            camera,
            mirrored=wanted.mirrored,
            screen_mesh=wanted.screen_mesh,
        )
    if wanted.screen_mesh:
        with stages("masks"):
            placements = _masked(placements, image, subjects, camera, wanted)
    return Placed(image, subjects, camera, placements)


def _masked(
    placements: list[Placement],
    image: UprightImage,
    subjects: Subjects,
    camera: Camera,
    wanted: Wanted,
) -> list[Placement]:
    items = {item.sku: item for item in wanted.items}
    rgb, mirrored = image.image_rgb, wanted.mirrored
    return with_masks(placements, rgb, items, subjects, camera, mirrored=mirrored)


def render(placed: Placed, assets: Sequence[LoadedAsset], mirrored: bool = False) -> Bytes:
    """The picture with the products, (H, W, 3) uint8 of the picture's size."""
    textures = {asset.item.sku: asset.texture_rgba for asset in assets}
    items = {asset.item.sku: asset.item for asset in assets}
    image, camera, subjects = placed.image.image_rgb, placed.camera, placed.subjects
    if not mirrored:
        return compose(image, placed.placements, items, textures, subjects, camera)
    turned = compose(
        np.ascontiguousarray(image[:, ::-1]),
        [mirror_placement(one) for one in placed.placements],
        items,
        textures,
        mirror_subjects(subjects),
        mirrored_camera(camera),
    )
    return np.ascontiguousarray(turned[:, ::-1])


def needed(items: Sequence[Item], *, hands: bool = False) -> frozenset[LandmarkKind]:
    """The landmarks that products need, and hands where they are wanted in any case."""
    also = {LandmarkKind.HAND} if hands else set()
    return frozenset(also).union(*(NEEDS[item.asset.kind] for item in items))


def encode(image_rgb: Bytes, mime_type: str) -> tuple[bytes, str]:
    """Encode a picture; returns the bytes and their MIME type.

    Raises:
        InvalidInput: another type than JPEG or PNG.
    """
    chosen = checked_mime_type(mime_type)
    if chosen == "image/jpeg":
        return encode_jpeg(image_rgb, JPEG_QUALITY), chosen
    _, data = cv2.imencode(".png", cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR))
    return data.tobytes(), chosen


def checked_mime_type(mime_type: str) -> str:
    """The type to encode as, JPEG if none is asked for.

    Raises:
        InvalidInput: another type than JPEG or PNG.
    """
    if mime_type not in MIME_TYPES:
        raise InvalidInput.of(
            "mime_type", f"is {mime_type[:40]!r}, must be image/jpeg or image/png"
        )
    return MIME_TYPES[mime_type]
