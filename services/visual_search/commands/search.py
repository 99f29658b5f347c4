"""``vitrine search``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from shared.errors import InvalidInput
from vitrine.v1 import types_pb2
from vitrine.v1 import visual_search_pb2 as pb

app = typer.Typer()

_MICROS: Final = 1_000_000
_TIMEOUT_S: Final = 120.0
_COMPARED: Final = 6  # results that an explanation weighs the best against, itself among them
_PRICE: Final = re.compile(r"price\s*(<=|>=|<|>)\s*(\d{1,12}(?:\.\d+)?)\s*([A-Za-z]{3})?")
_PAIR: Final = re.compile(r"([^=<>]+)=(.+)")


@app.command()
def search(
    context: typer.Context,
    image: Annotated[Path | None, typer.Argument(help="JPEG, PNG or WebP file.")] = None,
    sku: Annotated[str, typer.Option(help="More like this product.")] = "",
    text: Annotated[str, typer.Option(help="Words; with IMAGE both count.")] = "",
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help="brand=B, category='A > B', price<300EUR (the currency may be left out where "
            "all prices have the same), color=red; again.",
        ),
    ] = None,
    in_stock: Annotated[bool, typer.Option("--in-stock", help="Only what STORE has.")] = False,
    store: Annotated[str, typer.Option(help="Store whose price and stock to show.")] = "",
    channel: Annotated[str, typer.Option(help="Sales channel whose prices hold.")] = "",
    top_k: Annotated[int, typer.Option(help="Results to show.", min=1, max=1000)] = 10,
    explain: Annotated[
        Path | None, typer.Option(help="Draw to this file why the best result looks like IMAGE.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find products that look like a picture or a product, or match words."""
    if explain and not image:
        raise InvalidInput.of("explain", "needs an IMAGE to explain")
    request = pb.SearchRequest(
        image=_read(image) if image else b"",
        sku=sku,
        text=text,
        filter=parse_filters(filters or []),
        top_k=top_k,
        store_id=store,
        channel=channel,
        explain=explain is not None,
    )
    request.filter.in_stock = in_stock
    reply = context.obj.run(_search(context.obj, request, explain))
    if as_json:
        typer.echo(json.dumps(reply_as_json(reply)))
    else:
        _print_results(reply)


def parse_filters(texts: list[str]) -> pb.SearchFilter:
    """Read filters as typed: ``brand=B``, ``category=A > B``, ``price<300``, ``name=value``.

    Raises:
        InvalidInput: a text is none of these.

    >>> parse_filters(["price<=300", "color=red"]).max_price.amount_micros
    300000000
    """
    wanted = pb.SearchFilter()
    for text in texts:
        price, pair = _PRICE.fullmatch(text.strip()), _PAIR.fullmatch(text.strip())
        if price:
            _add_price(wanted, *price.groups())
        elif pair and pair[1].strip() != "price":
            _add_pair(wanted, pair[1].strip(), pair[2].strip())
        else:
            raise InvalidInput.of(
                "filter", f"is {text!r}, must look like brand=B, category=A > B or price<300"
            )
    return wanted


def reply_as_json(reply: pb.SearchResponse) -> dict[str, Any]:
    """Put an answer in the shape that ``vitrine search --json`` prints."""
    provenance = reply.provenance
    return {
        "groups": [
            {
                "box": _box(group.box) if group.HasField("box") else None,
                "results": [_result(result) for result in group.results],
            }
            for group in reply.groups
        ],
        "catalog_revision": provenance.catalog_revision,
        "model": provenance.models[0].id if provenance.models else None,
        "timings_ms": {item.stage: round(item.duration_ms, 2) for item in provenance.timings},
    }


async def _search(stack: Any, request: pb.SearchRequest, explain: Path | None) -> pb.SearchResponse:
    if explain is None:
        return await _ask(stack, request)
    from services.visual_search.commands import explanation

    explanation.check_target(explain)
    shown, request.top_k = request.top_k, max(request.top_k, _COMPARED)
    reply = await _ask(stack, request)
    picture = await explanation.draw_best(stack, request.image, reply)
    explanation.write_picture(picture, explain)
    for group in reply.groups:
        del group.results[shown:]
    return reply


async def _ask(stack: Any, request: pb.SearchRequest) -> pb.SearchResponse:
    async with stack.search(with_print=bool(request.image)) as stub:
        reply: pb.SearchResponse = await stub.Search(request, timeout=_TIMEOUT_S)
        return reply


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput.of("image", f"cannot read {path}: {error.strerror}") from error


def _add_price(wanted: pb.SearchFilter, sign: str, amount: str, currency: str | None) -> None:
    micros = round(float(amount) * _MICROS)
    strict = {"<": -1, ">": 1}.get(sign, 0)
    money = types_pb2.Money(currency_code=currency or "", amount_micros=max(0, micros + strict))
    bound = wanted.max_price if sign.startswith("<") else wanted.min_price
    bound.CopyFrom(money)


def _add_pair(wanted: pb.SearchFilter, name: str, value: str) -> None:
    if name == "brand":
        wanted.brands.append(value)
    elif name == "category":
        wanted.categories.append(value)
    else:
        wanted.attributes.add(name=name, values=[value])


def _box(box: types_pb2.Box) -> list[float]:
    return [round(value, 5) for value in (box.x_min, box.y_min, box.x_max, box.y_max)]


def _price(result: pb.SearchResult) -> types_pb2.Money | None:
    for holder in (result.offer, result.product):
        if holder.HasField("price"):
            return holder.price
    return None


def _result(result: pb.SearchResult) -> dict[str, Any]:
    price = _price(result)
    return {
        "sku": result.product.sku,
        "score": round(result.score, 5),
        "title": result.product.title,
        "price": price.amount_micros / _MICROS if price else None,
        "currency": price.currency_code if price else None,
        "variants": list(result.folded_skus),
    }


def _print_results(reply: pb.SearchResponse) -> None:
    for group in reply.groups:
        table = Table(box=None, pad_edge=False)
        for heading in ("score", "sku", "product", "brand", "price", "stock"):
            table.add_column(heading, header_style="bold")
        for result in group.results:
            table.add_row(*_row(result))
        if not group.results:
            table.add_row("", "", "nothing found", "", "", "")
        Console().print(table)


def _row(result: pb.SearchResult) -> list[str]:
    price, more = _price(result), len(result.folded_skus)
    return [
        f"{result.score:.3f}",
        result.product.sku,
        result.product.title + (f" (+{more})" if more else ""),
        result.product.brand,
        f"{price.amount_micros / _MICROS:.2f} {price.currency_code}" if price else "",
        f"{result.offer.quantity} here" if result.offer.availability else "",
    ]
