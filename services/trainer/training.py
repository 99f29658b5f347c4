"""The training loop: epochs, moving average, validation, early stopping, resuming.

Everything random is drawn from (seed, epoch, place), never from a running state, so
that a run that was killed goes on from its last epoch to the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

from services.trainer.checkpoint import Checkpoint, fingerprint, read_checkpoint, write_checkpoint
from services.trainer.dataset import Photo, few_a_label, label_spaces
from services.trainer.distributed import Place
from services.trainer.evaluation import (
    Recall,
    decode_fit,
    embed_images,
    embedding_function,
    recall,
)
from services.trainer.loading import EpochOrder, View, batches, normalised, view_loader
from services.trainer.loss import LabelLoss
from services.trainer.mixing import Labels, mix
from services.trainer.network import Embedder, duplicate
from services.trainer.plan import Plan, learning_rate_share
from services.trainer.student import Said, Student
from services.trainer.teaching import Teaching, is_known

_MOST_GRADIENT = 5.0
_PHOTOS_A_PROXY = 4


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What an epoch came to.

    Attributes:
        epoch: epochs done, from 1.
        loss: mean training loss.
        recall: validation figures of the moving average; None where none were taken.
        best: the best validation top-1 so far, 0..1.
        last: whether the run ends here.
    """

    epoch: int
    loss: float
    recall: Recall | None
    best: float
    last: bool


