"""``vitrine catalog list | show | delete | status``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from services.catalog.commands.output import AsJson, as_dict, money, print_json, print_table
from services.catalog.feeds.fields import read_path
from shared.errors import NotFound
from shared.gtin import shorten
from vitrine.v1 import catalog_pb2 as pb

catalog_app = typer.Typer(help="Look into the catalogue.", no_args_is_help=True)

_TIMEOUT_S = 60.0
_PAGE = 500


@catalog_app.command("list")
def list_(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Text in the SKU, title or brand.")] = "",
    category: Annotated[str, typer.Option(help="Category, as 'Groceries > Tea'.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List products by SKU."""
    request = pb.ListProductsRequest(query=query, category_path=read_path(category))
    products = context.obj.run(_list(context.obj, request, limit))
    if as_json:
        print_json({"products": [as_dict(product) for product in products]})
        return
    headings = ("sku", "title", "brand", "price", "images")
    print_table(headings, [_row(product) for product in products])
    if len(products) == limit:
        typer.echo(f"the first {limit:,}; --limit shows more", err=True)


async def _list(stack: Any, request: pb.ListProductsRequest, limit: int) -> list[pb.Product]:
    products: list[pb.Product] = []
    async with stack.catalog() as stub:
        while len(products) < limit:
            request.page_size = min(_PAGE, limit - len(products))
            reply = await stub.ListProducts(request, timeout=_TIMEOUT_S)
            products += reply.products
            request.page_token = reply.next_page_token
            if not reply.next_page_token:
                break
    return products


def _row(product: pb.Product) -> tuple[str, ...]:
    price = money(product.price) if product.HasField("price") else ""
    images = str(len(product.reference_images))
    return product.sku, product.title, product.brand, price, images


@catalog_app.command("show")
def show(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="A SKU, a GTIN, or any code as scanned.")],
    store: Annotated[str, typer.Option(help="Store whose price and stock to show.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show one product, and what it costs."""
    found, offer = context.obj.run(_look_up(context.obj, code, store))
    if as_json:
        product = as_dict(found.product) if found.HasField("product") else None
        print_json({"product": product, "offer": offer and as_dict(offer)})
        return
    if offer is None:
        raise NotFound.of("product", code)
    print_table(("", ""), [*_product_rows(found.product), *_offer_rows(offer)])


def _product_rows(product: pb.Product) -> list[tuple[str, str]]:
    size = product.dimensions
    rows = [
        ("sku", product.sku),
        ("title", product.title),
        ("brand", product.brand),
        ("gtins", ", ".join(map(shorten, product.gtins))),
        ("category", " > ".join(product.category_path)),
        ("description", product.description),
        *((f"  {name}", value) for name, value in sorted(product.attributes.items())),
        ("item group", product.item_group_id),
        ("size", f"{size.width_mm:g} x {size.height_mm:g} x {size.depth_mm:g} mm"),
        ("status", _word(pb.ProductStatus.Name(product.status))),
        ("link", product.link),
        ("try-on", _word(pb.TryOnKind.Name(product.try_on_asset.kind))),
        *(
            (f"image {image.view}", f"{image.width_px} x {image.height_px}  {image.id}")
            for image in product.reference_images
        ),
        ("revision", f"{product.revision:,}"),
    ]
    return [(name, value) for name, value in rows if value not in {"", "0 x 0 x 0 mm"}]


def _offer_rows(offer: pb.Offer) -> list[tuple[str, str]]:
    rows = [("price", money(offer.price))] if offer.HasField("price") else []
    if offer.availability:
        when = offer.stock_time.ToJsonString()
        rows.append((f"in {offer.store_id}", f"{offer.quantity:,}  (reported {when})"))
    return rows


def _word(enum_name: str) -> str:
    """The last word of an enum's name; nothing for UNSPECIFIED.

    >>> _word("PRODUCT_STATUS_ACTIVE"), _word("TRY_ON_KIND_UNSPECIFIED")
    ('active', '')
    """
    word = enum_name.rpartition("_")[2].lower()
    return "" if word == "unspecified" else word


async def _look_up(
    stack: Any, code: str, store: str
) -> tuple[pb.LookupCodeResponse, pb.Offer | None]:
    async with stack.catalog() as stub:
        found = await stub.LookupCode(pb.LookupCodeRequest(code=code), timeout=_TIMEOUT_S)
        if not found.HasField("product"):
            return found, None
        request = pb.GetOffersRequest(skus=[found.product.sku], store_id=store)
        offers = (await stub.GetOffers(request, timeout=_TIMEOUT_S)).offers
        return found, offers[0] if offers else None


@catalog_app.command("delete")
def delete(
    context: typer.Context,
    skus: Annotated[list[str], typer.Argument(help="The products.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete products with their images, stock and prices."""
    if not yes:
        typer.confirm(f"Delete {len(skus)} product(s)?", abort=True, err=True)
    wanted = list(dict.fromkeys(skus))
    deleted, missing, revision = context.obj.run(_delete(context.obj, wanted))
    if as_json:
        print_json({"deleted": deleted, "missing": missing, "revision": revision})
    else:
        typer.echo(f"{deleted:,} deleted; catalogue revision {revision:,}")
        for sku in missing:
            typer.echo(f"  no product {sku!r}")
    raise typer.Exit(1 if missing and not deleted else 0)


async def _delete(stack: Any, skus: list[str]) -> tuple[int, list[str], int]:
    deleted, missing, revision = 0, list[str](), 0
    async with stack.catalog() as stub:
        for start in range(0, len(skus), _PAGE):
            part = skus[start : start + _PAGE]
            there = await stub.BatchGetProducts(
                pb.BatchGetProductsRequest(skus=part), timeout=_TIMEOUT_S
            )
            found = {product.sku for product in there.products}
            missing += [sku for sku in part if sku not in found]
            request = pb.DeleteProductsRequest(skus=part)
            reply = await stub.DeleteProducts(request, timeout=_TIMEOUT_S)
            deleted, revision = deleted + reply.deleted, reply.revision
    return deleted, missing, revision


@catalog_app.command("status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Count what the catalogue holds."""
    counts = context.obj.run(_status(context.obj))
    if as_json:
        print_json(counts)
    else:
        print_table(("", ""), [(name.replace("_", " "), f"{n:,}") for name, n in counts.items()])


async def _status(stack: Any) -> dict[str, int]:
    async with stack.catalog() as stub:
        reply = await stub.GetCatalogStatus(pb.GetCatalogStatusRequest(), timeout=_TIMEOUT_S)
    return {
        "revision": reply.revision,
        "products": reply.products,
        "reference_images": reply.reference_images,
        "stores": reply.stores,
    }
