"""Feeds of every format: what comes out of good rows, and why bad ones do not."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.catalog.feeds.detect import read_feed
from services.catalog.feeds.lines import MAX_LINE
from services.catalog.feeds.rows import FeedRow, FeedSettings, ImageRef, RowRejected, Warned
from services.catalog.products import (
    Dimensions,
    Money,
    ProductStatus,
    TryOnAsset,
    TryOnKind,
)
from shared.errors import InvalidInput

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def read(
    tmp_path: Path, content: str | bytes, currency: str = ""
) -> tuple[list[FeedRow], list[RowRejected], list[Warned]]:
    """Write a feed, read it, and sort what comes out."""
    path = tmp_path / "feed"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with path.open("rb") as file:
        entries = list(read_feed(path, file, FeedSettings(tmp_path, NOW, currency)))
    return (
        [entry for entry in entries if isinstance(entry, FeedRow)],
        [entry for entry in entries if isinstance(entry, RowRejected)],
        [entry for entry in entries if isinstance(entry, Warned)],
    )


def tsv(*rows: dict[str, str]) -> str:
    """A tab-separated feed with all columns of its rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["\t".join(row.get(name, "") for name in columns) for row in rows]
    return "\n".join(["\t".join(columns), *lines]) + "\n"


def one(tmp_path: Path, **values: str) -> FeedRow:
    """The product of a Google feed with one row."""
    values = {name.replace("__", ":"): value for name, value in values.items()}
    rows, rejected, _ = read(tmp_path, tsv({"id": "A", "title": "T", **values}))
    assert not rejected
    return rows[0]


def why(tmp_path: Path, **values: str) -> str:
    """Why the only row of a Google feed is rejected."""
    rows, rejected, _ = read(tmp_path, tsv({"id": "A", "title": "T", **values}))
    assert not rows
    return rejected[0].reason


# --- what is no feed at all


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("[1, 2]", "write one object a line"),
        ("a\tb\n1\t2\n", "needs the columns id, title; found: a, b"),
        ("id,name\n1,2\n", "needs the column title; found: id, name"),
        ("Handle,Vendor\nx,y\n", "needs the column Title; found: Handle, Vendor"),
        ("<html><body/></html>", "without any <item>"),
        ("<rss><channel></rss>", "no well-formed XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><rss><item/></rss>', "refused"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "found: none|is it a feed at all|found:"),
        ("x" * (MAX_LINE + 2), "is it a feed at all"),
    ],
)
def test_what_is_no_feed_is_one_clear_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    """It says what was found and what is needed, before anything is imported."""
    with pytest.raises(InvalidInput, match=message):
        read(tmp_path, content)


def test_shopify_prices_want_a_currency(tmp_path: Path) -> None:
    """The export does not name one, and guessing would be wrong."""
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, "Handle,Title,Variant Price\nx,y,1.00\n")
    assert refused.value.reason == "CURRENCY_REQUIRED"
    assert "--currency EUR" in refused.value.message


# --- encodings and lines


GERMAN = "id\ttitle\nA\tÖlkännchen\n"


@pytest.mark.parametrize(
    "data",
    [
        GERMAN.encode(),
        GERMAN.encode("utf-8-sig"),
        GERMAN.encode("utf-16"),
        GERMAN.encode("utf-16-le"),
        GERMAN.encode("utf-16-be"),
        GERMAN.replace("\n", "\r\n").encode(),
    ],
)
def test_unicode_encodings_are_recognised(tmp_path: Path, data: bytes) -> None:
    """By mark or by content, without a warning."""
    rows, _, warnings = read(tmp_path, data)
    assert (rows[0].product.title, warnings) == ("Ölkännchen", [])


def test_latin_1_is_read_with_one_warning(tmp_path: Path) -> None:
    """The line at which it shows is named."""
    content = (GERMAN + "B\tplain\nC\tTürgriff 5 €\n").encode("cp1252")
    rows, _, warnings = read(tmp_path, content)
    assert [row.product.title for row in rows] == ["Ölkännchen", "plain", "Türgriff 5 €"]
    assert [warning.line for warning in warnings] == [2]


