"""From the picture to what the optimizer is asked: lines that it can plan, and notes of what it cannot or assumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inventory.catalogue.models import Essentiality, PartClass
from inventory.network.models import Tier
from inventory.planning.stock_plans.cells import Cells, Floats, Ints, cells_of, depths_of, pooled, with_frozen_above
from inventory.planning.stock_plans.demand import Demand, rates
from inventory.planning.stock_plans.forecasts import dispersions, forecasts_of, gone_parts
from inventory.planning.stock_plans.picture import Item, Picture, Site
from inventory.planning.stock_plans.stated import Note, Stated, Why
from inventory.planning.stock_plans.weighing import weighing, weights_at
from optimizer.stocking.model import UNLIMITED, Lines, Part, Place, Repair, Scenario

CANDIDATE_PER_DAY = 0.01 / 365
"""Where less is asked for, and nothing held or wanted, a place is no candidate: the place above serves it."""


def state(
    picture: Picture,
    *,
    region: str | None,
    assumed_days: float,
    one_budget: bool,
    candidate_per_day: float = CANDIDATE_PER_DAY,
) -> Stated | None:
    """Return what is asked of the optimizer for the network or one region; None where there is nothing to plan.

    Of a region, all other places keep their targets: they own exactly these, weigh nothing, serve and ask as ever.
    With `one_budget` a single sum buys all parts: what is used up is stated as what no repair ever restores.
    """
    demand, depth, count = rates(picture), depths_of(picture), len(picture.sites)
    inside = np.array([region in (None, site.region) for site in picture.sites])
    ends = demand.kin.ends()
    end = np.array([ends.get(number, number) for number in range(len(picture.items))], np.int64)
    cells = _asked_inside(cells_of(picture, demand), inside, end)
    told, parts = int(inside[cells.place].sum()), int(np.unique(cells.part).size)
    kept, notes = _left_out(picture, demand, cells, depth, inside)
    cells, moved, stay = pooled(picture, cells.some(kept), depth, candidate_per_day)
    notes += _pooled_notes(picture, moved * inside)
    cells = _asked_inside(cells, inside, end)
    if not cells.part.size:
        return None
    planned = int(stay[inside].sum())
    if region is not None:
        cells = with_frozen_above(picture, cells, depth, inside)
    reached = np.flatnonzero(depth >= 0)
    numbers, part = np.unique(cells.part, return_inverse=True)
    items = tuple(picture.items[number] for number in numbers.tolist())
    sites = tuple(picture.sites[number] for number in reached.tolist())
    opened = inside[cells.place]
    counted = np.bincount(part[opened], minlength=len(items))
    weight = _weights(picture, items, cells, part, assumed_days)
    dispersion = dispersions(demand, _supply_days(picture, demand, depth, assumed_days), len(picture.items))
    scenario = Scenario(
        tuple(_place(picture, site) for site in sites),
        tuple(
            _part(item, picture, depth, assumed_days, varies, one_budget=one_budget)
            for item, varies in zip(items, dispersion[numbers].tolist(), strict=True)
        ),
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
    at_place = np.bincount(cells.place[opened], minlength=count)
    notes += _assumed_of_parts(picture, items, counted, assumed_days)
    notes += _assumed_of_places(picture, sites, at_place[reached], assumed_days)
    lines = _lines_of_parts(picture, demand, dict(zip(numbers.tolist(), counted.tolist(), strict=True)), inside, depth)
    notes += _of_forecasts(picture, demand, lines)
    forecasts = tuple(forecasts_of(picture, demand, np.flatnonzero(lines), inside & (depth >= 0), dispersion))
    return Stated(scenario, items, sites, cells.target, inside[reached], tuple(notes), parts, told, planned, forecasts)


def _asked_inside(cells: Cells, inside: NDArray[np.bool_], end: Ints) -> Cells:
    """Return the cells of the parts that they, or what they are planned with (`end`), are within what is planned."""
    here = np.unique(end[cells.part[inside[cells.place]]])
    return cells.some(np.isin(end[cells.part], here))


def _pooled_notes(picture: Picture, lines: Ints) -> Iterator[Note]:
    for number in np.flatnonzero(lines).tolist():
        yield Note(Why.POOLED, None, picture.sites[number].id, int(lines[number]))


def _left_out(
    picture: Picture, demand: Demand, cells: Cells, depth: Ints, inside: NDArray[np.bool_]
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


def _weights(picture: Picture, items: Sequence[Item], cells: Cells, part: Ints, assumed_days: float) -> Floats:
    """Return what waiting weighs by cell."""
    way = np.array([site.transit_days or assumed_days for site in picture.sites])
    root = next(number for number, site in enumerate(picture.sites) if site.code == picture.root.code)
    at = np.searchsorted(part, np.arange(len(items) + 1))
    weight = np.empty(part.size)
    for number, item in enumerate(items):
        mine = slice(at[number], at[number + 1])
        places = cells.place[mine]
        outside = _outside_days(item) or assumed_days
        supply = np.where(places == root, outside, way[places])
        weight[mine] = weights_at(item, weighing(item, picture.weights), supply)
    return weight


def _place(picture: Picture, site: Site) -> Place:
    if site.code == picture.root.code:
        return Place(site.code)
    return Place(site.code, site.parent, site.transit_days)


def _supply_days(picture: Picture, demand: Demand, depth: Ints, assumed_days: float) -> Floats:
    """Return by row of the demand how long its supply takes: repair or purchase, and the way to the place."""
    index = {site.code: number for number, site in enumerate(picture.sites)}
    way = np.zeros(depth.size)
    for number in np.argsort(depth).tolist():
        site = picture.sites[number]
        if depth[number] > 0 and site.parent is not None:
            way[number] = way[index[site.parent]] + (site.transit_days or assumed_days)
    outside = np.array([_outside_days(item) or assumed_days for item in picture.items], np.float64)
    days: Floats = outside[demand.part] + way[demand.place]
    return days


def _outside_days(item: Item) -> int | None:
    return item.turn_around_days if item.restored else item.lead_days


def _part(
    item: Item, picture: Picture, depth: Ints, assumed_days: float, dispersion: float, *, one_budget: bool
) -> Part:
    lead = item.lead_days or None
    repair = None
    if item.restored:
        shop = _depth_of(picture, item.repair_tier, depth)
        repair = Repair(item.turn_around_days or None, shop, item.condemned_share)
    elif one_budget:
        repair = Repair(lead or assumed_days, 0, 1.0)
    return Part(item.number, float(item.price), lead, repair, dispersion=dispersion)


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


def _lines_of_parts(
    picture: Picture, demand: Demand, planned: Mapping[int, int], inside: NDArray[np.bool_], depth: Ints
) -> Ints:
    """Return by part the lines that it has where is planned; 0 for what is left out.

    Also of parts that are asked for by nobody any more, so that the optimizer is not told of them.
    """
    count = len(picture.sites)
    there = (inside & (depth >= 0))[demand.place]
    cells = np.unique(demand.part[there] * count + demand.place[there])
    lines = np.bincount(cells // count, minlength=len(picture.items))
    for number, item in enumerate(picture.items):
        able = _unplannable(item, known=bool(demand.known[number])) is None
        lines[number] = max(lines[number], planned.get(number, 0)) if able else 0
    return lines


def _of_forecasts(picture: Picture, demand: Demand, lines: Ints) -> Iterator[Note]:
    """Yield notes of parts that nobody asks for any more, or that others replace."""
    gone = gone_parts(demand)
    for number in np.flatnonzero(lines).tolist():
        part, count = picture.items[number].id, int(lines[number])
        if number in demand.kin.successions:
            yield Note(Why.SUPERSEDED, part, None, count)
        elif number in gone:
            yield Note(Why.DEAD, part, None, count)
        if number in demand.kin.unclear:
            yield Note(Why.SUCCESSION_UNCLEAR, part, None, count)
