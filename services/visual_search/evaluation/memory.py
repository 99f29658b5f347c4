"""Memory that one photo needed is kept for the next.

SIFT takes some 70 MB a photo and frees them at once. In a process's first thread glibc gives them
back to the system each time, and 17,000 page faults fetch them again: a fifth of a query's
processor time. Threads that serve keep most of theirs, so that without this evaluation would
be slower than what it measures.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

# From malloc.h and mallopt(3).
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_KEPT: Final = 256 << 20
"""Free bytes at the end of the heap beyond which they are given back: more than one photo needs."""
_LARGEST: Final = 32 << 20
"""Bytes from which a block is given back when it is freed: the most that glibc allows."""


def keep_freed_memory() -> bool:
    """Keep up to 256 MB of freed memory in this process; says whether its C library can."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is None:
        return False
    # Both: one of them alone turns off that the other grows with what is freed.
    options = ((_M_MMAP_THRESHOLD, _LARGEST), (_M_TRIM_THRESHOLD, _KEPT))
    return all(mallopt(option, value) == 1 for option, value in options)
