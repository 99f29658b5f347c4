"""``vitrine record``, ``replay`` and ``score-tryon``: a try-on that can be measured again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from shared.errors import InvalidInput

if TYPE_CHECKING:
    from services.pose.placement.types import Item
    from services.pose.scorecard.replay import RecordedFrame
    from services.pose.views import Rgb

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def _pictures(source: Path) -> Iterator[Rgb]:
    """The frames of a video file, or the pictures of a folder in the order of their names."""
    import cv2
    import numpy as np

    from services.pose.commands.files import read_bytes
    from shared.image import decode

    if source.is_dir():
        for path in sorted(p for p in source.iterdir() if p.suffix.lower() in PICTURES):
            yield decode(read_bytes(path)).image_rgb
        return
    video = cv2.VideoCapture(str(source))
    try:
        while (read := video.read())[0]:
            yield np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        video.release()


def _frames(
    models: Path, source: Path, items: Iterable[Item], frames_per_s: float
) -> Iterator[RecordedFrame]:
    from services.pose.pictures import needed
    from services.pose.scorecard.replay import RecordedFrame
    from services.pose.trackers import StreamTracker

    kinds = needed(list(items))
    with closing(StreamTracker(models)) as tracker:
        for number, image in enumerate(_pictures(source)):
            time_us = round(number * 1e6 / frames_per_s)
            subjects = tracker.track(image, kinds, time_us)
            yield RecordedFrame(time_us, (image.shape[1], image.shape[0]), subjects)


def record(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(exists=True, help="A video file, or a folder of pictures.")
    ],
    sku: Annotated[list[str], typer.Option("--sku", help="What to try on; may be repeated.")],
    out: Annotated[Path, typer.Option(help="Recording to write, .jsonl or .jsonl.gz.")],
    frames_per_s: Annotated[float, typer.Option(min=1, max=240, help="Frames a second.")] = 30.0,
    mirrored: Annotated[bool, typer.Option(help="The frames are mirror images.")] = False,
) -> None:
    """Record the landmarks of a stream with their times, and no picture, for replays."""
    from services.pose.commands.tryon import _assets
    from services.pose.mediapipe_tasks import native_log_hidden
    from services.pose.scorecard.replay import Recording, write_recording

    items = tuple(asset.item for asset in context.obj.run(_assets(context.obj, sku)))
    models = context.obj.settings.state_dir / "models"
    unfinished = out.with_name(f".{out.name}")  # what was recorded before stays until then
    try:
        with native_log_hidden(), Console(stderr=True).status("recording"):
            frames = _frames(models, source, items, frames_per_s)
            count = write_recording(unfinished, Recording(items, mirrored), frames)
        if not count:
            raise InvalidInput.of("source", f"{source} holds no frame that can be read")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    typer.echo(f"{count} frames recorded in {out}")


def replay(
    recording: Annotated[Path, typer.Argument(exists=True, help="What `vitrine record` wrote.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the placements here, as JSON lines.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Place the products of a recording again; the same recording gives the same bytes."""
    from services.pose.scorecard.replay import read_recording
    from services.pose.scorecard.replay import replay as replayed

    digest, count = hashlib.sha256(), 0
    with out.open("wb") if out else _nowhere() as file:
        for line in replayed(*read_recording(recording)):
            digest.update(line)
            file.write(line)
            count += 1
    facts = {"frames": count, "sha256": digest.hexdigest()}
    typer.echo(json.dumps(facts) if as_json else f"{count} frames, SHA-256 {digest.hexdigest()}")


def _nowhere() -> Any:
    return Path("/dev/null").open("wb")


def score_tryon(
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Length of each case.")] = 8.0,
    seed: Annotated[int, typer.Option(help="Of the landmarks' noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Score placement and smoothing against synthetic truth; exit code 1 below the bars.

    Necklaces are left out: they miss the bars of anchor and misregistration.
    `make bench T=pose_scorecard` tells their figures.
    """
    from services.pose import scorecard

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scoring", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        scores = scorecard.score_tryon(seconds, seed=seed, progress=told)
    failures = sum(len(score.failures()) for score in scores)
    if as_json:
        typer.echo(json.dumps({"scores": [_numbers(score) for score in scores]}))
    else:
        typer.echo(scorecard.as_table(scores))
        typer.echo(f"\n{_verdict(failures, scorecard.BARS)}")
    raise typer.Exit(1 if failures else 0)


def _verdict(failures: int, bars: Mapping[str, float]) -> str:
    """What the table says, and of what it says nothing.

    >>> print(_verdict(0, {"jitter_pct": 0.1}))
    every figure holds its bar (jitter_pct 0.1); errors are in percent of the subject's width
    necklaces are not among them: make bench T=pose_scorecard
    """
    told = ", ".join(f"{name} {bar:g}" for name, bar in bars.items())
    held = f"above their bars, marked !: {failures}" if failures else "every figure holds its bar"
    return (
        f"{held} ({told}); errors are in percent of the subject's width\n"
        "necklaces are not among them: make bench T=pose_scorecard"
    )


def _numbers(score: Any) -> dict[str, Any]:
    """A score as JSON can hold it: what a case cannot have is null."""
    values = dataclasses.asdict(score)
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
