"""`vitrine models list | use | rollback` against real services."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import NotReady
from shared.models.card import write_card
from shared.models.embedder_choice import choice_of
from shared.models.embedder_switch import until_switched
from tests.cli.test_models import VITRINE
from tests.readme import blocks
from tests.servers import REPOSITORY
from tests.visual_search.conftest import Shop, open_shop, settings_in, stock
from tests.visual_search.embedding.test_embedder import write_model
from tests.visual_search.pictures import jpeg

SHIPPED = "vitrine-embedder-1"


def vitrine(state: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command over a state folder, without running services."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    environment = {**kept, "VITRINE_STATE_DIR": str(state), "PYTHONPATH": str(REPOSITORY)}
    command = [*VITRINE, "--embedded", *arguments]
    return subprocess.run(
        command, env=environment | settings, capture_output=True, text=True, check=False
    )


async def answers_with(shop: Shop, embedder_id: str) -> None:
    """Wait until visual search answers with an embedder, and that it finds its products."""
    async with asyncio.timeout(60):
        images = await until_switched(shop.search, embedder_id, lambda done, total: None)
    assert images == 4
    assert (await shop.find(image=jpeg(2)))[0] == "TEA-3"


async def test_running_services_switch_and_go_back(tmp_path: Path):
    """Each change of the choice is noticed; both indexes hold all products."""
    settings = settings_in(tmp_path, embedder="")
    write_model(tmp_path / "models", name="acme-1", dims=16)
    choice = choice_of(settings)
    choice.use(SHIPPED, instead_of="acme-1")
    async with open_shop(settings) as shop:
        await stock(shop)
        assert (await shop.status()).model.id == SHIPPED
        choice.use("acme-1", instead_of=SHIPPED)
        await answers_with(shop, "acme-1")
        assert choice.back() == SHIPPED
        await answers_with(shop, SHIPPED)


async def test_a_broken_choice_leaves_the_present_one_answering(tmp_path: Path):
    """It is told to who waits; a good choice afterwards is taken."""
    settings = settings_in(tmp_path, embedder="")
    async with open_shop(settings) as shop:
        await stock(shop)
        write_model(tmp_path / "models", name="acme-1", dims=16)
        (tmp_path / "models" / "acme-1.onnx").write_bytes(b"broken")
        choice_of(settings).use("acme-1", instead_of=SHIPPED)
        with pytest.raises(NotReady, match=f"still answers with {SHIPPED}") as caught:
            await until_switched(shop.search, "acme-1", lambda *_: None, notice_s=3)
        assert caught.value.reason == "EMBEDDER_NOT_TAKEN"
        write_model(tmp_path / "models", name="acme-2", dims=16)
        choice_of(settings).use("acme-2", instead_of=SHIPPED)
        await answers_with(shop, "acme-2")


def test_use_and_rollback_as_typed(tmp_path: Path):
    """One command each; the list marks the embedder in use and says where back leads."""
    card = tmp_path / "run" / "acme-1.json"
    write_model(card.parent, name="acme-1", dims=16)
    state = tmp_path / "state"
    used = vitrine(state, "models", "use", str(card))
    assert used.returncode == 0, used.stderr
    assert "acme-1 answers now" in used.stdout
    listed = json.loads(vitrine(state, "models", "list", "--json").stdout)
    assert (listed["active"], listed["rollback_to"]) == ("acme-1", SHIPPED)
    assert {one["id"] for one in listed["embedders"] if one["active"]} == {"acme-1"}
    back = vitrine(state, "models", "rollback")
    assert back.returncode == 0, back.stderr
    assert f"{SHIPPED} answers now" in back.stdout
    shown = vitrine(state, "models", "list").stdout
    assert f"* {SHIPPED}" in shown
    again = vitrine(state, "models", "rollback")
    assert again.returncode == 1
    assert "nothing to go back to" in again.stderr


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dims": 15}, "gives 16 numbers, its card says 15"),
        ({"input_size": (32, 32)}, "model acme-1 cannot be used"),
        ({"input_size": (32,)}, "model acme-1 cannot be used"),
        ({"task": "face"}, "is a model for face, no embedder"),
        ({"id": "acme 1"}, "the id 'acme 1'"),
        ({"id": "../acme"}, "the id '../acme'"),
    ],
)
def test_what_does_not_open_is_not_put_in_use(tmp_path: Path, changes, message):
    """It would stop every search: nothing is installed, chosen or switched."""
    folder, state = tmp_path / "run", tmp_path / "state"
    card = replace(write_model(folder, name="acme-1", dims=16), **changes)
    write_card(card, folder / "acme-1.json")
    done = vitrine(state, "models", "use", str(folder / "acme-1.json"))
    assert done.returncode == 1
    assert message in " ".join(done.stderr.split())
    assert not (state / "models").exists()


def test_what_is_installed_is_opened_before_it_is_put_in_use(tmp_path: Path):
    """A card that somebody laid into the folder may be wrong, too."""
    card = write_model(tmp_path / "run", name="acme-1", dims=16)
    write_card(replace(card, dims=15), tmp_path / "run" / "acme-1.json")
    shutil.copytree(tmp_path / "run", tmp_path / "models")
    done = vitrine(tmp_path, "models", "use", "acme-1")
    assert "gives 16 numbers, its card says 15" in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("models/embedders-in-use*"))


def test_the_card_of_the_readme_brings_an_embedder(tmp_path: Path):
    """As it stands there, with the hash of the network's file."""
    readme = REPOSITORY / "services" / "visual_search" / "README.md"
    (shown,) = [block.text for block in blocks(readme) if block.language == "json"]
    card = json.loads(shown)
    side, dims, name = card["input_size"][0], card["dims"], card["id"]
    made = write_model(tmp_path / "run", name=name, dims=dims, side=side)
    path = tmp_path / "run" / f"{name}.json"
    path.write_text(json.dumps(card | {"sha256": made.sha256}))
    used = vitrine(tmp_path / "state", "models", "use", str(path))
    assert f"{name} answers now" in used.stdout, used.stderr