def test_a_line_of_a_hundred_megabytes_is_not_held(tmp_path: Path) -> None:
    """It is refused by its number; the rows around it are read; memory stays flat."""
    path = tmp_path / "feed.tsv"
    with path.open("wb") as file:
        file.write(b"id\ttitle\nA\tT\nB\t")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nC\tT\n")
    tracemalloc.start()
    with path.open("rb") as file:
        entries = list(read_feed(path, file, FeedSettings(tmp_path, NOW)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [entry.line for entry in entries] == [2, 3, 4]
    assert isinstance(entries[1], RowRejected)
    assert "longer than" in entries[1].reason
    assert peak < 16 << 20


@pytest.mark.parametrize("place", ["attribute", "text"])
def test_a_huge_xml_item_is_not_held(tmp_path: Path, place: str) -> None:
    """Whether the bytes are in a tag or between tags."""
    huge = "x" * (8 << 20)
    item = f"<item><id x='{huge}'/></item>" if place == "attribute" else f"<item>{huge}</item>"
    content = f"<rss><item><id>A</id><title>T</title></item>\n{item}</rss>"
    tracemalloc.start()
    rows, rejected, _ = read(tmp_path, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.product.sku for row in rows] == ["A"]
    assert "longer than" in rejected[0].reason
    assert peak < len(content) + (24 << 20)


# --- tables


def test_a_quoted_field_runs_over_lines(tmp_path: Path) -> None:
    """The row is named by the line on which it begins."""
    content = 'id,title,description\nA,"T, ""x""","one\n\ntwo"\nB,,\nC,T,\n'
    rows, rejected, _ = read(tmp_path, content)
    assert rows[0].product.title == 'T, "x"'
    assert rows[0].product.description == "one\n\ntwo"
    assert [row.line for row in rows] == [2, 6]
    assert [entry.line for entry in rejected] == [5]


def test_a_stray_quote_costs_no_other_row(tmp_path: Path) -> None:
    """A quote that is never closed is a character."""
    content = 'id\ttitle\nA\t"12 inch pan\n' + "".join(f"S{i}\tT\n" for i in range(600))
    rows, rejected, _ = read(tmp_path, content)
    assert len(rows) == 601
    assert not rejected
    assert rows[0].product.title == '"12 inch pan'
    assert rows[-1].line == 602


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, delimiter: str) -> None:
    """Tab, comma and semicolon."""
    content = "id|title|brand\nA|T|B\n".replace("|", delimiter)
    assert read(tmp_path, content)[0][0].product.brand == "B"


def test_a_row_with_too_many_fields_is_rejected(tmp_path: Path) -> None:
    """It has slipped; guessing would put values under wrong names."""
    _, rejected, _ = read(tmp_path, "id\ttitle\nA\tT\tx\nB\tT\t\n")
    assert [entry.line for entry in rejected] == [2]
    assert "3 fields, but the header names 2" in rejected[0].reason


def test_a_row_that_ends_early_is_rejected(tmp_path: Path) -> None:
    """Nobody knows what was cut off; empty fields that are written out are none."""
    found, rejected, _ = read(tmp_path, "id\ttitle\tbrand\nA\tT\nB\tT\t\nC\n")
    assert [row.product.sku for row in found] == ["B"]
    assert [entry.line for entry in rejected] == [2, 4]
    assert "ends early: it has 2 fields, but the header names 3" in rejected[0].reason


def test_a_column_without_a_name_at_the_end_may_be_missing(tmp_path: Path) -> None:
    """A delimiter too many in the header makes no row short."""
    assert len(read(tmp_path, "id\ttitle\t\nA\tT\n")[0]) == 1


# --- Google


def test_google_attributes_become_a_product(tmp_path: Path) -> None:
    """Every attribute that the catalogue knows."""
    row = one(
        tmp_path,
        description="D",
        link="https://shop.example/a",
        image_link="images/a.jpg",
        additional_image_link="images/b.jpg, https://x.example/c.jpg,images/a.jpg",
        availability="in stock",
        price="15.00 EUR",
        brand="B",
        gtin="4006381333931",
        mpn="ignored",
        product_type="Home > Kitchen",
        google_product_category="166",
        item_group_id="G",
        color="red",
        size="XL",
        material="wool",
        gender="female",
        age_group="adult",
        product_width="12 cm",
        product_height="4.5 in",
        product_length="30 mm",
        product_detail="General:Net weight:35 g,Other:bags:20",
        custom_attribute__flavour="mint",
        quantity="7",
    )
    product = row.product
    assert product.price == Money("EUR", 15_000_000)
    assert product.category_path == ("Home", "Kitchen")
    assert product.dimensions == Dimensions(120.0, 114.3, 30.0)
    assert product.gtins == ("04006381333931",)
    assert (product.item_group_id, product.brand) == ("G", "B")
    assert product.attributes == {
        "color": "red",
        "size": "XL",
        "material": "wool",
        "gender": "female",
        "age_group": "adult",
        "net weight": "35 g",
        "bags": "20",
        "flavour": "mint",
    }
    assert row.images == (
        ImageRef("images/a.jpg", "image_link"),
        ImageRef("images/b.jpg", "additional_image_link"),
        ImageRef("https://x.example/c.jpg", "additional_image_link"),
    )
    assert (row.quantity, row.in_stock) == (7, True)


def test_googles_category_serves_where_there_is_no_own(tmp_path: Path) -> None:
    """As a path; its number says nothing to us."""
    path = one(tmp_path, google_product_category="Food > Tea").product.category_path
    assert path == ("Food", "Tea")
    assert one(tmp_path, google_product_category="2073").product.category_path == ()


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("15.00 EUR", 15_000_000),
        ("EUR 15", 15_000_000),
        ("15,00 EUR", 15_000_000),
        ("1,299.50 EUR", 1_299_500_000),
        ("1.299,50 EUR", 1_299_500_000),
        ("0 eur", 0),
        ("0.000001EUR", 1),
    ],
)
def test_prices_are_read_as_written(tmp_path: Path, text: str, micros: int) -> None:
    """Exactly, whatever the separators."""
    assert one(tmp_path, price=text).product.price == Money("EUR", micros)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"price": "-3.00 EUR"}, "price is -3.00 EUR, must be 0 or more"),
        ({"price": "15.00"}, "price is '15.00', without a currency; write '15.00 EUR'"),
        ({"price": "cheap"}, "price is 'cheap', must look like '15.00 EUR'"),
        ({"sale_price": "free"}, "sale_price is 'free', must look like '15.00 EUR'"),
        ({"price": "1e400 EUR"}, "price is '1e400 EUR', must look like '15.00 EUR'"),
        ({"gtin": "4006381333933"}, "gtin 4006381333933: check digit is 3, expected 1"),
        ({"gtin": "abc"}, "gtin 'abc' is not a number of 8, 12, 13 or 14 digits"),
        ({"id": "a b"}, "id is 'a b', must be 1 to 100 characters without white space"),
        ({"title": " "}, "title is missing"),
        ({"product_width": "12"}, "product_width is '12', must be a number with mm, cm, m, in"),
        ({"product_width": "wide"}, "product_width is 'wide', must be"),
        ({"quantity": "-1"}, "quantity is '-1', must be a number, 0 or more"),
        ({"link": "x"}, "link is 'x', must be an http(s) URL"),
        ({"try_on_kind": "tail"}, "try_on_kind must be one of glasses, hat"),
        ({"try_on_kind": "hat", "try_on_points": "{"}, "try_on_points must be JSON"),
        ({"tryon_asset": "no.json"}, "tryon_asset no.json: no such file"),
        ({"tryon_asset": "../x.json"}, "tryon_asset ../x.json: lies outside the feed's folder"),
        ({"additional_image_link": ",".join(map(str, range(56)))}, "has 56 images, at most 50"),
    ],
)
def test_a_wrong_value_is_told_in_the_feeds_words(
    tmp_path: Path, values: dict[str, str], reason: str
) -> None:
    """The column by the feed's name for it, what is wrong, what would be right."""
    assert why(tmp_path, **values).startswith(reason)


