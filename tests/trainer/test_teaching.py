"""Teachers: what several embedders say together, and a student that comes to say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch.nn import functional

from services.trainer.dataset import NO_LABEL, LabelSpace, Photo
from services.trainer.distributed import Place
from services.trainer.loss import LabelLoss
from services.trainer.mixing import Labels
from services.trainer.network import Embedder, duplicate
from services.trainer.plan import Plan
from services.trainer.run import SHIPPED_CARD, Request, train
from services.trainer.starting import PRODUCT_DIMS
from services.trainer.student import Said, Student
from services.trainer.teaching import Teaching, is_known, turned
from services.trainer.training import EpochReport, Trainer
from shared.errors import InvalidInput
from tests.trainer.conftest import Draw

Taught = Callable[..., Trainer]


class Killed(Exception):
    """Stands for the moment at which a process is gone."""


def seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


IMAGE = torch.rand(4, 3, 64, 64, generator=seeded(0)) * 2 - 1
CPU = torch.device("cpu")


@pytest.fixture
def other(shipped: Embedder) -> Embedder:
    """An embedder that says other things: its product part is drawn anew."""
    changed = duplicate(shipped)
    weights = changed.head.product.weight
    drawn = torch.randn(weights.shape, generator=seeded(1)) * weights.std()
    with torch.no_grad():
        common = functional.normalize(shipped.trunk(IMAGE).mean(dim=(0, 2, 3)), dim=0)
        # Without what all images share they are far from one another to it.
        weights.copy_(drawn - torch.outer(drawn @ common, common))
    return changed


@pytest.fixture
def taught(shipped: Embedder, alone: Place, tmp_path: Path) -> Taught:
    """Starts a run from the shipped embedder: ``taught(photos, plan, teacher, folder)``."""

    def begin(photos: list[Photo], plan: Plan, teacher: Embedder, folder: str = "run") -> Trainer:
        (tmp_path / folder).mkdir(exist_ok=True)
        return Trainer(photos, shipped, plan, tmp_path / folder, alone, teachers=[teacher])

    return begin


def said_by(embedder: Embedder, image: torch.Tensor) -> torch.Tensor:
    """Its product part (N, dims)."""
    with torch.no_grad():
        return duplicate(embedder).eval().head.parts(embedder.trunk(image).mean(dim=(2, 3)))[0]


def test_similarities_side_by_side_are_the_weighted_mean(
    shipped: Embedder, other: Embedder
) -> None:
    """A quarter of the start's, three quarters of the teacher's."""
    product = said_by(shipped, IMAGE)
    together = Teaching([other], 0.75, CPU).side_by_side(IMAGE, product)
    theirs = said_by(other, IMAGE)
    expected = 0.25 * product @ product.T + 0.75 * theirs @ theirs.T
    assert torch.allclose(together @ together.T, expected, atol=1e-4)


def test_directions_that_are_kept_keep_similarities() -> None:
    """Rows that need no more room than there is keep all of them."""
    narrow = functional.normalize(torch.randn(50, 3, generator=seeded(2)))
    together = torch.cat([0.6 * functional.pad(narrow, (0, 5)), 0.8 * narrow], dim=1)
    said = together @ turned(together, functional.pad(narrow, (0, 5)))
    assert torch.allclose(said @ said.T, together @ together.T, atol=1e-5)


def test_what_is_kept_is_turned_back_to_the_start() -> None:
    """A teacher that says the same in other directions changes nothing."""
    product = functional.normalize(torch.randn(50, 8, generator=seeded(2)))
    other, _ = torch.linalg.qr(torch.randn(8, 8, generator=seeded(3)))
    together = torch.cat([0.6 * product, 0.8 * product @ other], dim=1)
    said = together @ turned(together, product)
    assert torch.allclose(said, product, atol=1e-4)


def test_few_photos_leave_the_rest_to_the_start(
    photos: list[Photo], shipped: Embedder, tiny_plan: Plan
) -> None:
    """Taught by itself on 18 photos of six products, it says of noise what it said before."""
    teaching = Teaching([shipped], 0.5, CPU)
    teaching.learn(shipped, [photo for photo in photos if photo.split != "val"], tiny_plan)
    product = said_by(shipped, IMAGE)
    with torch.no_grad():
        said = teaching.said(IMAGE, product, torch.ones(4, dtype=torch.bool))
    assert float((said * product).sum(dim=1).min()) > 0.95


def test_photos_that_teachers_do_not_know_stay_the_starts(
    photos: list[Photo], shipped: Embedder, other: Embedder, tiny_plan: Plan
) -> None:
    """Row by row."""
    product = said_by(shipped, IMAGE)
    teaching = Teaching([other], 0.5, CPU)
    teaching.learn(shipped, photos, tiny_plan)
    known = torch.tensor([True, False, True, False])
    with torch.no_grad():
        said = teaching.said(IMAGE, product, known)
    assert torch.equal(said[~known], product[~known])
    assert not torch.allclose(said[known], product[known], atol=1e-2)


def test_student_comes_to_say_what_it_is_told(shipped: Embedder, tiny_plan: Plan) -> None:
    """With no labels and nothing to keep, each step goes towards the teachers."""
    plan = replace(tiny_plan, label_weight=0.0, teacher_weight=1.0)
    student = Student(duplicate(shipped), LabelLoss([2], [1.0], PRODUCT_DIMS), plan).eval()
    told = functional.normalize(torch.randn(1, PRODUCT_DIMS, generator=seeded(3))).expand(4, -1)
    lower = student.embedder.trunk.lower(IMAGE)
    labels = torch.zeros(4, 1, dtype=torch.long)
    optimizer = torch.optim.Adam(student.embedder.head.parameters(), 1e-2)
    losses = []
    for _ in range(8):
        loss = student(lower, Labels(labels, labels, 0.0), Said(product=told))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 0.9
    assert losses[-1] < 0.5


def test_taught_run_draws_nearer_to_its_teachers(
    taught: Taught, other: Embedder, tiny_plan: Plan, photos: list[Photo]
) -> None:
    """Their loss alone falls."""
    plan = replace(tiny_plan, label_weight=0.0, drift_weight=0.0, teacher_share=0.9)
    plan = replace(plan, least_views=60, epochs=3)
    reports: list[EpochReport] = []
    taught(photos, plan, other).run(reports.append, lambda loss: None)
    losses = [report.loss for report in reports]
    assert losses[-1] < 0.9 * losses[0]


def test_a_taught_run_resumes_to_the_same_bits(
    taught: Taught, other: Embedder, tiny_plan: Plan, photos: list[Photo]
) -> None:
    """Teachers are read anew; what they say is the same."""

    def end(folder: str, *, killed: bool = False) -> Embedder:
        def on_epoch(report: EpochReport) -> None:
            if killed and report.epoch == 1:
                raise Killed

        return taught(photos, tiny_plan, other, folder).run(on_epoch, lambda loss: None)

    with pytest.raises(Killed):
        end("parts", killed=True)
    whole, parts = end("whole").state_dict(), end("parts").state_dict()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_a_taught_run_goes_on_with_the_directions_that_it_began_with(
    taught: Taught, other: Embedder, tiny_plan: Plan, photos: list[Photo], tmp_path: Path
) -> None:
    """Another machine would round them otherwise; other ones in the checkpoint end elsewhere."""

    def end(on_epoch: Callable[[EpochReport], None]) -> Embedder:
        return taught(photos, tiny_plan, other).run(on_epoch, lambda loss: None)

    def kill(report: EpochReport) -> None:
        raise Killed

    with pytest.raises(Killed):
        end(kill)
    file = tmp_path / "run" / "checkpoint.pt"
    begun = file.read_bytes()
    whole = end(lambda report: None).state_dict()
    file.write_bytes(begun)
    state = torch.load(file, weights_only=True)
    torch.save(state | {"turn": -state["turn"]}, file)
    turned_round = end(lambda report: None).state_dict()
    assert any(not torch.equal(whole[name], turned_round[name]) for name in whole)


def test_teachers_of_one_data_set_change_nothing_in_another(
    taught: Taught, shipped: Embedder, other: Embedder, tiny_plan: Plan, photos: list[Photo]
) -> None:
    """All views are of hats; teachers of shoes are the same as the start as its own teacher."""
    hats = [replace(photo, dataset="hats") for photo in photos]
    shoes = [replace(photo, dataset="shoes", split="reference") for photo in photos[:2]]
    shoes[1] = replace(shoes[1], label="product-01")
    plan = replace(tiny_plan, epochs=1, teacher_of="shoes", reference_repeats=0)

    def end(folder: str, teacher: Embedder) -> dict[str, torch.Tensor]:
        trainer = taught([*hats, *shoes], plan, teacher, folder)
        return trainer.run(lambda report: None, lambda loss: None).state_dict()

    ours, others = end("a", shipped), end("b", other)
    assert all(torch.equal(ours[name], others[name]) for name in ours)


def test_run_with_another_teacher_is_not_gone_on_with(
    draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path
) -> None:
    """Its targets are others."""
    data, quiet = draw_catalogue(labels=2, photos=4), Console(quiet=True)
    request = Request(data, SHIPPED_CARD, tmp_path / "out", "acme-1", tiny_plan, "cpu", 0)
    train(request, quiet)
    with pytest.raises(InvalidInput, match="starting weights or teachers"):
        train(replace(request, teachers=(SHIPPED_CARD,)), quiet)


def test_teacher_given_twice_is_refused(
    draw_catalogue: Draw, tiny_plan: Plan, tmp_path: Path
) -> None:
    """It would count double and be named twice in the card."""
    data = draw_catalogue(labels=2, photos=4)
    request = Request(data, SHIPPED_CARD, tmp_path / "out", "acme-1", tiny_plan, "cpu", 0)
    with pytest.raises(InvalidInput, match="is given twice"):
        train(replace(request, teachers=(SHIPPED_CARD, SHIPPED_CARD)), Console(quiet=True))


def test_views_of_one_data_set_are_told_by_their_labels() -> None:
    """Empty means all, also what has no label to tell apart."""
    spaces = [LabelSpace("hats", "label", ("a", "b")), LabelSpace("shoes", "label", ("a", "b"))]
    own = torch.tensor([[NO_LABEL, 0], [1, NO_LABEL], [NO_LABEL, NO_LABEL]])
    assert is_known(own, spaces, "shoes").tolist() == [True, False, False]
    assert is_known(own, spaces, "").tolist() == [True, True, True]
