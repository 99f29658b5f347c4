"""Child processes that are watched: started, restarted with back-off, stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FIRST_BACKOFF_S = 0.5
MAX_BACKOFF_S = 15.0
STEADY_S = 30.0
"""A child that lived this long has recovered: its back-off starts over."""
STOP_GRACE_S = 6.0
_TAIL_BYTES = 8 << 10
_ERROR = re.compile(r"[A-Za-z_][\w.]*: (?P<said>.+)")  # as Python ends a traceback

Tell = Callable[[str, str], None]
"""Called with a child's name and one sentence about it."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: ``python -m module`` with its output in ``log``."""

    name: str
    module: str
    log: Path
    environment: Mapping[str, str]


def backoff_s(failures: int) -> float:
    """Seconds to wait before start number ``failures`` + 1: doubling, bounded.

    >>> [backoff_s(n) for n in (1, 2, 3, 10)]
    [0.5, 1.0, 2.0, 15.0]
    """
    return float(min(FIRST_BACKOFF_S * 2 ** (failures - 1), MAX_BACKOFF_S))


class Supervisor:
    """Keeps children running until it is stopped."""

    def __init__(self, children: list[Child], tell: Tell) -> None:
        self._children = children
        self._tell = tell
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._spawning: set[asyncio.Task[asyncio.subprocess.Process]] = set()

    async def start(self) -> None:
        """Start every child; returns at once."""
        self._keepers = [asyncio.create_task(self._keep(child)) for child in self._children]

    async def stop(self) -> None:
        """SIGTERM to all, last started first; SIGKILL to what is left after the grace."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, *self._spawning, return_exceptions=True)
        processes = [process for process in self._processes.values() if process.returncode is None]
        for process in reversed(processes):
            process.terminate()
        await asyncio.gather(*(self._reap(process) for process in processes))

    async def _reap(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(STOP_GRACE_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                child.module,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **child.environment},
                start_new_session=True,  # Ctrl-C reaches the supervisor, which stops them in order
            )
        self._processes[child.name] = process
        return process

    async def _keep(self, child: Child) -> None:
        failures = 0
        while True:
            started = asyncio.get_running_loop().time()
            ended = await self._once(child)
            lived = asyncio.get_running_loop().time() - started
            failures = 1 if lived > STEADY_S else failures + 1
            wait_s = backoff_s(failures)
            self._tell(
                child.name,
                f"{ended} after {lived:.1f} s; starting again in {wait_s:.1f} s (log: {child.log})",
            )
            await asyncio.sleep(wait_s)

    async def _once(self, child: Child) -> str:
        """Start a child and wait for its end; return how that was."""
        before = child.log.stat().st_size if child.log.exists() else 0
        spawning = asyncio.create_task(self._spawn(child))
        self._spawning.add(spawning)
        spawning.add_done_callback(self._spawning.discard)
        try:
            process = await asyncio.shield(spawning)  # a half-started child could not be stopped
        except OSError as error:  # the disk is full, or there are too many processes
            return f"could not be started ({error})"
        code = await process.wait()
        why = _last_error(child.log, before) if code > 0 else ""
        return _how_it_ended(code) + (f" ({why})" if why else "")


def _how_it_ended(code: int) -> str:
    """Say in words what an exit code means.

    >>> _how_it_ended(-9), _how_it_ended(2)
    ('killed by SIGKILL', 'ended with code 2')
    """
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _last_error(log: Path, since: int) -> str:
    """The error that ended a process: the last line of its traceback, or nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:  # somebody removed it
        return ""
    found = (match for line in reversed(lines) if (match := _ERROR.fullmatch(line)))
    return next((match["said"] for match in found), "")
