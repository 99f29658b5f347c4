"""How the catalogue's commands print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vitrine.v1 import types_pb2

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_MICROS = 1_000_000


def print_json(value: Any) -> None:
    """Print one line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def as_dict(message: Message) -> dict[str, Any]:
    """A message by the names of its fields."""
    return MessageToDict(message, preserving_proto_field_name=True)


def print_table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table; cells are plain text, not markup."""
    table = Table(box=None, pad_edge=False, show_header=any(headings))
    for heading in headings:
        table.add_column(heading, header_style="bold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)


def money(price: types_pb2.Money) -> str:
    """Write a price as people do.

    >>> money(types_pb2.Money(currency_code="EUR", amount_micros=4_990_000))
    '4.99 EUR'
    """
    return f"{price.amount_micros / _MICROS:,.2f} {price.currency_code}"
