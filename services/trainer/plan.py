"""The plan of a run: every number that decides its result."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Head and proxies start from little or nothing and must move faster than the trunk.
HEAD_RATE_RATIO = 7.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides the result, beside the data and the starting weights.

    Attributes:
        epochs: how often the photos are shown.
        batch: photos a step, over all processes together.
        side: pixels of a training view; images are embedded at ``eval_side``, since
            crops make things look larger in training (Touvron et al., "Fixing the
            train-test resolution discrepancy", NeurIPS 2019).
        trunk_rate: peak learning rate of the trunk; ``head_rate`` of head and proxies.
        warm_up: share of the steps in which the rate rises.
        average: decay of the moving average of the weights, per step.
        frozen_blocks: first blocks of the trunk that keep their weights: edges and colours
            transfer as they are, and most of a step's cost lies at their resolution.
        label_weight: weight of the labels' loss.
        coarse_weight: weight of the coarse labels' loss beside the fine ones' 1.
        drift_weight: weight of staying what the network was, in the general part.
        teacher_weight: weight of saying what the teachers say, where there are any.
        teacher_share: of the teachers together beside the starting network.
        teacher_of: data set of the photos that the teachers know; empty = all.
        most_per_label: photos of one label shown in an epoch, another draw each time.
        reference_repeats: how often a reference is shown in an epoch.
        mixed_share: share of batches whose views have another view pasted in.
        placement_weight: weight of saying where a pasted view is.
        least_views: views of an epoch at least; a small catalogue is shown several times.
        validate_every: epochs between validations.
        patience: validations without a gain after which to stop early.
        bfloat16: compute the trunk in bfloat16 (weights stay float32).
    """

    epochs: int = 24
    batch: int = 64
    side: int = 192
    eval_side: int = 224
    seed: int = 0
    trunk_rate: float = 4e-4
    head_rate: float = 3e-3
    weight_decay: float = 1e-4
    warm_up: float = 0.1
    average: float = 0.995
    frozen_blocks: int = 5
    label_weight: float = 1.0
    coarse_weight: float = 0.3
    drift_weight: float = 6.0
    teacher_weight: float = 20.0
    teacher_share: float = 0.5
    teacher_of: str = ""
    most_per_label: int = 200
    reference_repeats: int = 4
    mixed_share: float = 0.0
    placement_weight: float = 0.0
    least_views: int = 1024
    validate_every: int = 1
    patience: int = 8
    bfloat16: bool = False


def learning_rate_share(step: int, steps: int, warm_up: float) -> float:
    """One cycle: linear warm-up over a share of the steps, then half a cosine to zero.

    >>> [learning_rate_share(step, 10, 0.1) for step in (0, 1, 10)]
    [1.0, 1.0, 0.0]
    """
    warm = max(1, round(steps * warm_up))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
