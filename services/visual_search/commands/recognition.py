"""``vitrine evaluate`` and ``vitrine calibrate``."""

from __future__ import annotations

import enum
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from shared.errors import InvalidInput

if TYPE_CHECKING:
    from services.visual_search.evaluation.measuring import Fit

# What measuring needs (arrays, pictures) is imported where it is used: every command of
# `vitrine` imports this module.
app = typer.Typer()

_NO_FIGURE: Final = "-"
_MEASURED_BY: Final = {
    "full": "measured by looks and print, which is looked for at 560 to 672 px and counts however "
    "small it is: each photo is taken to show one thing. A scene is scanned at 800 px. By looks "
    "alone: --pipeline embedding",
    "embedding": "measured by looks alone; print counts, too: --pipeline full",
}


class Pipeline(enum.StrEnum):
    """How queries are looked up."""

    FULL = "full"
    EMBEDDING = "embedding"


_Galleries = Annotated[
    list[Path] | None, typer.Option("--gallery", help="CSV: image,label[,group]; again.")
]
_Queries = Annotated[
    list[Path] | None, typer.Option("--queries", help="CSV of the same, one a gallery.")
]
_PhotosOfGallery = Annotated[
    Path | None, typer.Option(help="CSV: image,label[,group]; photos of one thing each.")
]
_PhotosAsked = Annotated[
    Path | None, typer.Option(help="CSV of the same; labels that the gallery has.")
]
_Unknown = Annotated[
    Path | None,
    typer.Option(
        help="CSV of photos whose labels the gallery lacks; else the label of each query (at most "
        "300) is taken out of the gallery and the query asked again as a stranger."
    ),
]
_Catalog = Annotated[
    bool, typer.Option("--catalog", help="The catalogue's reference images as gallery.")
]
_CatalogOneOut = Annotated[
    bool, typer.Option("--catalog", help="The catalogue's reference images, one left out.")
]
_OneOut = Annotated[
    bool,
    typer.Option(
        "--leave-one-out",
        help="Each photo of the gallery as a query, itself left out; so with --catalog alone.",
    ),
]
_Embedders = Annotated[
    list[str] | None,
    typer.Option(help="Its id, or classical, hog, hsv, sift; again; none = configured."),
]
_Embedder = Annotated[str, typer.Option(help="Its id; empty = configured.")]
_Few = Annotated[
    int, typer.Option("--shots", help="Photos of each label kept, drawn by seed; 0 = all.", min=0)
]
_Shots = Annotated[
    list[int] | None, typer.Option(help="Photos of each label kept, drawn by seed; 0 = all.", min=0)
]
_Seed = Annotated[int, typer.Option(help="Of --shots.", min=0)]
_DEFAULT_KIND: Final = "full; embedding where no queries are given"
_Measured = Annotated[
    Pipeline | None,
    typer.Option(
        help="full: print counts, too; embedding: looks alone.",
        show_default=_DEFAULT_KIND,
    ),
]
_Fitted = Annotated[
    Pipeline | None,
    typer.Option(
        help="full: fit what print counts, too; embedding: leave that as it is.",
        show_default=_DEFAULT_KIND,
    ),
]
_Card = Annotated[
    Path | None, typer.Option(help="Write into this model card, not into the state folder.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_JsonOfEach = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON object; a list of them for several embedders."),
]


@app.command()
def evaluate(
    context: typer.Context,
    gallery: _PhotosOfGallery = None,
    queries: _PhotosAsked = None,
    unknown: _Unknown = None,
    catalog: _Catalog = False,
    one_out: _OneOut = False,
    embedder: _Embedders = None,
    pipeline: _Measured = None,
    shots: _Few = 0,
    seed: _Seed = 0,
    as_json: _JsonOfEach = False,
) -> None:
    """Measure recognition: is the most probable product the right one, are strangers told?

    The functions of scanning run over a gallery of photos of one thing each: print is looked for
    at 560 to 672 px, and however small it is it may be what the photo is of. In a scene scanning
    looks at 800 px, and a thing speaks for a region of which it fills a quarter.

    Where no queries are given, each photo is left out in turn and looks decide alone: it leaves a
    side of its product that the gallery may have of siblings only, and print would speak for these.

    auroc_unknown is the probability that a known query is held for known rather than a stranger,
    far_at_95_recall the share of strangers accepted where 95 % of the known are. ece, the expected
    calibration error, counts known queries and strangers; ece_floor is what so many answers have
    on average that are right exactly as often as they say. ms_per_query and ms_per_query_p95 are
    the median and the 95th percentile of wall milliseconds from the photo's file to the answer,
    one query at a time, strangers included; ms_per_image is the mean over known queries. hardest
    names the two labels that are confused most, and how often.

    Techniques are compared by their looks: --embedder hog --embedder sift --embedder hsv
    --pipeline embedding. Print, which the full pipeline adds, is the same for all of them.
    """
    one_out = one_out or (catalog and not queries)
    _check_sources(gallery, queries, catalog=catalog, one_out=one_out)
    from services.visual_search.evaluation import measuring

    full = _is_full(pipeline, has_queries=queries is not None)
    wanted = measuring.Wanted(gallery, queries, unknown, shots, seed, full)
    _print_figures(measuring.figures_of(context.obj, wanted, embedder or [""]), as_json=as_json)


