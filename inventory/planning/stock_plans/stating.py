"""From the picture to what the optimizer is asked: lines that it can plan, and notes of what it cannot or assumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import ceil, floor
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import Essentiality, PartClass
from inventory.network.models import Tier
from inventory.planning.stock_plans.demand import Demand, rates
from inventory.planning.stock_plans.picture import Item, Picture, Site
from inventory.planning.stock_plans.weighing import weighing, weights_at
from optimizer.stocking.model import UNLIMITED, Lines, Part, Place, Repair, Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Why(StrEnum):
    """Why lines are left out of a plan, or what it assumes of them."""

    TOOL = "tool"
    NO_PRICE = "no_price"
    DEMAND_UNKNOWN = "demand_unknown"
    CUT_OFF = "cut_off"
    ASSUMED_TRANSIT = "assumed_transit"
    ASSUMED_LEAD = "assumed_lead"
    ASSUMED_TURN_AROUND = "assumed_turn_around"
    ASSUMED_MEL = "assumed_mel"
    UNWEIGHED = "unweighed"
    SHELF_LIFE = "shelf_life"
    NOT_WORTH = "not_worth"
    NO_FLEET = "no_fleet"


LEFT_OUT = (Why.TOOL, Why.NO_PRICE, Why.DEMAND_UNKNOWN, Why.CUT_OFF, Why.NO_FLEET)
"""Of these nothing is planned, and targets stay as they are."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something left out or assumed: why, of which part or place, how many lines that concerns, which days are assumed.

    Each line that is left out is counted in one note. `money` is what a change was worth that is left undone.
    """

    why: Why
    part: UUID | None
    place: UUID | None
    lines: int
    days: float | None = None
    money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What is asked of the optimizer: its parts and places in the order of the scenario.

    `before` are present targets by line of the scenario, `open` tells which places are planned, the others being left
    as they are. `lines` counts those that there are at these places, planned or noted as left out.
    """

    scenario: Scenario
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    before: Ints
    open: NDArray[np.bool_]
    notes: tuple[Note, ...]
    parts: int
    lines: int
    planned: int


@dataclass(frozen=True, slots=True)
class _Cells:
    """Columns by cell of a part at a place, in order of both."""

    part: Ints
    place: Ints
    per_day: Floats
    target: Ints
    owned: Ints

    def some(self, chosen: NDArray[np.bool_]) -> _Cells:
        return _Cells(
            self.part[chosen], self.place[chosen], self.per_day[chosen], self.target[chosen], self.owned[chosen]
        )


def state(picture: Picture, *, region: str | None, assumed_days: float, one_budget: bool) -> Stated | None:
    """Return what is asked of the optimizer for the network or one region; None where there is nothing to plan.

    Of a region, all other places keep their targets: they own exactly these, weigh nothing, serve and ask as ever.
    With `one_budget` a single sum buys all parts: what is used up is stated as what no repair ever restores.
    """
    demand = rates(picture)
    depth = _depths(picture)
    inside = np.array([region in (None, site.region) for site in picture.sites])
    cells = _cells(picture, demand)
    if region is not None:
        asked = np.isin(cells.part, np.unique(cells.part[inside[cells.place]]))
        cells = cells.some(asked)
    kept, notes = _left_out(picture, demand, cells, depth, inside)
    told = int(inside[cells.place].sum())
    parts = int(np.unique(cells.part).size)
    cells = cells.some(kept)
    if region is not None:
        cells = cells.some(np.isin(cells.part, np.unique(cells.part[inside[cells.place]])))
    if not cells.part.size:
        return None
    planned = int(inside[cells.place].sum())
    if region is not None:
        cells = _with_frozen_above(picture, cells, depth, inside)
    reached = np.flatnonzero(depth >= 0)
    numbers, part = np.unique(cells.part, return_inverse=True)
    items = tuple(picture.items[number] for number in numbers.tolist())
    sites = tuple(picture.sites[number] for number in reached.tolist())
    opened = inside[cells.place]
    counted = np.bincount(part[opened], minlength=len(items))
    weight = _weights(picture, items, cells, part, assumed_days)
    scenario = Scenario(
        tuple(_place(picture, site) for site in sites),
        tuple(_part(item, picture, depth, assumed_days, one_budget=one_budget) for item in items),
        Lines(
            part=part.astype(np.int64),
            place=np.searchsorted(reached, cells.place),
            rate_per_day=cells.per_day,
            weight=np.where(opened, weight, 0.0),
            least=np.where(opened, 0, cells.target),
            most=np.where(opened, UNLIMITED, cells.target),
            owned=np.where(opened, cells.owned, cells.target),
        ),
        assumed_days,
    )
    there = np.bincount(cells.place[opened], minlength=len(picture.sites))
    notes += _assumed_of_parts(picture, items, counted, assumed_days)
    notes += _assumed_of_places(picture, sites, there[reached], assumed_days)
    return Stated(scenario, items, sites, cells.target, inside[reached], tuple(notes), parts, told, planned)


