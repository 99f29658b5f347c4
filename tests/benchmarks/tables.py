"""How a benchmark says what it measured: one table, and whether each bar was reached."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

_COMPARE = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured value against what it must reach.

    Attributes:
        name: what was measured.
        value: the figure.
        relation: how it must stand to ``limit``.
        limit: the bar; None = told, not judged.
        detail: what the figure was made of.
    """

    name: str
    value: float
    relation: Literal["<=", ">="] = "<="
    limit: float | None = None
    detail: str = ""

    @property
    def reached(self) -> bool:
        """Whether the value stands as it must."""
        return self.limit is None or _COMPARE[self.relation](self.value, self.limit)


def print_bars(title: str, bars: list[Bar]) -> int:
    """Print the table and return how many bars were missed."""
    table = Table(title=title, title_justify="left")
    for heading in ("measured", "value", "bar", "", "made of"):
        table.add_column(heading)
    for bar in bars:
        limit = "" if bar.limit is None else f"{bar.relation} {bar.limit:g}"
        verdict = "" if bar.limit is None else ("ok" if bar.reached else "MISSED")
        table.add_row(bar.name, f"{bar.value:.4g}", limit, verdict, bar.detail)
    Console().print(table)
    return sum(not bar.reached for bar in bars)


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank).

    >>> percentile([3.0, 1.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
