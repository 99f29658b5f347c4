"""Views pasted into views: whole, at some place, with labels by their share."""

from __future__ import annotations

import pytest
import torch

from services.trainer.dataset import NO_LABEL
from services.trainer.loss import LabelLoss
from services.trainer.mixing import mix


def flat_views(count: int = 5, side: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Views of one level each, and their labels in one space."""
    levels = torch.arange(count) * 50
    return levels[:, None, None, None].expand(-1, 3, side, side).to(torch.uint8), levels[:, None]


def test_no_batch_is_mixed_without_a_share() -> None:
    """The very views come back, and nothing was drawn."""
    pixels, labels = flat_views()
    before = torch.get_rng_state()
    mixed, shown = mix(pixels, labels, 0.0)
    assert mixed is pixels
    assert shown.share == 0.0
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", range(5))
def test_share_is_what_the_pasted_view_covers(seed: int) -> None:
    """Each view holds its own level and its partner's, in the stated proportion."""
    torch.manual_seed(seed)
    pixels, labels = flat_views()
    mixed, shown = mix(pixels, labels, 1.0)
    assert 0.05 < shown.share < 0.6
    for view, own, pasted in zip(mixed, shown.own, shown.pasted, strict=True):
        if own == pasted:
            assert (view == own).all()
            continue
        assert float((view == pasted).float().mean()) == pytest.approx(shown.share)
        assert float((view == own).float().mean()) == pytest.approx(1 - shown.share)


def test_views_themselves_are_not_written_to() -> None:
    """The loader's batch stays what it was."""
    pixels, labels = flat_views()
    before = pixels.clone()
    mix(pixels, labels, 1.0)
    assert torch.equal(pixels, before)


def test_some_batches_stay_as_they_are() -> None:
    """About as many as asked for are mixed."""
    torch.manual_seed(0)
    pixels, labels = flat_views(2, 32)
    mixed = [mix(pixels, labels, 0.25)[1].share > 0 for _ in range(200)]
    assert 25 < sum(mixed) < 75


def test_a_seed_repeats_the_mixture() -> None:
    """So that a run that was killed goes on to the same bits."""
    pixels, labels = flat_views()
    drawn = []
    for _ in range(2):
        torch.manual_seed(3)
        drawn.append(mix(pixels, labels, 1.0))
    assert torch.equal(drawn[0][0], drawn[1][0])
    assert torch.equal(drawn[0][1].pasted, drawn[1][1].pasted)


def test_both_labels_count_by_their_share() -> None:
    """A vector half way between two proxies loses least when both count the same."""
    loss = LabelLoss([2], [1.0], 2)
    loss.start(0, torch.eye(2), torch.arange(2))
    parts = torch.nn.functional.normalize(torch.ones(1, 2))
    own, pasted = torch.tensor([[0]]), torch.tensor([[1]])
    both = [float(loss(parts, labels).detach()) for labels in (own, pasted)]
    assert both[0] == pytest.approx(both[1])


def test_places_know_how_much_of_them_is_covered() -> None:
    """Their mean is the share; the covered ones lie where the partner's level is."""
    torch.manual_seed(1)
    pixels, labels = flat_views(side=128)
    mixed, shown = mix(pixels, labels, 1.0)
    assert shown.covered is not None
    assert shown.covered.shape == (5, 4, 4)
    assert float(shown.covered.mean()) == pytest.approx(shown.share)
    cells = mixed[:, 0].reshape(5, 4, 32, 4, 32).transpose(2, 3)
    for view, own, pasted, covered in zip(
        cells, shown.own, shown.pasted, shown.covered, strict=True
    ):
        if own != pasted:
            torch.testing.assert_close((view == pasted).float().mean(dim=(2, 3)), covered)


def test_placement_is_least_where_the_product_is() -> None:
    """What adds to the similarity inside the covered places costs less than outside."""
    loss = LabelLoss([2, 2], [1.0, 0.3], 2)
    loss.start(0, torch.eye(2), torch.arange(2))
    places = torch.zeros(1, 2, 2, 2)
    places[0, 0, 0, 0] = 4.0
    labels = torch.tensor([[0, NO_LABEL]])
    inside, outside = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
    inside[0, 0, 0] = 1
    outside[0, 0, 0] = 0
    right, wrong = (loss.placement(places, labels, where) for where in (inside, outside))
    assert float(right.detach()) == pytest.approx(0, abs=0.01)
    assert float(wrong.detach()) > 2
    none = torch.full((1, 2), NO_LABEL)
    assert float(loss.placement(places, none, inside).detach()) == 0
