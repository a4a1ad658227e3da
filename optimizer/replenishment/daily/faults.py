"""Lines that make no sense, each named, so that the rest can be planned without them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from optimizer.replenishment.check import Violation
from optimizer.replenishment.daily.core import MONEY_MAX, PIECES_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.replenishment.daily.model import Lane, Limit, Need, Part, Problem, Supply


def faults(problem: Problem) -> list[Violation]:
    """Return what is wrong, line by line (`lane 3`); a line with a fault is left out of the plan.

    Codes: `index` (of what is not there), `money`, `weight`, `quantity`, `time`, `capacity` (out of range), `past` (a
    need that nothing can reach in time any more), `route` (no chain, or over a lane left out). Linear time.
    """
    found: list[Violation] = []
    rules: list[tuple[str, tuple[Any, ...], Callable[[Problem, Any], Iterator[str]]]] = [
        ("part", problem.parts, _part),
        ("limit", problem.limits, _limit),
        ("lane", problem.lanes, _lane),
        ("supply", problem.supplies, _supply),
        ("need", problem.needs, _need),
    ]
    for name, lines, of in rules:
        for number, line in enumerate(lines):
            found += [Violation(code, f"{name} {number}") for code in of(problem, line)]
    bad = {one.where for one in found}
    for number, route in enumerate(problem.routes):
        if not _chain(problem, route, bad):
            found.append(Violation("route", f"route {number}"))
    return found


def _money(*amounts: float) -> bool:
    return all(0 <= amount <= MONEY_MAX for amount in amounts)


def _part(_: Problem, part: Part) -> Iterator[str]:
    if not _money(part.kg):
        yield "weight"


def _limit(_: Problem, limit: Limit) -> Iterator[str]:
    if not limit.capacity >= 0:
        yield "capacity"


def _lane(problem: Problem, lane: Lane) -> Iterator[str]:
    places, limits = range(len(problem.places)), range(len(problem.limits))
    if lane.origin not in places or lane.destination not in places or any(index not in limits for index in lane.limits):
        yield "index"
    if not _money(lane.cost_per_piece, lane.cost_per_kg, lane.fixed_cost):
        yield "money"
    if any(seconds < 0 for seconds in lane.legs.values()):
        yield "time"
    if lane.capacity_kg is not None and not 0 <= lane.capacity_kg < math.inf:
        yield "capacity"


def _supply(problem: Problem, supply: Supply) -> Iterator[str]:
    if not _placed(problem, supply) or any(index not in range(len(problem.limits)) for index in supply.limits):
        yield "index"
    if not 0 <= supply.each <= PIECES_MAX:
        yield "quantity"
    if not _money(supply.unit_cost):
        yield "money"
    if supply.available_s < 0:
        yield "time"


def _need(problem: Problem, need: Need) -> Iterator[str]:
    if not _placed(problem, need):
        yield "index"
    if not 0 <= need.each <= PIECES_MAX:
        yield "quantity"
    if not _money(need.penalty, need.late_cost_per_h):
        yield "money"
    if need.latest_s < need.due_s:
        yield "time"
    if need.latest_s < 0:
        yield "past"


def _placed(problem: Problem, line: Supply | Need) -> bool:
    return line.part in range(len(problem.parts)) and line.place in range(len(problem.places))


def _chain(problem: Problem, route: tuple[int, ...], bad: set[str]) -> bool:
    if not route or any(number not in range(len(problem.lanes)) or f"lane {number}" in bad for number in route):
        return False
    lanes = [problem.lanes[number] for number in route]
    joined = all(a.destination == b.origin for a, b in pairwise(lanes))
    return joined and len({lane.origin for lane in lanes} | {lanes[-1].destination}) == len(lanes) + 1
