"""From `vitrine run`, once set up, to every service ready with the demo catalogue searchable."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.benchmarks.tables import Bar, print_bars
from tests.shop import running_shop


def seconds_to_ready(folder: Path, *options: str) -> float:
    """Wall-clock seconds until the ready line is printed."""
    start = time.perf_counter()
    with running_shop(folder, *options):
        return time.perf_counter() - start


def main() -> int:
    """Start on an empty state folder with the demo, then again on what is there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = seconds_to_ready(folder, "--demo", "demo")
        again = seconds_to_ready(folder, "--demo", "demo")
    return print_bars(
        "start",
        [
            Bar("first start with the demo drawn and imported, s", first),
            Bar("every service ready, once set up, s", again, "<=", 15.0),
        ],
    )
