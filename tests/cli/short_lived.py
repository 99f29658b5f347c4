"""A child for the supervisor: counts its starts in a file, then ends or waits as told."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    counter = Path(os.environ["COUNTER"])
    with counter.open("a") as file:
        file.write(f"{os.getpid()}\n")
    print("hello from the child")
    if os.environ.get("THEN") == "exit":
        sys.exit(3)
    if os.environ.get("THEN") == "raise":
        raise RuntimeError("the disk is gone")
    if os.environ.get("THEN") == "ignore":
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
