"""Which products may be found: the filter, checked against what there is, as conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.visual_search.index.vector_store import AnyOf, Between
from shared.errors import InvalidInput

Values = Callable[[str], list[str]]
"""The values that a keyword field has in the index."""


@dataclass(frozen=True, slots=True)
class ProductFilter:
    """Which products may be found. Kinds must all hold, values of a kind are alternatives.

    Attributes:
        categories: category paths, levels joined by " > ".
        brands: brands in any case.
        currency: of the bounds; empty = the only one that there is.
        min_price_micros: least list price; None = no bound.
        max_price_micros: greatest list price; None = no bound.
        attributes: accepted values by attribute, in any case.
    """

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    currency: str = ""
    min_price_micros: int | None = None
    max_price_micros: int | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def check(wanted: ProductFilter, values: Values) -> None:
    """Check a filter against the values that there are.

    Raises:
        InvalidInput: no product has one of the attributes (``ATTRIBUTE_UNKNOWN``), or a
            price names no currency where there are several (``CURRENCY_REQUIRED``).
    """
    _check_attributes(wanted.attributes, values)
    _check_currency(wanted, values)


def _check_attributes(attributes: Mapping[str, tuple[str, ...]], values: Values) -> None:
    known = set(values("attribute_names")) if attributes else set()
    for position, name in enumerate(attributes):
        if name.casefold() not in known:
            named = ", ".join(sorted(known)[:50]) or "none"
            raise InvalidInput.of(
                f"filter.attributes[{position}].name",
                f"no product has the attribute {name!r}; there are: {named}",
                reason="ATTRIBUTE_UNKNOWN",
            )


def _check_currency(wanted: ProductFilter, values: Values) -> None:
    """Amounts of two currencies are not compared with one number."""
    bound = "min_price" if wanted.max_price_micros is None else "max_price"
    if wanted.currency or (wanted.max_price_micros is None and wanted.min_price_micros is None):
        return
    known = sorted(values("currency"))
    if len(known) > 1:
        raise InvalidInput.of(
            f"filter.{bound}.currency_code",
            f"is missing, and there are prices in {', '.join(known)}; name one, "
            f"as in price<300{known[0]}",
            reason="CURRENCY_REQUIRED",
        )


def conditions(wanted: ProductFilter) -> Iterable[AnyOf | Between]:
    """Turn a filter into conditions that must all hold."""
    if wanted.categories:
        yield AnyOf("categories", tuple(category_key(c.split(">")) for c in wanted.categories))
    if wanted.brands:
        yield AnyOf("brand", tuple(brand.strip().casefold() for brand in wanted.brands))
    if wanted.min_price_micros is not None or wanted.max_price_micros is not None:
        if wanted.currency:
            yield AnyOf("currency", (wanted.currency,))
        yield Between("price", wanted.min_price_micros, wanted.max_price_micros)
    for name, values in wanted.attributes.items():
        yield AnyOf("attributes", tuple(attribute_key(name, value) for value in values))


def category_key(levels: Iterable[str]) -> str:
    """How the index writes a category path; case does not count."""
    return " > ".join(level.strip().casefold() for level in levels)


def attribute_key(name: str, value: str) -> str:
    """How the index writes an attribute; case does not count."""
    return f"{name.casefold()}={value.strip().casefold()}"
