"""Which embedder is in use, and which were before: what ``vitrine models rollback`` undoes.

Chosen by the settings (``VITRINE_EMBEDDER``); else by the last line of a short file in the
state folder's model folder, which training and ``vitrine models use`` add to; else the one
that comes with Vitrine. What is only installed is never in use. Visual search looks at the
file and switches when it changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from shared.config import Settings
from shared.errors import Conflict, NotReady
from shared.models.card import (
    SHIPPED_EMBEDDER,
    SHIPPED_MODELS,
    ModelCard,
    checked_file,
    read_card,
    write_card,
)

_FILE = "embedders-in-use.txt"
_LONGEST = 50


class EmbedderChoice:
    """The embedders that were put in use, the present one last.

    Args:
        folder: where the file is; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE

    def history(self) -> tuple[str, ...]:
        """Ids, oldest first; empty when nothing was chosen."""
        if not self._file.is_file():
            return ()
        return tuple(self._file.read_text(encoding="utf-8").split())

    def use(self, embedder_id: str, instead_of: str) -> None:
        """Put an embedder in use; ``instead_of`` is what a first rollback goes back to."""
        history = self.history() or (instead_of,)
        if history[-1] != embedder_id:
            self._write((*history, embedder_id)[-_LONGEST:])

    def back(self) -> str:
        """Put the embedder before in use again; its id.

        Raises:
            Conflict: there was none before (``NOTHING_TO_ROLL_BACK``).
        """
        history = self.history()
        if len(history) < 2:
            raise Conflict(
                "no embedder was put in use before the present one, so there is nothing to go "
                "back to; `vitrine models list` shows those installed",
                reason="NOTHING_TO_ROLL_BACK",
            )
        self._write(history[:-1])
        return history[-2]

    def _write(self, history: tuple[str, ...]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".writing")
        with beside.open("w", encoding="utf-8") as file:
            file.write("\n".join(history) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._file)


def installed_embedders(folders: Iterable[Path]) -> dict[str, tuple[ModelCard, Path]]:
    """Cards of the embedders whose files lie in ``folders``, by id, with their folder.

    A later folder wins over an earlier one.

    Raises:
        NotReady: a ``.json`` there is no card (``MODEL_CARD_INVALID``).
    """
    cards = [(read_card(path), folder) for folder in folders for path in _cards_in(folder)]
    return {card.id: (card, folder) for card, folder in cards if card.task == "embedding"}


def _cards_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def choice_of(settings: Settings) -> EmbedderChoice:
    """The choice that the settings' state folder keeps."""
    return EmbedderChoice(settings.state_dir / "models")


def model_folders(settings: Settings) -> list[Path]:
    """Folders of model cards: shipped, trained here, configured; the later wins."""
    configured = [settings.models_dir] if settings.models_dir else []
    return [SHIPPED_MODELS, settings.state_dir / "models", *configured]


def embedder_in_use(settings: Settings) -> str:
    """The id of the embedder to use: as set, else as chosen last, else the shipped one."""
    return settings.embedder or (choice_of(settings).history() or (SHIPPED_EMBEDDER,))[-1]


def install_embedder(card_path: Path, folder: Path) -> Path:
    """Copy an embedder's file, then its card, into a model folder; the card's new path.

    Raises:
        NotReady: card or file are missing, or do not fit each other.
        Conflict: another embedder has this id there (``EMBEDDER_ID_TAKEN``): an id that
            named two files could not be rolled back to.
    """
    card = read_card(card_path)
    if card.task != "embedding":
        raise NotReady(f"{card_path} is a model for {card.task}, no embedder")
    source, target = checked_file(card, card_path.parent), folder / f"{card.id}.json"
    if target.is_file() and read_card(target).sha256 != card.sha256:
        raise Conflict(
            f"{folder} has another embedder called {card.id}; give the new one another id",
            reason="EMBEDDER_ID_TAKEN",
        )
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{card.id}.writing"
    shutil.copyfile(source, beside)
    beside.replace(folder / f"{card.id}.onnx")
    write_card(replace(card, file=f"{card.id}.onnx"), target)
    return target