def test_a_broken_card_of_the_one_in_use_is_told_and_can_be_left(tmp_path: Path):
    """Its file and what to do; rollback goes on. One that is not in use is passed over."""
    models = tmp_path / "models"
    write_model(tmp_path / "run", name="acme-1", dims=16)
    vitrine(tmp_path, "models", "use", str(tmp_path / "run" / "acme-1.json"))
    (models / "acme-2.json").write_text('{"id": "acme-2", "ta')
    assert vitrine(tmp_path, "models", "list").returncode == 0
    (models / "acme-1.json").write_text('{"id": "acme-1", "ta')
    told = vitrine(tmp_path, "models", "list")
    assert told.returncode == 1
    assert "acme-1.json is not a readable model card" in " ".join(told.stderr.split())
    assert "`vitrine models rollback`" in " ".join(told.stderr.split())
    back = vitrine(tmp_path, "models", "rollback")
    assert f"{SHIPPED} answers now" in back.stdout, back.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("use", "acme-9"), {}, "no embedder 'acme-9'; there are"),
        (("use", "nowhere.json"), {}, "not a readable model card"),
        (("rollback",), {"VITRINE_EMBEDDER": "hsv"}, "VITRINE_EMBEDDER=hsv is set"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, arguments, settings, message):
    """One sentence, exit code 1, and the choice is untouched."""
    done = vitrine(tmp_path, "models", *arguments, **settings)
    assert done.returncode == 1
    assert message in " ".join(done.stderr.split())
    assert not list(tmp_path.glob("models/embedders-in-use*"))


def test_the_commands_are_there_without_starting_anything():
    """The modules load no network and no store: every `vitrine` imports them."""
    heavy = ("onnxruntime", "torch", "cv2", "qdrant_edge")
    code = f"import sys, services.cli.embedders; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
