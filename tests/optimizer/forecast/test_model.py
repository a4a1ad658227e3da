"""Every bad input is refused and named."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from optimizer.forecast.exposure import Driver, Exposure, Prior
from optimizer.forecast.forecast import forecast
from optimizer.forecast.history import History, Series
from optimizer.forecast.model import Problem, Scheduled
from optimizer.forecast.succession import Succession
from tests.optimizer.forecast.worlds import one, table

PUMP = Series("PUMP", "OSL", (0, 1, 0))
HOURS = Exposure("PUMP", "OSL", Driver.HOURS, (10.0, None, 30.0), (20.0,), prior=Prior(0.01, 100.0))


def exposure(**changed: object) -> Exposure:
    """Return an exposure of the pump, some of it changed."""
    told = {"part": "PUMP", "place": "OSL", "driver": Driver.HOURS, "past": (1.0, 1.0, 1.0), "ahead": (1.0,)}
    return Exposure(**(told | changed))  # type: ignore[arg-type]


def problem(*exposures: Exposure, **more: object) -> Problem:
    """Return a problem of the pump."""
    return Problem(History.of([PUMP]), exposures, **more)  # type: ignore[arg-type]


def replaced(*pairs: tuple[str, str]) -> Problem:
    """Return a problem of the pump with parts that replace others."""
    return problem(successions=tuple(Succession(old, new) for old, new in pairs))


@pytest.mark.parametrize(
    ("build", "culprit"),
    [
        (lambda: table(np.array([[1.0, math.inf]])), r"part P0 at X: inf in period 1 must be a number; mark.*1 in all"),
        (lambda: table(np.array([[1.0, -2.0]])), "part P0 at X: -2.0 in period 1 must be 0 or more; book returns"),
        (lambda: table(np.array([[1.5]])), "part P0 at X: 1.5 in period 0 must be whole pieces; choose a smaller unit"),
        (lambda: table(np.array([[2e9]])), "must not be more than 1,000,000,000; choose a larger unit"),
        (
            lambda: History(("P",), ("X",), np.array([[math.nan]]), np.ones((1, 1), bool), np.zeros((1, 1), bool)),
            "part P at X: nan in period 0 must be a number; mark a period that nobody recorded as not known",
        ),
        (
            lambda: History(("P",), ("X",), np.ones((1, 2)), np.ones((1, 3), bool), np.zeros((1, 2), bool)),
            "all must have a row for each part and place",
        ),
        (lambda: History.of([Series("PUMP", " ", (1,))]), "part 'PUMP' at ' ': both must be named"),
        (lambda: History.of([Series("", "OSL", (1,))]), "part '' at 'OSL': both must be named"),
        (lambda: History.of([PUMP, PUMP]), "part PUMP at OSL: is given twice; add the numbers up"),
        (
            lambda: History.of([PUMP, Series("FAN", "OSL", (1,))]),
            "part FAN at OSL: 1 periods, others have 3; give None",
        ),
        (lambda: History.of([Series("PUMP", "OSL", (1,), (1,))]), r"part PUMP at OSL: short in periods \(1,\)"),
        (lambda: one(None, None), r"part PUMP at OSL: no period is known in which it did not run out \(1 such"),
        (lambda: one(None, 3, short=(1,)), "part PUMP at OSL: no period is known.*give usage and a rate instead"),
        (lambda: Scheduled("PUMP", "OSL", -1.0, 1), "part PUMP at OSL: scheduled demand -1.0 periods ahead"),
        (lambda: Scheduled("PUMP", "OSL", math.nan, 1), "part PUMP at OSL: scheduled demand nan periods ahead"),
        (lambda: Scheduled("PUMP", "OSL", 1.0, 0), "part PUMP at OSL: scheduled demand of 0; it must be whole"),
        (lambda: problem(scheduled=(Scheduled("PUMP", "", 1.0, 1),)), "part 'PUMP' at '': both must be named"),
        (lambda: exposure(ahead=()), "part PUMP at OSL: no usage ahead"),
        (lambda: exposure(ahead=(-1.0,)), "part PUMP at OSL: usage of -1.0 hours"),
        (lambda: exposure(past=(math.nan,)), r"part PUMP at OSL: usage of nan hours.*None if not known"),
        (lambda: exposure(quantity_per_aircraft=0), "part PUMP at OSL: 0 per aircraft"),
        (lambda: exposure(no_fault_found_share=1.0), "part PUMP at OSL: no_fault_found_share of 1.0"),
        (lambda: Prior(0.0, 1.0), "the rate of a prior must be more than 0"),
        (lambda: Prior(1.0, math.inf), "the weight of a prior must be more than 0 and finite"),
        (lambda: problem(HOURS, HOURS), "part PUMP at OSL: is given twice"),
        (lambda: problem(exposure(past=(1.0,))), "part PUMP at OSL: usage of 1 past periods, the history has 3"),
        (
            lambda: problem(HOURS, successions=(Succession("PUMP", "PUMP-2"),)),
            "part PUMP at OSL: is replaced by part PUMP-2; give the exposure of that one",
        ),
        (lambda: replaced(("A", "B"), ("A", "C")), "part A is replaced by B and by C: name one"),
        (lambda: replaced(("A", "B"), ("B", "C"), ("C", "A")), "in a circle: A, B, C, A; take one out"),
        (lambda: replaced(("X", "A"), ("A", "A")), "in a circle: A, A; take one out"),
        (
            lambda: forecast(Problem(History.of([]), (exposure(past=()),))),
            "part PUMP at OSL: 0 pieces in 0 hours tell no rate.*give the rate of the fleet or of the maker",
        ),
        (
            lambda: forecast(one(1, 0)).over(0.0),
            "part PUMP at OSL: a lead time of 0.0 must be more than 0.*nobody knows",
        ),
        (lambda: forecast(one(1, 0)).over(math.nan), "part PUMP at OSL: a lead time of nan must be more than 0"),
        (lambda: forecast(one(1, 0)).over([-1.0]), "part PUMP at OSL: a lead time of -1.0 must be more than 0"),
        (lambda: forecast(one(1, 0)).over([None]), "part PUMP at OSL: its lead time is unknown; give it, or what to"),
        (lambda: forecast(one(1, 0)).over([None], assumed=0.0), "an assumed lead time of 0.0 must be more than 0"),
        (lambda: forecast(one(1, 0)).over([1.0, 2.0]), "2 lead times for 1 rows"),
        (lambda: forecast(one(1, 0)).over(1.0).quantiles([0.5, 1.0]), "shares must lie between 0 and 1"),
        (lambda: forecast(one(1, 0)).over(1.0).interval(0.0), "the share of an interval must lie between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(build: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        build()


def test_a_number_that_is_marked_unknown_may_be_none_at_all() -> None:
    assert table(np.array([[1.0, math.nan]])).known.tolist() == [[True, False]]
