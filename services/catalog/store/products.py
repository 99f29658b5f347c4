"""Products, their GTINs and the tombstones of deleted ones."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from services.catalog.products import (
    Dimensions,
    Money,
    Product,
    ProductFilter,
    ProductStatus,
    StoredProduct,
    Tombstone,
    TryOnAsset,
    TryOnKind,
)
from services.catalog.store.reference_images import read_images
from services.catalog.store.schema import product, product_gtin, tombstone

_SKUS: BindParameter[list[str]] = bindparam("skus", expanding=True)
_SINCE: BindParameter[int] = bindparam("since")
_MOST: BindParameter[int] = bindparam("most")

# Built once: building a statement takes longer than running it.
_BY_SKU = select(product).where(product.c.sku.in_(_SKUS))
_CHANGED = (
    select(product).where(product.c.revision > _SINCE).order_by(product.c.revision).limit(_MOST)
)
_DELETED = (
    select(tombstone)
    .where(tombstone.c.revision > _SINCE)
    .order_by(tombstone.c.revision)
    .limit(_MOST)
)
_OWNERS = select(product_gtin.c.gtin, product_gtin.c.sku).where(
    product_gtin.c.gtin.in_(bindparam("gtins", expanding=True))
)
_GTINS = (
    select(product_gtin.c.sku, product_gtin.c.gtin)
    .where(product_gtin.c.sku.in_(_SKUS))
    .order_by(product_gtin.c.position)
)


def read_products(connection: Connection, skus: Iterable[str]) -> dict[str, StoredProduct]:
    """Read products by SKU; unknown ones are absent."""
    return _whole(connection, connection.execute(_BY_SKU, {"skus": list(skus)}).all())


def read_products_after(connection: Connection, since: int, limit: int) -> list[StoredProduct]:
    """Read the first ``limit`` products that changed after a revision, in order."""
    rows = connection.execute(_CHANGED, {"since": since, "most": limit}).all()
    return list(_whole(connection, rows).values())


def read_tombstones_after(connection: Connection, since: int, limit: int) -> list[Tombstone]:
    """Read the first ``limit`` deletions after a revision, in order."""
    rows = connection.execute(_DELETED, {"since": since, "most": limit})
    return [Tombstone(row.sku, row.revision) for row in rows]


def list_products(
    connection: Connection, after: str, limit: int, wanted: ProductFilter
) -> list[StoredProduct]:
    """Read the first ``limit`` products by SKU after ``after`` that are wanted."""
    statement = select(product).where(product.c.sku > after).order_by(product.c.sku).limit(limit)
    if wanted.query:
        found = product.c.search_text.contains(wanted.query.casefold(), autoescape=True)
        statement = statement.where(found)
    if wanted.category_path:
        # '["Groceries","Tea"' begins both that path and every path below it.
        prefix = _to_json(list(wanted.category_path)).removesuffix("]")
        begins = func.substr(product.c.category_path, 1, len(prefix)) == prefix
        below = func.substr(product.c.category_path, len(prefix) + 1, 1).in_([",", "]"])
        statement = statement.where(begins, below)
    if wanted.try_on_kinds:
        # A quote within a value is escaped: nothing else in the object reads like this.
        texts = [f',"kind":"{kind.value}",' for kind in wanted.try_on_kinds]
        statement = statement.where(or_(*(product.c.try_on_asset.contains(t) for t in texts)))
    return list(_whole(connection, connection.execute(statement).all()).values())


def read_gtin_owners(connection: Connection, gtins: Iterable[str]) -> dict[str, str]:
    """Map those of the 14-digit GTINs that belong to a product to its SKU."""
    found = connection.execute(_OWNERS, {"gtins": list(gtins)})
    return {row.gtin: row.sku for row in found}


def count_products(connection: Connection) -> int:
    """Count the products, archived ones included."""
    count: int = connection.execute(select(func.count()).select_from(product)).scalar_one()
    return count


def write_products(
    connection: Connection, products: Sequence[StoredProduct], existing: Mapping[str, Any]
) -> None:
    """Insert the products whose SKU is not among ``existing``, update the others."""
    if not products:
        return
    rows = [_row(entry) for entry in products]
    new = [row for row in rows if row["sku"] not in existing]
    old = [{**row, "key": row["sku"]} for row in rows if row["sku"] in existing]
    if new:
        skus = [row["sku"] for row in new]
        connection.execute(delete(tombstone).where(tombstone.c.sku.in_(skus)))
        connection.execute(insert(product), new)
    if old:
        connection.execute(update(product).where(product.c.sku == bindparam("key")), old)
    _write_gtins(connection, products)


def touch_products(connection: Connection, revisions: Mapping[str, int]) -> None:
    """Give products new revisions, by SKU."""
    if revisions:
        statement = update(product).where(product.c.sku == bindparam("key"))
        rows = [{"key": sku, "revision": value} for sku, value in revisions.items()]
        connection.execute(statement.values(revision=bindparam("revision")), rows)


def delete_products(connection: Connection, tombstones: Sequence[Tombstone]) -> None:
    """Delete products with all that belongs to them, leaving tombstones."""
    skus = [entry.sku for entry in tombstones]
    connection.execute(delete(product).where(product.c.sku.in_(skus)))
    connection.execute(insert(tombstone), [asdict(entry) for entry in tombstones])


def _write_gtins(connection: Connection, products: Sequence[StoredProduct]) -> None:
    skus = [entry.product.sku for entry in products]
    connection.execute(delete(product_gtin).where(product_gtin.c.sku.in_(skus)))
    rows = [
        {"gtin": gtin, "sku": entry.product.sku, "position": position}
        for entry in products
        for position, gtin in enumerate(entry.product.gtins)
    ]
    if rows:
        connection.execute(insert(product_gtin), rows)


def _whole(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, StoredProduct]:
    skus = [row.sku for row in rows]
    gtins, images = _read_gtins(connection, skus), read_images(connection, skus)
    return {
        row.sku: StoredProduct(
            _product(row, tuple(gtins[row.sku])), tuple(images[row.sku]), row.revision
        )
        for row in rows
    }


def _read_gtins(connection: Connection, skus: Sequence[str]) -> dict[str, list[str]]:
    gtins: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(_GTINS, {"skus": skus}):
        gtins[row.sku].append(row.gtin)
    return gtins


def _product(row: Row[Any], gtins: tuple[str, ...]) -> Product:
    price = None if row.amount_micros is None else Money(row.currency_code, row.amount_micros)
    return Product(
        sku=row.sku,
        title=row.title,
        gtins=gtins,
        brand=row.brand,
        description=row.description,
        category_path=tuple(json.loads(row.category_path)),
        attributes=json.loads(row.attributes),
        price=price,
        item_group_id=row.item_group_id,
        dimensions=Dimensions(row.width_mm, row.height_mm, row.depth_mm),
        try_on_asset=_try_on(row.try_on_asset),
        status=ProductStatus(row.status),
        link=row.link,
    )


def _try_on(text: str | None) -> TryOnAsset | None:
    if text is None:
        return None
    values = json.loads(text)
    points = {name: (x, y) for name, (x, y) in values["points"].items()}
    return TryOnAsset(**{**values, "kind": TryOnKind(values["kind"]), "points": points})


def _row(entry: StoredProduct) -> dict[str, Any]:
    item = entry.product
    return {
        "sku": item.sku,
        "revision": entry.revision,
        "title": item.title,
        "brand": item.brand,
        "description": item.description,
        "category_path": _to_json(list(item.category_path)),
        "attributes": _to_json(dict(item.attributes)),
        "currency_code": item.price and item.price.currency_code,
        "amount_micros": item.price and item.price.amount_micros,
        "item_group_id": item.item_group_id,
        **asdict(item.dimensions),
        "try_on_asset": item.try_on_asset and _to_json(asdict(item.try_on_asset)),
        "status": item.status.value,
        "link": item.link,
        "search_text": "\n".join((item.sku, item.title, item.brand)).casefold(),
    }


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