class Trainer:
    """One run over labelled photos, from starting weights to the best moving average.

    Args:
        photos: with their splits assigned.
        start: the embedder to start from; it is not changed.
        plan: what to do.
        folder: where the checkpoint lives; a run found there is continued.
        place: this process among those of torchrun.
        workers: processes that decode and augment; 0 does it in this one.
        origin: says which weights ``start`` came from, and the teachers; a run is continued with
            none other.
        teachers: embedders that the product part is held to, beside ``start``; see ``teaching``.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        start: Embedder,
        plan: Plan,
        folder: Path,
        place: Place,
        workers: int = 0,
        origin: str = "",
        teachers: Sequence[Embedder] = (),
    ) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self._photos = photos
        self._train = [photo for photo in photos if photo.split != "val"]
        self._spaces = label_spaces(self._train)
        self._place = place
        self._workers = workers
        self._order = EpochOrder(self._train, plan, place)
        self._file = folder / "checkpoint.pt"
        self._progress = Checkpoint(fingerprint(asdict(plan), photos, origin))
        self._frozen, self._student, self._average = self._networks(start)
        if teachers:
            # What they say of a whole view cannot be said of four fifths of its features.
            self._student.embedder.head.dropout.p = 0.0
        self._optimizer = self._new_optimizer()
        if not self._resume():
            self._start_proxies()
        self._teaching = self._taught(teachers)

    @property
    def epochs_done(self) -> int:
        """Epochs finished, those of an earlier process included."""
        return self._progress.epoch

    @property
    def steps_per_epoch(self) -> int:
        """Batches of one epoch in this process."""
        return len(self._order) // self._order.batch

    def best(self) -> Embedder:
        """The moving average at its best validation, the last of equals, on the CPU."""
        result = duplicate(self._average)
        result.load_state_dict(self._progress.best or self._average.state_dict())
        return result.embedder.cpu().eval()

    def validate(self) -> Recall:
        """Retrieval figures of the moving average as it is now."""
        return recall(self._average.embedder, self._photos, self.plan, self._place.device)

    def run(
        self, on_epoch: Callable[[EpochReport], None], on_step: Callable[[float], None]
    ) -> Embedder:
        """Train to the end; returns ``best()``. ``on_step`` gets each step's loss."""
        # Its worker processes end when this function does.
        loader = view_loader(self._train, self._spaces, self._order, self.plan, self._workers)
        while not self._finished():
            loss = self._run_epoch(loader, on_step)
            found = self._validate_if_due()
            self._place.wait()
            if self._place.is_first:
                write_checkpoint(self._state(), self._file)
            best = self._progress.best_top1
            on_epoch(EpochReport(self.epochs_done, loss, found, best, self._finished()))
        return self.best()

    def _networks(self, start: Embedder) -> tuple[Embedder, Student, Student]:
        """The starting network, student and the student's moving average, on the device."""
        weights = {"label": 1.0, "coarse": self.plan.coarse_weight}
        labels = LabelLoss(
            [len(space.names) for space in self._spaces],
            [weights[space.level] for space in self._spaces],
            start.head.product.out_features,
        )
        own = duplicate(start)
        own.trunk.freeze(self.plan.frozen_blocks)
        # Without a gradient, several processes would wait for it.
        own.head.general.requires_grad_(bool(self.plan.drift_weight))
        frozen = duplicate(own).to(self._place.device).requires_grad_(False).eval()
        student = Student(own, labels, self.plan).to(self._place.device)
        return frozen, student, duplicate(student).requires_grad_(False).eval()

    def _taught(self, teachers: Sequence[Embedder]) -> Teaching | None:
        if not teachers:
            return None
        teaching = Teaching(teachers, self.plan.teacher_share, self._place.device)
        teaching.turn = self._progress.turn
        if not len(teaching.turn):
            teaching.learn(self._frozen, self._train, self.plan)
            self._place.agree_on(teaching.turn)
        return teaching

    def _new_optimizer(self) -> torch.optim.AdamW:
        trunk = [p for p in self._student.embedder.trunk.parameters() if p.requires_grad]
        head = [p for p in self._student.embedder.head.parameters() if p.requires_grad]
        head += self._student.labels.parameters()
        groups = [
            {"params": trunk, "lr": self.plan.trunk_rate, "peak": self.plan.trunk_rate},
            {"params": head, "lr": self.plan.head_rate, "peak": self.plan.head_rate},
        ]
        return torch.optim.AdamW(groups, weight_decay=self.plan.weight_decay)

    def _finished(self) -> bool:
        stale = self._progress.stale >= self.plan.patience
        return stale or self.epochs_done >= self.plan.epochs

    def _run_epoch(self, loader: DataLoader[View], on_step: Callable[[float], None]) -> float:
        epoch = self.epochs_done
        torch.manual_seed((self.plan.seed * 1009 + epoch) * 1009 + self._place.rank)
        self._student.train()
        self._order.epoch = epoch
        model = self._place.wrap(self._student)
        losses = []
        for number, (pixels, labels) in enumerate(batches(loader, self._place.device)):
            views = mix(pixels, labels, self.plan.mixed_share)
            losses.append(self._step(model, *views, epoch * self.steps_per_epoch + number))
            on_step(losses[-1])
        self._progress.epoch += 1
        return sum(losses) / len(losses)

    def _step(
        self,
        model: Student | DistributedDataParallel,
        pixels: torch.Tensor,
        shown: Labels,
        number: int,
    ) -> float:
        self._set_rates(number)
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=self.plan.bfloat16):
            with torch.no_grad():
                image = normalised(pixels)
                lower = self._frozen.trunk.lower(image)
                said = self._said(image, lower, shown)
            loss = model(lower, shown, said)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._student.parameters(), _MOST_GRADIENT)
        self._optimizer.step()
        self._follow(number)
        return float(loss.detach())

    def _said(self, image: torch.Tensor, lower: torch.Tensor, shown: Labels) -> Said:
        if self._teaching is None and not self.plan.drift_weight:
            return Said()
        pooled = self._frozen.trunk.upper(lower).float().mean(dim=(2, 3))
        with torch.autocast(pooled.device.type, enabled=False):
            product, general = self._frozen.head.parts(pooled)
        kept = general if self.plan.drift_weight else None
        if self._teaching is None:
            return Said(kept)
        known = is_known(shown.own, self._spaces, self.plan.teacher_of)
        return Said(kept, self._teaching.said(image, product, known))

    def _set_rates(self, step: int) -> None:
        steps = self.plan.epochs * self.steps_per_epoch
        share = learning_rate_share(step, steps, self.plan.warm_up)
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * share

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        # A young average forgets faster, or it would keep the random start for long.
        decay = min(self.plan.average, (step + 1) / (step + 11))
        pairs = zip(self._average.parameters(), self._student.parameters(), strict=True)
        for mean, current in pairs:
            mean.lerp_(current, 1 - decay)

    def _validate_if_due(self) -> Recall | None:
        due = self.epochs_done % self.plan.validate_every == 0
        if not due and self.epochs_done < self.plan.epochs:
            return None
        found, so_far = self.validate(), self._progress
        so_far.stale = 0 if found.top1 > so_far.best_top1 else so_far.stale + 1
        # Of equals the last: where few photos are all found at once, the first learnt little.
        if found.top1 >= so_far.best_top1:
            so_far.best_top1 = found.top1
            so_far.best = {k: v.clone() for k, v in self._average.state_dict().items()}
        return found

    def _state(self) -> Checkpoint:
        self._progress.student = self._student.state_dict()
        self._progress.average = self._average.state_dict()
        self._progress.optimizer = self._optimizer.state_dict()
        self._progress.start = self._frozen.state_dict()
        if self._teaching:
            self._progress.turn = self._teaching.turn
        return self._progress

    def _resume(self) -> bool:
        found = read_checkpoint(self._file, self._progress.fingerprint, self._place.device)
        if found is None:
            return False
        self._progress = found
        self._student.load_state_dict(found.student)
        self._average.load_state_dict(found.average)
        self._optimizer.load_state_dict(found.optimizer)
        self._frozen.load_state_dict(found.start)
        return True

    @torch.no_grad()
    def _start_proxies(self) -> None:
        """Begin each label's proxy where a few of its photos already are."""
        few = few_a_label(self._train, _PHOTOS_A_PROXY)
        embed = embedding_function(
            self._average.embedder, self._place.device, bfloat16=self.plan.bfloat16
        )
        images = (decode_fit(photo, self.plan.eval_side) for photo in few)
        dims = self._frozen.head.product.out_features
        vectors = torch.from_numpy(embed_images(images, embed))[:, :dims].to(self._place.device)
        for column, space in enumerate(self._spaces):
            labels = torch.tensor([space.index(photo) for photo in few])
            for model in (self._student, self._average):
                model.labels.start(column, vectors, labels.to(vectors.device))
