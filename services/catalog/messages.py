"""Conversions between the contract's messages and the catalogue's values."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from services.catalog.product_rules import rejection
from services.catalog.products import (
    Dimensions,
    Money,
    NewImage,
    Product,
    ProductChange,
    ProductFilter,
    ProductStatus,
    ReferenceImage,
    Rejection,
    StoredProduct,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput
from vitrine.v1 import catalog_pb2 as pb
from vitrine.v1 import types_pb2

Name = TypeVar("Name")

MESSAGE_BYTES: Final = 1 << 20
"""About as much as a message of several items carries."""

_STATUSES: Final[dict[int, ProductStatus]] = {
    pb.PRODUCT_STATUS_UNSPECIFIED: ProductStatus.ACTIVE,
    pb.PRODUCT_STATUS_ACTIVE: ProductStatus.ACTIVE,
    pb.PRODUCT_STATUS_ARCHIVED: ProductStatus.ARCHIVED,
}
_STATUS_NUMBERS: Final = {
    ProductStatus.ACTIVE: pb.PRODUCT_STATUS_ACTIVE,
    ProductStatus.ARCHIVED: pb.PRODUCT_STATUS_ARCHIVED,
}
_KINDS: Final = {pb.TryOnKind.Value(f"TRY_ON_KIND_{kind.name}"): kind for kind in TryOnKind}


async def product_changes(
    requests: AsyncIterable[pb.UpsertProductsRequest],
) -> AsyncIterator[ProductChange | Rejection]:
    """Number the products of a stream; one that has no meaning becomes a rejection.

    Raises:
        InvalidInput: a further request has further ones.
    """
    index = 0
    async for message in requests:
        for request in _parted(message):
            try:
                product = read_product(request.product)
            except InvalidInput as error:
                yield rejection(index, request.product.sku, error)
            else:
                yield ProductChange(index, product, _mask(request))
            index += 1


async def new_images(
    requests: AsyncIterable[pb.UpsertReferenceImagesRequest],
) -> AsyncIterator[NewImage]:
    """Number the images of a stream.

    Raises:
        InvalidInput: a further request has further ones.
    """
    index = 0
    async for message in requests:
        for request in _parted(message):
            yield NewImage(index, request.sku, request.view, request.data)
            index += 1


def joined(requests: Iterable[Any]) -> Iterator[Any]:
    """Put requests of a stream into few messages: one with those after it as its further ones."""
    message, size = None, 0
    for request in requests:
        weight = request.ByteSize()
        if message is not None and size + weight <= MESSAGE_BYTES:
            message.further.append(request)
            size += weight
            continue
        if message is not None:
            yield message
        message, size = request, weight
    if message is not None:
        yield message


def _parted(message: Any) -> Iterator[Any]:
    """The requests of a message: itself and its further ones."""
    yield message
    for request in message.further:
        if request.further:
            raise InvalidInput.of(
                "further", "holds a request with further ones; put all into the first"
            )
        yield request


def _mask(request: pb.UpsertProductsRequest) -> frozenset[str] | None:
    paths = frozenset(request.update_mask.paths)
    whole = not request.HasField("update_mask") or paths == {"*"}
    return None if whole else paths


def read_product(message: pb.Product) -> Product:
    """Turn a message into a product; output-only fields are left out.

    Raises:
        InvalidInput: an enum has a number that the contract does not know.
    """
    return Product(
        sku=message.sku,
        title=message.title,
        gtins=tuple(message.gtins),
        brand=message.brand,
        description=message.description,
        category_path=tuple(message.category_path),
        attributes=dict(message.attributes),
        price=read_money(message.price) if message.HasField("price") else None,
        item_group_id=message.item_group_id,
        dimensions=Dimensions(
            message.dimensions.width_mm, message.dimensions.height_mm, message.dimensions.depth_mm
        ),
        try_on_asset=_try_on(message.try_on_asset) if message.HasField("try_on_asset") else None,
        status=_known(_STATUSES, "status", message.status),
        link=message.link,
    )


def read_filter(request: pb.ListProductsRequest) -> ProductFilter:
    """Turn a request into a filter.

    Raises:
        InvalidInput: a kind of try-on has a number that the contract does not know.
    """
    kinds = {_known(_KINDS, "try_on_kinds", number) for number in request.try_on_kinds}
    anything = frozenset(TryOnKind) if request.try_on else frozenset[TryOnKind]()
    return ProductFilter(request.query, tuple(request.category_path), frozenset(kinds) or anything)


def read_money(message: types_pb2.Money) -> Money:
    """Turn a message into an amount."""
    return Money(message.currency_code, message.amount_micros)


def _try_on(message: pb.TryOnAsset) -> TryOnAsset:
    return TryOnAsset(
        _known(_KINDS, "try_on_asset.kind", message.kind),
        message.uri,
        message.width_mm,
        {name: (point.x, point.y) for name, point in message.points.items()},
        message.color,
    )


def _known(names: Mapping[int, Name], field: str, number: int) -> Name:
    if number not in names:
        known = ", ".join(str(value) for value in names)
        raise InvalidInput.of(
            field,
            f"is {number}, must be one of {known}",
            reason=f"{field.partition('.')[0].upper()}_MALFORMED",
        )
    return names[number]


def product_message(stored: StoredProduct) -> pb.Product:
    """Turn a stored product into a message."""
    product = stored.product
    return pb.Product(
        sku=product.sku,
        gtins=product.gtins,
        title=product.title,
        brand=product.brand,
        description=product.description,
        category_path=product.category_path,
        attributes=product.attributes,
        price=money_message(product.price),
        item_group_id=product.item_group_id,
        dimensions=_dimensions_message(product.dimensions),
        try_on_asset=_try_on_message(product.try_on_asset),
        status=_STATUS_NUMBERS[product.status],
        link=product.link,
        reference_images=[_image_message(image) for image in stored.images],
        revision=stored.revision,
    )


def money_message(money: Money | None) -> types_pb2.Money | None:
    """Turn an amount into a message."""
    if money is None:
        return None
    return types_pb2.Money(currency_code=money.currency_code, amount_micros=money.amount_micros)


def _dimensions_message(size: Dimensions) -> types_pb2.Dimensions | None:
    if size == Dimensions():
        return None
    return types_pb2.Dimensions(
        width_mm=size.width_mm, height_mm=size.height_mm, depth_mm=size.depth_mm
    )


def _try_on_message(asset: TryOnAsset | None) -> pb.TryOnAsset | None:
    if asset is None:
        return None
    points = {name: types_pb2.Point(x=x, y=y) for name, (x, y) in asset.points.items()}
    return pb.TryOnAsset(
        kind=f"TRY_ON_KIND_{asset.kind.name}",
        uri=asset.uri,
        width_mm=asset.width_mm,
        points=points,
        color=asset.color,
    )


def _image_message(image: ReferenceImage) -> pb.ReferenceImage:
    width, height = image.size_wh
    return pb.ReferenceImage(
        id=image.id,
        sku=image.sku,
        view=image.view,
        mime_type=image.mime_type,
        width_px=width,
        height_px=height,
    )