def _cells(picture: Picture, demand: Demand) -> _Cells:
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
    return _Cells(part, place, per_day, target, owned)


def _depths(picture: Picture) -> Ints:
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


def _left_out(
    picture: Picture, demand: Demand, cells: _Cells, depth: Ints, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], list[Note]]:
    """Return which cells can be planned, and a note for each part and place of which the others are."""
    why = np.array([_unplannable(item, known=bool(demand.known[n])) for n, item in enumerate(picture.items)], object)
    out = np.array([one is not None for one in why])[cells.part]
    cut = ~out & (depth[cells.place] < 0)
    own = inside[cells.place]
    lines = np.bincount(cells.part[out & own], minlength=len(picture.items))
    notes = [
        Note(why[number], picture.items[number].id, None, int(lines[number]))
        for number in np.flatnonzero(lines).tolist()
    ]
    lines = np.bincount(cells.place[cut & own], minlength=len(picture.sites))
    notes += [
        Note(Why.CUT_OFF, None, picture.sites[number].id, int(lines[number]))
        for number in np.flatnonzero(lines).tolist()
    ]
    return ~out & ~cut, notes


def _unplannable(item: Item, *, known: bool) -> Why | None:
    if item.part_class is PartClass.TOOL:
        return Why.TOOL
    if item.price <= 0:
        return Why.NO_PRICE
    return None if known else Why.DEMAND_UNKNOWN


def _with_frozen_above(picture: Picture, cells: _Cells, depth: Ints, inside: NDArray[np.bool_]) -> _Cells:
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
    return _Cells(
        np.concatenate([cells.part, part])[order],
        np.concatenate([cells.place, place])[order],
        np.concatenate([cells.per_day, nothing])[order],
        np.concatenate([cells.target, nothing])[order],
        np.concatenate([cells.owned, nothing])[order],
    )


def _weights(picture: Picture, items: Sequence[Item], cells: _Cells, part: Ints, assumed_days: float) -> Floats:
    """Return what waiting weighs by cell."""
    way = np.array([site.transit_days or assumed_days for site in picture.sites])
    root = next(number for number, site in enumerate(picture.sites) if site.code == picture.root.code)
    at = np.searchsorted(part, np.arange(len(items) + 1))
    weight = np.empty(part.size)
    for number, item in enumerate(items):
        mine = slice(at[number], at[number + 1])
        places = cells.place[mine]
        outside = (item.turn_around_days if item.restored else item.lead_days) or assumed_days
        supply = np.where(places == root, outside, way[places])
        weight[mine] = weights_at(item, weighing(item, picture.weights), supply)
    return weight


def _place(picture: Picture, site: Site) -> Place:
    if site.code == picture.root.code:
        return Place(site.code)
    return Place(site.code, site.parent, site.transit_days)


def _part(item: Item, picture: Picture, depth: Ints, assumed_days: float, *, one_budget: bool) -> Part:
    lead = item.lead_days or None
    repair = None
    if item.restored:
        shop = _depth_of(picture, item.repair_tier, depth)
        repair = Repair(item.turn_around_days or None, shop, item.condemned_share)
    elif one_budget:
        repair = Repair(lead or assumed_days, 0, 1.0)
    return Part(
        item.number, float(item.price), lead, repair, max(1, ceil(item.order_quantity)) if not item.restored else 1
    )


def _depth_of(picture: Picture, tier: Tier | None, depth: Ints) -> int:
    """Return the depth of the places of a tier nearest to the root; the root's where there are none."""
    found = [int(depth[n]) for n, site in enumerate(picture.sites) if site.tier is tier and depth[n] >= 0]
    return min(found, default=0)


def _assumed_of_parts(picture: Picture, items: Sequence[Item], lines: Ints, days: float) -> Iterator[Note]:
    for item, count in zip(items, lines.tolist(), strict=True):
        if not item.lead_days and (not item.restored or item.condemned_share > 0):
            yield Note(Why.ASSUMED_LEAD, item.id, None, count, days)
        if item.restored and not item.turn_around_days:
            yield Note(Why.ASSUMED_TURN_AROUND, item.id, None, count, days)
        rule = weighing(item, picture.weights)
        if rule is None:
            yield Note(Why.UNWEIGHED, item.id, None, count)
        elif item.essentiality is Essentiality.GO_IF and item.mel_category is None:
            yield Note(Why.ASSUMED_MEL, item.id, None, count, rule.interval_days)


def _assumed_of_places(picture: Picture, sites: Sequence[Site], lines: Ints, days: float) -> Iterator[Note]:
    for site, count in zip(sites, lines.tolist(), strict=True):
        if site.code != picture.root.code and site.transit_days is None:
            yield Note(Why.ASSUMED_TRANSIT, None, site.id, count, days)
