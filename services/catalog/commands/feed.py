"""``vitrine import``: a feed in, behind a progress bar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.catalog.commands.output import AsJson, print_json
from services.catalog.commands.places import send_stock, send_stores
from services.catalog.feeds.stock_files import read_stock, read_stores

if TYPE_CHECKING:
    from services.catalog.importing.report import ImportOptions, ImportReport

# What an import needs (pictures, HTTP) is imported where it is used: every command of
# `vitrine` imports this module.
app = typer.Typer()

_SHOWN_REJECTIONS = 20


@app.command("import")
def import_(
    context: typer.Context,
    feed: Annotated[
        Path, typer.Argument(help="Google Merchant TSV or RSS/XML, Shopify CSV, or JSON Lines.")
    ],
    currency: Annotated[
        str, typer.Option(help="ISO 4217 code of prices that name none, as in Shopify's export.")
    ] = "",
    store: Annotated[
        str, typer.Option(help="Store whose stock the feed's availability and quantity set.")
    ] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch images from private addresses too.")
    ] = False,
    allow_outside: Annotated[
        bool, typer.Option("--allow-outside", help="Read images outside the feed's folder too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a product feed. Run it again at any time: what is there is not sent again."""
    from services.catalog.importing.report import ImportOptions
    from shared.image_gate import Limits

    stack = context.obj
    settings = stack.settings
    options = ImportOptions(
        currency=currency.upper(),
        store_id=store,
        allow_outside=allow_outside,
        allow_private=allow_private,
        memory=settings.state_dir / "catalog" / "fetched.sqlite",
        limits=Limits(settings.max_image_bytes, int(settings.max_image_megapixels * 1e6)),
    )
    report = stack.run(_import(stack, feed, options))
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report)
    raise typer.Exit(1 if report.rejected and not report.products else 0)


async def _import(stack: Any, feed: Path, options: ImportOptions) -> ImportReport:
    async with stack.catalog() as stub:
        return await import_with_progress(stub, feed, stack.console, options)


async def import_with_progress(
    stub: Any, feed: Path, console: Console, options: ImportOptions
) -> ImportReport:
    """Import a feed behind a progress bar; warnings are printed to ``console``."""
    from services.catalog.importer import import_feed

    columns = (
        BarColumn(),
        TextColumn("{task.fields[products]:,} products  {task.fields[images]:,} images"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(feed.name, total=None, products=0, images=0)

        def told(report: ImportReport) -> None:
            progress.update(
                task,
                completed=report.bytes_read,
                total=report.bytes_total,
                products=report.products,
                images=report.images,
            )

        report = await import_feed(feed, stub, told, options)
    for warning in report.warnings:
        console.print(Text(f"line {warning.line} {warning.message}", style="yellow"))
    return report


async def load_folder(stub: Any, folder: Path, console: Console) -> ImportReport:
    """Load a folder of ``feed.tsv``, ``stores.csv`` and ``stock.csv``, the demo's for instance."""
    from services.catalog.importing.report import ImportOptions

    report = await import_with_progress(stub, folder / "feed.tsv", console, ImportOptions())
    for rejected in report.rejected:
        console.print(Text(f"line {rejected.line} {rejected.reason}", style="yellow"))
    await send_stores(stub, read_stores(folder / "stores.csv"))
    await send_stock(stub, read_stock(folder / "stock.csv"))
    return report


def _print_report(report: ImportReport) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{report.products:,} imported, {len(report.rejected):,} rejected")
    ordered = sorted(report.rejected, key=lambda entry: entry.line)
    for entry in ordered[:_SHOWN_REJECTIONS]:
        console.print(Text(f"  line {entry.line:<6} {entry.reason}"))
    if ordered[_SHOWN_REJECTIONS:]:
        console.print(f"  and {len(ordered) - _SHOWN_REJECTIONS:,} more; --json lists all")
    console.print(f"catalogue revision {report.revision:,}")
