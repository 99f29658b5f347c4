"""What the command says about itself and about wrong usage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

VITRINE = Path(sys.executable).with_name("vitrine")


def vitrine(
    *arguments: str, state_dir: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    ours = {"VITRINE_STATE_DIR": str(state_dir)} if state_dir else {}
    return subprocess.run(
        [str(VITRINE), *arguments],
        env={**os.environ, **ours, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_missing_argument_is_named_without_a_traceback() -> None:
    """Exit code 2, the argument's name, and how to get help."""
    done = vitrine("scan")
    assert done.returncode == 2
    assert "images" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_named() -> None:
    """Exit code 2 and the word that is no command."""
    done = vitrine("nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_a_setting_that_does_not_fit_is_named(tmp_path: Path) -> None:
    """The variable, not a stack of pydantic."""
    done = vitrine("status", state_dir=tmp_path, VITRINE_THREADS="many")
    assert done.returncode == 1
    assert "VITRINE_THREADS" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_json_where_json_was_asked_for(tmp_path: Path) -> None:
    """The reason stands in the output that a program reads."""
    done = vitrine("scan", str(tmp_path / "none.jpg"), "--json", state_dir=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["violations"][0]["field"] == "image"


def test_a_scan_goes_on_past_what_is_no_picture(tmp_path: Path) -> None:
    """Each refused file is named, in its own JSON line and to people; exit code 1."""
    (tmp_path / "words.jpg").write_text("hello")
    names = [str(tmp_path / name) for name in ("none.jpg", "words.jpg")]
    done = vitrine("--embedded", "scan", *names, "--json", state_dir=tmp_path / "state")
    assert done.returncode == 1
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["image"] for one in told] == names
    assert [one["error"]["reason"] for one in told] == ["INVALID_INPUT", "IMAGE_FORMAT_UNSUPPORTED"]
    assert all(f"error {name}: " in done.stderr for name in names)


def test_a_folder_is_refused_with_what_to_name_instead(tmp_path: Path) -> None:
    """The pictures in it."""
    done = vitrine("--embedded", "scan", str(tmp_path), state_dir=tmp_path / "state")
    assert done.returncode == 1
    assert f"{tmp_path}: is a folder; name its pictures, such as {tmp_path}/*.jpg" in done.stderr


def test_a_picture_can_be_piped_in(tmp_path: Path) -> None:
    """`-` is one of the images."""
    picture = cv2.imencode(".png", np.full((64, 64, 3), 200, np.uint8))[1].tobytes()
    done = subprocess.run(
        [str(VITRINE), "--embedded", "scan", "-", "--json"],
        env={**os.environ, "VITRINE_STATE_DIR": str(tmp_path)},
        input=picture,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["image"] == "-"


def interrupted(state_dir: Path, number: signal.Signals, when: str) -> tuple[int, str]:
    """Send a signal to a command; its exit code and what it said.

    Args:
        state_dir: where it keeps its state.
        number: the signal.
        when: a module whose loading tells that it is time.
    """
    probe = (
        "import sys, os, signal\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {when!r}: os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Watch())\n"
        "sys.argv = ['vitrine', '--embedded', 'catalog', 'list']\n"
        "from services.cli import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={**os.environ, "VITRINE_STATE_DIR": str(state_dir)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr


def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(tmp_path: Path) -> None:
    """On a slow disk that takes seconds; exit code 130."""
    assert interrupted(tmp_path, signal.SIGINT, "services.cli.running") == (130, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_in_order(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """What it had opened is closed, and that is said."""
    ended, said = interrupted(tmp_path / "state", number, "services.catalog.__main__")
    assert ended == code
    assert "nothing is left half-written" in said
    assert "Traceback" not in said


def test_the_version_is_that_of_the_distribution() -> None:
    """`vitrine --version` prints name and number."""
    assert vitrine("--version").stdout.startswith("vitrine 0.")
