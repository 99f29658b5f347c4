"""The commands of pose as a user types them, with nothing running."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from services.catalog.__main__ import open_service as open_catalog
from services.pose.consent import ConsentVerifier, DevelopmentIssuer
from shared.config import read_settings
from shared.rpc import start_server
from tests.pose.conftest import fill
from tests.servers import REPOSITORY

VITRINE = (sys.executable, "-c", "from services.cli import main; main()")


class Shell:
    """Runs `vitrine` in a state folder of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._environment = {
            **os.environ,
            "VITRINE_STATE_DIR": str(state),
            "PYTHONPATH": str(REPOSITORY),
        }

    def run(self, *arguments: str | Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        command = [*VITRINE, "--embedded", *map(str, arguments)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        assert code in (None, done.returncode), done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Shell:
    """A state folder with models and a small catalogue."""
    state = tmp_path_factory.mktemp("state")
    (state / "models").symlink_to(models_dir)
    settings = read_settings(state_dir=state, catalog_address=f"unix:{state}/catalog.sock")

    async def fill_catalog() -> None:
        async with open_catalog(settings) as catalog:
            server = await start_server(settings.catalog_address, [catalog])
            await fill(settings.catalog_address, state)
            await server.stop(0.2)

    asyncio.run(fill_catalog())
    return Shell(state)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory, astronaut_jpeg: bytes) -> Path:
    """The astronaut as a file."""
    path = tmp_path_factory.mktemp("photos") / "portrait.jpg"
    path.write_bytes(astronaut_jpeg)
    return path


# landmarks


def test_landmarks_prints_exactly_one_json_object(shell: Shell, portrait: Path):
    """Sizes, faces, hands and bodies; nothing of MediaPipe's log on the terminal."""
    done = shell.run("landmarks", portrait, "--kind", "face", "--json")
    told = json.loads(done.stdout)
    assert told["size_wh"] == [512, 512]
    assert np.array(told["faces"]).shape == (1, 478, 3)
    assert (told["hands"], told["bodies"]) == ([], [])
    assert done.stderr.strip() == ""


def test_landmarks_of_all_kinds(shell: Shell, portrait: Path, tmp_path: Path):
    """Without --kind everything is looked for; --out draws it."""
    out = tmp_path / "drawn.png"
    told = shell.json("landmarks", portrait, "--out", out)
    assert np.array(told["bodies"]).shape[1:] == (33, 4)
    assert cv2.imread(str(out)).shape == (512, 512, 3)


def test_landmarks_of_nobody_is_no_error(shell: Shell, tmp_path: Path):
    """An empty result and exit code 0."""
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((64, 64, 3), 90, np.uint8))
    assert shell.json("landmarks", path)["faces"] == []
    assert "nobody found" in shell.run("landmarks", path).stdout


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("missing.jpg", None, "INVALID_INPUT"),
        ("text.jpg", b"hello", "IMAGE_FORMAT_UNSUPPORTED"),
        ("empty.jpg", b"", "IMAGE_EMPTY"),
    ],
)
def test_a_file_that_is_no_picture(shell, tmp_path, name, data, reason):
    """One sentence, exit code 1, and the reason for a program."""
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    assert shell.json("landmarks", path, code=1)["error"]["reason"] == reason


def test_without_models_the_command_that_gets_them_is_named(portrait: Path, tmp_path: Path):
    """A fresh machine says what to do."""
    done = Shell(tmp_path).run("landmarks", portrait, code=1)
    assert "vitrine models" in done.stderr


# try-on


def test_tryon_tells_where_products_sit_and_whether_they_fit(shell: Shell, portrait: Path):
    """Placement, scale with its sigma and source, and fit."""
    told = shell.json("tryon", portrait, "--sku", "GLS-1", "--sku", "LIP-1")
    glasses, lipstick = told["placements"]
    assert (glasses["sku"], lipstick["sku"]) == ("GLS-1", "LIP-1")
    assert glasses["anchor"] == pytest.approx([0.437, 0.2], abs=0.03)
    assert glasses["scale"]["source"] in ("iris", "assumed")
    assert glasses["fit"] in ("fits", "tight", "loose", "unknown")
    assert "mm" in glasses["fit_description"]
    assert np.array(glasses["camera_from_item"]).shape == (4, 4)


