"""Memory that one photo needed is kept for the next."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

MEASURE = """
import resource, sys
import numpy as np
from services.visual_search.evaluation.memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    layers = [np.full(1 << 20, 1, np.uint8) for _ in range(60)]
    del layers
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    assert keep_freed_memory()
first = faults()
print(min(faults() for _ in range(3)) / first)
"""


def fetched_again(how: str) -> float:
    """Page faults of the second 60 MB in a process, as a share of those of the first."""
    command = [sys.executable, "-c", MEASURE, how]
    told = ("MALLOC_", "GLIBC_TUNABLES")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=ours)
    return float(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator is told")
def test_freed_memory_is_not_fetched_again():
    """Without it nearly all of it is."""
    assert fetched_again("keep") < 0.05
    assert fetched_again("give back") > 0.5
