"""`vitrine models` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.servers import REPOSITORY

VITRINE = (sys.executable, "-c", "from services.cli import main; main()")


def vitrine(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its own state folder."""
    environment = {**os.environ, "VITRINE_STATE_DIR": str(state), "PYTHONPATH": str(REPOSITORY)}
    command = [*VITRINE, "models", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_models_from_a_folder_are_listed_with_their_hashes(models_dir: Path, tmp_path: Path):
    """Four models, their files where the report says, ready to work offline."""
    done = vitrine(tmp_path, "--offline", "--from", str(models_dir), "--json")
    assert done.returncode == 0, done.stderr
    models = json.loads(done.stdout)["models"]
    assert [model["name"] for model in models] == ["face", "face_far", "hand", "body"]
    assert all(Path(model["path"]).parent == tmp_path / "models" for model in models)
    assert all(model["obtained_from"] == "local folder" for model in models)


def test_offline_without_models_says_what_to_do(tmp_path: Path):
    """No traceback: one sentence and exit code 1."""
    done = vitrine(tmp_path, "--offline")
    assert done.returncode == 1
    assert "vitrine models --from FOLDER" in done.stderr
    assert "Traceback" not in done.stderr
