"""Where a trained embedder belongs: installed in the state folder, and put in use there."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from shared.config import Settings
from shared.errors import Conflict, InvalidInput
from shared.models.card import SHIPPED_MODELS, ModelCard, read_card
from shared.models.embedder_choice import (
    COMPUTED_EMBEDDERS,
    EMBEDDER_ID,
    choice_of,
    embedder_in_use,
    install_embedder,
    installed_embedders,
    model_folders,
)
from shared.models.embedder_switch import until_switched


def check_name(embedder_id: str) -> None:
    """Refuse an id that cannot be the name of files in one folder.

    Raises:
        InvalidInput: it has other characters than letters, digits, dots, dashes and
            underscores, begins with none of the first two, is over 100 long, or names a
            feature that is computed.

    >>> check_name("acme-2.1")
    """
    if not EMBEDDER_ID.fullmatch(embedder_id):
        raise InvalidInput.of(
            "id",
            f"is {embedder_id!r}, want 1 to 100 letters, digits, dots, dashes and underscores, "
            "a letter or digit first",
        )
    if embedder_id in COMPUTED_EMBEDDERS:
        raise InvalidInput.of(
            "id", f"is {embedder_id!r}, which is a computed feature; want another"
        )


class Home:
    """The model folder of a state folder.

    Args:
        settings: say where it is.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.state_dir / "models"

    def free_id(self, init: Path) -> str:
        """The first id made of the starting embedder's that is free, or whose run goes on."""
        first = f"{init.stem}-tuned"
        more = (f"{first}-{number}" for number in itertools.count(2))
        return next(name for name in itertools.chain([first], more) if not self._is_taken(name))

    def check_id(self, embedder_id: str) -> None:
        """Say before the training what would stop its embedder from being installed after it.

        Raises:
            Conflict: an embedder that ships or is installed has the id (``EMBEDDER_ID_TAKEN``);
                not where a run of that id was stopped, which goes on.
        """
        if self._is_taken(embedder_id):
            raise Conflict(
                f"there is an embedder {embedder_id} already; give the new one another --id",
                reason="EMBEDDER_ID_TAKEN",
            )

    def work_folder(self, embedder_id: str) -> Path:
        """Where its run keeps its checkpoint: the same for the same id, to go on there."""
        return self._folder / "training" / embedder_id

    def put_in_use(self, card_path: Path, stack: Any) -> str:
        """Install what a run made, clear its folder, and let visual search switch to it.

        Where validation fell, it is installed only. Beside the ``vitrine`` command (under
        torchrun) it does not wait for the switch.

        Returns:
            A line that says what happened.
        """
        before, card = embedder_in_use(self._settings), read_card(card_path)
        small = card_path.with_name(f"int8-{card_path.name}")
        for path in (small, card_path):
            install_embedder(path, self._folder)
        shutil.rmtree(card_path.parent)
        if fell(card):
            return f"{card.id} is installed but not in use, since validation fell"
        choice_of(self._settings).use(card.id, before)
        if self._settings.embedder:
            return f"{card.id} is installed; VITRINE_EMBEDDER={self._settings.embedder} decides"
        if not hasattr(stack, "search"):
            return f"{card.id} is in use; visual search will switch to it"
        images = stack.run(_switch(stack, card.id))
        return (
            f"new index built beside the old one ({images:,} images), switched to {card.id}; "
            "`vitrine models rollback` undoes it"
        )

    def _is_taken(self, embedder_id: str) -> bool:
        goes_on = (self.work_folder(embedder_id) / "checkpoint.pt").is_file()
        folders = [SHIPPED_MODELS] if goes_on else model_folders(self._settings)
        return bool({embedder_id, f"int8-{embedder_id}"} & set(installed_embedders(folders)))


def fell(card: ModelCard) -> bool:
    """Whether the mean validation top-1 of a trained embedder is below its start's."""
    before, after = (
        [value for name, value in card.figures.items() if name.endswith(f"val_top1_{when}")]
        for when in ("before", "after")
    )
    return sum(after) < sum(before)


async def _switch(stack: Any, embedder_id: str) -> int:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=stack.console, transient=True) as progress:
        task = progress.add_task("new index", total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        async with stack.search() as search:
            return await until_switched(search, embedder_id, tell)
