"""Parts that expire: no place holds more than is likely to be used before, and all together no more than all use."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.stocking.kernel.counts import begun
from optimizer.stocking.model import UNLIMITED, Lines
from optimizer.stocking.tree import parts_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.stocking.model import Scenario
    from optimizer.stocking.tree import Tree

LIKELY = 0.8
"""The quantile of use in the shelf life that may be held."""


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that a place holds of a part that expires."""

    part: str
    place: str
    most: int


def capped(scenario: Scenario, shelf_days: Mapping[str, float]) -> tuple[Scenario, tuple[Cap, ...]]:
    """Return a scenario in which parts that expire are held no more than they are used for, and what that caps.

    The cap of a place without places below is the quantile .8 of what it uses in the shelf life; demand is negative
    binomial of its dispersion. Above, it is that of what it and the places below it use, as far as they are served from
    it, less what these may hold; but not less than that of what its own customers use. A cap below what a line must
    hold is that least. Raises ValueError for a part that is not there and a shelf life that is no time.
    """
    numbers = {part.number: index for index, part in enumerate(scenario.parts)}
    days = np.zeros(len(scenario.parts))
    for number, shelf in shelf_days.items():
        if number not in numbers:
            raise ValueError(f"shelf life of part {number}: there is no such part; leave it out")
        if not 0 < shelf < math.inf:
            raise ValueError(f"shelf life of part {number} must be more than 0 days and finite, not {shelf}")
        days[numbers[number]] = shelf
    tree = tree_of(scenario)
    part = parts_of(tree)
    node = np.flatnonzero(days[part] > 0)
    cap = _caps(tree, node, days[part[node]], tree.dispersion[part[node]])
    caps = tuple(
        Cap(scenario.parts[one].number, scenario.places[place].code, pieces)
        for one, place, pieces, before in zip(
            part[node].tolist(), tree.place[node].tolist(), cap.tolist(), tree.most[node].tolist(), strict=True
        )
        if pieces < before
    )
    return replace(scenario, lines=_with_most(scenario, part[node], tree.place[node].astype(np.int64), cap)), caps


def _caps(tree: Tree, node: np.ndarray, days: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Return the most by node of parts that expire; their nodes rise, parents before children."""
    below, caps = np.zeros(tree.place.size, np.int64), np.zeros(node.size, np.int64)
    for index in range(node.size - 1, -1, -1):
        one, shelf, spread = int(node[index]), float(days[index]), float(dispersion[index])
        every, own = (_quantile(rate * shelf, rate * shelf * spread) for rate in (tree.rate[one], tree.own[one]))
        most = min(max(every - int(below[one]), own), int(tree.most[one]))
        caps[index] = most = max(most, int(tree.least[one]))
        if tree.up[one] >= 0:
            below[tree.up[one]] += below[one] + most
    return caps


def _with_most(scenario: Scenario, part: np.ndarray, place: np.ndarray, most: np.ndarray) -> Lines:
    """Return the lines with other limits, and lines of no demand where there is a limit and was none."""
    lines, places = scenario.lines, len(scenario.places)
    keys = lines.part * places + lines.place
    order = np.argsort(keys, kind="stable")
    at = np.searchsorted(keys, part * places + place, sorter=order)
    there = order[np.minimum(at, keys.size - 1)]
    known = (at < keys.size) & (keys[there] == part * places + place)
    limited = lines.most.copy()
    limited[there[known]] = most[known]
    new = ~known & (most < UNLIMITED)
    nothing = np.zeros(int(new.sum()))
    none = nothing.astype(np.int64)
    return Lines(
        np.concatenate([lines.part, part[new]]),
        np.concatenate([lines.place, place[new]]),
        np.concatenate([lines.rate_per_day, nothing]),
        np.concatenate([lines.weight, nothing]),
        np.concatenate([lines.least, none]),
        np.concatenate([limited, most[new]]),
        np.concatenate([lines.owned, none]),
    )


def _quantile(mean: float, variance: float) -> int:
    """Return the least number that is not exceeded with the chance that is likely."""
    if mean <= 0:
        return 0
    x, chance, a, b = begun(mean, variance)
    below = chance
    while below < LIKELY:
        chance *= (a + b * x) / (x + 1.0)
        x += 1
        below += chance
    return int(x)
