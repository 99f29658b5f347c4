"""How much print counts, by what looks say."""

from __future__ import annotations

import numpy as np
import pytest

from services.visual_search.recognition.calibration import Calibration
from services.visual_search.recognition.print_weights import PrintWeights, of_merit, of_place

CALIBRATION = Calibration()


def weights(unknown: float, against: float) -> PrintWeights[float]:
    """By the defaults."""
    return PrintWeights.of(unknown, against, CALIBRATION)


def test_where_looks_know_nothing_print_has_its_full_prior_and_no_sibling_is_lacked():
    """No candidate at all is no sign that looks know the design."""
    nothing = weights(1.0, 0.0)
    assert nothing.prior == pytest.approx(CALIBRATION.print_prior)
    assert nothing.sibling == pytest.approx(0, abs=1e-9)


def test_looks_that_name_the_same_design_leave_room_for_a_sibling_that_the_catalogue_lacks():
    """They know it, and still are not sure: print, which siblings share, adds hardly any prior."""
    same, other = weights(0.8, 0.0), weights(0.8, 0.2)
    assert same.prior < 0.1 * other.prior
    assert other.prior == pytest.approx(0.8**2 * CALIBRATION.print_prior)
    assert same.sibling == pytest.approx(0.8 * CALIBRATION.print_siblings, rel=0.1)
    assert other.sibling == pytest.approx(0, abs=1e-9)


def test_looks_that_are_sure_of_another_product_silence_print():
    """It is on the shelf behind."""
    assert of_place(3.0, 0.0, CALIBRATION) == pytest.approx(3 * CALIBRATION.print_weight)
    assert of_place(3.0, 0.5, CALIBRATION) == pytest.approx(3 * CALIBRATION.print_weight / 4)
    assert of_place(3.0, 1.0, CALIBRATION) == pytest.approx(0)


def test_no_place_is_surer_than_certain_and_no_sibling_than_siblings_can_be():
    """However many features agree; what speaks against a place counts in full."""
    assert of_place(50.0, 0.0, CALIBRATION) == of_place(40.0, 0.0, CALIBRATION)
    assert of_place(-50.0, 0.0, CALIBRATION) < of_place(-40.0, 0.0, CALIBRATION)
    assert of_merit(-20.0, 1.0) == of_merit(-10.0, 1.0) < of_merit(-1.0, 1.0) < of_merit(-1.0, 0.5)


def test_the_less_looks_know_the_more_print_tells_siblings_apart():
    """Nothing else does."""
    trusts = [weights(unknown, 0.0).trust for unknown in (0.0, 0.5, 1.0)]
    assert trusts == sorted(trusts)
    assert trusts[0] < 1 < trusts[-1]


def test_several_pictures_are_weighed_as_each_alone():
    """Arrays (N,) give what their entries give."""
    unknown, against = np.array([0.2, 0.9, 1.0]), np.array([0.5, 0.01, 0.0])
    together = PrintWeights.of(unknown, against, CALIBRATION)
    for row in range(3):
        alone = weights(float(unknown[row]), float(against[row]))
        for name in PrintWeights.__slots__:
            assert getattr(together, name)[row] == pytest.approx(getattr(alone, name))
