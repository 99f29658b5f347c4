"""``vitrine scan``: pictures in, decisions out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import grpc.aio
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.errors import error_as_json, print_error
from services.cli.stack import Stack
from shared.errors import InvalidInput
from shared.status import from_rpc_error
from vitrine.v1 import scanning_pb2

app = typer.Typer()

_COLOURS = {"identified": "green", "ambiguous": "yellow", "unknown": "red"}
_MICROS = 1_000_000


def _money(price: Any) -> str:
    return f"{price.amount_micros / _MICROS:.2f} {price.currency_code}" if price else ""


def _decision(item: Any) -> str:
    name: str = scanning_pb2.Decision.Name(item.decision)
    return name.removeprefix("DECISION_").lower()


def _offer(item: Any) -> dict[str, Any] | None:
    if not item.HasField("offer"):
        return None
    offer = item.offer
    price = offer.price if offer.HasField("price") else None
    return {
        "price": price.amount_micros / _MICROS if price else None,
        "currency": price.currency_code if price else None,
        "store": offer.store_id or None,
        "quantity": offer.quantity if offer.availability else None,
    }


def _box(box: Any) -> list[float]:
    return [round(value, 5) for value in (box.x_min, box.y_min, box.x_max, box.y_max)]


def item_as_json(item: Any) -> dict[str, Any]:
    """One scanned item in the shape that ``vitrine scan --json`` prints."""
    return {
        "decision": _decision(item),
        "sku": item.product.sku or None,
        "title": item.product.title or None,
        "gtin": item.gtin or None,
        "probability": round(item.probability, 4),
        "box": _box(item.box),
        "codes": [
            {"text": code.text, "symbology": code.symbology, "gtin": code.gtin or None}
            for code in item.codes
        ],
        "evidence": [evidence.description for evidence in item.evidence],
        "conflicts": [conflict.description for conflict in item.conflicts],
        "candidates": [
            {"sku": candidate.product.sku, "probability": round(candidate.probability, 4)}
            for candidate in item.candidates
        ],
        "offer": _offer(item),
    }


def _as_json(path: Path, reply: Any) -> dict[str, Any]:
    timings = {item.stage: round(item.duration_ms, 2) for item in reply.provenance.timings}
    items = [item_as_json(item) for item in reply.items]
    return {"image": str(path), "items": items, "timings_ms": timings}


def _row(item: Any) -> list[Text | str]:
    decision = _decision(item)
    shown = item.product.title or ", ".join(c.product.title for c in item.candidates[:3])
    offer = item.offer if item.HasField("offer") else None
    stock = f"{offer.quantity} here" if offer and offer.availability else ""
    why = "; ".join(
        [*(c.description for c in item.conflicts), *(e.description for e in item.evidence)]
    )
    codes = ", ".join(code.text for code in item.codes)
    return [
        Text(decision, style=_COLOURS.get(decision, "")),
        f"{item.probability:.2f}",
        Text(shown or codes),
        _money(offer.price if offer and offer.HasField("price") else None),
        stock,
        Text(why),
    ]


def _print_table(path: Path, reply: Any) -> None:
    table = Table(title=str(path), title_justify="left", box=None, pad_edge=False)
    for heading in ("decision", "p", "product", "price", "stock", "because"):
        table.add_column(heading, header_style="bold")
    for item in reply.items:
        table.add_row(*_row(item))
    if not reply.items:
        table.add_row("nothing", "", "no code and no product found", "", "", "")
    Console().print(table)


def _read(path: Path) -> bytes:
    """Read a file; ``-`` is what is piped in.

    Raises:
        InvalidInput: it cannot be read, or is a folder.
    """
    if path == Path("-"):
        return sys.stdin.buffer.read()
    if path.is_dir():
        raise InvalidInput.of("image", f"is a folder; name its pictures, such as {path / '*.jpg'}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput.of("image", f"cannot be read: {error.strerror}") from error


async def _scan_one(scanning: Any, path: Path, options: Any) -> Any:
    """Scan one file.

    Raises:
        InvalidInput: the file cannot be read, or is no picture that is accepted.
    """
    request = scanning_pb2.ScanImageRequest(image=_read(path), options=options)
    try:
        return await scanning.ScanImage(request, timeout=60)
    except grpc.aio.AioRpcError as failure:
        raise from_rpc_error(failure) from failure


async def _scan(stack: Stack, paths: Sequence[Path], options: Any, *, as_json: bool) -> int:
    """Scan files, past those that are refused; return how many were."""
    refused = 0
    async with stack.scanning() as scanning:
        for path in paths:
            try:
                reply = await _scan_one(scanning, path, options)
            except InvalidInput as error:
                refused += 1
                _show_refused(stack, path, error, as_json=as_json)
                continue
            if as_json:
                typer.echo(json.dumps(_as_json(path, reply)))
            else:
                _print_table(path, reply)
    return refused


def _show_refused(stack: Stack, path: Path, error: InvalidInput, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"image": str(path), "error": error_as_json(error)}))
    print_error(stack.console, f"{path}: {error.message.removeprefix('image: ')}")


@app.command()
def scan(
    context: typer.Context,
    images: Annotated[
        list[Path], typer.Argument(help="JPEG, PNG or WebP files; - = one from stdin.")
    ],
    store: Annotated[str, typer.Option(help="Store whose price and stock to show.")] = "",
    channel: Annotated[str, typer.Option(help="Sales channel whose prices hold.")] = "",
    codes_only: Annotated[bool, typer.Option(help="Read codes; do not look.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an image.")] = False,
) -> None:
    """Say which products pictures show, how sure that is, and what they cost here."""
    stack: Stack = context.obj
    options = scanning_pb2.ScanOptions(store_id=store, channel=channel, codes_only=codes_only)
    refused = stack.run(_scan(stack, images, options, as_json=as_json))
    raise typer.Exit(1 if refused else 0)
