"""Try-on against exact synthetic truth: the scorecard, and its worst figures over ten seeds."""

from __future__ import annotations

import math

from rich.console import Console

from services.pose.scorecard import BARS, Score, as_table, score_tryon
from services.pose.scorecard.score import NECKLACE_CASES
from tests.benchmarks.tables import Bar, print_bars

SEEDS = range(10)
NAMES = {
    "anchor_error_pct": "anchor, % of the width",
    "rotation_error_deg": "rotation, degrees",
    "scale_error_pct": "scale inside the gate, %",
    "jitter_pct": "jitter at rest, % a frame",
    "frame_locked_pct": "frame-locked misregistration, %",
}


def worst(name: str, by_seed: dict[int, list[Score]], *, judged: bool = True) -> Bar:
    """The largest mean error of a kind over all cases, round trips and seeds."""
    values = [
        (getattr(score, name), f"{score.product} {score.motion}, {score.round_trip_ms} ms, {seed}")
        for seed, scores in by_seed.items()
        for score in scores
        if not math.isnan(getattr(score, name))
    ]
    value, where = max(values)
    return Bar(NAMES[name], value, "<=", BARS[name] if judged else None, where)


def main() -> int:
    """Print the card of the first seed, then judge the worst of all."""
    by_seed = {seed: score_tryon(seed=seed) for seed in SEEDS}
    Console().print(as_table(by_seed[0]), soft_wrap=True, highlight=False)
    title = f"worst of seeds {SEEDS[0]} to {SEEDS[-1]} (product, motion, round trip, seed)"
    missed = print_bars(title, [worst(name, by_seed) for name in BARS])
    hanging = {seed: score_tryon(seed=seed, cases=NECKLACE_CASES) for seed in SEEDS}
    told = [worst(name, hanging, judged=False) for name in BARS]
    return missed + print_bars("the same of a necklace, which hangs on a body's landmarks", told)
