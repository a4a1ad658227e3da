"""First expiring, first out: which lot goes, where lots differ in nothing but that."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from optimizer.replenishment.daily.build import Built
    from optimizer.replenishment.daily.core import Ints
    from optimizer.replenishment.daily.model import Problem, Supply

NEVER_S = 10**12


class _Wanted(NamedTuple):
    stays: bool
    need: int
    lanes: tuple[int, ...]
    again: bool
    each: int


def alike(supply: Supply) -> tuple[object, ...]:
    """Return what supplies must have in common for one to go in place of the other."""
    return (
        supply.part,
        supply.place,
        supply.source,
        supply.available_s,
        supply.owner,
        supply.unit_cost,
        supply.limits,
        supply.hold,
        supply.serviceable,
    )


def first_expiring(problem: Problem, built: Built, pieces: Ints) -> Ints:
    """Return the same moves, of the lots that expire first, at the same cost.

    What goes away or into a job comes before what stays on the shelf. Where a lot would expire too soon for its move,
    the lots stay as they are.
    """
    groups: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, held in enumerate(problem.supplies):
        groups[alike(held)].append(number)
    several = {number: key for key, lots in groups.items() if len(lots) > 1 for number in lots}
    moves: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for move, (supply, _) in enumerate(built.ends):
        if supply in several:
            moves[several[supply]].append(move)
    found = pieces.copy()
    for key, those in moves.items():
        _reassign(problem, built, found, groups[key], those)
    return found


def _reassign(problem: Problem, built: Built, pieces: Ints, lots: list[int], moves: list[int]) -> None:
    at = {(*built.ends[move], built.chosen[move].lanes, built.again[move]): move for move in moves}
    total: defaultdict[tuple[int, tuple[int, ...], bool], int] = defaultdict(int)
    for move in moves:
        total[built.ends[move][1], built.chosen[move].lanes, built.again[move]] += int(pieces[move])
    wanted = sorted(
        _Wanted(not lanes and problem.needs[need].job is None, need, lanes, again, each)
        for (need, lanes, again), each in total.items()
        if each
    )
    left = {lot: int(built.core.supply_each[lot]) for lot in lots}
    order = sorted(lots, key=lambda lot: (problem.supplies[lot].expires_s or NEVER_S, lot))
    given: dict[int, int] = {}
    for one in wanted:
        lacking = one.each
        for lot in order:
            move = at.get((lot, one.need, one.lanes, one.again), -1)
            taken = 0 if move < 0 else min(lacking, left[lot], int(built.core.each[move]))
            if taken:
                given[move] = given.get(move, 0) + taken
                left[lot] -= taken
                lacking -= taken
        if lacking:
            return
    pieces[moves] = np.array([given.get(move, 0) for move in moves], np.int64)
