"""What makes a product wrong: every limit that ``catalog.proto`` states.

Reasons (``InvalidInput.reason``) begin with what is wrong and end with how:
``SKU_MALFORMED``, ``TITLE_REQUIRED``, ``TITLE_TOO_LONG``, ``GTIN_CHECK_DIGIT``,
``PRICE_NEGATIVE``, ``CURRENCY_MALFORMED`` and so on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sized
from dataclasses import replace
from typing import Final

from services.catalog.products import (
    PRODUCT_FIELDS,
    Money,
    Product,
    ProductChange,
    Rejection,
    StoredProduct,
    TryOnAsset,
    TryOnKind,
)
from shared import gtin
from shared.errors import InvalidInput, Resource

MAX_KEY: Final = 100
MAX_TITLE: Final = 500
MAX_BRAND: Final = 200
MAX_DESCRIPTION: Final = 10_000
MAX_LEVELS: Final = 10
MAX_LEVEL: Final = 200
MAX_ATTRIBUTES: Final = 100
MAX_ATTRIBUTE_VALUE: Final = 1_000
MAX_GTINS: Final = 100
MAX_URL: Final = 2_000
MAX_MM: Final = 100_000.0  # one hundred metres: beyond it the unit was mistaken
MAX_MICROS: Final = 2**63 - 1

_KEY = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_URL = re.compile(r"https?://[^\s\x00]+", re.IGNORECASE)


def checked(product: Product) -> Product:
    """Return the product with 14-digit GTINs.

    Raises:
        InvalidInput: a rule is broken; the error names the field.
    """
    check_key("sku", product.sku)
    check_text("title", product.title, MAX_TITLE, required=True)
    check_text("brand", product.brand, MAX_BRAND)
    check_text("description", product.description, MAX_DESCRIPTION)
    check_text("item_group_id", product.item_group_id, MAX_KEY)
    _check_category(product.category_path)
    _check_attributes(product.attributes)
    _check_link(product.link)
    if product.price is not None:
        check_money("price", product.price)
    for side in ("width_mm", "height_mm", "depth_mm"):
        _check_length(f"dimensions.{side}", getattr(product.dimensions, side))
    if product.try_on_asset is not None:
        _check_try_on(product.try_on_asset)
    return replace(product, gtins=_normal_gtins(product.gtins))


def applied(change: ProductChange, stored: StoredProduct | None) -> Product:
    """Return the product that a change leads to.

    Raises:
        InvalidInput: the result breaks a rule, the mask names an unknown field
            (``UPDATE_MASK_MALFORMED``), or a masked change is meant for a product that
            does not exist (``PRODUCT_NOT_FOUND``).
    """
    if change.fields is None:
        return checked(change.product)
    unknown = sorted(change.fields - PRODUCT_FIELDS)
    if unknown:
        raise InvalidInput.of(
            "update_mask",
            f"{unknown[0]!r} is no field that can be changed; fields are "
            + ", ".join(sorted(PRODUCT_FIELDS)),
            reason="UPDATE_MASK_MALFORMED",
        )
    if stored is None:
        raise InvalidInput(
            f"no product {change.product.sku!r}; leave update_mask out to create it",
            reason="PRODUCT_NOT_FOUND",
            resource=Resource("product", change.product.sku),
        )
    new = {name: getattr(change.product, name) for name in change.fields}
    return checked(replace(stored.product, **new))


def rejection(index: int, sku: str, error: InvalidInput) -> Rejection:
    """Put an error about one item of a stream into the form that the caller gets."""
    field = error.violations[0].field if error.violations else ""
    return Rejection(index, sku, error.reason, field, error.message)


def check_key(field: str, key: str) -> None:
    """Check a SKU or another key of the retailer's.

    Raises:
        InvalidInput: not 1 to 100 characters, or white space among them.
    """
    if not _KEY.fullmatch(key):
        shown = key if len(key) <= MAX_KEY else f"{key[:20]}..."
        raise InvalidInput.of(
            field,
            f"is {shown!r}, must be 1 to {MAX_KEY} characters without white space",
            reason=f"{_name(field)}_MALFORMED",
        )


def check_money(field: str, money: Money) -> None:
    """Check a price.

    Raises:
        InvalidInput: no ISO 4217 code (``CURRENCY_MALFORMED``) or below zero
            (``PRICE_NEGATIVE``).
    """
    check_currency(f"{field}.currency_code", money.currency_code)
    if money.amount_micros < 0:
        raise InvalidInput.of(
            f"{field}.amount_micros",
            f"is {money.amount_micros}, must be 0 or more",
            reason="PRICE_NEGATIVE",
        )


def check_currency(field: str, code: str) -> None:
    """Check the form of an ISO 4217 code.

    Raises:
        InvalidInput: not three capital letters (``CURRENCY_MALFORMED``).
    """
    if not _CURRENCY.fullmatch(code):
        raise InvalidInput.of(
            field,
            f"is {code[:20]!r}, must be three capital letters such as 'EUR'",
            reason="CURRENCY_MALFORMED",
        )


def check_text(field: str, text: str, limit: int, *, required: bool = False) -> None:
    """Check one piece of plain text.

    Raises:
        InvalidInput: missing though required, too long, or holding a NUL character,
            which PostgreSQL cannot store.
    """
    name = _name(field)
    if required and not text.strip():
        raise InvalidInput.of(field, "is missing", reason=f"{name}_REQUIRED")
    if len(text) > limit:
        raise InvalidInput.of(
            field, f"has {len(text)} characters, at most {limit}", reason=f"{name}_TOO_LONG"
        )
    if "\0" in text:
        raise InvalidInput.of(field, "holds a NUL character", reason=f"{name}_MALFORMED")


def _name(field: str) -> str:
    """The field's own name for a reason: ``stores[0].time_zone`` gives TIME_ZONE."""
    return re.sub(r"\[.*\]", "", field).rpartition(".")[2].upper()


