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
from inventory.planning.stock_plans.goal_schemas import FleetOut
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.requests import TargetRequest
from inventory.planning.stock_plans.stated import Note, Stated, Why
from inventory.planning.stock_plans.telling import Solution, money
from inventory.planning.stock_plans.terms import floors_of
from optimizer.run import Progress, ShouldStop
from optimizer.stocking.aim import seats_of
from optimizer.stocking.evaluate import Evaluation, evaluated
from optimizer.stocking.goals import Goal
from optimizer.stocking.hysteresis import kept
from optimizer.stocking.plan import Flying, Plan, Problem
from optimizer.stocking.solve import solve
from optimizer.stocking.told import available
from optimizer.stocking.tree import Tree, nodes_of, tree_of

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
    problem = Problem(
        stated.scenario,
        request.budgets(),
        goal=request.wanted.goal,
        floors=floors_of(stated, request.wanted.floors),
        fleets=None if fleets is None else fleets.fleets,
    )
    found = solve(problem, limit=request.limit, should_stop=should_stop, on_progress=progress)
    plan, notes = _worth_it(stated, problem, found, request.wanted.keep_below)
    tree, lines = tree_of(stated.scenario), stated.scenario.lines
    before = np.zeros(tree.place.size, np.int64)
    before[nodes_of(tree, lines.part, lines.place)] = stated.before
    now = evaluated(stated.scenario, tree, before, plan.evaluation.method)
    return Solution(
        stated=replace(stated, notes=(*stated.notes, *notes)),
        plan=plan,
        tree=tree,
        now=now,
        fleets=_fleets(stated, fleets, tree, now, plan.fleets),
        one_budget=request.wanted.capital_budget is None,
        deterministic=request.limit.deterministic,
        input_hash=_fingerprint(stated, request),
    )


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
    told.update(stated.before.tobytes())
    told.update(repr([(one.item.number, one.place, one.before, one.owned) for one in stated.sharing]).encode())
    return told.hexdigest()
