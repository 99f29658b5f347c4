"""Which picture belongs to which product, and which blobs no product uses.

A blob is written before the row that points to it and removed after the last such row
has gone. In between it is marked as unused, so that whatever is interrupted leaves at
worst a marked blob, which ``take_unused`` gives up for removal later. A blob is never
removed while a row points to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from services.catalog.products import ReferenceImage
from services.catalog.store.schema import reference_image, unused_blob

# Built once: building a statement takes longer than running it.
_OF_SKUS = (
    select(reference_image)
    .where(reference_image.c.sku.in_(bindparam("skus", expanding=True)))
    .order_by(reference_image.c.position)
)
_MIME_TYPES = select(reference_image.c.id, reference_image.c.mime_type).where(
    reference_image.c.id.in_(bindparam("ids", expanding=True))
)


def read_images(connection: Connection, skus: Sequence[str]) -> dict[str, list[ReferenceImage]]:
    """Read the images of products by SKU, in the order in which they were added."""
    images: dict[str, list[ReferenceImage]] = defaultdict(list)
    for row in connection.execute(_OF_SKUS, {"skus": skus}):
        size_wh = (row.width_px, row.height_px)
        images[row.sku].append(ReferenceImage(row.id, row.sku, row.view, row.mime_type, size_wh))
    return images


def read_mime_types(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Map those of the images that some product has to their MIME types."""
    return {row.id: row.mime_type for row in connection.execute(_MIME_TYPES, {"ids": ids})}


def read_used(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return those of the images that some product has."""
    query = select(reference_image.c.id).where(reference_image.c.id.in_(list(ids)))
    return set(connection.execute(query).scalars())


def count_images(connection: Connection) -> int:
    """Count the reference images of all products."""
    query = select(func.count()).select_from(reference_image)
    count: int = connection.execute(query).scalar_one()
    return count


def replace_images(
    connection: Connection, images: Mapping[str, Sequence[ReferenceImage]], now_us: int
) -> None:
    """Make these the images of their products, by SKU, in this order."""
    skus = list(images)
    before = {image.id for kept in read_images(connection, skus).values() for image in kept}
    connection.execute(delete(reference_image).where(reference_image.c.sku.in_(skus)))
    rows = [_row(i, image) for kept in images.values() for i, image in enumerate(kept)]
    if rows:
        connection.execute(insert(reference_image), rows)
    mark_unused(connection, before - {row["id"] for row in rows}, now_us)


def mark_used(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Take the marks off blobs that rows are about to point to; return those that had one."""
    marks = delete(unused_blob).where(unused_blob.c.id.in_(list(ids)))
    return set(connection.execute(marks.returning(unused_blob.c.id)).scalars())


def mark_unused(connection: Connection, ids: Iterable[str], now_us: int) -> None:
    """Mark those of the blobs that no row points to, with the time from which it holds."""
    candidates = list(ids)
    free = set(candidates) - read_used(connection, candidates)
    connection.execute(delete(unused_blob).where(unused_blob.c.id.in_(free)))
    if free:
        rows = [{"id": image_id, "since_us": now_us} for image_id in sorted(free)]
        connection.execute(insert(unused_blob), rows)


def take_unused(connection: Connection, before_us: int, limit: int) -> list[str]:
    """Return blobs that have been marked since before a time and take their marks off."""
    query = select(unused_blob.c.id).where(unused_blob.c.since_us < before_us).limit(limit)
    old = list(connection.execute(query).scalars())
    connection.execute(delete(unused_blob).where(unused_blob.c.id.in_(old)))
    return sorted(set(old) - read_used(connection, old))


def _row(position: int, image: ReferenceImage) -> dict[str, object]:
    width, height = image.size_wh
    return {
        "sku": image.sku,
        "id": image.id,
        "view": image.view,
        "position": position,
        "mime_type": image.mime_type,
        "width_px": width,
        "height_px": height,
    }
