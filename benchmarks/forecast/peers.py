"""Fixed methods: a mean of a period, with the history's own variance over mean, negative binomial.

A few lines each here; where statsforecast is installed (the extra `bench-forecast`), its methods are tried as well.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from optimizer.forecast.demand import Demand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Mean = Callable[["Floats"], "Floats"]
"""Pieces by row and past period to the mean of a period to come."""
ALPHA = 0.1


def mean(past: Floats) -> Floats:
    """Return the mean of all periods."""
    told: Floats = past.mean(axis=1)
    return told


def ses(past: Floats) -> Floats:
    """Return simple exponential smoothing, begun with the first period."""
    level = past[:, 0].copy()
    for period in range(1, past.shape[1]):
        level += ALPHA * (past[:, period] - level)
    return level


def sba(past: Floats) -> Floats:
    """Return Croston's method as Syntetos and Boylan correct it: smoothed size over smoothed interval."""
    rows = len(past)
    size, interval, since = np.zeros(rows), np.zeros(rows), np.ones(rows)
    for period in range(past.shape[1]):
        now = past[:, period]
        asked, first = now > 0, size == 0
        size = np.where(asked, np.where(first, now, size + ALPHA * (now - size)), size)
        interval = np.where(asked, np.where(first, since, interval + ALPHA * (since - interval)), interval)
        since = np.where(asked, 1.0, since + 1.0)
    return np.divide((1.0 - ALPHA / 2.0) * size, interval, out=np.zeros(rows), where=interval > 0)


def fixed() -> dict[str, Mean]:
    """Return the fixed methods by name."""
    told: dict[str, Mean] = {"mean": mean, "ses": ses, "sba": sba}
    if find_spec("statsforecast"):
        told |= _statsforecast()
    return told


def _statsforecast() -> dict[str, Mean]:
    from statsforecast import models

    def by(model: models.IMAPA | models.ADIDA | models.TSB) -> Mean:
        return lambda past: np.array([model.forecast(np.ascontiguousarray(row), 1)["mean"][0] for row in past])

    made = {"imapa": models.IMAPA(), "adida": models.ADIDA(), "tsb": models.TSB(ALPHA, ALPHA)}
    return {f"statsforecast {name}": by(model) for name, model in made.items()}


def around(rate: Floats, past: Floats, periods: Floats) -> Demand:
    """Return demand over so many periods of that mean each, as dispersed as the past was about its own mean."""
    average = past.mean(axis=1)
    dispersion = np.divide(past.var(axis=1, ddof=1), average, out=np.ones(len(past)), where=average > 0)
    expected = np.maximum(rate, 0.0) * periods
    return Demand(periods, np.zeros(len(past), np.int64), expected, expected * dispersion, {})
