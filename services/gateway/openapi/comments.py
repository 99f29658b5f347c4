"""The comments of the contracts, read from the ``.proto`` files that ship beside the stubs.

Compiled descriptors carry no comments, and the contracts' comments are the
documentation of the API: the OpenAPI document repeats them word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

_OPEN = re.compile(r"(?:message|enum|service|oneof)\s+(\w+)\s*\{")
_NAMED = re.compile(
    r"(?:rpc\s+(?P<rpc>\w+)"
    r"|(?:(?:repeated|optional)\s+)?[\w.]+(?:<[^>]*>)?\s+(?P<field>\w+)\s*=\s*\d+"
    r"|(?P<value>[A-Z]\w*)\s*=\s*\d+)"
)


def read_comments(lines: Iterable[str]) -> dict[str, str]:
    """Comments by the dotted name of what follows them.

    A oneof's fields are named without the oneof, as descriptors name them.

    >>> read_comments(["// A point.", "message Point {", "  // Right.", "  float x = 1;", "}"])
    {'Point': 'A point.', 'Point.x': 'Right.'}
    """
    found: dict[str, str] = {}
    above: list[str] = []
    comment: list[str] = []
    for line in map(str.strip, lines):
        if line.startswith("//"):
            comment.append(line.removeprefix("//").removeprefix(" "))
            continue
        name = _name(line)
        if name and comment:
            found[".".join([*filter(None, above), name])] = _paragraphs(comment)
        _follow_braces(line, above)
        comment = []
    return found


def _name(line: str) -> str:
    opened = _OPEN.match(line)
    if opened:
        return opened.group(1)
    named = _NAMED.match(line)
    return next(filter(None, named.groups()), "") if named else ""


def _follow_braces(line: str, above: list[str]) -> None:
    opened = _OPEN.match(line)
    if opened and not line.endswith("}"):
        above.append("" if line.startswith("oneof") else opened.group(1))
    elif line == "}":
        above.pop()


def _paragraphs(lines: list[str]) -> str:
    """Join the lines of each paragraph; an empty line parts two."""
    text = "\n".join(lines)
    return "\n\n".join(" ".join(part.split("\n")) for part in text.split("\n\n"))


def all_comments() -> dict[str, str]:
    """The comments of all contracts, by names such as ``Product.sku``."""
    folder = resources.files("vitrine.v1")
    files = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".proto")),
        key=lambda item: item.name,
    )
    found: dict[str, str] = {}
    for file in files:
        found |= read_comments(file.read_text(encoding="utf-8").splitlines())
    return found
