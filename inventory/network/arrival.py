"""When a consignment arrives: the legs of a lane one after the other, with their hours, cut-offs and spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from math import ceil, sqrt

from inventory.network.hours import Calendar, before, instant, seconds_of, work


class Quantile(Enum):
    """Which part of all consignments arrive by the instant that is told."""

    MEDIAN = 0.5
    P90 = 0.9


@dataclass(frozen=True, slots=True)
class Leg:
    """A stage of a lane, lognormal with this median and 90th percentile in seconds of work.

    The work counts only in the hours of `calendar` in `zone`, always without one. What is ready later than `cut_off`,
    in minutes after local midnight, starts when it opens on a day after. Raises ValueError unless 0 <= median <= p90.
    """

    kind: str
    median_s: int
    p90_s: int
    calendar: Calendar | None = None
    cut_off: int | None = None
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not 0 <= self.median_s <= self.p90_s:
            raise ValueError(f"{self.kind}: the median is not negative, and the 90th percentile not below it")


@dataclass(frozen=True, slots=True)
class Stage:
    """What one leg takes: from when its work begins until it ends."""

    kind: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a consignment arrives, in UTC, and by which stages."""

    at: datetime
    legs: tuple[Stage, ...]


def arrive(ready_at: datetime, legs: Sequence[Leg], quantile: Quantile = Quantile.MEDIAN) -> Arrival:
    """Return when a consignment that is ready at an instant arrives.

    At the median each leg takes its median. The 90th percentile is an approximation: the legs are taken to be
    independent, and together to take the sum of their medians plus the root of the sum of the squares of
    (p90 - median). That is exact for one leg, and some per cent high for several, since the sum of lognormal durations
    is less skewed than each. Each leg takes its share of the margin, by its square, within its own hours.
    A later start never arrives earlier.
    """
    at = seconds_of(ready_at)
    stages = []
    for leg, seconds in zip(legs, durations(legs, quantile), strict=True):
        starts = start(leg, at)
        at = work(starts, seconds, leg.calendar, leg.zone)
        stages.append(Stage(leg.kind, instant(starts), instant(at)))
    return Arrival(instant(at), tuple(stages))


def durations(legs: Sequence[Leg], quantile: Quantile) -> list[int]:
    """Return the seconds of work that each leg takes, its share of the margin rounded up."""
    if quantile is Quantile.MEDIAN:
        return [leg.median_s for leg in legs]
    margin = sqrt(sum((leg.p90_s - leg.median_s) ** 2 for leg in legs))
    return [leg.median_s + (ceil((leg.p90_s - leg.median_s) ** 2 / margin) if margin else 0) for leg in legs]


def start(leg: Leg, at: int) -> int:
    """Return when the work of a leg begins for what is ready at `at`, both in seconds since 1970."""
    if leg.cut_off is not None:
        at = before(leg.cut_off, leg.zone).work(at, 0)
    return work(at, 0, leg.calendar, leg.zone)
