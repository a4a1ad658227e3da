"""Leave targets as they are where a change is not worth it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.run import Status
from optimizer.stocking.aim import SOUND, aim_of
from optimizer.stocking.case import case_of
from optimizer.stocking.curves import Curves
from optimizer.stocking.evaluate import valued
from optimizer.stocking.goals import Goal
from optimizer.stocking.model import is_whole
from optimizer.stocking.told import available
from optimizer.stocking.tree import nodes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from optimizer.stocking.aim import Aim
    from optimizer.stocking.case import Case
    from optimizer.stocking.plan import Plan, Problem

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kept:
    """A part whose targets are left as they are, and the money that the change would have been worth."""

    part: str
    worth: float


def kept(
    problem: Problem, plan: Plan, present: Mapping[tuple[str, str], int], worth: float
) -> tuple[Plan, tuple[Kept, ...]]:
    """Return a plan with the present targets of parts whose change is worth less, the least worth first.

    `present` are pieces by (part, place), none where there is none. A change is that of a part at all its places, since
    pieces at one are less needed for those at others. It is worth what it saves of the goal at the price of money, and
    of the money itself. Present targets that break a bound of a line, the money or a floor that is met are not kept.
    The bound stays that of the plan. Raises ValueError for a negative worth, for a plan of availability, where parts of
    a fleet weigh on each other, for a part that is not kept at a place, and for a target that is no number of pieces.
    """
    if not 0 <= worth < math.inf:
        raise ValueError(f"worth must be 0 or more and finite, not {worth}")
    if problem.goal is Goal.AVAILABILITY:
        raise ValueError("the goal is availability, of which parts have no share of their own: keep targets of others")
    case = case_of(problem)
    aim, stock = aim_of(problem, case.tree), plan.evaluation.stock
    before = _stock_of(problem, case, present)
    saved = _worth(plan, case, aim, before)
    least, most = case.tree.least, case.tree.most
    broken = np.add.reduceat((before < least) | (before > most), case.tree.at[:-1]) > 0
    changed = np.add.reduceat(before != stock, case.tree.at[:-1]) > 0
    some = np.flatnonzero(changed & ~broken & (saved < worth))
    stays = _payable(plan, case, aim, before, some[np.argsort(saved[some], kind="stable")])
    chosen = np.zeros(case.price.size, np.bool_)
    chosen[stays] = True
    laid = np.where(np.repeat(chosen, np.diff(case.tree.at)), before, stock)
    told = tuple(Kept(problem.scenario.parts[one].number, float(saved[one])) for one in stays)
    return _with(plan, case, aim, laid) if told else plan, told


def _stock_of(problem: Problem, case: Case, present: Mapping[tuple[str, str], int]) -> Ints:
    parts = {part.number: index for index, part in enumerate(problem.scenario.parts)}
    places = {place.code: index for index, place in enumerate(problem.scenario.places)}
    tree = case.tree
    there = set(
        zip(np.repeat(np.arange(tree.at.size - 1), np.diff(tree.at)).tolist(), tree.place.tolist(), strict=True)
    )
    keys = [(parts.get(part, -1), places.get(place, -1)) for part, place in present]
    for name, key in zip(present, keys, strict=True):
        if key not in there:
            raise ValueError(f"part {name[0]} at {name[1]}: no line is there or below; leave its present target out")
        if present[name] < 0 or not is_whole(present[name]):
            raise ValueError(
                f"part {name[0]} at {name[1]}: a present target must be a whole number, 0 or more, not {present[name]}"
            )
    stock = np.zeros(tree.place.size, np.int64)
    if keys:
        columns = np.array(keys, np.int64).T
        stock[nodes_of(tree, columns[0], columns[1])] = list(present.values())
    return stock


def _worth(plan: Plan, case: Case, aim: Aim, before: Ints) -> NDArray[np.float64]:
    """Return by part the money that the change from before is worth."""
    goal = aim.objective(valued(case.tree, before)) - aim.objective(plan.evaluation)
    saved = case.costs(before) - case.costs(plan.evaluation.stock)
    for budget, mine in case.parts.items():
        price = plan.spending[budget].price
        if price > 0:
            saved[mine] += goal[mine] / price
        else:
            saved[mine] = np.where(goal[mine] > 0, np.inf, saved[mine])
    return saved


def _payable(plan: Plan, case: Case, aim: Aim, before: Ints, some: Ints) -> list[int]:
    """Return those parts, in this order, that can be left as they are with the money there is and floors met."""
    budget_of = {int(part): budget for budget, mine in case.parts.items() for part in mine}
    left = {budget: one.budget - one.spent for budget, one in plan.spending.items()}
    more = case.costs(before) - case.costs(plan.evaluation.stock)
    lack, limit = aim.lacks.of(plan.evaluation), aim.lacks.limit * (1.0 + SOUND)
    # a floor's lines by part: what it lacks more when a part stays
    part_of = np.repeat(np.arange(case.price.size), np.diff(case.tree.at))
    was = valued(case.tree, before)
    fill, wait = plan.evaluation.fill - was.fill, was.own_backorders - plan.evaluation.own_backorders
    changes = aim.lacks.counts * np.where(aim.lacks.missed[aim.lacks.floor], fill[aim.lacks.node], wait[aim.lacks.node])
    entry_part = part_of[aim.lacks.node]
    order = np.argsort(entry_part, kind="stable")
    at = np.searchsorted(entry_part[order], np.arange(case.price.size + 1))
    stays = []
    for part in some.tolist():
        entries = order[at[part] : at[part + 1]]
        after = lack + np.bincount(aim.lacks.floor[entries], changes[entries], lack.size)
        worse = (after > limit) & (after > lack)
        if more[part] <= left[budget_of[part]] + 1e-9 and not worse.any():
            left[budget_of[part]] -= float(more[part])
            lack = after
            stays.append(part)
    return stays


def _with(plan: Plan, case: Case, aim: Aim, stock: Ints) -> Plan:
    """Return the plan with another stock."""
    tree, evaluation = case.tree, valued(case.tree, stock)
    goal, costs = aim.objective(evaluation), case.costs(stock)
    spending = {
        budget: replace(plan.spending[budget], spent=math.fsum(costs[mine]), objective=math.fsum(goal[mine]))
        for budget, mine in case.parts.items()
    }
    objective = math.fsum(one.objective for one in spending.values())
    bound = min(plan.bound, objective)
    curves = Curves(tree, *aim.weights(aim.begun(), np.zeros(aim.lacks.limit.size)))
    ends = zip(tree.at[:-1].tolist(), tree.at[1:].tolist(), strict=True)
    floors = tuple(
        replace(one, value=value, met=met)
        for one, value, met in zip(plan.floors, *aim.lacks.reached(evaluation), strict=True)
    )
    return replace(
        plan,
        status=Status.FEASIBLE if plan.status is Status.OPTIMAL and bound < objective else plan.status,
        objective=objective,
        bound=bound,
        gap=(objective - bound) / objective if objective > 0 else 0.0,
        evaluation=evaluation,
        saves=np.concatenate([curves.savings(index, stock[one:two]) for index, (one, two) in enumerate(ends)]),
        surplus=case.surplus(stock),
        spending=spending,
        floors=floors,
        fleets=available(tuple(fleet.fleet for fleet in plan.fleets), aim.seats, evaluation),
    )
