"""The checker finds what a forecast must not do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.forecast.check import check
from optimizer.forecast.forecast import Forecast, forecast
from optimizer.forecast.history import History, Series
from optimizer.forecast.model import Problem, Scheduled

PROBLEM = Problem(
    History.of([Series("PUMP", "OSL", (1, 0, 3, 0)), Series("FAN", "OSL", (None, 0, 1, 2), (3,))]),
    scheduled=(Scheduled("PUMP", "OSL", 1.0, 2),),
)
SOUND = forecast(PROBLEM)


def lost(forecast: Forecast) -> Forecast:
    """Return a forecast that has lost a piece."""
    rolled = forecast.rolled
    return replace(forecast, rolled=replace(rolled, pieces=rolled.pieces - np.array([[1.0, 0, 0, 0], [0, 0, 0, 0]])))


@pytest.mark.parametrize(
    ("told", "code", "where"),
    [
        (replace(SOUND, keys=(("PUMP", "OSL"), ("FAN", "BGO"))), "row", "part FAN at BGO"),
        (replace(SOUND, keys=(("PUMP", "OSL"), ("PUMP", "OSL"))), "row", "twice"),
        (lost(SOUND), "counts", "part PUMP at OSL"),
        (replace(SOUND, scheduled=()), "scheduled", "part PUMP at OSL"),
        (replace(SOUND, rate=np.array([np.nan, 1.0])), "number", "part PUMP at OSL"),
        (replace(SOUND, rate=np.array([-1.0, 1.0])), "number", "part PUMP at OSL"),
        (replace(SOUND, ahead=np.array([[1.0], [-1.0]])), "mean", "part FAN at OSL"),
    ],
)
def test_a_forecast_that_breaks_a_rule_is_found(told: Forecast, code: str, where: str) -> None:
    assert check(PROBLEM, SOUND) == []
    assert (code, where) in {(one.code, one.where) for one in check(PROBLEM, told)}
