"""What the command says about itself and about wrong usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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


def test_the_version_is_that_of_the_distribution() -> None:
    """`vitrine --version` prints name and number."""
    assert vitrine("--version").stdout.startswith("vitrine 0.")
