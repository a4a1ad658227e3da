"""From what is asked of the optimizer to its solution, with the targets that a change is not worth left as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.fleets import Based, based, only_of_fleets
from inventory.planning.stock_plans.forecasts import PartForecast
from inventory.planning.stock_plans.goal_schemas import FleetOut
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.stated import Note, Stated, Why
from inventory.planning.stock_plans.telling import Solution, money
from inventory.planning.stock_plans.terms import floors_of
from optimizer.run import Limit, OnProgress, Progress, ShouldStop
from optimizer.stocking.aim import seats_of
from optimizer.stocking.evaluate import Evaluation, Method, evaluated
from optimizer.stocking.goals import Goal
from optimizer.stocking.hysteresis import kept
from optimizer.stocking.indenture import Needs, delayed
from optimizer.stocking.model import Scenario
from optimizer.stocking.plan import Flying, Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.told import available
from optimizer.stocking.tree import Tree, nodes_of, tree_of

ROUNDS = 6
"""So often targets are sought at most where repairs wait for parts as the targets before have it."""
CLOSE = 1e-3
"""A plan with a larger gap was stopped early where its limit was reached."""
Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


def solved(
    picture: Picture, stated: Stated, request: TargetRequest, should_stop: ShouldStop, report: Report
) -> Solution:
    """Return what the optimizer found, beside what the present targets leave waiting.

    Raises Conflict where availability is the goal and no aircraft is known that a part serves, and for floors that
    cannot be met.
    """
    parts, fleets = len(stated.items), based(picture, stated)
    if request.wanted.goal is Goal.AVAILABILITY:
        if fleets is None:
            raise Conflict(
                _("No aircraft is known that needs a planned part; import aircraft and fits, or change the goal"),
                code="no_fleet",
                field="goal",
            )
        stated = only_of_fleets(stated, fleets.fleets)

    def progress(told: Progress) -> None:
        report(_("Weighing parts against each other"), min(told.iteration, parts), parts)

    report(_("Weighing parts against each other"), 0, parts)
    digest = _fingerprint(stated, request)
    asked = Problem(
        stated.scenario,
        request.budgets(),
        goal=request.wanted.goal,
        floors=floors_of(stated, request.wanted.floors),
        fleets=None if fleets is None else fleets.fleets,
    )
    problem, found, early = settled(asked, stated.needs, request.limit, should_stop, progress)
    plan, notes = _worth_it(stated, problem, found, request.wanted.keep_below)
    tree, lines = tree_of(stated.scenario), stated.scenario.lines
    before = np.zeros(tree.place.size, np.int64)
    before[nodes_of(tree, lines.part, lines.place)] = stated.before
    now = waited(stated, before, plan.evaluation.method)
    return Solution(
        stated=replace(stated, notes=(*stated.notes, *notes), forecasts=_with_waiting(stated, tree, plan.evaluation)),
        plan=plan,
        tree=tree,
        now=now,
        fleets=_fleets(stated, fleets, tree, now, plan.fleets),
        one_budget=request.wanted.capital_budget is None,
        deterministic=request.limit.deterministic,
        stopped_early=early,
        input_hash=digest,
    )


def _with_waiting(stated: Stated, tree: Tree, told: Evaluation) -> tuple[PartForecast, ...]:
    """Return the forecasts with what waits of each part."""
    weighted = np.bincount(told.part, told.own_backorders * tree.weight, len(stated.items)).tolist()
    waits = {item.id: float(one) for item, one in zip(stated.items, weighted, strict=True)}
    return tuple(replace(one, weighted=waits.get(one.part_id, 0.0)) for one in stated.forecasts)


def settled(
    problem: Problem, needs: Needs | None, limit: Limit, should_stop: ShouldStop, progress: OnProgress
) -> tuple[Problem, Plan, bool]:
    """Return the plan of a problem in which repairs wait for parts as they do with its targets, and that problem.

    And whether the limit ended the search before it was through.

    Each round waits as the last one's targets have it, until they stay as they are, in `ROUNDS` at most.
    """
    if needs is None:
        return problem, *_sought(problem, limit, should_stop, progress)
    each = limit if limit.seconds is None else Limit(seconds=limit.seconds / ROUNDS)
    told = problem
    found, early = _sought(told, each, should_stop, progress)
    for _round in range(1, ROUNDS):
        stock = found.evaluation.stock
        scenario, _evaluation = _delayed(problem.scenario, needs, stock, found.evaluation.method)
        told = replace(problem, scenario=scenario)
        found, early = _sought(told, each, should_stop, progress)
        if should_stop() or (found.evaluation.stock == stock).all():
            break
    return told, found, early


def _sought(problem: Problem, limit: Limit, should_stop: ShouldStop, progress: OnProgress) -> tuple[Plan, bool]:
    """Return a plan, and whether the limit ended the search: parts not got to hold as little as they must."""
    last = Progress(0, 0.0, 0.0)

    def on_progress(told: Progress) -> None:
        nonlocal last
        last = told
        progress(told)

    plan = solve(problem, limit=limit, should_stop=should_stop, on_progress=on_progress)
    if limit.iterations is not None:
        ended = last.iteration >= limit.iterations
    else:
        ended = limit.seconds is not None and last.seconds >= limit.seconds
    return plan, ended and plan.gap > CLOSE


def waited(stated: Stated, stock: NDArray[np.int64], method: Method) -> Evaluation:
    """Return what a stock by node leaves waiting, repairs that wait for parts included."""
    if stated.needs is None:
        return evaluated(stated.scenario, tree_of(stated.scenario), stock, method)
    return _delayed(stated.scenario, stated.needs, stock, method)[1]


def _delayed(scenario: Scenario, needs: Needs, stock: NDArray[np.int64], method: Method) -> tuple[Scenario, Evaluation]:
    """Return a scenario in which repairs wait for parts as a stock has it, and what that leaves waiting.

    Assemblies within assemblies come in one level at a time: it ends after as many rounds as there are levels.
    """
    told = evaluated(scenario, tree_of(scenario), stock, method)
    while True:
        before, late = told, delayed(scenario, needs, told)
        told = evaluated(late, tree_of(late), stock, method)
        if np.allclose(told.backorders, before.backorders, rtol=1e-12):
            return late, told


def _fleets(
    stated: Stated, known: Based | None, tree: Tree, now: Evaluation, after: Sequence[Flying]
) -> tuple[FleetOut, ...]:
    """Return what each fleet waits for, and its availability, before and after."""
    if known is None:
        return ()
    fleets = known.fleets
    before = available(tuple(one.name for one in fleets.fleets), seats_of(stated.scenario, tree, fleets), now)
    return tuple(
        FleetOut(
            aircraft_type=kind,
            place=stated.sites[place].code,
            region=stated.sites[place].region,
            aircraft=fleet.aircraft,
            waiting_before=was.backorders,
            waiting_after=is_now.backorders,
            availability_before=was.availability,
            availability_after=is_now.availability,
        )
        for (kind, place), fleet, was, is_now in zip(known.keys, fleets.fleets, before, after, strict=True)
    )


def _worth_it(stated: Stated, problem: Problem, found: Plan, keep_below: Decimal) -> tuple[Plan, list[Note]]:
    """Return the plan with the present targets of parts whose change is worth less, and a note of each."""
    if keep_below <= 0:
        return found, []
    parts, places = stated.scenario.parts, stated.scenario.places
    lines = stated.scenario.lines
    columns = zip(lines.part.tolist(), lines.place.tolist(), stated.before.tolist(), strict=True)
    present = {(parts[part].number, places[place].code): pieces for part, place, pieces in columns if pieces}
    plan, stay = kept(problem, found, present, float(keep_below))
    changed = _open_changes(stated, found.evaluation.stock, plan)
    index = {part.number: number for number, part in enumerate(parts)}
    return plan, [
        Note(Why.NOT_WORTH, stated.items[index[one.part]].id, None, changed[index[one.part]], money=money(one.worth))
        for one in stay
        if changed[index[one.part]]
    ]


def _open_changes(stated: Stated, was: NDArray[np.int64], plan: Plan) -> list[int]:
    """Return by part how many targets of a plan differ from those that it had."""
    told = plan.evaluation
    differs = stated.open[told.place] & (told.stock != was)
    return [int(count) for count in np.bincount(told.part[differs], minlength=len(stated.items))]


def _fingerprint(stated: Stated, request: TargetRequest) -> str:
    """Return what the plan was made from as a digest: the same input is told by the same one."""
    scenario = stated.scenario
    told = sha256(request.wanted.model_dump_json().encode())
    told.update(repr((scenario.places, scenario.parts, request.program)).encode())
    lines = scenario.lines
    for column in (lines.part, lines.place, lines.rate_per_day, lines.weight, lines.least, lines.most, lines.owned):
        told.update(np.ascontiguousarray(column).tobytes())
    if (stuck := scenario.held_up) is not None:
        for one in (stuck.part, stuck.place, stuck.mean, stuck.variance):
            told.update(np.ascontiguousarray(one).tobytes())
    if (needs := stated.needs) is not None:
        for one in (needs.unit, needs.part, needs.place, needs.rate):
            told.update(np.ascontiguousarray(one).tobytes())
    told.update(stated.before.tobytes())
    told.update(repr([(one.item.number, one.place, one.before, one.owned) for one in stated.sharing]).encode())
    return told.hexdigest()
