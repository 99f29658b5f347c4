"""``vitrine stock`` and ``vitrine stores``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from services.catalog.commands.output import AsJson, as_dict, print_json, print_table
from services.catalog.feeds.stock_files import read_stock, read_stores
from services.catalog.offer_messages import level_message, store_message
from services.catalog.offers import MAX_QUANTITY, StockLevel, Store
from vitrine.v1 import catalog_pb2 as pb

stock_app = typer.Typer(help="Set and show how many pieces are where.", no_args_is_help=True)
stores_app = typer.Typer(help="Import and list stores.", no_args_is_help=True)

_TIMEOUT_S = 60.0
_LEVELS_A_REQUEST = 10_000


@stock_app.command("set")
def stock_set(
    context: typer.Context,
    sku: Annotated[str, typer.Argument(help="The product.")] = "",
    store: Annotated[str, typer.Argument(help="The store.")] = "",
    quantity: Annotated[int | None, typer.Argument(help="Pieces.", min=0, max=MAX_QUANTITY)] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV with the columns sku, store, quantity.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Set stock: of one product in one store, or of a whole file."""
    if file is not None and not sku:
        levels = read_stock(file)
    elif file is None and quantity is not None:
        levels = [StockLevel(sku, store, quantity)]
    else:
        raise typer.BadParameter("give SKU STORE QUANTITY, or --file stock.csv")
    context.obj.run(_set_stock(context.obj, levels))
    if as_json:
        print_json({"updated": len(levels)})
    else:
        typer.echo(f"{len(levels):,} stock levels set")


async def _set_stock(stack: Any, levels: Sequence[StockLevel]) -> None:
    async with stack.catalog() as stub:
        await send_stock(stub, levels)


async def send_stock(stub: Any, levels: Sequence[StockLevel]) -> None:
    """Set stock, in requests of bounded size."""
    for start in range(0, len(levels), _LEVELS_A_REQUEST):
        chunk = [level_message(level) for level in levels[start:][:_LEVELS_A_REQUEST]]
        await stub.SetStock(pb.SetStockRequest(levels=chunk), timeout=_TIMEOUT_S)


@stock_app.command("show")
def stock_show(
    context: typer.Context,
    store: Annotated[str, typer.Argument(help="The store.")],
    as_json: AsJson = False,
) -> None:
    """Show what a store has."""
    levels = context.obj.run(_list_stock(context.obj, store))
    if as_json:
        print_json({"store": store, "stock": {level.sku: level.quantity for level in levels}})
    else:
        print_table(("sku", "quantity"), [(level.sku, f"{level.quantity:,}") for level in levels])


async def _list_stock(stack: Any, store: str) -> list[pb.StockLevel]:
    levels: list[pb.StockLevel] = []
    request = pb.ListStockRequest(store_id=store)
    async with stack.catalog() as stub:
        while True:
            reply = await stub.ListStock(request, timeout=_TIMEOUT_S)
            levels += reply.levels
            if not reply.next_page_token:
                return levels
            request.page_token = reply.next_page_token


@stores_app.command("import")
def stores_import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV with the column id; name, currency_code, time_zone too.")
    ],
    as_json: AsJson = False,
) -> None:
    """Create or change stores."""
    stores = read_stores(file)
    context.obj.run(_upsert_stores(context.obj, stores))
    if as_json:
        print_json({"upserted": len(stores)})
    else:
        typer.echo(f"{len(stores):,} stores")


async def _upsert_stores(stack: Any, stores: Sequence[Store]) -> None:
    async with stack.catalog() as stub:
        await send_stores(stub, stores)


async def send_stores(stub: Any, stores: Sequence[Store]) -> None:
    """Create or change stores."""
    request = pb.UpsertStoresRequest(stores=map(store_message, stores))
    await stub.UpsertStores(request, timeout=_TIMEOUT_S)


@stores_app.command("list")
def stores_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List the stores."""
    stores = context.obj.run(_list_stores(context.obj))
    if as_json:
        print_json({"stores": [as_dict(store) for store in stores]})
        return
    headings = ("id", "name", "currency", "time zone")
    print_table(headings, [(s.id, s.name, s.currency_code, s.time_zone) for s in stores])


async def _list_stores(stack: Any) -> Sequence[pb.Store]:
    async with stack.catalog() as stub:
        reply = await stub.ListStores(pb.ListStoresRequest(), timeout=_TIMEOUT_S)
        stores: Sequence[pb.Store] = reply.stores
        return stores
