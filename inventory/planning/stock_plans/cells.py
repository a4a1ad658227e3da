"""Each part at each place where it is asked for, wanted or held, as columns; and what is served from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from inventory.planning.stock_plans.demand import Demand
from inventory.planning.stock_plans.picture import Picture

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns by cell of a part at a place, in order of both."""

    part: Ints
    place: Ints
    per_day: Floats
    target: Ints
    owned: Ints

    def some(self, chosen: NDArray[np.bool_]) -> Cells:
        """Return those that are chosen."""
        return Cells(
            self.part[chosen], self.place[chosen], self.per_day[chosen], self.target[chosen], self.owned[chosen]
        )


def cells_of(picture: Picture, demand: Demand) -> Cells:
    """Return every part at every place where it is asked for, wanted or held."""
    parts = {item.id: number for number, item in enumerate(picture.items)}
    places = {site.id: number for number, site in enumerate(picture.sites)}
    count = len(picture.sites)

    def keyed(some: Sequence[tuple[tuple[UUID, UUID], int]]) -> tuple[Ints, Ints]:
        found = [
            (parts[part] * count + places[place], n) for (part, place), n in some if part in parts and place in places
        ]
        return np.array([key for key, _n in found], np.int64), np.array([n for _key, n in found], np.int64)

    wanted, targets = keyed([(key, floor(quantity)) for key, quantity in picture.targets.items()])
    held, pieces = keyed([(key, floor(quantity)) for key, quantity in picture.owned.items()])
    size = len(picture.items) * count
    asked = demand.part * count + demand.place
    per_day, told = np.bincount(asked, demand.per_day, size), np.zeros(size, np.bool_)
    told[asked] = True  # also where nobody asks any more: what is left out or dead is counted
    root = places[picture.root.id]
    needed = [parts[part] * count + root for _unit, part, _share in picture.needs if part in parts]
    told[np.array(needed, np.int64)] = True
    target, owned = np.zeros(size, np.int64), np.zeros(size, np.int64)
    target[wanted], owned[held] = targets, pieces
    keys = np.flatnonzero(told | (target > 0) | (owned > 0))
    part, place = np.divmod(keys, count)
    return Cells(part, place, per_day[keys].astype(np.float64), target[keys], owned[keys])


def depths_of(picture: Picture) -> Ints:
    """Return how far each place is from the root, −1 where supply does not reach it."""
    index = {site.code: number for number, site in enumerate(picture.sites)}
    below: dict[str, list[str]] = {}
    for site in picture.sites:
        if site.parent is not None and site.code != picture.root.code:
            below.setdefault(site.parent, []).append(site.code)
    depth = np.full(len(picture.sites), -1)
    todo = [(picture.root.code, 0)]
    for code, level in todo:  # grows while it is read
        depth[index[code]] = level
        todo += [(child, level + 1) for child in below.get(code, [])]
    return depth


def pooled(picture: Picture, cells: Cells, depth: Ints, least: float) -> tuple[Cells, Ints, Ints]:
    """Return the cells with the demand of those that are no candidates at the places above.

    `least` is what must be asked for a day where nothing is held or wanted. Of the cells that were given it is told by
    place how many are pooled, and how many stay. O(parts × places).
    """
    index = {site.code: number for number, site in enumerate(picture.sites)}
    shape = len(picture.sites), len(picture.items)
    at = cells.place, cells.part
    grid, given, fixed = np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    grid[at], given[at], fixed[at] = cells.per_day, True, (cells.target > 0) | (cells.owned > 0)
    there, moved = given.copy(), np.zeros(len(picture.sites), np.int64)
    for number in sorted(range(len(picture.sites)), key=lambda one: -depth[one]):
        if depth[number] <= 0:
            break
        above = index[picture.sites[number].parent or ""]
        low = there[number] & ~fixed[number] & (grid[number] < least)
        grid[above, low] += grid[number, low]
        there[above, low], there[number, low] = True, False
        moved[number] = (low & given[number]).sum()
    part, place = np.nonzero(there.T)
    target, owned = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    target[at], owned[at] = cells.target, cells.owned
    some = place, part
    stay = (there & given).sum(axis=1)
    return Cells(part, place, grid[some], target[some], owned[some]), moved, stay


def with_frozen_above(picture: Picture, cells: Cells, depth: Ints, inside: NDArray[np.bool_]) -> Cells:
    """Return the cells with one for each part at each place of other regions that supplies others: it may hold no more.

    Without a line of its own the optimizer may put pieces there.
    """
    index = {site.code: number for number, site in enumerate(picture.sites)}
    above = {index[site.parent] for site in picture.sites if site.parent in index and depth[index[site.code]] > 0}
    others = np.array(sorted(number for number in above if not inside[number] and depth[number] >= 0), np.int64)
    count = len(picture.sites)
    keys = cells.part * count + cells.place
    wanted = (np.unique(cells.part)[:, None] * count + others[None, :]).ravel()
    missing = np.setdiff1d(wanted, keys)
    part, place = np.divmod(missing, count)
    nothing = np.zeros(missing.size, np.int64)
    order = np.argsort(np.concatenate([keys, missing]), kind="stable")
    return Cells(
        np.concatenate([cells.part, part])[order],
        np.concatenate([cells.place, place])[order],
        np.concatenate([cells.per_day, nothing])[order],
        np.concatenate([cells.target, nothing])[order],
        np.concatenate([cells.owned, nothing])[order],
    )
