"""Conversions of what only the service answers: rejections, changes, codes looked up."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from typing import Final

from services.catalog.codes import Code, CodeKind
from services.catalog.images import ImageFile
from services.catalog.messages import MESSAGE_BYTES, product_message
from services.catalog.products import Rejection, StoredProduct, Tombstone
from services.catalog.watching import CaughtUp
from vitrine.v1 import catalog_pb2 as pb

_CODE_KINDS: Final = {
    CodeKind.UNKNOWN: pb.CODE_KIND_UNSPECIFIED,
    CodeKind.GTIN: pb.CODE_KIND_GTIN,
    CodeKind.ELEMENT_STRING: pb.CODE_KIND_ELEMENT_STRING,
    CodeKind.DIGITAL_LINK: pb.CODE_KIND_DIGITAL_LINK,
}


def rejection_messages(rejections: Sequence[Rejection]) -> list[pb.Rejection]:
    """Turn rejections into messages."""
    return [
        pb.Rejection(
            index=entry.index,
            sku=entry.sku,
            reason=entry.reason,
            field=entry.field,
            message=entry.message,
        )
        for entry in rejections
    ]


def images_message(images: Sequence[ImageFile]) -> pb.BatchGetReferenceImagesResponse:
    """Turn the bytes of images into a message."""
    message = pb.BatchGetReferenceImagesResponse()
    for image in images:  # added one by one: a list of messages would be copied, bytes and all
        message.images.add(id=image.id, data=image.data, mime_type=image.mime_type)
    return message


async def change_messages(
    changes: AsyncIterable[StoredProduct | Tombstone | CaughtUp], most: int
) -> AsyncIterator[pb.WatchChangesResponse]:
    """Turn the change log into messages of at most ``most`` changes and about 1 MiB.

    What has been told so far waits for no change that is yet to happen.
    """
    message, size = None, 0
    async for change in changes:
        one = change_message(change)
        size += one.ByteSize()
        if message is None:
            message = one
        else:
            message.further.append(one)
        full = len(message.further) + 1 >= most or size >= MESSAGE_BYTES
        if full or isinstance(change, CaughtUp):
            yield message
            message, size = None, 0


def change_message(change: StoredProduct | Tombstone | CaughtUp) -> pb.WatchChangesResponse:
    """Turn one entry of the change log into a message."""
    if isinstance(change, StoredProduct):
        return pb.WatchChangesResponse(revision=change.revision, product=product_message(change))
    if isinstance(change, Tombstone):
        return pb.WatchChangesResponse(revision=change.revision, deleted_sku=change.sku)
    return pb.WatchChangesResponse(revision=change.revision, caught_up=True)


def code_message(code: Code, gtin: str, product: StoredProduct | None) -> pb.LookupCodeResponse:
    """Turn a code that was looked up into a message."""
    kind = _CODE_KINDS[code.kind]
    is_sku = product is not None and gtin not in product.product.gtins
    return pb.LookupCodeResponse(
        kind=pb.CODE_KIND_SKU if is_sku else kind,
        gtin="" if is_sku else gtin,
        product=product_message(product) if product else None,
        application_identifiers={} if is_sku else code.application_identifiers,
        problem="" if is_sku else code.problem,
    )
