"""Repairs as a plan sees them: benches that pieces wait for, and the parts that repairs need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from inventory.catalogue.rules import cycle_among
from inventory.planning.benches.models import EVERY_CHAPTER
from inventory.planning.stock_plans.picture import Item, Picture
from inventory.planning.stock_plans.stated import Load, Note, Stated, Why
from optimizer.stocking.indenture import Assembly, needed
from optimizer.stocking.model import HeldUp, Repair, Scenario
from optimizer.stocking.queues import Shop, queued
from optimizer.stocking.tree import parts_of, repairs_of, tree_of

Key = tuple[str, str]
"""The code of a place, and the chapter that its benches are for."""


def with_needs(stated: Stated, picture: Picture) -> Stated:
    """Return what is asked for with what repairs ask for, where they are done; needs in a circle are left out, noted.

    Only what is planned waits and is waited for.
    """
    index = {item.id: number for number, item in enumerate(stated.items)}
    index |= {one.item.id: one.into for one in stated.sharing}
    shares: dict[tuple[int, int], float] = {}
    for unit, part, share in picture.needs:
        pair = (index.get(unit, -1), index.get(part, -1))
        if -1 not in pair and pair[0] != pair[1] and stated.items[pair[0]].restored:
            shares[pair] = max(share, shares.get(pair, 0.0))
    notes = []
    while circle := cycle_among([(str(unit), str(part)) for unit, part in shares]):
        inside = set(map(int, circle))
        for pair in [pair for pair in shares if set(pair) <= inside]:
            del shares[pair]
        notes += [Note(Why.NEEDS_CIRCLE, stated.items[one].id, None, 0) for one in sorted(inside)]
    if not shares:
        return replace(stated, notes=(*stated.notes, *notes))
    names = [item.number for item in stated.items]
    scenario, needs = needed(
        stated.scenario, [Assembly(names[unit], names[part], share) for (unit, part), share in shares.items()]
    )
    lines, had = scenario.lines, stated.before.size
    is_open = stated.open[lines.place]
    frozen = ~is_open & (np.arange(lines.part.size) >= had)
    lines = replace(lines, weight=np.where(is_open, lines.weight, 0.0), most=np.where(frozen, 0, lines.most))
    return replace(
        stated,
        scenario=replace(scenario, lines=lines),
        before=np.concatenate([stated.before, np.zeros(lines.part.size - had, np.int64)]),
        notes=(*stated.notes, *notes),
        needs=needs,
    )


def with_benches(stated: Stated, whole: Stated, benches: Sequence[tuple[UUID, str, int]]) -> Stated:
    """Return what is asked for with pieces that wait for a bench, and how busy these are; `whole` is of the network.

    Benches that do not suffice for what comes are noted, and left out: what waits for them grows for ever.
    """
    codes = {site.id: site.code for site in whole.sites}
    sites = {site.code: site for site in whole.sites}
    counts = {(codes[place], chapter): count for place, chapter, count in benches if place in codes}
    shops, loads, notes = [], [], []
    for key, work in sorted(_work(whole, counts).items()):
        shop = Shop(" ".join(key).strip(), key[0], {part: days for part, (days, _rate) in work.items()}, counts[key])
        offered = sum(days * rate for days, rate in work.values())
        if offered >= counts[key]:
            site = sites[key[0]]
            notes.append(Note(Why.BENCHES_SHORT, None, site.id, len(work)))
            loads.append(Load(site.code, site.region, key[1], counts[key], offered / counts[key], None))
            continue
        shops.append((key, shop))
    scenario, told = queued(whole.scenario, [shop for _key, shop in shops])
    loads += [
        Load(key[0], sites[key[0]].region, key[1], shop.benches, one.utilisation, one.wait_days)
        for (key, shop), one in zip(shops, told, strict=True)
    ]
    held_up = _brought(scenario, stated.scenario)
    return replace(
        stated,
        scenario=replace(stated.scenario, held_up=held_up),
        notes=(*stated.notes, *notes),
        loads=tuple(sorted(loads, key=lambda one: (one.place, one.chapter))),
    )


def with_loads(stated: Stated, loads: Sequence[Load]) -> Stated:
    """Return what is asked for with pieces that wait for a bench as long as was told before."""
    waits = {(one.place, one.chapter): one.wait_days for one in loads if one.wait_days}
    work = _work(stated, dict.fromkeys(waits, 1))
    part_at = {part.number: number for number, part in enumerate(stated.scenario.parts)}
    place_at = {site.code: number for number, site in enumerate(stated.sites)}
    rows = [
        (part_at[part], place_at[key[0]], rate * (waits[key] or 0.0))
        for key, some in work.items()
        for part, (_days, rate) in some.items()
    ]
    if not rows:
        return stated
    part, place, mean = (np.array(column) for column in zip(*rows, strict=True))
    held_up = HeldUp(part.astype(np.int64), place.astype(np.int64), mean.astype(np.float64), np.zeros(len(rows)))
    return replace(stated, scenario=replace(stated.scenario, held_up=held_up))


def waits_for_benches(stated: Stated, loads: Sequence[Load]) -> Stated:
    """Return what is asked for with turn-around times that hold the days of waiting for a bench.

    That is how something that knows no benches sees them; a part that waits at several places waits as at the busiest.
    """
    waits = {(one.place, one.chapter): one.wait_days for one in loads if one.wait_days}
    more: defaultdict[str, float] = defaultdict(float)
    for key, some in _work(stated, dict.fromkeys(waits, 1)).items():
        for part in some:
            more[part] = max(more[part], waits[key] or 0.0)
    scenario = stated.scenario
    parts = tuple(
        replace(part, repair=replace(part.repair, turn_around_days=_days(part.repair, scenario) + more[part.number]))
        if part.repair is not None and more[part.number]
        else part
        for part in scenario.parts
    )
    return replace(stated, scenario=replace(scenario, parts=parts))


def _days(repair: Repair, scenario: Scenario) -> float:
    return repair.turn_around_days or scenario.assumed_days or 0.0


def _work(stated: Stated, counts: Mapping[Key, int]) -> dict[Key, dict[str, tuple[float, float]]]:
    """Return by benches that there are the parts that they repair: the days that one takes, and repairs a day.

    What is told of no tier is repaired elsewhere, or nobody knows where.
    """
    found: defaultdict[Key, dict[str, tuple[float, float]]] = defaultdict(dict)
    scenario = stated.scenario
    tree = tree_of(scenario)
    rates = repairs_of(scenario, tree)
    codes = {place for place, _chapter in counts}
    near = [number for number, site in enumerate(stated.sites) if site.code in codes]
    nodes = np.flatnonzero((rates > 0) & np.isin(tree.place, near))
    columns = zip(parts_of(tree)[nodes].tolist(), tree.place[nodes].tolist(), rates[nodes].tolist(), strict=True)
    for part, place, rate in columns:
        item, code = stated.items[part], stated.sites[place].code
        key = (code, item.chapter) if (code, item.chapter) in counts else (code, EVERY_CHAPTER)
        if item.repair_tier is not None and key in counts:
            found[key][item.number] = (_bench_days(item, scenario), rate)
    return found


def _bench_days(item: Item, scenario: Scenario) -> float:
    return item.bench_days or float(item.turn_around_days or scenario.assumed_days or 0.0)


def _brought(whole: Scenario, scenario: Scenario) -> HeldUp | None:
    """Return what is held up in a scenario of the network, of the parts and places of another one."""
    told = whole.held_up
    if told is None:
        return None
    part_at = {part.number: number for number, part in enumerate(scenario.parts)}
    part = np.array([part_at.get(whole.parts[one].number, -1) for one in told.part.tolist()], np.int64)
    tree, count = tree_of(scenario), len(scenario.places)
    there = np.isin(part * count + told.place, parts_of(tree) * count + tree.place)
    kept = (part >= 0) & there
    return HeldUp(part[kept], told.place[kept], told.mean[kept], told.variance[kept])
