"""A running Vitrine for tests and benchmarks: `vitrine run`, as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VITRINE = Path(sys.executable).with_name("vitrine")
START_TIMEOUT_S = 240


@dataclass(frozen=True, slots=True)
class Shop:
    """A running Vitrine: its folder, its environment and what it printed when it was ready."""

    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    printed: str

    @property
    def demo(self) -> Path:
        """The folder of the demo catalogue."""
        return self.folder / "demo"

    def vitrine(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command to its end, expecting an exit code, and return what it printed."""
        return run_vitrine(arguments, self.folder, self.environment, code)

    def json(self, *arguments: str | Path) -> Any:
        """Run a command with ``--json`` and parse the last line."""
        return json.loads(self.vitrine(*arguments, "--json").strip().splitlines()[-1])


def run_vitrine(
    arguments: tuple[str | Path, ...], folder: Path, environment: dict[str, str], code: int
) -> str:
    command = [str(VITRINE), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def environment_of(state_dir: Path) -> dict[str, str]:
    names = ("CATALOG", "SEARCH", "SCANNING", "POSE", "GATEWAY")
    addresses = [f"127.0.0.1:{port}" for port in free_ports(len(names))]
    pairs = zip(names, addresses, strict=True)
    ours = {f"VITRINE_{name}_{end}": at for name, at in pairs for end in ("LISTEN", "ADDRESS")}
    chosen = {"VITRINE_EMBEDDER"}  # a benchmark may be asked to compare embedders
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_") or k in chosen}
    return kept | ours | {"VITRINE_STATE_DIR": str(state_dir), "COLUMNS": "160"}


def read_until_ready(process: subprocess.Popen[str]) -> str:
    lines = []
    deadline = time.monotonic() + START_TIMEOUT_S
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if "search --text" in line:
            return "".join(lines)
        assert time.monotonic() < deadline, "".join(lines)
    raise AssertionError("vitrine run ended early:\n" + "".join(lines))


@contextmanager
def running_shop(folder: Path, *options: str) -> Iterator[Shop]:
    """Run `vitrine run` in ``folder`` on free ports until the block ends."""
    environment = environment_of(folder / "state")
    process = subprocess.Popen(
        [str(VITRINE), "run", *options],
        cwd=folder,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Shop(folder, environment, process, read_until_ready(process))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
