"""What aircraft are used, by type, driver, place and month, and which parts that wears out."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import UsageDriver
from inventory.planning.stock_plans.past import MONTH_DAYS, MONTHS
from inventory.planning.stock_plans.picture import Item, Picture

Floats = NDArray[np.float64]
AHEAD_DAYS = 365
"""The use of so many days back is taken to go on."""
_FIGURE = {
    UsageDriver.FLIGHT_HOURS: "flight_hours",
    UsageDriver.CYCLES: "cycles",
    UsageDriver.LANDINGS: "landings",
    UsageDriver.APU_HOURS: "apu_hours",
    UsageDriver.CALENDAR: "aircraft_days",
}


@dataclass(frozen=True, slots=True)
class Used:
    """What aircraft are used: a day from now on by driver, type × place, and in the past by driver, type × month.

    Months are those of the ledger; `known` tells of which all days are told.
    """

    kinds: Mapping[str, int]
    a_day: Mapping[UsageDriver, Floats]
    past: Mapping[UsageDriver, Floats]
    known: NDArray[np.bool_]


def used_of(picture: Picture) -> Used:
    """Return what is told of the use of aircraft; what goes on is the mean over the months told of in the last year.

    Of a type at a place the months count from the first in which it is told of there: before, nobody reported it.
    """
    places = {site.code: number for number, site in enumerate(picture.sites)}
    kinds = {kind: number for number, kind in enumerate(sorted({one.aircraft_type for one in picture.usage}))}
    months = {month: number for number, month in enumerate(sorted({one.month for one in picture.usage}))}
    since = (picture.past.today - timedelta(days=AHEAD_DAYS)).replace(day=1)
    days = np.array([monthrange(month.year, month.month)[1] for month in months], np.float64)
    since_month = np.cumsum(days[::-1])[::-1]  # days of the months told of from each on
    told_days = np.ones((len(kinds), len(places)))
    a_day = {driver: np.zeros((len(kinds), len(places))) for driver in _FIGURE}
    by_month = {driver: np.zeros((len(kinds), len(months))) for driver in _FIGURE}
    for one in picture.usage:
        kind, place = kinds[one.aircraft_type], places.get(one.place)
        for driver, name in _FIGURE.items():
            amount = float(getattr(one, name))
            by_month[driver][kind, months[one.month]] += amount
            if place is not None and one.month >= since:
                a_day[driver][kind, place] += amount
        if place is not None and one.month >= since:
            told_days[kind, place] = max(told_days[kind, place], since_month[months[one.month]])
    starts = np.array([month.toordinal() for month in months], np.float64)
    ends = picture.past.today.toordinal() - MONTH_DAYS * np.arange(MONTHS - 1, -1, -1)
    within = np.minimum(starts[:, None] + days[:, None], ends) - np.maximum(starts[:, None], ends - MONTH_DAYS)
    within = np.maximum(within, 0.0)
    past = {driver: amounts @ (within / days[:, None]) for driver, amounts in by_month.items()}
    going_on = {driver: amounts / told_days for driver, amounts in a_day.items()}
    return Used(kinds, going_on, past, within.sum(axis=0) >= MONTH_DAYS)


@dataclass(frozen=True, slots=True)
class Worn:
    """A part that use wears out: its index, pieces by aircraft type, and whose figures tell of it.

    They are its own, or those of a part that it replaces where nobody told its own.
    """

    part: int
    pieces: Floats
    told: Item


def worn_by(picture: Picture, used: Used, last: Mapping[int, int]) -> Iterator[Worn]:
    """Yield the parts whose use is known, those that are replaced as the last of their chain.

    A part and what it replaces sit in the same positions: of a type, the most pieces that any has are taken.
    """
    index = {item.id: number for number, item in enumerate(picture.items)}
    fits: defaultdict[int, Floats] = defaultdict(lambda: np.zeros(len(used.kinds)))
    kin: defaultdict[int, list[int]] = defaultdict(list)
    flown = {driver: amounts.any(axis=1) for driver, amounts in used.a_day.items()}
    for part, kind, pieces in picture.fits:
        number = index[part]
        end = last.get(number, number)
        if kind in used.kinds:
            fits[end][used.kinds[kind]] = max(fits[end][used.kinds[kind]], pieces)
    for end in fits:
        kin[end].append(end)
    for old, end in last.items():
        kin[end].append(old)
    for end in sorted(fits):
        told = next((picture.items[one] for one in kin[end] if picture.items[one].usage), None)
        if told is not None and (fits[end] * flown[told.driver]).any():
            yield Worn(end, fits[end], told)