@pytest.mark.parametrize(
    ("period", "micros"),
    [
        ("", 2_000_000),
        ("2026-02-24T11:07+0100/2026-03-07T23:07+0100", 2_000_000),
        ("2026-01-01T00:00Z / 2026-02-01T00:00Z", 3_000_000),
        ("soon", 3_000_000),
        ("2026-01-01/2026-12-31", 3_000_000),
    ],
)
def test_a_sale_price_holds_in_its_period(tmp_path: Path, period: str, micros: int) -> None:
    """Always without a period; never with one that cannot be read."""
    values = {"price": "3 EUR", "sale_price": "2 EUR", "sale_price_effective_date": period}
    assert one(tmp_path, **values).product.price == Money("EUR", micros)


def test_a_try_on_asset_comes_from_columns_or_a_file(tmp_path: Path) -> None:
    """The picture beside the file is named by its whole path."""
    (tmp_path / "tryon").mkdir()
    asset = {"kind": "shoe", "image": "s.png", "width_mm": 290, "points": {"toe": [0.9, 1.0]}}
    (tmp_path / "tryon" / "s.json").write_text(json.dumps(asset))
    expected = TryOnAsset(
        TryOnKind.SHOES, str(tmp_path.resolve() / "tryon" / "s.png"), 290.0, {"toe": (0.9, 1.0)}
    )
    assert one(tmp_path, tryon_asset="tryon/s.json").product.try_on_asset == expected
    columns = {
        "try_on_kind": "Glasses",
        "try_on_uri": "https://x.example/g.glb",
        "try_on_width_mm": "142",
        "try_on_points": '{"bridge": [0.5, 0.4]}',
    }
    assert one(tmp_path, **columns).product.try_on_asset == TryOnAsset(
        TryOnKind.GLASSES, "https://x.example/g.glb", 142.0, {"bridge": (0.5, 0.4)}
    )


RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
<channel><title>Shop</title><link>https://shop.example</link>
<item>
  <g:id>A</g:id><title>Käse &amp; Brot</title><link>https://shop.example/a</link>
  <g:price>15.00 EUR</g:price><g:gtin>4006381333931</g:gtin>
  <g:image_link>a.jpg</g:image_link>
  <g:additional_image_link>b.jpg</g:additional_image_link>
  <g:additional_image_link>c.jpg</g:additional_image_link>
  <g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>
  <g:product_detail>
    <g:section_name>General</g:section_name>
    <g:attribute_name>Cheese</g:attribute_name>
    <g:attribute_value>Gouda</g:attribute_value>
  </g:product_detail>
</item>
<item><g:id>B</g:id></item>
</channel></rss>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_rss_is_read_in_its_declared_encoding(tmp_path: Path, encoding: str) -> None:
    """Repeated and nested attributes included; rows by the line of their tag."""
    rows, rejected, _ = read(tmp_path, RSS.format(encoding=encoding).encode(encoding))
    (row,) = rows
    assert (row.line, row.product.title) == (4, "Käse & Brot")
    assert row.product.price == Money("EUR", 15_000_000)
    assert row.product.attributes == {"cheese": "Gouda"}
    assert [image.href for image in row.images] == ["a.jpg", "b.jpg", "c.jpg"]
    assert rejected == [RowRejected(17, "title is missing", "B", "TITLE_REQUIRED")]


def test_atom_is_read_too(tmp_path: Path) -> None:
    """Its link is an attribute."""
    content = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
    <link href="https://shop.example"/>
    <entry><g:id>A</g:id><title>T</title><link href="https://shop.example/a"/></entry></feed>"""
    (row,) = read(tmp_path, content)[0]
    assert row.product.link == "https://shop.example/a"


def test_xml_that_breaks_keeps_what_came_before(tmp_path: Path) -> None:
    """The line at which it broke is named."""
    content = "<rss><item><id>A</id><title>T</title></item>\n<item><id>B</rss>"
    rows, rejected, _ = read(tmp_path, content)
    assert [row.product.sku for row in rows] == ["A"]
    assert rejected[0].line == 2
    assert rejected[0].reason.startswith("no well-formed XML")


# --- Shopify


SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Variant Barcode,\
Image Src,Image Position,Google Shopping / Gender,Variant Image,Status
shirt,Linen shirt,"<p>Soft &amp; light</p><ul><li>linen</li></ul>",Weber,Apparel > Shirts,\
"summer, linen",TRUE,Color,Red,Size,M,SH-R-M,5,49.90,4006381333931,https://x.example/1.jpg,1,\
unisex,https://x.example/red.jpg,active
shirt,,,,,,,,Blue,,M,SH-B-M,-2,49.90,,https://x.example/red.jpg,3,,https://x.example/blue.jpg,
shirt,,,,,,,,,,,,,,,https://x.example/2.jpg,2,,,
mug,Mug,,Weber,,,FALSE,Title,Default Title,,,,3,9.00,'96385074,,,,,draft
cap,Cap,,Weber,,,TRUE,Size,One Size,,,,1,5,123,,,,,active
"""


