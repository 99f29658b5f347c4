"""Changes to products and their images, inside one transaction each.

Items are applied in the order sent, each on the state that the ones before it left; what
is wrong with one of them rejects it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.catalog.images import CheckedImage
from services.catalog.product_rules import applied, rejection
from services.catalog.products import (
    NewImage,
    Outcome,
    Product,
    ProductChange,
    ReferenceImage,
    Rejection,
    StoredProduct,
    Tombstone,
)
from services.catalog.store import products, reference_images
from services.catalog.store.database import Transaction
from services.catalog.store.revisions import Revisions
from shared.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class PassedImage:
    """An image that passed the gate, and what to do with it."""

    item: NewImage
    checked: CheckedImage


def upsert_products(transaction: Transaction, changes: Sequence[ProductChange]) -> Outcome:
    """Create or change products."""
    revisions = Revisions(transaction)
    stored = products.read_products(transaction, {change.product.sku for change in changes})
    named = {gtin.zfill(14) for change in changes for gtin in change.product.gtins}
    owners = products.read_gtin_owners(transaction, named)
    changed: dict[str, StoredProduct] = {}
    unchanged, rejections = 0, []
    for change in changes:
        sku = change.product.sku
        before = changed.get(sku) or stored.get(sku)
        try:
            wanted = applied(change, before)
            _claim_gtins(wanted, before, owners)
        except InvalidInput as error:
            rejections.append(rejection(change.index, sku, error))
            continue
        if before is not None and before.product == wanted:
            unchanged += 1
        else:
            images = before.images if before else ()
            changed[sku] = StoredProduct(wanted, images, revisions.take())
    products.write_products(transaction, list(changed.values()), stored)
    return _outcome(len(changes), unchanged, rejections, revisions)


def _outcome(
    items: int, unchanged: int, rejections: Sequence[Rejection], revisions: Revisions
) -> Outcome:
    stored = items - unchanged - len(rejections)
    return Outcome(stored, unchanged, tuple(rejections), revisions.save())


def _claim_gtins(wanted: Product, before: StoredProduct | None, owners: dict[str, str]) -> None:
    """Move GTINs to a product, in the map of who owns those that the stream names."""
    for i, gtin in enumerate(wanted.gtins):
        owner = owners.get(gtin, wanted.sku)
        if owner != wanted.sku:
            raise InvalidInput.of(
                f"gtins[{i}]", f"GTIN {gtin} belongs to SKU {owner!r}", reason="GTIN_TAKEN"
            )
    for gtin in before.product.gtins if before else ():
        owners.pop(gtin, None)
    owners.update(dict.fromkeys(wanted.gtins, wanted.sku))


def delete_products(transaction: Transaction, skus: Sequence[str], now_us: int) -> tuple[int, int]:
    """Delete the products that exist; return how many and the revision afterwards."""
    revisions = Revisions(transaction)
    stored = products.read_products(transaction, skus)
    tombstones = [Tombstone(sku, revisions.take()) for sku in dict.fromkeys(skus) if sku in stored]
    if tombstones:
        products.delete_products(transaction, tombstones)
    orphans = {image.id for entry in stored.values() for image in entry.images}
    reference_images.mark_unused(transaction, orphans, now_us)
    return len(tombstones), revisions.save()


class BlobsVanished(Exception):
    """Blobs were removed as unused before their rows were written; write them again."""


def expect_blobs(transaction: Transaction, ids: Sequence[str], now_us: int) -> None:
    """Announce blobs that are about to be written."""
    Revisions(transaction)  # the lock: marks and rows change one writer at a time
    reference_images.mark_unused(transaction, ids, now_us)


def upsert_images(transaction: Transaction, passed: Sequence[PassedImage], now_us: int) -> Outcome:
    """Add images whose blobs have been announced and written.

    Raises:
        BlobsVanished: announce and write them again.
    """
    revisions = Revisions(transaction)
    stored = products.read_products(transaction, {entry.item.sku for entry in passed})
    images = {sku: list(product.images) for sku, product in stored.items()}
    _take_over_blobs(transaction, passed, images)
    placed: dict[str, int] = {}
    unchanged, rejections = 0, []
    for entry in passed:
        sku = entry.item.sku
        if sku not in images:
            rejections.append(_no_product(entry.item))
        elif any(image.id == entry.checked.id for image in images[sku]):
            unchanged += 1
        else:
            _place(images[sku], entry)
            placed[sku] = revisions.take()
    _write_images(transaction, {sku: images[sku] for sku in placed}, placed, now_us)
    # What no row took, a rejected item's blob for instance, is unused after all.
    reference_images.mark_unused(transaction, {e.checked.id for e in passed}, now_us)
    return _outcome(len(passed), unchanged, rejections, revisions)


def _take_over_blobs(
    transaction: Transaction,
    passed: Sequence[PassedImage],
    images: Mapping[str, Sequence[ReferenceImage]],
) -> None:
    ids = {entry.checked.id for entry in passed}
    there = reference_images.mark_used(transaction, ids)
    there |= {image.id for kept in images.values() for image in kept}
    if ids - there - reference_images.read_used(transaction, ids - there):
        raise BlobsVanished


def _place(images: list[ReferenceImage], entry: PassedImage) -> None:
    checked = entry.checked
    view = entry.item.view or checked.id
    new = ReferenceImage(checked.id, entry.item.sku, view, checked.mime_type, checked.size_wh)
    for i, image in enumerate(images):
        if image.view == view:
            images[i] = new
            return
    images.append(new)


def delete_images(
    transaction: Transaction, sku: str, ids: Sequence[str], now_us: int
) -> tuple[int, int]:
    """Remove images from a product; return how many it had and the revision afterwards.

    Raises:
        NotFound: the product does not exist.
    """
    revisions = Revisions(transaction)
    stored = products.read_products(transaction, [sku]).get(sku)
    if stored is None:
        raise NotFound.of("product", sku)
    kept = [image for image in stored.images if image.id not in set(ids)]
    deleted = len(stored.images) - len(kept)
    if deleted:
        _write_images(transaction, {sku: kept}, {sku: revisions.take()}, now_us)
    return deleted, revisions.save()


def _write_images(
    transaction: Transaction,
    images: Mapping[str, list[ReferenceImage]],
    revisions: Mapping[str, int],
    now_us: int,
) -> None:
    if images:
        reference_images.replace_images(transaction, images, now_us)
        products.touch_products(transaction, revisions)


def _no_product(item: NewImage) -> Rejection:
    message = f"sku: no product {item.sku!r}; create it before its images"
    return Rejection(item.index, item.sku, "PRODUCT_NOT_FOUND", "sku", message)