def test_tryon_draws(shell: Shell, portrait: Path, tmp_path: Path, astronaut: np.ndarray):
    """The drawn picture differs where the glasses are."""
    out = tmp_path / "me.png"
    done = shell.run("tryon", portrait, "--sku", "GLS-1", "--out", out)
    assert f"drawn into {out}" in done.stdout.replace("\n", "")
    drawn = cv2.cvtColor(cv2.imread(str(out)), cv2.COLOR_BGR2RGB)
    change = np.abs(drawn.astype(int) - astronaut).mean(axis=2)
    assert change[90:120, 190:255].mean() > 8
    assert change[300:, :150].mean() < 4


@pytest.mark.parametrize(
    ("sku", "reason"),
    [
        ("NOPE", "PRODUCT_NOT_FOUND"),
        ("BOX-1", "TRY_ON_ASSET_MISSING"),
        ("BAD-1", "TRY_ON_ASSET_INVALID"),
    ],
)
def test_what_cannot_be_tried_on_is_told(shell, portrait, sku, reason):
    """Each way has its reason."""
    told = shell.json("tryon", portrait, "--sku", sku, code=1)
    assert told["error"]["reason"] == reason


def test_consent_issues_a_token_that_pose_accepts(shell: Shell):
    """The development key is that of the state folder."""
    token = shell.run("consent").stdout.strip()
    keys = DevelopmentIssuer.open(shell.state / "consent").keys
    assert ConsentVerifier(keys).check(token).scopes == {"pose"}


# recordings


def test_a_recording_replays_to_the_same_bytes(shell: Shell, tmp_path: Path, astronaut: np.ndarray):
    """Recorded from pictures, replayed twice: one hash, one placement a frame."""
    frames, recording = tmp_path / "frames", tmp_path / "r.jsonl.gz"
    frames.mkdir()
    for number in range(6):
        image = np.roll(astronaut, number * 3, axis=1)
        cv2.imwrite(str(frames / f"{number:03}.jpg"), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    shell.run("record", frames, "--sku", "GLS-1", "--out", recording)
    out = tmp_path / "placements.jsonl"
    first = shell.json("replay", recording, "--out", out)
    assert first == shell.json("replay", recording)
    assert first["frames"] == 6
    anchors = [
        json.loads(line)["placements"][0]["anchor"][0] for line in out.read_text().splitlines()
    ]
    assert anchors == sorted(anchors)


def test_a_folder_without_pictures_is_no_recording(shell: Shell, tmp_path: Path):
    """Nothing is left behind."""
    out = tmp_path / "r.jsonl"
    shell.run("record", tmp_path, "--sku", "GLS-1", "--out", out, code=1)
    assert not out.exists()


def test_a_recording_that_fails_leaves_the_one_before(shell: Shell, tmp_path: Path):
    """What was written under that name stays as it was."""
    out = tmp_path / "r.jsonl"
    out.write_text("kept")
    shell.run("record", tmp_path, "--sku", "GLS-1", "--out", out, code=1)
    assert [one.name for one in tmp_path.glob("*r.jsonl")] == ["r.jsonl"]
    assert out.read_text() == "kept"


def test_what_is_no_recording_is_not_replayed(shell: Shell, tmp_path: Path):
    """A broken file is named."""
    path = tmp_path / "x.jsonl"
    path.write_text("{}\n")
    assert shell.json("replay", path, code=1)["error"]["reason"] == "RECORDING_INVALID"


def test_the_score_card_ends_with_its_verdict_and_what_it_leaves_out(shell: Shell):
    """Who reads the table need not know the bars, nor that one kind is not in it."""
    done = shell.run("score-tryon", "--seconds", "2", code=None)
    verdict, left_out = done.stdout.strip().splitlines()[-2:]
    assert verdict.startswith("above" if done.returncode else "every figure holds its bar")
    assert "anchor_error_pct 1," in verdict
    assert left_out.startswith("necklaces are not among them")


def test_the_score_card_is_machine_readable(shell: Shell):
    """Every case and round trip with its figures; NaN is null."""
    done = shell.run("score-tryon", "--seconds", "2", "--json", code=None)
    scores = json.loads(done.stdout)["scores"]
    assert {score["round_trip_ms"] for score in scores} == {0, 50, 100, 200}
    assert all(score["frame_locked_pct"] is not None for score in scores)
