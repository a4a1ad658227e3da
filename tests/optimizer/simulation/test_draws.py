"""Random numbers have the moments that they should, and intervals hold what they should."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest

from optimizer.simulation import intervals
from optimizer.simulation.intervals import Ratio, student, within
from optimizer.simulation.kernel.draws import batch_size, duration

COUNT = 100_000


def stream() -> np.ndarray:
    """Return the two numbers of a generator."""
    return np.array([12_345, 67_890], np.int64)


@pytest.mark.parametrize("variation", [0.3, 0.8, 1.0, 2.0])
def test_times_have_their_mean_and_variation(variation: float) -> None:
    random = stream()
    drawn = np.array([duration(random, 7.0, 1 / variation**2) for _ in range(COUNT)])

    assert drawn.mean() == pytest.approx(7.0, abs=4 * 7 * variation / math.sqrt(COUNT))
    assert drawn.std() == pytest.approx(7.0 * variation, rel=0.05)
    assert drawn.min() > 0


def test_a_time_that_does_not_vary_is_its_mean() -> None:
    assert duration(stream(), 7.0, 0.0) == 7.0


@pytest.mark.parametrize(("geometric", "tail"), [(True, 0.5), (True, 0.9), (False, 2 / 3), (False, 0.95)])
def test_batches_have_their_sizes(geometric: bool, tail: float) -> None:
    """The mean square over the mean is the dispersion that the tail was made from."""
    random = stream()
    drawn = np.array([batch_size(random, tail, geometric) for _ in range(COUNT)], np.float64)
    one = 1 - tail if geometric else tail / -math.log1p(-tail)
    dispersion = (1 + tail) / (1 - tail) if geometric else 1 / (1 - tail)

    assert (drawn == 1).mean() == pytest.approx(one, abs=0.01)
    assert (drawn**2).mean() / drawn.mean() == pytest.approx(dispersion, rel=0.05)
    assert batch_size(random, 0.0, geometric) == 1


def test_student_reaches_as_far_as_the_tables_say() -> None:
    assert doctest.testmod(intervals).failed == 0
    assert student(9) == pytest.approx(2.262, abs=5e-4)
    assert student(19) == pytest.approx(2.093, abs=5e-4)
    assert student(4, 0.99) == pytest.approx(4.604, abs=5e-4)
    assert within(student(7), 7) == pytest.approx(0.95)
    assert all(student(freedom, 1 - 1e-16) < math.inf for freedom in (1, 2, 29))


def test_ratios_are_of_sums_and_intervals_hold_them() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        ratio = Ratio(1)
        for _ in range(12):
            x = rng.poisson(200, 1).astype(float)
            ratio.add(rng.binomial(x.astype(int), 0.3).astype(float), x)
        told = ratio.told()
        held += abs(told.mean[0] - 0.3) <= told.half_width[0]
    assert 0.92 < held / 400 < 0.98


def test_where_nothing_is_asked_for_there_is_no_ratio() -> None:
    ratio = Ratio(2)
    for _ in range(2):
        ratio.add(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    told = ratio.told()

    assert math.isnan(told.mean[0])
    assert (told.mean[1], told.half_width[1]) == (0.5, 0.0)
