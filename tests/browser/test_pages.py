"""What holds on every page that there is: words, width, contrast, names, origin."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.gateway.pages import FOLDER
from tests.browser.chromium import KIOSK, LAPTOP, PHONE
from tests.browser.conftest import Axe, Opened

PAGES = sorted(path.stem for path in FOLDER.glob("*.html"))
LANGUAGES = ("en", "de")

_KEY_IN_SCRIPT = re.compile(r"""\bt\(\s*(?:"([\w.]+)"|`([^`]+)`)""")
_KEYS_IN_CHOICE = re.compile(r"""\bt\([^()"'`]*\?\s*"([\w.]+)"\s*:\s*"([\w.]+)\"""")
_KEY_IN_PAGE = re.compile(r'data-i18n(?:-label|-placeholder|-title)?="([\w.]+)"')
_KEY_IN_DATA = re.compile(r'\bi18n(?:Label|Placeholder|Title)?: "([\w.]+)"')
_PLURAL = re.compile(r"\.(?:zero|one|two|few|many|other)$")


def path_of(name: str) -> str:
    return "/" if name == "index" else f"/{name}"


def opened(page: Page, name: str) -> Page:
    """A page, once it is filled."""
    page.goto(path_of(name))
    expect(page.locator("#shell nav")).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


def words(language: str) -> dict[str, dict[str, str]]:
    """Every dictionary of a language, by the name of its page."""
    files = sorted((FOLDER / "i18n" / language).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def scripts_of(name: str) -> list[Path]:
    """The scripts that a page's own words may be used in."""
    return [FOLDER / f"{name}.js", *sorted((FOLDER / name).rglob("*.js"))]


def used_keys(name: str) -> set[str]:
    """Keys that a page uses, ``*`` for what is filled in at run time."""
    html = FOLDER / f"{name}.html"
    found = set(_KEY_IN_PAGE.findall(html.read_text(encoding="utf-8"))) if html.is_file() else set()
    for script in scripts_of(name):
        source = script.read_text(encoding="utf-8")
        literal = ("".join(groups) for groups in _KEY_IN_SCRIPT.findall(source))
        found |= {re.sub(r"\$\{[^}]*\}", "*", key) for key in literal}
        found |= {key for pair in _KEYS_IN_CHOICE.findall(source) for key in pair}
        found |= set(_KEY_IN_DATA.findall(source))
    return found


def test_both_languages_have_the_same_pages_and_keys() -> None:
    """No word is missing in one of them, none is empty that is not so in the other."""
    english, german = (words(language) for language in LANGUAGES)
    assert english.keys() == german.keys()
    for name in english:
        assert english[name].keys() == german[name].keys(), name
        for key in english[name]:
            assert bool(english[name][key]) == bool(german[name][key]), key


def test_what_is_filled_in_is_the_same_in_both_languages() -> None:
    """`{count}` in the one is `{count}` in the other."""
    english, german = (words(language) for language in LANGUAGES)
    for name, told in english.items():
        for key, text in told.items():
            places = [set(re.findall(r"\{\w+\}", one)) for one in (text, german[name][key])]
            assert places[0] == places[1], key


@pytest.mark.parametrize("name", ["shell", *PAGES])
def test_every_key_that_is_used_exists(name: str) -> None:
    """In the page's dictionary or the shell's; and none is there that begins with another page."""
    dictionaries = words("en")
    known = dictionaries["shell"] | dictionaries.get(name, {})
    known_keys = {_PLURAL.sub("", key) for key in known} | known.keys()
    missing = []
    for key in used_keys(name):
        pattern = re.compile(re.escape(key).replace(r"\*", r"[\w.]+"))
        if not any(pattern.fullmatch(one) for one in known_keys):
            missing.append(key)
    assert missing == []


def test_the_search_for_keys_finds_them() -> None:
    """The test above would be worth nothing if it found none."""
    assert {"scan.title", "scan.nearest", "scan.sure.*", "shell.nav"} <= used_keys(
        "scan"
    ) | used_keys("shell")


@pytest.mark.parametrize("viewport", [PHONE, LAPTOP, KIOSK], ids=["phone", "laptop", "kiosk"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits(new_page: Opened, name: str, language: str, viewport: dict[str, int]) -> None:
    """Nothing scrolls sideways, the links to all pages are in view, in both languages."""
    page = opened(new_page(viewport=viewport, locale=language), name)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    for link in page.locator("#shell nav a").all():
        expect(link).to_be_in_viewport(ratio=0.99)
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(new_page: Opened, axe: Axe, name: str, scheme: str) -> None:
    """Names, contrast, roles, structure: nothing serious or critical."""
    page = opened(new_page(color_scheme=scheme), name)
    assert axe(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_of_the_first_rank_and_a_title(page: Page, name: str) -> None:
    """And a title of its own."""
    opened(page, name)
    expect(page.locator("h1")).to_have_count(1)
    assert "Vitrine" in page.title()
    if name != "index":
        assert page.title() != "Vitrine"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_nobody_touches_leaves_nothing_unsaid(page: Page, name: str) -> None:
    """No error in the console or on the page, no failed request, no key for want of words."""
    said: list[str] = []
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("response", lambda one: one.status >= 400 and said.append(f"{one.status} {one.url}"))
    page.on("requestfailed", lambda one: said.append(f"{one.failure} {one.url}"))
    opened(page, name)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert said == []
    shown = page.locator("body").inner_text()
    keys = {key for told in words("en").values() for key in told if "." in key}
    assert [key for key in keys if re.search(rf"(?<!\S){re.escape(key)}(?!\S)", shown)] == []


def test_no_script_or_style_is_third_party_or_inline() -> None:
    """Every script and style of every page is a file of ours."""
    for name in PAGES:
        html = (FOLDER / f"{name}.html").read_text(encoding="utf-8")
        assert (
            re.findall(r"<script(?![^>]*src=\"/)[^>]*>|<style|style=\"|\son\w+=\"", html) == []
        ), name
        assert re.findall(r"(?:src|href)=\"(?:https?:)?//", html) == [], name
