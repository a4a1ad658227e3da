"""How long a task takes, learned from the jobs that did it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist

PRIOR_JOBS = 5
"""How many jobs the estimate of the task counts for."""
SPREAD = 1.5
"""The 90th percentile of a task that nobody estimated, in medians."""


@dataclass(frozen=True, slots=True)
class Duration:
    """The work of a task in hours of one person: the median, and what nine jobs of ten stay below."""

    median_h: float
    p90_h: float

    def factor(self, percentile: int) -> float:
        """Return what so many of a hundred jobs stay below, in medians; durations are taken as log-normal.

        >>> round(Duration(4, 6).factor(50), 9), round(Duration(4, 6).factor(90), 9)
        (1.0, 1.5)
        """
        z, z90 = (NormalDist().inv_cdf(share) for share in (percentile / 100, 0.9))
        return exp(z / z90 * log(self.p90_h / self.median_h))


def learned(estimate: Duration, booked_h: Sequence[float]) -> Duration:
    """Return the duration of a task from its estimate and the hours booked on jobs that did it.

    Median and spread, the ratio of 90th percentile and median, are means of estimate and history in logarithms, the
    history weighing n / (n + PRIOR_JOBS): few jobs move the estimate little. Raises ValueError for hours not above 0.
    O(n log n).

    >>> learned(Duration(4, 6), [])
    Duration(median_h=4.0, p90_h=6.0)
    """
    if min(booked_h, default=1.0) <= 0 or not 0 < estimate.median_h <= estimate.p90_h:
        raise ValueError("durations are above zero, and the 90th percentile is not below the median")
    weight = len(booked_h) / (len(booked_h) + PRIOR_JOBS)
    prior_spread = log(estimate.p90_h / estimate.median_h)
    middle, spread = log(estimate.median_h), prior_spread
    if booked_h:
        hours = sorted(booked_h)
        middle = weight * log(quantile(hours, 0.5)) + (1 - weight) * middle
        spread = weight * log(quantile(hours, 0.9) / quantile(hours, 0.5)) + (1 - weight) * spread
    return Duration(round(exp(middle), 4), round(exp(middle + spread), 4))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of ordered values, linear between neighbours (Hyndman and Fan, type 7)."""
    position = (len(ordered) - 1) * share
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
