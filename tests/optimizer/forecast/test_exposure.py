"""Removal rates: gamma before, gamma after, and what is asked for is negative binomial."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.forecast.demand import Kind
from optimizer.forecast.explain import Method, Reason
from optimizer.forecast.exposure import Driver, Exposure, Prior, Source, posterior
from optimizer.forecast.forecast import forecast
from optimizer.forecast.history import History, Series
from optimizer.forecast.model import Problem

PRIOR = Prior(0.002, 1000.0, Source.FLEET)


def pump(pieces: tuple[int | None, ...], *, prior: Prior | None = PRIOR, short: tuple[int, ...] = ()) -> Problem:
    """Return a pump, two on each aircraft, flown 1,000 h a period; one removal in four is put back."""
    hours = Exposure("PUMP", "OSL", Driver.HOURS, (1000.0,) * len(pieces), (100.0, 50.0), 2, 0.25, prior)
    return Problem(History.of([Series("PUMP", "OSL", pieces, short)]), (hours,))


def test_a_worked_example() -> None:
    """Prior gamma(2, 1000 h); 5 pieces in 3 × 1,000 h × 2 × 0.75 = 4,500 h make it gamma(7, 5500 h)."""
    told = forecast(pump((2, 1, 2)))
    explained = told.explain(0)

    assert explained.method is Method.EXPOSURE
    assert explained.removals is not None
    assert (explained.removals.usage, explained.removals.pieces) == (4500.0, 5.0)
    assert explained.removals.rate == pytest.approx(7 / 5500)
    assert explained.removals.rate_deviation == pytest.approx(math.sqrt(7) / 5500)
    assert explained.removals.prior_source is Source.FLEET
    # the first period has 100 h: 150 with two each and without what is put back; then 50 h a period go on
    for lead, units in ((1.0, 150.0), (0.5, 75.0), (2.0, 225.0), (4.0, 375.0)):
        demand = told.over(lead)
        assert demand.mean[0] == pytest.approx(units * 7 / 5500)
        assert demand.variance[0] == pytest.approx(units * 7 / 5500 * (1 + units / 5500))
    nothing = (5500 / 5875) ** 7
    assert told.over(4.0).kinds == (Kind.NEGATIVE_BINOMIAL,)
    assert told.over(4.0).quantiles([nothing - 1e-9, nothing + 1e-9]).tolist() == [[0, 1]]


def test_what_is_unknown_or_short_counts_neither_as_pieces_nor_as_usage() -> None:
    told = forecast(pump((2, None, 9, 1), short=(2,))).explain(0)

    assert told.removals is not None
    assert (told.removals.usage, told.removals.pieces) == (3000.0, 3.0)


def test_without_a_prior_the_history_alone_tells() -> None:
    assert forecast(pump((2, 1, 2), prior=None)).over(2.0).mean[0] == pytest.approx(225 * 5 / 4500)


def test_a_new_part_has_its_prior() -> None:
    new = Exposure("PUMP", "OSL", Driver.CYCLES, (), (100.0,), prior=PRIOR)
    demand = forecast(Problem(History.of([]), (new,))).over(3.0)

    assert demand.mean[0] == pytest.approx(0.6)
    assert demand.variance[0] == pytest.approx(0.6 * (1 + 300 / 1000))


def test_pieces_in_batches_are_less_evidence_and_wider() -> None:
    single, batches = (forecast(pump(pieces)) for pieces in ((6, 6, 6, 6), (0, 24, 0, 0)))

    assert batches.dispersion[0] > 2 > single.dispersion[0] == 1.0
    assert batches.rate_variance[0] > single.rate_variance[0]
    assert batches.rate[0] / 1.5 == pytest.approx(
        (2 + 24 / batches.dispersion[0]) / (1000 + 6000 / batches.dispersion[0])
    )


@settings(deadline=None)
@given(st.integers(0, 50), st.floats(1, 1e4), st.floats(1e-4, 1), st.floats(1, 1e5))
def test_the_rate_lies_between_the_prior_and_what_happened(
    events: int, usage: float, rate: float, weight: float
) -> None:
    exposure = Exposure("P", "X", Driver.LANDINGS, (usage,), (1.0,), prior=Prior(rate, weight))
    told = posterior(exposure, np.array([float(events)]), np.ones(1, np.bool_), 1.0)

    low, high = sorted((rate, events / usage))
    assert low * (1 - 1e-9) <= told.rate <= high * (1 + 1e-9)
    assert told.rate_variance <= told.rate / weight * (1 + 1e-9)


@pytest.mark.parametrize(("past", "counted"), [((1000.0, None, None), 1), ((), 0)])
def test_demand_in_periods_without_known_usage_is_left_out_and_told(
    past: tuple[float | None, ...], counted: int
) -> None:
    hours = Exposure("PUMP", "OSL", Driver.HOURS, past, (100.0,), prior=PRIOR)
    told = forecast(Problem(History.of([Series("PUMP", "OSL", (5, 5, 5), ())]), (hours,))).explain(0)

    assert told.removals is not None
    assert told.removals.pieces == told.evidence.pieces == 5 * counted
    assert told.evidence.periods == counted
    assert [(one.reason, one.periods, one.pieces) for one in told.left_out] == [
        (Reason.UNUSED, 3 - counted, 5 * (3 - counted))
    ]
