"""What ``vitrine evaluate`` and ``vitrine calibrate`` do: open, look up, measure, keep."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.visual_search.embedding.embedder import Embedder, open_embedder
from services.visual_search.embedding.model_size import size_of
from services.visual_search.evaluation import calibrating, catalog_photos, lookups, photos
from services.visual_search.evaluation.fitting import FITTED, LOOKS
from services.visual_search.evaluation.full_pipeline import FullPipeline
from services.visual_search.evaluation.lookups import Gallery, Query
from services.visual_search.evaluation.memory import keep_freed_memory
from services.visual_search.evaluation.photos import Photo
from services.visual_search.recognition.calibration import Calibration
from shared.errors import InvalidInput
from shared.models.calibrations import write_calibration
from shared.models.card import ModelCard, read_card, write_card
from shared.models.embedder_choice import embedder_in_use, installed_embedders, model_folders

_COUNTED_WRONG: Final = "they count as wrong. Photos of what it lacks belong in --unknown"
_LEFT_OUT: Final = "they are left out of the fit"
_NETWORK: Final = ("dims", "input_size", "input_mean", "input_std", "input_layout", "fit", "views")
"""What cards of one network have alike, by their names in ``ModelCard``."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured.

    Attributes:
        gallery: CSV; None = the catalogue's reference images.
        queries: CSV of photos whose labels are in the gallery; None = leave one out.
        unknown: CSV of photos whose labels are not; None = labels are held out.
        shots: photos of each label kept, drawn by ``seed``; 0 = all.
        seed: of the draw.
        full: whether print counts, too.
    """

    gallery: Path | None = None
    queries: Path | None = None
    unknown: Path | None = None
    shots: int = 0
    seed: int = 0
    full: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration, what it and the one before are worth, and where it is kept."""

    calibration: dict[str, float]
    before: calibrating.Measured
    after: calibrating.Measured
    path: Path


@dataclass(frozen=True, slots=True)
class _Set:
    gallery: list[Photo]
    queries: list[Photo] | None
    strangers: list[Photo] | None


def figures_of(vitrine: Any, wanted: Wanted, embedders: list[str]) -> list[dict[str, Any]]:
    """Measure embedders on the same photos; each as ``vitrine evaluate --json`` prints it.

    Args:
        vitrine: the ``Stack`` of the command.
        wanted: what is measured.
        embedders: their ids; an empty one = the one in use.

    Raises:
        InvalidInput: a CSV or a photo is wrong.
        NotReady: an embedder is missing, or the catalogue is empty.
    """
    keep_freed_memory()
    with ExitStack() as stack:
        chosen = _set(vitrine, wanted, stack)
        return [_measured(vitrine, one, chosen, full=wanted.full) for one in embedders]


def calibrate(
    vitrine: Any, several: list[Wanted], embedder_id: str, card: Path | None = None
) -> Fit:
    """Fit the probabilities to all of several sets, and keep them.

    Args:
        vitrine: the ``Stack`` of the command.
        several: what to fit to; strangers are made by holding labels out.
        embedder_id: empty = the one in use.
        card: a model card to write into; None = the state folder.

    Raises:
        InvalidInput: a CSV or a photo is wrong, there are too few queries, or the card is
            that of another network.
        NotReady: the embedder or the card is missing, or the catalogue is empty.
    """
    keep_freed_memory()
    model = _open(vitrine, embedder_id)
    if card is not None:
        _check_card(vitrine.console, model.card, read_card(card))
    cases: list[calibrating.Labelled] = []
    with _progress(vitrine.console) as bar, ExitStack() as stack:
        for wanted in several:
            chosen = _set(vitrine, wanted, stack)
            cases += _cases(model, chosen, bar, stack, full=wanted.full)
    fitted, before, after = calibrating.fit_and_measure(cases, Calibration.of(model.card))
    names = FITTED if any(one.full for one in several) else LOOKS
    numbers = _kept(read_card(card) if card else model.card) | {
        name: float(getattr(fitted, name)) for name in names
    }
    return Fit(numbers, before, after, _keep(vitrine, model, numbers, after, card))


def _kept(card: ModelCard) -> dict[str, float]:
    """What a card says of the calibration, by names that are still read."""
    told = card.calibration
    return {name: told[name] for name in Calibration.__slots__ if name in told}


def _set(vitrine: Any, wanted: Wanted, stack: ExitStack) -> _Set:
    kept = _gallery(vitrine, wanted, stack)
    drawn = photos.few_a_label(kept, wanted.shots, wanted.seed) if wanted.shots else kept
    asked = photos.read_photos(wanted.queries, "queries") if wanted.queries else None
    strange = photos.read_photos(wanted.unknown, "unknown") if wanted.unknown else None
    return _Set(drawn, asked, strange)


def _gallery(vitrine: Any, wanted: Wanted, stack: ExitStack) -> list[Photo]:
    if wanted.gallery is not None:
        return photos.read_photos(wanted.gallery, "gallery")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    read: list[Photo] = vitrine.run(catalog_photos.reference_photos(vitrine, folder))
    return read


