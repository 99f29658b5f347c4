"""The supervisor restarts what crashes, says so, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli import supervising
from services.cli.supervising import Child, Supervisor


def child(folder: Path, then: str) -> Child:
    environment = {"COUNTER": str(folder / "starts"), "THEN": then}
    return Child("short", "tests.cli.short_lived", folder / "short.log", environment)


def starts(folder: Path) -> list[int]:
    file = folder / "starts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.05)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_a_child_that_ends_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    """Two starts, and a sentence with the exit code and the log's place."""
    told: list[str] = []
    supervisor = Supervisor([child(tmp_path, "exit")], lambda _, text: told.append(text))
    await supervisor.start()
    await until(lambda: len(starts(tmp_path)) >= 2)
    await supervisor.stop()
    assert "ended with code 3" in told[0]
    assert str(tmp_path / "short.log") in told[0]


async def test_the_error_that_ended_a_child_is_said(tmp_path: Path) -> None:
    """Nobody has to open the log to learn that; an older error in it is not repeated."""
    (tmp_path / "short.log").write_text("OldError: of another day\n")
    told: list[str] = []
    supervisor = Supervisor([child(tmp_path, "raise")], lambda _, text: told.append(text))
    await supervisor.start()
    await until(lambda: bool(told))
    await supervisor.stop()
    assert "ended with code 1 (the disk is gone)" in told[0]


async def test_a_child_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    """A log that cannot be opened, for instance: it is said, and the keeping goes on."""
    (tmp_path / "file").write_text("")
    told: list[str] = []
    one = Child("short", "tests.cli.short_lived", tmp_path / "file" / "short.log", {})
    supervisor = Supervisor([one], lambda _, text: told.append(text))
    await supervisor.start()
    await until(lambda: len(told) >= 2)
    await supervisor.stop()
    assert all("could not be started" in text for text in told)


async def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    """SIGKILL from outside is answered with a new process."""
    told: list[str] = []
    supervisor = Supervisor([child(tmp_path, "wait")], lambda _, text: told.append(text))
    await supervisor.start()
    await until(lambda: len(starts(tmp_path)) == 1)
    os.kill(starts(tmp_path)[0], signal.SIGKILL)
    await until(lambda: len(starts(tmp_path)) == 2)
    await supervisor.stop()
    assert "SIGKILL" in told[0]


async def test_stop_ends_every_child(tmp_path: Path) -> None:
    """After stop no process of ours is left."""
    supervisor = Supervisor([child(tmp_path, "wait")], lambda *_: None)
    await supervisor.start()
    await until(lambda: len(starts(tmp_path)) == 1)
    await supervisor.stop()
    assert not alive(starts(tmp_path)[0])


async def test_a_child_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grace ends with SIGKILL."""
    monkeypatch.setattr(supervising, "STOP_GRACE_S", 0.5)
    supervisor = Supervisor([child(tmp_path, "ignore")], lambda *_: None)
    await supervisor.start()
    await until(lambda: len(starts(tmp_path)) == 1)
    await asyncio.sleep(0.3)
    await supervisor.stop()
    assert not alive(starts(tmp_path)[0])


async def test_the_log_keeps_what_the_child_printed(tmp_path: Path) -> None:
    """Output goes to the log file."""
    supervisor = Supervisor([child(tmp_path, "exit")], lambda *_: None)
    await supervisor.start()
    await until(lambda: len(starts(tmp_path)) >= 1)
    await until(lambda: "hello" in (tmp_path / "short.log").read_text())
    await supervisor.stop()
