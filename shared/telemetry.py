"""What a service says about itself: structured logs and durations per stage.

Logs carry counts, reasons and durations, never images, landmarks, tokens or
anything about a shopper (``shared.privacy.redact`` stands in the chain).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from shared.privacy import redact


def configure_logging(level: str = "INFO", *, json: bool = False) -> None:
    """Set up structlog for this process, once, in ``__main__``."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )


class Stages:
    """Durations of the stages of one answer, in the order in which they ran.

    >>> ticks = iter([0.0, 0.0, 0.004, 0.010])
    >>> stages = Stages(clock=lambda: next(ticks))
    >>> with stages("decode"):
    ...     pass
    >>> stages.as_ms()
    {'decode': 4.0, 'total': 10.0}
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._start = clock()
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time spent in the block to ``stage``."""
        start = self._clock()
        try:
            yield
        finally:
            self.add(stage, self._clock() - start)

    def add(self, stage: str, seconds: float) -> None:
        """Add ``seconds`` to ``stage``, for work that was timed elsewhere."""
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    def as_ms(self) -> dict[str, float]:
        """Milliseconds per stage, and ``total`` since this object was made."""
        total = self._clock() - self._start
        seconds = {**self._seconds, "total": total}
        return {stage: round(value * 1000, 3) for stage, value in seconds.items()}
