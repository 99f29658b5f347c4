"""The choice of the embedder: kept, undone, and read the same by everyone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.config import read_settings
from shared.errors import Conflict, NotReady
from shared.models.card import SHIPPED_MODELS, read_card, sha256_of, write_card
from shared.models.embedder_choice import (
    EmbedderChoice,
    choice_of,
    embedder_in_use,
    install_embedder,
    installed_embedder,
    installed_embedders,
)

SHIPPED = "vitrine-embedder-1"


def own_embedder(folder: Path, name: str = "acme-1", content: bytes = b"weights") -> Path:
    """A card of another id with a file beside it; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(content)
    shipped = read_card(SHIPPED_MODELS / f"{SHIPPED}.json")
    card = replace(shipped, id=name, file=f"{name}.onnx", sha256=sha256_of(folder / f"{name}.onnx"))
    write_card(card, folder / f"{name}.json")
    return folder / f"{name}.json"


def test_nothing_chosen_is_an_empty_history(tmp_path: Path):
    """And there is nothing to undo: the message says what to look at."""
    choice = EmbedderChoice(tmp_path / "models")
    assert choice.history() == ()
    with pytest.raises(Conflict, match="nothing to go back to") as caught:
        choice.back()
    assert caught.value.reason == "NOTHING_TO_ROLL_BACK"


def test_each_rollback_goes_one_step_back(tmp_path: Path):
    """To the first embedder, which was in use before any was chosen, and no further."""
    choice = EmbedderChoice(tmp_path)
    choice.use("b", instead_of="a")
    choice.use("c", instead_of="b")
    assert choice.history() == ("a", "b", "c")
    assert [choice.back(), choice.back()] == ["b", "a"]
    with pytest.raises(Conflict):
        choice.back()


def test_the_one_in_use_is_not_put_in_use_twice(tmp_path: Path):
    """A rollback would seem to do nothing."""
    choice = EmbedderChoice(tmp_path)
    for _ in range(2):
        choice.use("b", instead_of="a")
    assert choice.back() == "a"


def test_settings_decide_then_the_choice_then_what_ships(tmp_path: Path):
    """From the weakest to the strongest."""
    settings = read_settings(state_dir=tmp_path, embedder="")
    assert embedder_in_use(settings) == SHIPPED
    choice_of(settings).use("acme-1", instead_of=SHIPPED)
    assert embedder_in_use(settings) == "acme-1"
    assert embedder_in_use(settings.model_copy(update={"embedder": "hsv"})) == "hsv"


@pytest.mark.parametrize("name", ["acme-1", f"{SHIPPED}-tuned", "zebra"])
def test_what_is_only_installed_is_not_in_use(tmp_path: Path, name: str):
    """Whatever its name: it was never chosen. The first choice can be undone."""
    settings = read_settings(state_dir=tmp_path, embedder="")
    own_embedder(tmp_path / "models", name)
    assert embedder_in_use(settings) == SHIPPED
    choice_of(settings).use(name, instead_of=embedder_in_use(settings))
    assert embedder_in_use(settings) == name
    assert choice_of(settings).back() == SHIPPED


def test_an_embedder_is_installed_with_its_file(tmp_path: Path):
    """The card is written last, and names the file beside it."""
    target = install_embedder(own_embedder(tmp_path / "run"), tmp_path / "models")
    card = read_card(target)
    assert sha256_of(tmp_path / "models" / card.file) == card.sha256
    assert install_embedder(tmp_path / "run/acme-1.json", tmp_path / "models") == target


@pytest.mark.parametrize("content", ["", '{"id": "acme', "[]", "\x00"])
def test_a_broken_card_is_left_out(tmp_path: Path, content: str):
    """The others are there; which file is broken stands in the log."""
    own_embedder(tmp_path, "acme-1")
    (tmp_path / "acme-2.json").write_text(content)
    with capture_logs() as told:
        assert list(installed_embedders([tmp_path])) == ["acme-1"]
    assert [one["log_level"] for one in told] == ["warning"]
    assert str(tmp_path / "acme-2.json") in told[0]["reason"]


def test_an_embedder_is_found_or_it_is_told_why_not(tmp_path: Path):
    """One that lacks names those that are there; a broken card names its file and what to do."""
    folders = [SHIPPED_MODELS, tmp_path]
    own_embedder(tmp_path, "acme-1")
    assert installed_embedder("acme-1", folders)[1] == tmp_path
    with pytest.raises(NotReady, match="no embedder 'acme-2'; there are: acme-1, ") as caught:
        installed_embedder("acme-2", folders)
    assert caught.value.reason == "MODEL_MISSING"
    (tmp_path / "acme-1.json").write_text('{"id": "acme')
    with pytest.raises(NotReady, match=r"acme-1\.json is not .*`vitrine models use") as caught:
        installed_embedder("acme-1", folders)
    assert caught.value.reason == "MODEL_CARD_INVALID"


def test_a_broken_card_is_mended_by_installing_it_again(tmp_path: Path):
    """Of the same file; another one is still refused."""
    target = install_embedder(own_embedder(tmp_path / "run"), tmp_path / "models")
    target.write_text("")
    with pytest.raises(Conflict, match="another id"):
        install_embedder(own_embedder(tmp_path / "b", content=b"b"), tmp_path / "models")
    install_embedder(tmp_path / "run" / "acme-1.json", tmp_path / "models")
    assert read_card(target).id == "acme-1"


def test_an_id_names_one_file_only(tmp_path: Path):
    """Another file under an installed id is refused, or no rollback could undo it."""
    install_embedder(own_embedder(tmp_path / "run"), tmp_path / "models")
    other = own_embedder(tmp_path / "other", content=b"other weights")
    with pytest.raises(Conflict, match="another id"):
        install_embedder(other, tmp_path / "models")


def test_an_id_that_ships_is_not_taken(tmp_path: Path):
    """It would stand before the one that ships, and nothing could be rolled back to."""
    path = own_embedder(tmp_path / "run")
    write_card(replace(read_card(path), id="vitrine-embedder-1"), path)
    with pytest.raises(Conflict, match="another id"):
        install_embedder(path, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_an_id_of_a_computed_feature_is_not_taken(tmp_path: Path):
    """`vitrine models use hsv` means the colours."""
    path = own_embedder(tmp_path / "run")
    write_card(replace(read_card(path), id="hsv"), path)
    with pytest.raises(NotReady, match="computed feature"):
        install_embedder(path, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_file_that_is_not_its_cards_is_refused(tmp_path: Path):
    """Nothing is copied."""
    path = own_embedder(tmp_path / "run")
    (tmp_path / "run/acme-1.onnx").write_bytes(b"changed")
    with pytest.raises(NotReady, match="SHA-256"):
        install_embedder(path, tmp_path / "models")
    assert not (tmp_path / "models").exists()
