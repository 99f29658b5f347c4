"""Run the benchmarks: all, or those named. Exit code 1 when a bar was missed."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from rich.console import Console

NAMES = sorted(
    path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
)


def machine() -> str:
    """What the figures were taken on, without naming the machine."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def run(names: list[str]) -> int:
    """Run the named benchmarks in order and count the bars missed."""
    console = Console()
    missed = 0
    for name in names:
        console.rule(f"{name}  ({machine()})")
        missed += importlib.import_module(f"tests.benchmarks.bench_{name}").main()
    console.print(f"bars missed: {missed}")
    return missed


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(NAMES)
    if unknown:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    sys.exit(1 if run(sys.argv[1:] or NAMES) else 0)
