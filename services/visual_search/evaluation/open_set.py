"""How well strangers are told from what is known, and whether probabilities are true."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_BINS: Final = 15
_DRAWS: Final = 1000


def auroc(known: npt.ArrayLike, strangers: npt.ArrayLike) -> float | None:
    """Probability that something known scores higher than a stranger; ties count half.

    None when either is empty. (Area under the receiver operating characteristic.)

    >>> auroc([0.9, 0.8], [0.1, 0.8])
    0.875
    """
    ours, theirs = np.asarray(known, np.float64), np.asarray(strangers, np.float64)
    if not len(ours) or not len(theirs):
        return None
    below = np.searchsorted(np.sort(theirs), ours, side="left")
    until = np.searchsorted(np.sort(theirs), ours, side="right")
    return float((below + until).mean() / 2 / len(theirs))


def false_accepts(
    known: npt.ArrayLike, strangers: npt.ArrayLike, recall: float = 0.95
) -> float | None:
    """Share of strangers accepted at the score that accepts ``recall`` of what is known.

    None when either is empty.

    >>> false_accepts(np.arange(1, 101), [0, 3, 50, 60])
    0.5
    """
    ours, theirs = np.asarray(known, np.float64), np.asarray(strangers, np.float64)
    if not len(ours) or not len(theirs):
        return None
    rejected = int(np.floor((1 - recall) * len(ours) + 1e-9))
    return float((theirs >= np.sort(ours)[rejected]).mean())


def calibration_error(probabilities: npt.ArrayLike, right: npt.ArrayLike) -> float | None:
    """Expected calibration error of answers: 15 bins of equal width; None without answers.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    Args:
        probabilities: (N,) of each answer, 0..1.
        right: (N,) whether it was right.

    >>> round(calibration_error([0.9] * 10, [True] * 9 + [False]), 6)
    0.0
    """
    told, true = np.asarray(probabilities, np.float64), np.asarray(right, np.float64)
    if not len(told):
        return None
    bins = np.minimum((told * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, told - true, _BINS)
    return float(np.abs(gaps).sum() / len(told))


def calibration_floor(probabilities: npt.ArrayLike) -> float | None:
    """Calibration error that true probabilities have by chance; None without answers.

    The error is a mean of absolute gaps, so that with few answers it is never 0: the mean of
    what answers with these very probabilities have that are right exactly as often as they say
    (Roelofs et al., "Mitigating Bias in Calibration Error Estimation", AISTATS 2022).

    >>> calibration_floor([1.0] * 10), round(calibration_floor([0.5]), 3)
    (0.0, 0.5)
    """
    told = np.asarray(probabilities, np.float64)
    if not len(told):
        return None
    drawn = np.random.default_rng(0).random((_DRAWS, len(told))) < told
    return float(np.mean([calibration_error(told, right) for right in drawn]))
