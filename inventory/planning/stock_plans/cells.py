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

    def keys(self, count: int) -> Ints:
        """Return part × places + place, of so many places."""
        return self.part * count + self.place


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
    asked = demand.part * count + demand.place
    keys = np.unique(np.concatenate([asked, wanted, held]))
    per_day = np.bincount(np.searchsorted(keys, asked), demand.per_day, keys.size).astype(np.float64)
    target, owned = np.zeros(keys.size, np.int64), np.zeros(keys.size, np.int64)
    target[np.searchsorted(keys, wanted)] = targets
    owned[np.searchsorted(keys, held)] = pieces
    part, place = np.divmod(keys, count)
    return Cells(part, place, per_day, target, owned)


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


def pooled(picture: Picture, cells: Cells, depth: Ints, least: float) -> tuple[Cells, Ints]:
    """Return the cells with the demand of those that are no candidates at the places above, and where these were.

    `least` is what must be asked for a day where nothing is held or wanted. The second are keys of cells.
    """
    index = {site.code: number for number, site in enumerate(picture.sites)}
    above = np.array([index.get(site.parent or "", -1) for site in picture.sites])
    moved = []
    for level in range(int(depth.max()), 0, -1):
        nothing = (cells.target == 0) & (cells.owned == 0)
        low = (depth[cells.place] == level) & nothing & (cells.per_day < least)
        moved.append(cells.keys(above.size)[low])
        cells = _with_more(cells.some(~low), cells.part[low], above[cells.place[low]], cells.per_day[low], above.size)
    return cells, np.concatenate(moved) if moved else np.zeros(0, np.int64)


def _with_more(cells: Cells, part: Ints, place: Ints, per_day: Floats, count: int) -> Cells:
    """Return the cells with more demand, some of it at new ones."""
    asked, old = part * count + place, cells.keys(count)
    keys = np.unique(np.concatenate([old, asked]))
    at = np.searchsorted(keys, old)
    sums = np.bincount(np.searchsorted(keys, asked), per_day, keys.size).astype(np.float64)
    sums[at] += cells.per_day
    target, owned = np.zeros(keys.size, np.int64), np.zeros(keys.size, np.int64)
    target[at], owned[at] = cells.target, cells.owned
    merged_part, merged_place = np.divmod(keys, count)
    return Cells(merged_part, merged_place, sums, target, owned)


def with_frozen_above(picture: Picture, cells: Cells, depth: Ints, inside: NDArray[np.bool_]) -> Cells:
    """Return the cells with one for each part at each place of other regions that supplies others: it may hold no more.

    Without a line of its own the optimizer may put pieces there.
    """
    index = {site.code: number for number, site in enumerate(picture.sites)}
    above = {index[site.parent] for site in picture.sites if site.parent in index and depth[index[site.code]] > 0}
    others = np.array(sorted(number for number in above if not inside[number] and depth[number] >= 0), np.int64)
    count = len(picture.sites)
    keys = cells.keys(count)
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
