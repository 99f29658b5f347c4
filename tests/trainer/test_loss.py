"""The losses pull where they should and nowhere else."""

from __future__ import annotations

import torch

from services.trainer.dataset import NO_LABEL
from services.trainer.loss import CosineSoftmax, LabelLoss, drift


def test_rows_without_a_label_cost_nothing() -> None:
    """A batch of strangers has loss 0 and gradient 0."""
    softmax = CosineSoftmax(labels=3, dims=4)
    parts = torch.nn.functional.normalize(torch.randn(5, 4)).requires_grad_()
    loss = softmax(parts, torch.full((5,), NO_LABEL))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert parts.grad is not None
    assert float(parts.grad.abs().max()) == 0.0


def test_right_label_costs_less_than_a_wrong_one() -> None:
    """A vector on its proxy has the least loss."""
    softmax = CosineSoftmax(labels=3, dims=3)
    with torch.no_grad():
        softmax.proxies.copy_(torch.eye(3) * 7)
    on_first = torch.eye(3)[:1]
    costs = [float(softmax(on_first, torch.tensor([label])).detach()) for label in range(3)]
    assert costs[0] < 1.5 < costs[1]
    assert abs(costs[1] - costs[2]) < 1e-5


def test_length_of_a_proxy_does_not_matter() -> None:
    """Only directions are compared."""
    softmax = CosineSoftmax(labels=3, dims=4)
    parts, labels = torch.nn.functional.normalize(torch.randn(2, 4)), torch.tensor([0, 2])
    before = softmax(parts, labels)
    with torch.no_grad():
        softmax.proxies.mul_(torch.tensor([[0.5], [3.0], [10.0]]))
    torch.testing.assert_close(softmax(parts, labels), before)


def test_spaces_are_added_by_weight() -> None:
    """Two levels of labels cost the weighted sum of each alone."""
    both = LabelLoss([3, 2], [1.0, 0.25], dims=4)
    parts = torch.nn.functional.normalize(torch.randn(6, 4))
    labels = torch.tensor([[0, 1], [1, 0], [2, 1], [NO_LABEL, 0], [0, NO_LABEL], [1, 1]])
    alone = [space(parts, labels[:, column]) for column, space in enumerate(both.spaces)]
    torch.testing.assert_close(both(parts, labels), alone[0] + 0.25 * alone[1])


def test_proxies_start_where_their_photos_are() -> None:
    """A label's proxy is the direction of its mean; labels without photos keep theirs."""
    losses = LabelLoss([3], [1.0], dims=2)
    untouched = losses.spaces[0].get_parameter("proxies")[2].clone()
    losses.start(0, torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), torch.tensor([0, 0, 1]))
    proxies = losses.spaces[0].get_parameter("proxies")
    torch.testing.assert_close(proxies[0], torch.full((2,), 0.5**0.5))
    torch.testing.assert_close(proxies[1], torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(proxies[2], untouched)


def test_drift_is_zero_at_home_and_two_opposite() -> None:
    """Drift is 1 - cosine."""
    home = torch.nn.functional.normalize(torch.randn(4, 8))
    torch.testing.assert_close(drift(home, home), torch.tensor(0.0), atol=1e-6, rtol=0)
    torch.testing.assert_close(drift(-home, home), torch.tensor(2.0))
