"""Parts that stand in for each other: one stock of a group, kept of its preferred part.

Two-way parts serve each other's demand, so that they are one. Where only the newer serves the older, demand for the
older rolls to the newest; old pieces still serve those who ask for them, and no one else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.model import UNLIMITED, Lines, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from optimizer.stocking.model import Part


@dataclass(frozen=True, slots=True)
class Interchange:
    """A group of parts and the one that targets are for; `two_way`, else the preferred serves the others only.

    Raises ValueError where the preferred part is among the others, or one is named twice.
    """

    preferred: str
    others: tuple[str, ...]
    two_way: bool = True

    def __post_init__(self) -> None:
        names = (self.preferred, *self.others)
        if len(set(names)) < len(names) or not self.others:
            raise ValueError(f"interchange of {self.preferred}: name other parts, each once")


@dataclass(frozen=True, slots=True)
class Rolled:
    """What went from a part at a place into its group: pieces asked for a day, and owned pieces that count there.

    `kept_apart` are owned pieces that do not: they serve fewer than ask, and are to be used first.
    """

    part: str
    into: str
    place: str
    rate_per_day: float
    owned: int
    kept_apart: int


def interchanged(scenario: Scenario, groups: Iterable[Interchange]) -> tuple[Scenario, tuple[Rolled, ...]]:
    """Return a scenario of the preferred parts, and what was rolled into them, line by line.

    Rates and owned pieces are added, weights are means by rate, the least and most are added. One-way, old pieces count
    as many as are in repair or on order for the old part's demand, in the mean, rounded up; or to the newest owned as
    old demand to the rest, if that is more: the others would stand for pieces that they cannot serve. Price, times and
    repair are those of the preferred part. Floors and fleets are of the lines of the new scenario. Raises ValueError
    for a part that is not there or in two groups, and for parts that differ in being repaired.
    """
    part_at = {part.number: index for index, part in enumerate(scenario.parts)}
    into = np.arange(len(scenario.parts))
    one_way = np.zeros(len(scenario.parts), np.bool_)
    seen: set[str] = set()
    for group in groups:
        preferred = part_at.get(group.preferred, -1)
        for number in (group.preferred, *group.others):
            if number not in part_at:
                raise ValueError(f"interchange of {group.preferred}: there is no part {number}; leave it out")
            if number in seen:
                raise ValueError(f"part {number} is in two groups of interchange: join them")
            seen.add(number)
            if scenario.parts[part_at[number]].budget is not scenario.parts[preferred].budget:
                raise ValueError(f"parts {group.preferred} and {number} do not interchange: one of them is repaired")
        for number in group.others:
            into[part_at[number]] = preferred
            one_way[part_at[number]] = not group.two_way
    if scenario.held_up is not None and seen:
        raise ValueError("pieces are held up in repair: interchange parts first, then reckon with shops and assemblies")
    return _joined(scenario, into, one_way)


def _joined(
    scenario: Scenario, into: NDArray[np.int64], one_way: NDArray[np.bool_]
) -> tuple[Scenario, tuple[Rolled, ...]]:
    lines, places = scenario.lines, len(scenario.places)
    counted = _counted(scenario, into, one_way)
    keys, group = np.unique(into[lines.part] * places + lines.place, return_inverse=True)

    def added(column: NDArray[np.int64]) -> NDArray[np.int64]:
        told = np.zeros(keys.size, np.int64)
        np.add.at(told, group, column)
        return np.minimum(told, UNLIMITED)

    rate = np.bincount(group, lines.rate_per_day).astype(np.float64)
    # where nothing is asked for the weights count alike
    by = lines.rate_per_day + np.where(rate[group] > 0, 0.0, 1.0)
    weight = np.bincount(group, lines.weight * by) / np.bincount(group, by)
    stays = np.unique(into)
    joined = Lines(
        np.searchsorted(stays, keys // places),
        keys % places,
        rate,
        weight,
        added(lines.least),
        added(lines.most),
        added(counted),
    )
    parts = _with_dispersion(scenario, into, stays)
    moved = np.flatnonzero(into[lines.part] != lines.part)
    told = tuple(
        Rolled(
            scenario.parts[lines.part[at]].number,
            scenario.parts[into[lines.part[at]]].number,
            scenario.places[lines.place[at]].code,
            float(lines.rate_per_day[at]),
            int(counted[at]),
            int(lines.owned[at] - counted[at]),
        )
        for at in moved.tolist()
    )
    return Scenario(scenario.places, parts, joined, scenario.assumed_days), told


def _with_dispersion(scenario: Scenario, into: NDArray[np.int64], stays: NDArray[np.int64]) -> tuple[Part, ...]:
    """Return the parts that stay: batches of a group are those of its parts by their rates."""
    size = len(scenario.parts)
    rate = np.bincount(scenario.lines.part, scenario.lines.rate_per_day, size)
    spread = np.bincount(into, rate * np.array([part.dispersion for part in scenario.parts]), size)
    whole = np.bincount(into, rate, size)
    changed = np.bincount(into, minlength=size) > 1
    return tuple(
        replace(scenario.parts[at], dispersion=float(max(1.0, spread[at] / whole[at])))
        if changed[at] and whole[at] > 0
        else scenario.parts[at]
        for at in stays.tolist()
    )


def _counted(scenario: Scenario, into: NDArray[np.int64], one_way: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return by line the owned pieces that count for the group of its part."""
    lines, size = scenario.lines, into.size
    rate, owned = np.bincount(lines.part, lines.rate_per_day, size), np.bincount(lines.part, lines.owned, size)
    counted = lines.owned.copy()
    for preferred in np.unique(into[one_way]).tolist():
        older = np.flatnonzero((into == preferred) & one_way)
        asked = float(rate[older].sum())
        rest = float(rate[into == preferred].sum()) - asked
        most = math.ceil(asked * _days(scenario.parts[preferred], scenario.assumed_days or 0.0))
        most = max(most, int(owned[preferred] * asked / rest)) if rest > 0 else UNLIMITED
        for at in np.flatnonzero(np.isin(lines.part, older)).tolist():
            counted[at] = min(int(lines.owned[at]), most)
            most -= int(counted[at])
    return counted


def _days(part: Part, unknown: float) -> float:
    """Return the mean days until a piece that was used is there again."""
    lead = part.lead_days or unknown
    if part.repair is None:
        return lead
    bought = part.repair.condemned_share
    return (1.0 - bought) * (part.repair.turn_around_days or unknown) + bought * lead
