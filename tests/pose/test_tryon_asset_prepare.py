"""Try-on assets made and checked: what is wrong is said, what can be mended is."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from services.pose.commands.assets import tryon_asset
from services.pose.placement.types import TryOnKind
from services.pose.tryon_asset_checks import check, describe, summary
from services.pose.tryon_asset_cutout import cut_out
from services.pose.tryon_asset_prepare import prepare, propose_points
from shared.errors import ImageRefused, InvalidInput, NotReady
from tests.pose.placement.conftest import KINDS, POINTS


def disc(size=240, radius=80, colour=(30, 60, 200), ground=245) -> np.ndarray:
    """A photo (size, size, 3) RGB of a disc on a light ground."""
    image = np.full((size, size, 3), ground, np.uint8)
    cv2.circle(image, (size // 2, size // 2), radius, colour, -1)
    return image


def rgba(width=300, height=200) -> np.ndarray:
    picture = np.zeros((height, width, 4), np.uint8)
    picture[20:-20, 30:-30] = (90, 60, 30, 255)
    return picture


def save(path: Path, picture: np.ndarray) -> Path:
    code = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    cv2.imwrite(str(path), cv2.cvtColor(picture, code))
    return path


def problems(kind, picture, width_mm=140.0, points=None) -> str:
    asset = describe(kind, picture, width_mm, POINTS[kind] if points is None else points)
    return summary([one for one in check(asset, picture) if one.serious])


def test_an_empty_picture_is_transparent_everywhere():
    """And says so."""
    assert "transparent everywhere" in problems(
        TryOnKind.GLASSES, np.zeros((200, 200, 4), np.uint8)
    )


def test_a_picture_without_a_hole_was_not_cut_out():
    """Its background would be worn too."""
    full = np.full((200, 200, 4), 255, np.uint8)
    assert "not cut out" in problems(TryOnKind.GLASSES, full)


def test_a_thumbnail_is_too_small():
    """Sixteen pixels show nothing."""
    assert "16 x 16" in problems(TryOnKind.GLASSES, rgba(16, 16))


@pytest.mark.parametrize("width", [-3.0, 1.4, 14_000.0, float("nan"), float("inf")])
def test_an_absurd_width_is_refused_with_the_right_range(width):
    """Metres for millimetres, a minus, not a number."""
    assert "90 to 200 mm" in problems(TryOnKind.GLASSES, rgba(), width)


def test_an_unknown_width_is_allowed_and_noted():
    """It can be looked at; true scale is not claimed."""
    asset = describe(TryOnKind.GLASSES, rgba(), 0.0, POINTS[TryOnKind.GLASSES])
    (finding,) = check(asset, rgba())
    assert not finding.serious
    assert "no true scale" in finding.message


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not TryOnKind.LIPSTICK])
def test_missing_points_are_named_one_by_one(kind):
    """Three taps are missing: three lines."""
    said = problems(kind, rgba(), 0.0, {})
    assert all(f"'{name}' is missing" in said for name in propose_points(kind, rgba()))


@pytest.mark.parametrize("point", [(5.0, 0.5), (float("nan"), 0.5), (-1.0, 0.2)])
def test_a_point_outside_the_picture_is_refused(point):
    """Pixels for parts of one, or nonsense."""
    said = problems(TryOnKind.GLASSES, rgba(), 140, {**POINTS[TryOnKind.GLASSES], "bridge": point})
    assert "'bridge'" in said


def test_both_hinges_in_one_place_are_refused():
    """They have no width between them."""
    points = {"bridge": (0.5, 0.4), "hinge_left": (0.5, 0.3), "hinge_right": (0.505, 0.3)}
    assert "same place" in problems(TryOnKind.GLASSES, rgba(), 140, points)


def test_lipstick_wants_a_colour():
    """A name is no colour."""
    for color, ok in (("#c4202f", True), ("red", False), ("", False), ("#12345", False)):
        asset = describe(TryOnKind.LIPSTICK, np.zeros((0, 0, 4), np.uint8), 0, {})
        asset = type(asset)(asset.kind, (0, 0), 0.0, {}, color)
        assert (check(asset, np.zeros((0, 0, 4), np.uint8)) == []) is ok


def test_the_outline_is_measured():
    """Opaque box, and both ends of each row and column."""
    asset = describe(TryOnKind.HAT, rgba(), 190, POINTS[TryOnKind.HAT])
    assert asset.opaque_xyxy == pytest.approx((0.1, 0.1, 0.9, 0.9))
    assert asset.rows_x == pytest.approx(np.tile((0.1, 0.9), (len(asset.rows_x), 1)))
    assert asset.columns_y == pytest.approx(np.tile((0.1, 0.9), (len(asset.columns_y), 1)))


def test_a_disc_on_white_is_cut_out():
    """Opaque within, clear without, within two pixels of its rim."""
    cut = cut_out(disc())
    assert cut[120, 120].tolist() == [30, 60, 200, 255]
    assert cut[120, 44, 3] > 200
    assert cut[120, 37, 3] < 50
    assert cut[2, 2, 3] == 0


def test_a_white_label_within_the_product_stays():
    """It does not hang together with the background."""
    image = disc()
    cv2.circle(image, (120, 120), 20, (245, 245, 245), -1)
    cut = cut_out(image)
    assert cut[120, 120, 3] == 255


@pytest.mark.parametrize(("alpha", "left"), [(0, 0), (40, 40)])
def test_holes_are_cut_where_a_kind_has_them(alpha, left):
    """Within a ring there is nothing, within a frame a lens."""
    image = disc()
    cv2.circle(image, (120, 120), 50, (245, 245, 245), -1)
    cut = cut_out(image, holes=True, hole_alpha=alpha)
    assert cut[120, 120, 3] == left
    assert cut[120, 52, 3] == 255


@pytest.mark.parametrize(
    "image",
    [disc(ground=40), np.random.default_rng(0).integers(0, 255, (200, 200, 3)).astype(np.uint8)],
)
def test_a_dark_or_motley_background_is_refused(image):
    """The message says what to do instead."""
    with pytest.raises(NotReady, match="photograph the product on white") as caught:
        cut_out(image)
    assert caught.value.reason == "BACKGROUND_NOT_PLAIN"


def test_a_picture_of_nothing_is_refused():
    """White on white."""
    with pytest.raises(NotReady, match="nothing but background"):
        cut_out(np.full((100, 100, 3), 250, np.uint8))


def test_a_photo_becomes_an_asset_whose_points_moved_along(tmp_path: Path):
    """Taps on the photo are taps on the cut-out."""
    path = save(tmp_path / "p.png", disc())
    points = {"bridge": (0.5, 0.5), "left_hinge": (80 / 240, 0.5), "right_hinge": (160 / 240, 0.5)}
    prepared = prepare(path, TryOnKind.GLASSES, 140.0, points)
    assert prepared.usable
    assert prepared.proposed == ()
    assert prepared.asset.points["bridge"] == pytest.approx((0.5, 0.5), abs=0.02)
    assert prepared.asset.points["hinge_left"][0] == pytest.approx(0.25, abs=0.03)
    decoded = cv2.imdecode(np.frombuffer(prepared.png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.shape[2] == 4


@pytest.mark.parametrize("point", [(2.0, 3.0), (0.5, 0.02)])
def test_a_point_beside_the_product_is_told_as_it_was_given(tmp_path: Path, point):
    """Not as it would be in the cut-out, which its giver has never seen; a place is proposed."""
    path = save(tmp_path / "p.png", disc(radius=40))
    prepared = prepare(path, TryOnKind.GLASSES, 140.0, {"bridge": point})
    told = [one.message for one in prepared.findings if one.serious]
    assert len(told) == 1
    assert f"'bridge' at {point[0]:g},{point[1]:g}" in told[0]
    assert "bridge" in prepared.proposed


def test_points_that_are_not_given_are_proposed_and_named(tmp_path: Path):
    """A start for three taps, marked as a guess."""
    prepared = prepare(save(tmp_path / "p.png", disc()), TryOnKind.GLASSES, 140.0)
    assert set(prepared.proposed) == {"bridge", "hinge_left", "hinge_right"}
    assert prepared.usable
    assert json.dumps(prepared.facts())


def test_a_png_with_alpha_is_kept_as_it_is(tmp_path: Path):
    """Nothing is cut out twice."""
    prepared = prepare(save(tmp_path / "p.png", rgba()), TryOnKind.HAT, 190.0)
    decoded = cv2.imdecode(np.frombuffer(prepared.png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.shape == (160, 240, 4)
    assert (decoded[..., 3] == 255).all()


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path):
    """By the same gate as everything."""
    (tmp_path / "p.png").write_bytes(b"hello")
    with pytest.raises(ImageRefused):
        prepare(tmp_path / "p.png", TryOnKind.HAT)


def test_lipstick_has_no_picture(tmp_path: Path):
    """It has a colour."""
    with pytest.raises(InvalidInput):
        prepare(tmp_path / "p.png", TryOnKind.LIPSTICK)


def typed(*arguments: str):
    app = typer.Typer()
    app.command()(tryon_asset)
    return CliRunner().invoke(app, list(arguments))


def test_the_command_writes_a_picture_and_its_facts(tmp_path: Path):
    """What the catalogue wants lies beside the PNG."""
    photo, out = save(tmp_path / "p.png", disc()), tmp_path / "made" / "ring.png"
    done = typed(str(photo), "--kind", "ring", "--width-mm", "20", "--out", str(out), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert set(told["proposed"]) == {"left", "right"}
    facts = json.loads(out.with_suffix(".json").read_text())
    assert facts["width_mm"] == 20
    assert facts == told["asset"]
    assert cv2.imread(str(out), cv2.IMREAD_UNCHANGED).shape[2] == 4


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path):
    """Exit code 1, in words."""
    photo = save(tmp_path / "p.png", disc())
    done = typed(str(photo), "--kind", "ring", "--width-mm", "9000")
    assert done.exit_code == 1
    assert "10 to 60 mm" in done.output
