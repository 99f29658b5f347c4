"""A real portrait (NASA, public domain) with the demo's products on it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from services.pose.placement import place
from services.pose.placement.camera import camera_of
from services.pose.placement.rotation import yaw_pitch_roll_deg
from services.pose.placement.types import (
    FaceLandmarks,
    Fit,
    Item,
    ScaleSource,
    Subjects,
    TryOnAsset,
    TryOnKind,
)
from services.pose.rendering.compose import compose
from services.pose.tryon_asset_checks import check, describe
from shared.demo.catalogue import products
from shared.demo.tryon import try_on_asset

GOLDEN = Path(__file__).parents[2] / "golden" / "face.json"
CAMERA = camera_of((512, 512))
KINDS = {kind.name.lower(): kind for kind in TryOnKind} | {"shoe": TryOnKind.SHOES}
WEARABLE = [one.sku for one in products() if one.wearable]


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    points = np.array(json.loads(GOLDEN.read_text())["astronaut"])
    return Subjects(faces=(FaceLandmarks(points),))


def product(sku: str) -> tuple[Item, np.ndarray]:
    """A product of the demo, as the service would load it."""
    made = try_on_asset(sku)
    kind = KINDS[made.kind]
    if made.image_rgba is None:
        asset = TryOnAsset(kind, (0, 0), 0.0, {}, made.colour or "")
        return Item(sku, asset), np.zeros((0, 0, 4), np.uint8)
    asset = describe(kind, made.image_rgba, made.width_mm or 0.0, made.points)
    return Item(sku, asset), made.image_rgba


def worn(image: np.ndarray, subjects: Subjects, *skus: str) -> np.ndarray:
    made = [product(sku) for sku in skus]
    items = {item.sku: item for item, _ in made}
    textures = {item.sku: texture for item, texture in made}
    placements = place(list(items.values()), subjects, CAMERA, screen_mesh=True)
    return compose(image, placements, items, textures, subjects, CAMERA)


@pytest.mark.parametrize("sku", WEARABLE)
def test_every_product_of_the_demo_can_be_tried_on(sku):
    """Nothing serious is wrong with what we ship."""
    item, texture = product(sku)
    assert [one.message for one in check(item.asset, texture) if one.serious] == []


def test_her_measures_are_an_adults(subjects):
    """Pupils 54 to 74 mm apart (ANSUR II, 1st to 99th percentile), a face of 120 to 155 mm."""
    (placement,) = place([product("GLS-104")[0]], subjects, CAMERA)
    assert placement.scale.source is ScaleSource.IRIS
    assert 54 < placement.scale.pupillary_distance_mm < 74
    assert 120 < placement.scale.face_width_mm < 155
    assert placement.fit in (Fit.FITS, Fit.UNKNOWN)


def test_she_looks_at_the_camera(subjects):
    """Her head is turned by less than 15 degrees either way."""
    (placement,) = place([product("HAT-201")[0]], subjects, CAMERA)
    angles = yaw_pitch_roll_deg(placement.camera_from_item[:3, :3])
    assert max(map(abs, angles)) < 15


def test_frames_are_as_wide_as_a_frame_is(image, subjects):
    """Drawn from temple to temple, give or take what the front is nearer."""
    item, _ = product("GLS-105")
    (placement,) = place([item], subjects, CAMERA, screen_mesh=True)
    front = placement.mesh.vertices[:65, 0] * 512
    points = subjects.faces[0].points[:, 0] * 512
    face = abs(points[356] - points[127])
    assert np.ptp(front) / face == pytest.approx(1.0, abs=0.15)


def test_black_frames_are_dark_where_the_frame_is(image, subjects):
    """At the bridge the picture is darker, at the chin it is the same."""
    result = worn(image, subjects, "GLS-105")
    points = (subjects.faces[0].points[:, :2] * 512).astype(int)
    x, y = points[168]
    around = np.s_[y - 3 : y + 6, x - 3 : x + 4]
    assert result[around].min() < image[around].min() - 60
    x, y = points[152]
    assert np.array_equal(result[y, x], image[y, x])


def test_lips_become_the_shade_and_the_cheek_stays(image, subjects):
    """In CIELAB: nearer to the shade than before, highlights kept."""
    result = worn(image, subjects, "LIP-350")
    points = (subjects.faces[0].points[:, :2] * 512).astype(int)
    x, y = points[[17, 14]].mean(axis=0).astype(int)
    before, after = (
        cv2.cvtColor(one[y : y + 1, x : x + 1].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
        for one in (image, result)
    )
    assert after[1] > before[1] + 10
    x, y = points[50]
    assert np.array_equal(result[y, x], image[y, x])


def test_several_products_are_worn_at_once(image, subjects):
    """Each changes its own place."""
    every = worn(image, subjects, "GLS-104", "HAT-203", "EAR-302", "LIP-351", "NEC-311")
    alone = worn(image, subjects, "EAR-302")
    changed = (alone != image).any(axis=-1)
    assert changed.sum() > 100
    same = (every[changed] == alone[changed]).all(axis=-1)
    assert same.mean() > 0.6
