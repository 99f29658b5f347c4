"""A README taken apart: its code blocks, commands, links, variables and targets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", *sorted((ROOT / "services").glob("*/README.md"))]

_FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_VARIABLE = re.compile(r"VITRINE_(?P<name>[A-Z][A-Z0-9_]*|\*_[A-Z_]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, empty where none is said, and its text."""

    language: str
    text: str


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a file, in order."""
    found = _FENCED.finditer(path.read_text(encoding="utf-8"))
    return [Block(match["language"], match["body"]) for match in found]


def shown(path: Path, command: str) -> str:
    """What a file says that a command prints: the lines below it, up to the next one.

    Raises:
        LookupError: the file shows no such command.
    """
    for block in blocks(path):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, printed = part.partition("\n")
            if line == command:
                return printed
    raise LookupError(command)


def commands(path: Path, program: str) -> list[list[str]]:
    """The arguments of every command line of a program in a file, comments away.

    The bare name of a program is no command line.
    """
    found = [shlex.split(line, comments=True) for line in _lines(path)]
    return [words[1:] for words in found if words[1:] and Path(words[0]).name == program]


def _lines(path: Path) -> Iterator[str]:
    for block in blocks(path):
        whole = block.text.replace("\\\n", " ")
        if block.language == "sh":
            yield from (part for line in whole.splitlines() for part in line.split(" && "))
        elif not block.language:
            yield from (line.removeprefix("$ ") for line in whole.splitlines() if _typed(line))
    prose = _FENCED.sub("", path.read_text(encoding="utf-8"))
    yield from (match["code"] for match in _INLINE.finditer(prose) if "…" not in match["code"])


def _typed(line: str) -> bool:
    """Whether a line of a block without a language is a command, not what it prints."""
    return line.startswith(("$ ", "vitrine "))


def links(path: Path) -> list[Path]:
    """The files that the relative links of a file point to."""
    prose = _FENCED.sub("", path.read_text(encoding="utf-8"))
    targets = (urlsplit(match["target"]) for match in _LINK.finditer(prose))
    return [path.parent / t.path for t in targets if not t.scheme and t.path]


def variables(path: Path) -> set[str]:
    """The settings that a file names, without their prefix; ``*`` stands for a service."""
    found = _VARIABLE.finditer(path.read_text(encoding="utf-8"))
    return {match["name"] for match in found}
