"""Run the benchmarks: all, or those named. Exit code 1 when a bar was missed."""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import platform
import sys
from collections.abc import Sequence
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


def what(name: str) -> str:
    """The first line that a benchmark says about itself, read without loading it."""
    source = Path(__file__).with_name(f"bench_{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def parse(arguments: Sequence[str] | None = None) -> list[str]:
    """The benchmarks to run; ``--help`` lists them and ends, as an unknown name does."""
    listed = "\n".join(f"  {name:<16} {what(name)}" for name in NAMES)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog=f"benchmarks:\n{listed}\n\nthrough make: make bench T='scan cache'",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="one listed below; none = all")
    names: list[str] = parser.parse_args(arguments).names
    if unknown := sorted(set(names) - set(NAMES)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    return names or NAMES


if __name__ == "__main__":
    sys.exit(1 if run(parse()) else 0)
