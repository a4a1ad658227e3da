"""What is asked for where: pieces a day by part and place, from what aircraft are used or from what was issued.

A forecast of the optimizer takes the place of `rates`, and of nothing else here.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import UsageDriver
from inventory.planning.stock_plans.picture import Picture

_FIGURE = {
    UsageDriver.FLIGHT_HOURS: "flight_hours",
    UsageDriver.CYCLES: "cycles",
    UsageDriver.LANDINGS: "landings",
    UsageDriver.APU_HOURS: "apu_hours",
    UsageDriver.CALENDAR: "aircraft_days",
}
_Use = Mapping[tuple[str, UsageDriver], Sequence[tuple[int, float]]]
"""By aircraft type and driver what is used a day, by place."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Pieces asked for a day, to be added up by part and place, which are told by their index in the picture.

    `known` tells of which parts any are. Of the others nobody knows: nothing is told of their aircraft, and the ledger
    saw no issue.
    """

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    per_day: NDArray[np.float64]
    known: NDArray[np.bool_]


def rates(picture: Picture) -> Demand:
    """Return the demand: use a day × pieces on each aircraft × (1 − no fault found) / mean use between removals.

    Where the use of none of a part's aircraft is known, it is what the ledger saw issued. O(parts × aircraft types ×
    places).
    """
    used = _use_per_day(picture)
    known = np.zeros(len(picture.items), np.bool_)
    parts, places, per_day = [], [], []
    for key, wear in _wear(picture).items():
        if key not in used:
            continue
        worn = np.array([part for part, _amount in wear], np.int64)
        here = np.array([place for place, _amount in used[key]], np.int64)
        asked = np.outer([amount for _part, amount in wear], [amount for _place, amount in used[key]])
        parts.append(np.repeat(worn, here.size))
        places.append(np.tile(here, worn.size))
        per_day.append(asked.ravel())
        known[worn] = True
    issued_part, issued_place, issued = _issues(picture, known)
    known[issued_part] = True
    return Demand(
        np.concatenate([*parts, issued_part]),
        np.concatenate([*places, issued_place]),
        np.concatenate([*per_day, issued]),
        known,
    )


def _use_per_day(picture: Picture) -> _Use:
    """Return what aircraft are used a day: the mean over the months that are told of."""
    places = {site.code: number for number, site in enumerate(picture.sites)}
    months: set[date] = set()
    sums: defaultdict[tuple[str, UsageDriver, int], float] = defaultdict(float)
    for one in picture.usage:
        months.add(one.month)
        if one.place in places:
            for driver, name in _FIGURE.items():
                sums[one.aircraft_type, driver, places[one.place]] += float(getattr(one, name))
    days = max(1, sum(monthrange(month.year, month.month)[1] for month in months))
    used: defaultdict[tuple[str, UsageDriver], list[tuple[int, float]]] = defaultdict(list)
    for (kind, driver, place), amount in sums.items():
        if amount > 0:
            used[kind, driver].append((place, amount / days))
    return used


def _wear(picture: Picture) -> Mapping[tuple[str, UsageDriver], Sequence[tuple[int, float]]]:
    """Return by aircraft type and driver the pieces of each part that one unit of use takes."""
    index = {item.id: number for number, item in enumerate(picture.items)}
    worn: defaultdict[tuple[str, UsageDriver], list[tuple[int, float]]] = defaultdict(list)
    for part, kind, pieces in picture.fits:
        item = picture.items[index[part]]
        if item.usage:
            per_unit = pieces * (1 - item.no_fault_found_share) / float(item.usage)
            worn[kind, item.driver].append((index[part], per_unit))
    return worn


def _issues(
    picture: Picture, known: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return what was issued a day of the parts of which nothing better is known."""
    parts: dict[UUID, int] = {item.id: number for number, item in enumerate(picture.items) if not known[number]}
    places = {site.id: number for number, site in enumerate(picture.sites)}
    found = [
        (parts[part], places[place], pieces / picture.issued_days)
        for (part, place), pieces in picture.issued.items()
        if part in parts and place in places
    ]
    return (
        np.array([part for part, _place, _pieces in found], np.int64),
        np.array([place for _part, place, _pieces in found], np.int64),
        np.array([pieces for _part, _place, pieces in found], np.float64),
    )
