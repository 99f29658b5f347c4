"""The last step of ``vitrine train``: the new embedder is installed and put in use."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from services.cli.stack import Stack
from services.trainer.home import Home, check_name
from shared.config import Settings, read_settings
from shared.errors import Conflict, InvalidInput
from shared.models.card import read_card, write_card
from shared.models.embedder_choice import choice_of, embedder_in_use
from tests.cli.test_models import VITRINE
from tests.servers import REPOSITORY
from tests.trainer.test_catalogue import stock
from tests.visual_search.embedding.test_embedder import write_model

SHIPPED = "vitrine-embedder-1"
TUNED = f"{SHIPPED}-tuned"
Vitrine = Callable[..., str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(state_dir=tmp_path / "state", embedder="")


@pytest.fixture
def vitrine(settings: Settings) -> Vitrine:
    """Runs a command over the state folder, without running services; returns its output."""

    def run(*arguments: str) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
        place = {"VITRINE_STATE_DIR": str(settings.state_dir), "PYTHONPATH": str(REPOSITORY)}
        command = [*VITRINE, "--embedded", *arguments]
        done = subprocess.run(
            command, env=kept | place, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def made(folder: Path, before: float, after: float, name: str = TUNED) -> Path:
    """What a run leaves: a card with its validation, and its int8 twin."""
    for one in (f"int8-{name}", name):
        write_model(folder, name=one, dims=16)
    path = folder / f"{name}.json"
    figures = {"val_top1_before": before, "val_top1_after": after}
    write_card(replace(read_card(path), figures=figures), path)
    return path


@pytest.mark.slow
def test_training_on_the_catalogue_ends_with_its_embedder_in_use(
    settings: Settings, vitrine: Vitrine
) -> None:
    """Twenty products, one command: recall rises, the new index answers, rollback goes back."""
    twenty = {f"TEA-{number:02}": 3 for number in range(20)}

    async def fill(stack: Stack) -> None:
        async with stack.catalog() as catalog:
            await stock(catalog, twenty)

    stack = Stack(settings, Console(quiet=True), embedded_only=True)
    stack.run(fill(stack))
    quick = ("--epochs", "4", "--batch", "20", "--side", "128", "--least-views", "240")
    said = vitrine("train", "--catalog", *quick, "--workers", "0", "--validate-every", "4")
    assert f"(60 images), switched to {TUNED}" in " ".join(said.split())

    figures = read_card(settings.state_dir / "models" / f"{TUNED}.json").figures
    assert figures["val_top1_after"] > figures["val_top1_before"]
    listed = json.loads(vitrine("models", "list", "--json"))
    assert (listed["active"], listed["rollback_to"]) == (TUNED, SHIPPED)
    assert {TUNED, f"int8-{TUNED}"} <= {one["id"] for one in listed["embedders"]}
    assert not (settings.state_dir / "models" / "training" / TUNED).exists()
    assert f"{SHIPPED} answers now" in vitrine("models", "rollback")


@pytest.mark.parametrize("name", [TUNED, "acme-1"])
def test_what_lost_recall_is_installed_but_not_used(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    """The embedder that answered goes on answering, whatever the new one is called."""
    card = made(tmp_path / "run", before=0.9, after=0.8, name=name)
    said = Home(settings).put_in_use(card, SimpleNamespace())
    assert said == f"{name} is installed but not in use, since validation fell"
    assert embedder_in_use(settings) == SHIPPED
    assert (settings.state_dir / "models" / f"int8-{name}.onnx").is_file()


def test_the_first_that_is_put_in_use_can_be_undone(settings: Settings, tmp_path: Path) -> None:
    """Also after one that was only installed: rollback leads to the shipped one."""
    for number, after in enumerate((0.8, 0.95)):
        card = made(tmp_path / "run", before=0.9, after=after, name=f"{TUNED}-{number}")
        Home(settings).put_in_use(card, SimpleNamespace())
    assert embedder_in_use(settings) == f"{TUNED}-1"
    assert choice_of(settings).back() == SHIPPED


def test_an_embedder_named_by_the_settings_stays(settings: Settings, tmp_path: Path) -> None:
    """What the operator has set is not overruled, and the message says what decides."""
    fixed = settings.model_copy(update={"embedder": "hsv"})
    said = Home(fixed).put_in_use(made(tmp_path / "run", 0.8, 0.9), SimpleNamespace())
    assert said == f"{TUNED} is installed; VITRINE_EMBEDDER=hsv decides"
    assert embedder_in_use(fixed) == "hsv"


def test_beside_torchrun_it_is_chosen_without_waiting(settings: Settings, tmp_path: Path) -> None:
    """The choice is written; a running visual search takes it by itself."""
    said = Home(settings).put_in_use(made(tmp_path / "run", 0.8, 0.8), SimpleNamespace())
    assert said == f"{TUNED} is in use; visual search will switch to it"
    assert embedder_in_use(settings) == TUNED
    assert not (tmp_path / "run").exists()


def test_a_second_training_takes_another_id(settings: Settings, tmp_path: Path) -> None:
    """An id never names two files."""
    home = Home(settings)
    assert home.free_id(Path("acme.json")) == "acme-tuned"
    write_model(tmp_path, name="acme-tuned", dims=16)
    (settings.state_dir / "models").mkdir(parents=True)
    for suffix in (".json", ".onnx"):
        file = tmp_path / f"acme-tuned{suffix}"
        file.rename(settings.state_dir / "models" / file.name)
    assert home.free_id(Path("acme.json")) == "acme-tuned-2"


def test_installed_id_is_refused_unless_its_run_goes_on(settings: Settings, tmp_path: Path) -> None:
    """An id never names two files; what was killed while it was installed ends as it would have."""
    home = Home(settings)
    home.check_id("acme-1")
    home.put_in_use(made(tmp_path / "run", 0.8, 0.9, "acme-1"), SimpleNamespace())
    with pytest.raises(Conflict, match="another --id") as caught:
        home.check_id("acme-1")
    assert caught.value.reason == "EMBEDDER_ID_TAKEN"

    home.work_folder("acme-1").mkdir(parents=True)
    (home.work_folder("acme-1") / "checkpoint.pt").touch()
    home.check_id("acme-1")


def test_stopped_run_keeps_its_id(settings: Settings, tmp_path: Path) -> None:
    """The same command without --id finds its checkpoint, whatever was installed meanwhile."""
    home = Home(settings)
    home.put_in_use(made(tmp_path / "run", 0.8, 0.9), SimpleNamespace())
    assert home.free_id(Path(f"{SHIPPED}.json")) == f"{TUNED}-2"
    home.work_folder(TUNED).mkdir(parents=True)
    (home.work_folder(TUNED) / "checkpoint.pt").touch()
    assert home.free_id(Path(f"{SHIPPED}.json")) == TUNED


@pytest.mark.parametrize("name", ["../evil", "", ".hidden", "a/b", "a b", "-x", "é", "a" * 101])
def test_name_that_is_no_file_name_is_refused(name: str) -> None:
    """Before the training, not by the folder after it."""
    with pytest.raises(InvalidInput, match="letters, digits"):
        check_name(name)


def test_name_of_a_computed_feature_is_refused() -> None:
    """`vitrine models use hsv` means the colours."""
    with pytest.raises(InvalidInput, match="computed feature"):
        check_name("hsv")
