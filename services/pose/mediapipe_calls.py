"""MediaPipe's C functions called in the caller's own thread.

MediaPipe's Python gives each task a thread and sends every call there, two for a frame: its
library bears only one call of a task at a time. Ours are never called from two threads at
once (``StreamTracker``, ``LandmarkFinder``), so the way there and back, about 0.1 ms of
processor time for a frame, buys nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class _Done(Generic[Result]):
    """What stands for a future whose work is done."""

    __slots__ = ("_result",)

    def __init__(self, result: Result) -> None:
        self._result = result

    def result(self) -> Result:
        return self._result


class _CallersThread:
    """Stands for an executor; what fails, fails where it is submitted."""

    def submit(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> _Done[Result]:
        return _Done(work(*args, **kwargs))


def in_callers_thread(task: Any) -> Any:
    """The task of MediaPipe, its own thread stopped, its calls made by who makes them."""
    dispatcher, here = task._lib, _CallersThread()
    for signature in sys.modules[type(task).__module__]._CTYPES_SIGNATURES:
        call = signature.create_python_wrapper(dispatcher._lib, here)
        setattr(dispatcher, signature.func_name, call)
    dispatcher._executor.shutdown()
    return task