def check_count(field: str, items: Sized, limit: int) -> None:
    """Check how many entries a list has.

    Raises:
        InvalidInput: more than ``limit`` (``..._TOO_MANY``).
    """
    if len(items) > limit:
        raise InvalidInput.of(
            field, f"has {len(items)} entries, at most {limit}", reason=f"{_name(field)}_TOO_MANY"
        )


def _normal_gtins(gtins: tuple[str, ...]) -> tuple[str, ...]:
    check_count("gtins", gtins, MAX_GTINS)
    normal = [gtin.normalise(text, f"gtins[{i}]") for i, text in enumerate(gtins)]
    return tuple(dict.fromkeys(normal))


def _check_category(path: tuple[str, ...]) -> None:
    check_count("category_path", path, MAX_LEVELS)
    for i, level in enumerate(path):
        check_text(f"category_path[{i}]", level, MAX_LEVEL, required=True)


def _check_attributes(attributes: Mapping[str, str]) -> None:
    check_count("attributes", attributes, MAX_ATTRIBUTES)
    for name, value in attributes.items():
        check_text("attributes", name, MAX_KEY, required=True)
        if name != name.lower():
            raise InvalidInput.of(
                f"attributes[{name!r}]", "must be lower case", reason="ATTRIBUTES_MALFORMED"
            )
        check_text(f"attributes[{name!r}]", value, MAX_ATTRIBUTE_VALUE)


def _check_link(link: str) -> None:
    check_text("link", link, MAX_URL)
    if link and not _URL.fullmatch(link):
        raise InvalidInput.of(
            "link", f"is {link[:60]!r}, must be an http(s) URL", reason="LINK_MALFORMED"
        )


def _check_length(field: str, length: float) -> None:
    if not (math.isfinite(length) and 0 <= length <= MAX_MM):
        raise InvalidInput.of(
            field,
            f"is {length:g}, must be 0 (not known) to {MAX_MM:g} mm",
            reason="DIMENSIONS_OUT_OF_RANGE",
        )


def _check_try_on(asset: TryOnAsset) -> None:
    name = "try_on_asset"
    check_text(f"{name}.uri", asset.uri, MAX_URL)
    _check_length(f"{name}.width_mm", asset.width_mm)
    lipstick = asset.kind is TryOnKind.LIPSTICK
    if lipstick and not _COLOR.fullmatch(asset.color):
        raise _try_on_error("color", f"is {asset.color[:20]!r}, must be '#rrggbb' in lower case")
    if not lipstick and not asset.uri:
        raise _try_on_error("uri", f"is missing; {asset.kind.value} need a picture or a glTF")
    for point, xy in asset.points.items():
        if not point or len(point) > MAX_KEY or not all(map(math.isfinite, xy)):
            raise _try_on_error(f"points[{point[:20]!r}]", "needs a name and two finite numbers")


def _try_on_error(field: str, description: str) -> InvalidInput:
    return InvalidInput.of(f"try_on_asset.{field}", description, reason="TRY_ON_ASSET_MALFORMED")
