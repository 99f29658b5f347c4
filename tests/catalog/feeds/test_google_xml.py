"""Google Merchant feeds as RSS and Atom."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.catalog.feeds.rows import RowRejected
from services.catalog.products import Money
from tests.catalog.feeds.reading import read

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