def _measured(vitrine: Any, embedder_id: str, wanted: _Set, *, full: bool) -> dict[str, Any]:
    """Figures of one embedder, as ``vitrine evaluate --json`` prints them."""
    model = _open(vitrine, embedder_id)
    with _progress(vitrine.console) as bar, ExitStack() as stack:
        embedded, pipeline = _opened(model, wanted.gallery, bar, stack, full=full)
        known, strangers = _asked(embedded, wanted)
        _tell_lacking(vitrine.console, embedded, known, _COUNTED_WRONG)
        _tell_not_strange(vitrine.console, embedded, wanted.strangers or [])
        asking = bar.add_task("queries", total=len(known) + len(strangers))
        figures = lookups.evaluate(
            model, embedded, pipeline, known, strangers, lambda: bar.advance(asking)
        )
    count, megabytes = size_of(model.card, _folder_of(vitrine, model))
    size = {"model": model.card.id, "params": count, "mb": round(megabytes, 3)}
    return asdict(figures) | size | {"pipeline": "full" if full else "embedding"}


def _opened(
    model: Embedder, kept: list[Photo], bar: Progress, stack: ExitStack, *, full: bool
) -> tuple[Gallery, FullPipeline]:
    embedding = bar.add_task("gallery", total=len(kept))
    embedded = lookups.embed_gallery(model, kept, lambda: bar.advance(embedding))
    folder = None
    if full:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    taking = bar.add_task("local features", total=len(kept), visible=folder is not None)
    pipeline = lookups.open_pipeline(model, embedded, folder, lambda: bar.advance(taking))
    stack.callback(pipeline.close)
    return embedded, pipeline


def _asked(embedded: Gallery, wanted: _Set) -> tuple[list[Query], list[Query]]:
    """Known queries, and strangers."""
    if wanted.queries is None:
        known = lookups.leave_one_out(embedded)
    else:
        known = lookups.known_queries(wanted.queries)
    if not known:
        raise InvalidInput.of(
            "gallery", "no label has two photos, so that none can be left out; give --queries"
        )
    if wanted.strangers is not None:
        return known, lookups.strangers_of(wanted.strangers)
    return known, lookups.labels_held_out([query.photo for query in known])


def _tell_lacking(console: Console, embedded: Gallery, known: list[Query], so: str) -> None:
    """A label that is spelt otherwise in the two files would only be seen as a poor figure."""
    labels = set(embedded.labels)
    lacking = [query.photo.label for query in known if query.photo.label not in labels]
    if lacking:
        _tell(
            console,
            f"{len(lacking)} of {len(known)} queries have a label that the gallery lacks, such as "
            f"{lacking[0]!r}; {so}",
        )


def _tell_not_strange(console: Console, embedded: Gallery, strangers: list[Photo]) -> None:
    labels = set(embedded.labels)
    there = [photo.label for photo in strangers if photo.label in labels]
    if there:
        _tell(
            console,
            f"{len(there)} of {len(strangers)} photos in --unknown have a label that the gallery "
            f"has, such as {there[0]!r}; they are counted as strangers, which they are not",
        )


def _tell(console: Console, message: str) -> None:
    console.print(message, soft_wrap=True, markup=False)


def _cases(
    model: Embedder, wanted: _Set, bar: Progress, stack: ExitStack, *, full: bool
) -> list[calibrating.Labelled]:
    embedded, pipeline = _opened(model, wanted.gallery, bar, stack, full=full)
    known, _ = _asked(embedded, wanted)
    _tell_lacking(bar.console, embedded, known, _LEFT_OUT)
    labels = set(embedded.labels)
    there = [query for query in known if query.photo.label in labels]
    asking = bar.add_task("queries", total=len(there))
    return calibrating.gather(model, pipeline, there, lambda: bar.advance(asking))


def _check_card(console: Console, fitted: ModelCard, kept: ModelCard) -> None:
    """A card may be fitted with a sibling of its model: the same network, trained alike."""
    if any(getattr(fitted, name) != getattr(kept, name) for name in _NETWORK):
        raise InvalidInput.of(
            "card",
            f"is that of {kept.id}, another network than {fitted.id}; the calibration of one is "
            f"wrong for the other. Fit it with --embedder {kept.id}",
        )
    if fitted.id != kept.id:
        _tell(
            console,
            f"the calibration of {fitted.id} is written into the card of {kept.id}: right where "
            "both are the same network, trained alike",
        )


def _keep(
    vitrine: Any,
    model: Embedder,
    numbers: dict[str, float],
    measured: calibrating.Measured,
    card: Path | None,
) -> Path:
    if card is not None:
        write_card(replace(read_card(card), calibration=numbers), card)
        return card
    return write_calibration(
        model.card, numbers, asdict(measured), vitrine.settings.state_dir / "models"
    )


def _open(vitrine: Any, embedder_id: str) -> Embedder:
    settings = vitrine.settings
    wanted = embedder_id or embedder_in_use(settings)
    return open_embedder(wanted, model_folders(vitrine.settings), threads=settings.threads)


def _folder_of(vitrine: Any, model: Embedder) -> Path | None:
    found = installed_embedders(model_folders(vitrine.settings)).get(model.card.id)
    return found[1] if found else None


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console)
