"""What the READMEs say is so: commands, snippets, links, settings and targets."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
import typer
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from services.cli import app as command_tree
from shared.config import Settings
from tests.benchmarks.__main__ import NAMES
from tests.readme import READMES, ROOT, blocks, commands, links, shown, variables
from tests.shop import Shop

README = ROOT / "README.md"
SERVICES = ("catalog", "search", "scanning", "pose", "gateway")
FEED = (
    "id\ttitle\tgtin\timage_link\n"
    "README-1\tOf the README\t\t\n"
    "README-2\tWrong digit\t4006381333932\t\n"
    "README-3\tNo picture\t\timages/none.jpg\n"
)
"""The feed whose import the README shows."""

every_readme = pytest.mark.parametrize("path", READMES, ids=lambda path: path.parent.name)


NAMED = [(path, words) for path in READMES for words in commands(path, "vitrine")]


@pytest.fixture(scope="session")
def tree() -> Any:
    """The whole command tree."""
    command_tree._mount()
    return typer.main.get_command(command_tree.app)


def elsewhere(text: str, shop: Shop) -> str:
    """A README's text with the addresses of a shop in place of the default ports."""
    for name in SERVICES:
        default = str(Settings.model_fields[f"{name}_listen"].default)
        port = default.rpartition(":")[2]
        ours = shop.environment[f"VITRINE_{name.upper()}_LISTEN"]
        text = text.replace(f"localhost:{port}", ours)
    return text


@pytest.fixture
def feed(shop: Shop) -> Any:
    """`feed.tsv` where the README has it; its product is gone again afterwards."""
    (shop.folder / "feed.tsv").write_text(FEED)
    yield shop.folder / "feed.tsv"
    shop.vitrine("catalog", "delete", "README-1", "--yes")


def parse(command: Any, words: list[str], parent: Any = None) -> None:
    """Parse a command line down to its last word, without running it."""
    try:
        context = command.make_context(command.name or "vitrine", list(words), parent=parent)
    except typer.Exit:  # --help, which ends the parsing
        return
    left = [*context._protected_args, *context.args]
    if left:
        _, inner, rest = command.resolve_command(context, left)
        parse(inner, rest, context)


@pytest.mark.parametrize(
    "words", [words for _, words in NAMED], ids=[f"{p.parent.name}: {w}" for p, w in NAMED]
)
def test_a_command_exists_with_its_options(words: list[str], tree: Any) -> None:
    """Each `vitrine ...` of a README is parsed by the command tree itself."""
    parse(tree, words)


@every_readme
def test_every_relative_link_points_to_a_file(path: Path) -> None:
    """Pictures, other READMEs, code."""
    assert [str(target) for target in links(path) if not target.exists()] == []


@every_readme
def test_every_setting_exists(path: Path) -> None:
    """Each VITRINE_* is a field of the settings."""
    known = [name.upper() for name in Settings.model_fields]
    assert [name for name in variables(path) if not fnmatch.filter(known, name)] == []


@every_readme
def test_every_target_exists(path: Path) -> None:
    """Each `make X` is in the Makefile, each `make bench T=X` a benchmark."""
    listed = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for words in commands(path, "make"):
        targets = [word for word in words if "=" not in word]
        assert set(targets) <= set(listed), words
        chosen = [word.removeprefix("T=") for word in words if word.startswith("T=")]
        assert "bench" not in targets or set(" ".join(chosen).split()) <= set(NAMES), words


def test_docker_and_kubectl_are_given_what_is_there() -> None:
    """There is no engine and no cluster at hand: argument and overlay exist, at least."""
    (build,) = commands(README, "docker")
    argument = build[build.index("--build-arg") + 1].partition("=")[0]
    assert f"ARG {argument}" in (ROOT / "Dockerfile").read_text()
    (apply,) = commands(README, "kubectl")
    assert (ROOT / apply[apply.index("-k") + 1] / "kustomization.yaml").is_file()


def test_the_python_snippet_runs(shop: Shop) -> None:
    """As it stands there, it names the product of the photo."""
    (snippet,) = [block.text for block in blocks(README) if block.language == "python"]
    done = subprocess.run(
        [sys.executable, "-c", elsewhere(snippet, shop)],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "DECISION_IDENTIFIED Hafenrösterei Espresso" in done.stdout


def test_an_import_prints_what_is_shown(shop: Shop, feed: Path) -> None:
    """Both wrong rows are named with their line, in these very words."""
    printed = shop.vitrine("import", feed)
    wanted = shown(README, "vitrine import feed.tsv").splitlines()
    assert printed.splitlines()[:-1] == wanted[:-1]
    assert printed.splitlines()[-1].startswith("catalogue revision ")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_line_imports_the_feed(shop: Shop, feed: Path) -> None:
    """One product comes in, both wrong rows are told."""
    (words,) = commands(README, "curl")
    done = subprocess.run(
        ["curl", "--silent", "--show-error", *(elsewhere(word, shop) for word in words)],
        cwd=feed.parent,
        env=os.environ | {"no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert "check digit is 2, expected 1" in told
    assert "came without files" in told  # pictures beside it stay where they are
    assert shop.json("catalog", "show", "README-1")["product"]["title"] == "Of the README"


def test_the_grpcurl_line_asks_what_reflection_knows(shop: Shop) -> None:
    """As grpcurl does: method and fields are learnt from the running service."""
    (words,) = commands(README, "grpcurl")
    address, method = words[-2:]
    with grpc.insecure_channel(elsewhere(address, shop)) as channel:
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        service, _, name = method.partition("/")
        found = pool.FindServiceByName(service).FindMethodByName(name)
        ask, answer = (
            message_factory.GetMessageClass(kind) for kind in (found.input_type, found.output_type)
        )
        request = json_format.Parse(words[words.index("-d") + 1], ask())
        call = channel.unary_unary(
            f"/{method}", ask.SerializeToString, answer.FromString, _registered_method=False
        )
        reply = json_format.MessageToDict(call(request, timeout=30))
    assert reply["gtin"] == json.loads(words[words.index("-d") + 1])["code"]


def test_a_search_finds_what_is_shown(shop: Shop) -> None:
    """The same products in the same order."""
    line = next(words for words in commands(README, "vitrine") if "--top-k" in words)
    command = next(c for c in _shown_commands() if "--top-k" in c)
    rows = [row.split() for row in shown(README, command).splitlines()[1:] if row]
    found = shop.json(*line)["groups"][0]["results"]
    assert [result["sku"] for result in found] == [row[1] for row in rows]


def test_a_scan_decides_what_is_shown(shop: Shop) -> None:
    """Each product that is shown as identified is, at the price and the stock shown."""
    command = next(c for c in _shown_commands() if c.startswith("vitrine scan"))
    printed = shop.vitrine(*command.split()[1:])
    rows = re.findall(
        r"^identified +\S+ +(.+?) {2,}(\S+ \w+) +(\d+ here)", shown(README, command), re.MULTILINE
    )
    assert rows
    for product, price, stock in rows:
        line = next((one for one in printed.splitlines() if product in one), "")
        assert line.startswith("identified"), (product, printed)
        assert price in line
        assert stock in line
    assert "is the label swapped?" in printed


def _shown_commands() -> list[str]:
    texts = (block.text for block in blocks(README) if not block.language)
    return [line[2:] for text in texts for line in text.splitlines() if line.startswith("$ ")]