def test_shopify_variants_become_products_of_one_group(tmp_path: Path) -> None:
    """Shared fields from the first line, options as attributes, own picture first."""
    rows, rejected, _ = read(tmp_path, SHOPIFY, "EUR")
    red, blue, mug = rows
    assert red.product.title == "Linen shirt - Red / M"
    assert red.product.description == "Soft & light\nlinen"
    assert red.product.category_path == ("Apparel", "Shirts")
    assert red.product.attributes == {
        "gender": "unisex",
        "tags": "summer, linen",
        "color": "Red",
        "size": "M",
    }
    assert red.product.price == Money("EUR", 49_900_000)
    assert red.product.item_group_id == blue.product.item_group_id == "shirt"
    assert [image.href[-7:] for image in red.images] == ["red.jpg", "e/1.jpg", "e/2.jpg"]
    assert [image.href[-8:] for image in blue.images] == ["blue.jpg", "le/1.jpg", "le/2.jpg"]
    assert (red.quantity, blue.quantity) == (5, 0)
    assert [row.line for row in rows] == [2, 3, 5]
    assert (mug.product.sku, mug.product.title) == ("mug", "Mug")
    assert mug.product.gtins == ("00000096385074",)
    assert mug.product.status is ProductStatus.ARCHIVED
    assert mug.product.item_group_id == ""
    assert [(entry.line, entry.reason[:20]) for entry in rejected] == [(6, "Variant Barcode '123")]


# --- JSON Lines


def test_json_lines_carry_every_field(tmp_path: Path) -> None:
    """By the catalogue's own names."""
    value: dict[str, Any] = {
        "sku": "A",
        "title": "T",
        "gtin": 4006381333931,
        "gtins": ["96385074"],
        "price": {"currency": "EUR", "amount": "2.79"},
        "category_path": ["G", "Tea"],
        "attributes": {"bags": 20},
        "dimensions": {"width_mm": 128, "depth_mm": 64.5},
        "images": ["a.jpg", {"href": "b.jpg", "view": "back"}],
        "status": "archived",
        "quantity": 3,
        "try_on_asset": {"kind": "hat", "uri": "h.png", "width_mm": 9, "points": {"b": [0, 1]}},
    }
    rows, rejected, _ = read(tmp_path, json.dumps(value) + "\n\n")
    assert rejected == []
    (row,) = rows
    assert row.product.gtins == ("00000096385074", "04006381333931")
    assert row.product.price == Money("EUR", 2_790_000)
    assert row.product.attributes == {"bags": "20"}
    assert row.product.dimensions == Dimensions(128.0, 0.0, 64.5)
    assert row.product.status is ProductStatus.ARCHIVED
    assert row.product.try_on_asset == TryOnAsset(TryOnKind.HAT, "h.png", 9.0, {"b": (0.0, 1.0)})
    assert row.images[1] == ImageRef("b.jpg", "images[1]", "back")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("5", "is no JSON object"),
        ("[" * 100_000, "no JSON"),
        ('{"sku": "A", "title": "T", "colour": "x"}', "colour is unknown; fields are"),
        ('{"sku": "A", "title": 5.5}', "title must be a text"),
        ('{"sku": "A"}', "title is missing"),
        ('{"title": "T"}', "sku is ''"),
        ('{"sku": "A", "title": "T", "gtins": "x"}', "gtins must be a list"),
        ('{"sku": "A", "title": "T", "price": "x"}', "price is 'x'"),
        ('{"sku": "A", "title": "T", "price": true}', "price must be a text"),
        ('{"sku": "A", "title": "T", "images": [{}]}', "images[0] needs a path or URL"),
        ('{"sku": "A", "title": "T", "status": "x"}', "status must be one of active, archived"),
        ('{"sku": "A", "title": "T", "quantity": -1}', "quantity must be a whole number"),
        ('{"sku": "A", "title": "T", "quantity": 9999999999}', "quantity must be a whole number"),
        ('{"sku": "A", "title": "T\\ud800"}', "no JSON: \\ud800 is half of a character"),
        ('{"sku": "A", "title": "T", "x\\udfff": 1}', "no JSON: \\udfff is half of a character"),
        (
            f'{{"sku": "A", "title": "T", "dimensions": {{"width_mm": 1{"0" * 400}}}}}',
            "dimensions.width_mm is too large a number",
        ),
        ('{"sku": "A", "title": "T", "dimensions": 5}', "dimensions must be an object"),
        ('{"sku": "A", "title": "T", "dimensions": {"width_mm": -1}}', "dimensions.width_mm is -1"),
    ],
)
def test_a_wrong_json_line_is_rejected_alone(tmp_path: Path, line: str, reason: str) -> None:
    """With the field by its own name; the next line is read."""
    good = '{"sku": "GOOD", "title": "T"}'
    rows, rejected, _ = read(tmp_path, f"{good}\n{line}\n{good}\n")
    assert len(rows) == 2
    assert rejected[0].line == 2
    assert rejected[0].reason.startswith(reason)
