"""A plan as the engine takes it up again: timed anew, and what does not fit any more told tour by tour."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings

from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import built
from optimizer.dispatch.building.taking import misfits
from optimizer.dispatch.check import check, price
from optimizer.dispatch.live.running import RunningPlan, timed, unfit
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Window
from optimizer.run import Limit
from tests.optimizer.dispatch.drawn import problems, wide_problems
from tests.optimizer.dispatch.live.test_recommend import honest
from tests.optimizer.dispatch.worlds import NEAR, away, flights, job, shift, technician, world

LIMIT = Limit(iterations=40)


def forgotten(plan: Plan) -> Plan:
    """The same tours with times that mean nothing."""
    return replace(
        plan,
        routes=tuple(
            replace(
                route,
                departs_s=0.0,
                returns_s=0.0,
                stops=tuple(
                    replace(stop, arrives_s=0.0, start_s=0.0, end_s=0.0) if stop.kind is StopKind.JOB else stop
                    for stop in route.stops
                ),
            )
            for route in plan.routes
        ),
    )


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems() | wide_problems())
def test_tours_are_timed_soundly_and_priced_whatever_times_they_had(problem: Problem) -> None:
    plan = solve(problem, limit=LIMIT, seed=1)
    try:
        told = timed(problem, plan)
    except ValueError:  # a plan whose best times the engine's own times do not keep
        assume(False)
    assert told == replace(timed(problem, forgotten(plan)), seconds=told.seconds)
    assert check(problem, told) == []
    assert told.cost_by_term == pytest.approx(price(problem, told), abs=1e-6)
    assert unfit(problem, told) == []


def test_only_tours_that_do_not_fit_any_more_are_told_by_technician_and_shift() -> None:
    people = [technician("A", shift(0, 20)), technician("B", shift(0, 20))]
    problem = world(
        job("J1", windows=(Window(2, 2),)),
        job("J2", windows=(Window(2, 2),)),
        job("J3", windows=(Window(9),)),
        people=people,
    )
    plan = solve(problem, limit=LIMIT, seed=1)
    assert unfit(problem, plan) == []
    (crowded,) = [route.technician for route in plan.routes if len(route.stops) > 1]
    short = tuple(replace(one, shifts=(shift(0, 10),)) if one.code == crowded else one for one in people)
    assert unfit(replace(problem, technicians=short), plan) == [(crowded, 0)]


def test_tours_of_those_who_are_gone_and_of_unknown_stops_do_not_fit() -> None:
    problem = world(job("J1"), people=[technician("A", shift(0, 20)), technician("B", shift(0, 20))])
    plan = solve(problem, limit=LIMIT, seed=1)
    (route,) = plan.routes
    one = settled(built(problem))
    assert misfits(one, [replace(route, technician="C")]) == [("C", 0)]
    assert misfits(one, [replace(route, shift=3)]) == [(route.technician, 3)]
    stray = replace(route.stops[-1], kind=StopKind.DEPOT, name="nowhere", place=NEAR)
    assert misfits(one, [replace(route, stops=(*route.stops, stray))]) == [(route.technician, 0)]


@pytest.mark.parametrize("problem", [flights()[1], away()], ids=["flights", "away"])
def test_who_flies_or_stays_out_is_timed_and_asked_like_others(problem: Problem) -> None:
    plan = solve(problem, limit=LIMIT, seed=1)
    assert plan.routes
    told = timed(problem, plan)
    assert check(problem, told) == []
    held = RunningPlan(problem, told)
    for option in held.recommend(job("N1"), most=3, displaced_max=1).options:
        honest(held, option)
