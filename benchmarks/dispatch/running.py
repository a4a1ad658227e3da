"""A day of the dynamic TRSP that is under way: who has been at the depot has everything from then on."""

from __future__ import annotations

from dataclasses import replace

from optimizer.dispatch.live.day import HOME, VISIT, Day
from optimizer.dispatch.live.left import Left
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan

PLENTY = 1e6
"""Of every part, once a technician has been at the depot."""
DEPOT, AT_HOME = VISIT, HOME


def continued(asked: Problem, plan: Plan, now: float) -> tuple[Problem, Plan]:
    """Return the problem as it is at that time of the running plan, and that plan as one of this problem."""
    rest, depot = Left(Day(asked, plan, now)), asked.depots[0]
    left = rest.problem()
    people = tuple(
        replace(one, tools=depot.tools, parts=dict.fromkeys(depot.stock, PLENTY))
        if any(date.name == DEPOT for date in one.appointments)
        else one
        for one in left.technicians
    )
    left = replace(left, technicians=people)
    return left, rest.plan(left)
