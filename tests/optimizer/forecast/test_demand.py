"""Quantiles and intervals of demand, against values of SciPy and against sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.forecast.demand import Demand, Kind
from optimizer.forecast.kernel.quantiles import at_most


def demand(mean: float, variance: float, scheduled: int = 0) -> Demand:
    """Return demand of one row."""
    return Demand(np.ones(1), np.array([scheduled]), np.array([mean]), np.array([variance]), {})


@pytest.mark.parametrize(
    ("mean", "variance", "kind", "expected"),
    [
        (3.0, 9.0, Kind.NEGATIVE_BINOMIAL, [2, 5, 9, 13]),
        (0.2, 1.0, Kind.NEGATIVE_BINOMIAL, [0, 0, 1, 5]),
        (2e4, 2.1e4, Kind.NEGATIVE_BINOMIAL, [20000, 20122, 20239, 20338]),
        (1e5, 1e9, Kind.NEGATIVE_BINOMIAL, [96687, 125188, 157052, 187830]),
        (5e6, 2e7, Kind.NEGATIVE_BINOMIAL, [4999999, 5003764, 5007358, 5010409]),
        (4.0, 4.0, Kind.POISSON, [4, 6, 8, 9]),
        (4.0, 1.0, Kind.POISSON, [4, 6, 8, 9]),
        (0.0, 0.0, Kind.POINT, [0, 0, 0, 0]),
    ],
)
def test_quantiles_are_those_of_scipy(mean: float, variance: float, kind: Kind, expected: list[int]) -> None:
    told = demand(mean, variance)

    assert told.kinds == (kind,)
    assert told.quantiles([0.5, 0.8, 0.95, 0.99]).tolist() == [expected]
    assert demand(mean, variance, 7).quantiles([0.99, 0.5]).tolist() == [[expected[3] + 7, expected[0] + 7]]


def test_poisson_is_refused_where_the_variance_says_so() -> None:
    assert demand(4.0, 4.1).kinds == (Kind.NEGATIVE_BINOMIAL,)


@settings(deadline=None)
@given(st.floats(0.01, 300), st.floats(1.01, 50), st.integers(0, 400))
def test_the_chance_of_a_number_or_less_is_the_sum_of_chances(mean: float, dispersion: float, pieces: int) -> None:
    shape, over = mean / (dispersion - 1), 1 - 1 / dispersion
    logs = [
        math.lgamma(shape + x)
        - math.lgamma(shape)
        - math.lgamma(x + 1)
        + x * math.log(over)
        - shape * math.log(dispersion)
        for x in range(pieces + 1)
    ]
    assert at_most(float(pieces), mean, mean * dispersion) == pytest.approx(math.fsum(map(math.exp, logs)), abs=1e-9)


@settings(deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e3), st.lists(st.floats(0.001, 0.999), min_size=1, max_size=5))
def test_quantiles_rise_and_split_the_chance(mean: float, dispersion: float, shares: list[float]) -> None:
    told = demand(mean, mean * dispersion)
    rising = told.quantiles(sorted(shares))[0]

    assert (np.diff(rising) >= 0).all()
    assert (rising >= 0).all()
    low, high = told.interval(0.9)
    assert low[0] <= told.quantiles([0.5])[0, 0] <= high[0]