@app.command()
def calibrate(
    context: typer.Context,
    gallery: _Galleries = None,
    queries: _Queries = None,
    catalog: _CatalogOneOut = False,
    embedder: _Embedder = "",
    pipeline: _Fitted = None,
    shots: _Shots = None,
    seed: _Seed = 0,
    card: _Card = None,
    as_json: _Json = False,
) -> None:
    """Fit the probabilities to a catalogue; labels are held out of the fit to measure it.

    Each query is asked twice: as it is, and as a stranger, its label taken out. Fitted are
    temperature, similarity, margin, gap and bias, by which looks become probabilities, and by
    the full pipeline print_weight, print_prior, print_alone, print_variants and print_siblings,
    by which print moves them.
    """
    pairs = _pairs(gallery or [], queries or [], catalog=catalog)
    from services.visual_search.evaluation import measuring

    full = _is_full(pipeline, has_queries=bool(queries))
    several = [
        measuring.Wanted(where, asked, None, few, seed, full)
        for where, asked in pairs
        for few in shots or [0]
    ]
    _print_fit(measuring.calibrate(context.obj, several, embedder, card), as_json=as_json)


def _is_full(asked: Pipeline | None, *, has_queries: bool) -> bool:
    """Whether print counts: not by itself where each picture of a catalogue is left out in turn.

    Pictures of one product mostly show different sides: the print of the one left out is on the
    product's siblings alone, so it would speak against the right answer as it never does in a shop.
    """
    return has_queries if asked is None else asked is Pipeline.FULL


def _check_sources(
    gallery: Path | None, queries: Path | None, *, catalog: bool, one_out: bool
) -> None:
    if catalog == (gallery is not None):
        raise InvalidInput.of("gallery", "give --gallery G.csv or --catalog, one of them")
    if one_out == (queries is not None):
        raise InvalidInput.of("queries", "give --queries Q.csv or --leave-one-out, one of them")


def _pairs(
    galleries: list[Path], queries: list[Path], *, catalog: bool
) -> list[tuple[Path | None, Path | None]]:
    if catalog and not galleries and len(queries) <= 1:
        return [(None, queries[0] if queries else None)]
    if catalog or not galleries or len(galleries) != len(queries):
        raise InvalidInput.of(
            "queries", "give --catalog, or as many --queries as --gallery, at least one of each"
        )
    return list(zip(galleries, queries, strict=True))


def _print_figures(told: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told[0] if len(told) == 1 else told))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("figure", header_style="bold", no_wrap=True)
    for figures in told:
        table.add_column(figures["model"], header_style="bold", justify="right", overflow="fold")
    for name in [key for key in told[0] if key != "model"]:
        table.add_row(name, *(_shown(figures[name]) for figures in told))
    Console().print(table)
    Console().print(_MEASURED_BY[told[0]["pipeline"]], soft_wrap=True)


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        first, second, times = value
        return f"{first} ~ {second} ({times})"
    if value is None:
        return _NO_FIGURE
    return f"{value:.4g}" if isinstance(value, float) else f"{value}"


def _print_fit(fit: Fit, *, as_json: bool) -> None:
    before, after = asdict(fit.before), asdict(fit.after)
    if as_json:
        told = {"calibration": fit.calibration, "file": str(fit.path)}
        typer.echo(json.dumps(told | {"before": before, "after": after}))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("on labels held out of the fit", "before", "after"):
        table.add_column(heading, header_style="bold")
    for name in after:
        table.add_row(name, _shown(before[name]), _shown(after[name]))
    Console().print(table)
    Console().print(f"written to {fit.path}; services take it when they start", soft_wrap=True)
