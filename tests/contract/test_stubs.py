"""The committed stubs are what the committed contracts generate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROTOS = Path(__file__).parents[2] / "protos"


def test_stubs_are_up_to_date(tmp_path: Path) -> None:
    """Generating again gives the committed files; else run `make protos`."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", *outputs, *sources]
    subprocess.run(command, cwd=PROTOS, check=True)
    generated = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.py*")}
    assert len(generated) == 3 * len(sources)
    stale = [str(name) for name, text in generated.items() if (PROTOS / name).read_text() != text]
    assert stale == []
