"""Which embedder is in use, and which were before: what ``vitrine models rollback`` undoes.

Chosen by the settings (``VITRINE_EMBEDDER``); else by the last line of a short file in the
state folder's model folder, which training and ``vitrine models use`` add to; else the one
that comes with Vitrine. What is only installed is never in use. Visual search looks at the
file and switches when it changes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from shared.config import Settings
from shared.errors import Conflict, NotReady
from shared.models.card import (
    SHIPPED_EMBEDDER,
    SHIPPED_MODELS,
    ModelCard,
    checked_file,
    read_card,
    sha256_of,
    write_card,
)
from shared.models.writing import write_whole

_FILE = "embedders-in-use.txt"
_LONGEST = 50
EMBEDDER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""An id names files, an index and a line of the history."""
COMPUTED_EMBEDDERS = frozenset({"classical", "hog", "hsv", "sift"})
"""Ids of the hand-made features that visual search offers too; no weights can be called so."""
_log = structlog.get_logger()


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
        write_whole(self._file, "\n".join(history) + "\n")


def installed_embedders(folders: Iterable[Path]) -> dict[str, tuple[ModelCard, Path]]:
    """Cards of the embedders whose files lie in ``folders``, by id, with their folder.

    A later folder wins over an earlier one. A ``.json`` that is no card is left out, with a
    warning in the log: one broken file must not stop what does not need it.
    """
    found = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            try:
                card = read_card(path)
            except NotReady as error:
                _log.warning("a model card is left out", reason=error.message)
                continue
            if card.task == "embedding":
                found[card.id] = (card, folder)
    return found


def installed_embedder(
    embedder_id: str, folders: Sequence[Path], others: Iterable[str] = ()
) -> tuple[ModelCard, Path]:
    """Card and folder of one embedder.

    Args:
        embedder_id: whose card is wanted.
        folders: see ``installed_embedders``.
        others: further ids to name where there is none of this id.

    Raises:
        NotReady: its card cannot be read (``MODEL_CARD_INVALID``), or no embedder has
            this id (``MODEL_MISSING``).
    """
    installed = installed_embedders(folders)
    if embedder_id in installed:
        return installed[embedder_id]
    refuse_broken_card(embedder_id, folders)
    known = ", ".join([*others, *sorted(installed)])
    raise NotReady(f"no embedder {embedder_id!r}; there are: {known}", reason="MODEL_MISSING")


def refuse_broken_card(embedder_id: str, folders: Iterable[Path]) -> None:
    """Tell that an embedder's card cannot be read, and what to do.

    Raises:
        NotReady: a card of its name is there and is none (``MODEL_CARD_INVALID``).
    """
    for path in (folder / f"{embedder_id}.json" for folder in folders):
        if not path.is_file():
            continue
        try:
            read_card(path)
        except NotReady as error:
            raise NotReady(
                f"{error.message}; install it again with `vitrine models use CARD.json`, or go "
                "back with `vitrine models rollback`",
                reason=error.reason,
            ) from error


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


def read_embedder_card(path: Path) -> ModelCard:
    """Read the card of an embedder that is to be installed.

    Raises:
        NotReady: it is no card, that of another model, or its id cannot name files or names a
            computed feature.
    """
    card = read_card(path)
    if card.task != "embedding":
        raise NotReady(f"{path} is a model for {card.task}, no embedder")
    if not EMBEDDER_ID.fullmatch(card.id):
        raise NotReady(
            f"{path} has the id {card.id!r}; letters, digits, '.', '_' and '-' would be right",
            reason="MODEL_CARD_INVALID",
        )
    if card.id in COMPUTED_EMBEDDERS:
        raise NotReady(
            f"{path} has the id of a computed feature, {card.id}; give it another",
            reason="MODEL_CARD_INVALID",
        )
    return card


def install_embedder(card_path: Path, folder: Path) -> Path:
    """Copy an embedder's file, then its card, into a model folder; the card's new path.

    Raises:
        NotReady: card or file are missing, or do not fit each other.
        Conflict: another embedder has this id there or ships (``EMBEDDER_ID_TAKEN``): an
            id that named two files could not be rolled back to.
    """
    card = read_embedder_card(card_path)
    source, target = checked_file(card, card_path.parent), folder / f"{card.id}.json"
    taken = next((place for place in (SHIPPED_MODELS, folder) if _has_another(card, place)), None)
    if taken:
        raise Conflict(
            f"{taken} has another embedder called {card.id}; give the new one another id",
            reason="EMBEDDER_ID_TAKEN",
        )
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{card.id}.writing"
    shutil.copyfile(source, beside)
    beside.replace(folder / f"{card.id}.onnx")
    write_card(replace(card, file=f"{card.id}.onnx"), target)
    return target


def _has_another(card: ModelCard, folder: Path) -> bool:
    """Whether the folder has another file under the card's id; by the file if its card broke."""
    there, file = folder / f"{card.id}.json", folder / f"{card.id}.onnx"
    try:
        return there.is_file() and read_card(there).sha256 != card.sha256
    except NotReady:
        return file.is_file() and sha256_of(file) != card.sha256
