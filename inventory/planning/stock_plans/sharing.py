"""Parts that stand in for each other in a plan: one target for all of them, told by the part that has the pieces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

import numpy as np

from inventory.planning.stock_plans.cells import Ints
from inventory.planning.stock_plans.kin import Group, kin_of
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.stated import Note, Sharing, Stated, Why
from optimizer.stocking.interchange import Interchange, Rolled, interchanged
from optimizer.stocking.tree import Tree

Cell = tuple[str, int]
"""A part number and the index of a place."""


def with_interchange(stated: Stated, picture: Picture) -> Stated:
    """Return what is asked for of the preferred parts alone, with what counts of the others, and notes of these."""
    kin = kin_of(picture)
    numbers = [item.number for item in picture.items]
    there = {item.number for item in stated.items}
    scenario, rolled = stated.scenario, list[Rolled]()
    for groups, two_way in ((kin.two_way, True), (kin.one_way, False)):
        asked = _groups(groups, two_way, numbers, there)
        if asked:
            scenario, told = interchanged(scenario, asked)
            rolled += told
            there = {part.number for part in scenario.parts}
    if not rolled:
        return stated
    into = _ends(rolled)
    index = {part.number: number for number, part in enumerate(scenario.parts)}
    at_part = np.array([index[into.get(item.number, item.number)] for item in stated.items], np.int64)
    old, new, count = stated.scenario.lines, scenario.lines, len(stated.sites)
    keys = new.part * count + new.place
    is_open = stated.open[new.place]
    before = np.zeros(keys.size, np.int64)
    # the lines of what was joined are in the order of their keys
    np.add.at(before, np.searchsorted(keys, at_part[old.part] * count + old.place), stated.before)
    moved = np.flatnonzero(np.isin(old.part, [at for at, item in enumerate(stated.items) if item.number in into]))
    columns = (old.part[moved], old.place[moved], stated.before[moved], old.owned[moved])
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    owned = {(stated.items[part].number, place): pieces for part, place, _was, pieces in rows}
    counted = _counted(stated, rolled, owned)
    sharing = tuple(
        Sharing(stated.items[part], int(at_part[part]), place, was, counted[stated.items[part].number, place])
        for part, place, was, _pieces in rows
    )
    stays = {item.number: item for item in stated.items}
    return replace(
        stated,
        # what is left as it is needs no money, whatever counts of it
        scenario=replace(scenario, lines=replace(new, owned=np.where(is_open, new.owned, before))),
        items=tuple(stays[part.number] for part in scenario.parts),
        before=before,
        notes=(*stated.notes, *_notes(stated, sharing, into, owned)),
        sharing=sharing,
    )


def _groups(groups: Sequence[Group], two_way: bool, numbers: Sequence[str], there: set[str]) -> list[Interchange]:
    """Return groups of the parts that are there."""
    found = []
    for group in groups:
        others = tuple(numbers[one] for one in group.others if numbers[one] in there)
        if others and numbers[group.preferred] in there:
            found.append(Interchange(numbers[group.preferred], others, two_way))
    return found


def _ends(rolled: Sequence[Rolled]) -> dict[str, str]:
    """Return {part: the one that it is planned with}."""
    step = {one.part: one.into for one in rolled}
    return {part: step.get(into, into) for part, into in step.items()}


def _counted(stated: Stated, rolled: Sequence[Rolled], owned: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return the pieces that count, by part and place, of parts that are planned with another.

    What counts of a group that an outer one took in is of its preferred part first.
    """
    place_at = {site.code: number for number, site in enumerate(stated.sites)}
    inner: defaultdict[str, list[str]] = defaultdict(list)
    for part, into in {(one.part, one.into) for one in rolled}:
        inner[into].append(part)
    counted: defaultdict[Cell, int] = defaultdict(int)
    ends = {one.into for one in rolled} - {one.part for one in rolled}
    for one in rolled:
        if one.into not in ends:
            continue
        place, pieces = place_at[one.place], one.owned
        for part in (one.part, *sorted(inner[one.part])):
            counted[part, place] = min(pieces, owned.get((part, place), 0))
            pieces -= counted[part, place]
    return counted


def _notes(
    stated: Stated, sharing: Sequence[Sharing], into: Mapping[str, str], owned: Mapping[Cell, int]
) -> Iterator[Note]:
    """Yield a note of each part that is planned with another, and of its pieces that do not count for that."""
    keys = {item.number: item.id for item in stated.items}
    lines = Counter(one.item.number for one in sharing if stated.open[one.place])
    for part in sorted(lines):
        yield Note(Why.INTERCHANGED, keys[part], None, lines[part], other=keys[into[part]])
    apart = Counter(
        one.item.number for one in sharing if stated.open[one.place] and owned[one.item.number, one.place] > one.owned
    )
    for part in sorted(apart):
        yield Note(Why.USED_FIRST, keys[part], None, apart[part], other=keys[into[part]])


class Share(NamedTuple):
    """The target of a part that is planned with another, before and after; `node` is where that one has them all."""

    part: UUID
    node: int
    before: int
    after: int


def shares(stated: Stated, tree: Tree, before: Ints, after: Ints) -> list[Share]:
    """Return the targets of parts that are planned with others, of the targets of all of them by node.

    A target is of the parts whose pieces there are: where they lie first, then where there is room. The rest is of the
    preferred part. Where the targets of a group stay as they are, each part keeps its own.
    """
    mine: defaultdict[int, list[Sharing]] = defaultdict(list)
    for one in stated.sharing:
        if stated.open[one.place]:
            mine[one.into].append(one)
    found = []
    for part, sharing in mine.items():
        nodes = np.arange(tree.at[part], tree.at[part + 1])
        nodes = nodes[stated.open[tree.place[nodes]]]
        node_at = {int(tree.place[node]): int(node) for node in nodes}
        held = {(one.item.id, node_at[one.place]): one.before for one in sharing}
        if (before[nodes] == after[nodes]).all():
            found += [Share(key, node, was, was) for (key, node), was in held.items()]
            continue
        laid = _laid(sharing, node_at, {int(node): int(after[node]) for node in nodes})
        found += [Share(*cell, held.get(cell, 0), laid.get(cell, 0)) for cell in sorted({*held, *laid})]
    return [one for one in found if one.before or one.after]


def _laid(sharing: Sequence[Sharing], node_at: Mapping[int, int], room: dict[int, int]) -> dict[tuple[UUID, int], int]:
    """Return how many pieces of which part stand for the targets of which node."""
    laid: defaultdict[tuple[UUID, int], int] = defaultdict(int)
    beyond: defaultdict[UUID, int] = defaultdict(int)
    for one in sharing:
        node = node_at[one.place]
        pieces = min(one.owned, room[node])
        laid[one.item.id, node] += pieces
        room[node] -= pieces
        beyond[one.item.id] += one.owned - pieces
    for part, left in beyond.items():
        for node in sorted(room, key=lambda node: (-room[node], node)):
            pieces = min(left, room[node])
            laid[part, node] += pieces
            room[node] -= pieces
            left -= pieces
    return {cell: pieces for cell, pieces in laid.items() if pieces}
