"""Key figures of small plans, reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimizer.dispatch.jobs import Priority
from optimizer.dispatch.kpis import Kpis, kpis
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Appointment, Band, Break, Window
from optimizer.run import Limit
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.worlds import A_SECOND, FAR, HOME, PAY, job, shift, technician, world

HOUR_S = 3600


def told(problem: Problem, **given: dict[str, str]) -> tuple[Plan, Kpis]:
    """A plan with its figures."""
    plan = solve(problem, limit=Limit(iterations=100), seed=1)
    return plan, kpis(problem, plan, **given)


def two_regions() -> Problem:
    """North: a job at NEAR after a wait, a late one, one left out. South: a technician with no job that pays."""
    people = [
        technician("A", shift(0, 9, overtime_s=10), region="north", pay=replace(PAY, overtime=(Band(0, A_SECOND),))),
        technician("B", shift(0, 20, place=FAR), region="south", pay=replace(PAY, call_out=500.0)),
    ]
    return world(
        job("J1", windows=(Window(2, 2),), due_s=6, priority=Priority.AOG),
        job("J2", windows=(Window(8),), due_s=11, priority=Priority.CRITICAL),
        job("J3", FAR, 30, priority=Priority.CRITICAL, deferral_cost=9.0),
        people=people,
    )


def test_hours_and_shares_of_a_plan() -> None:
    """A is out for 14 s: 4 on the way, 8 at work, 2 waiting, 5 beyond the shift of 9; B stays at home."""
    plan, found = told(two_regions())
    whole, north, south = found.whole, found.regions["north"], found.regions["south"]
    assert [route.technician for route in plan.routes] == ["A"]
    hours = (north.shift_h, north.out_h, north.work_h, north.travel_h, north.waiting_h, north.overtime_h)
    assert [hour * HOUR_S for hour in hours] == pytest.approx([9, 14, 8, 4, 2, 5])
    assert (north.utilisation, north.travel_share, north.waiting_share) == pytest.approx((8 / 9, 4 / 14, 2 / 14))
    assert whole.utilisation == pytest.approx(8 / 29)
    assert (south.utilisation, south.travel_share, south.waiting_share, south.cost_per_job) == (0.0, None, None, None)


def test_outcomes_promptness_and_cost() -> None:
    """J1 is on time, J2 a second late, J3 deferred for 9: 14 s at one a second, 4 of travel, 5 of overtime."""
    _, found = told(two_regions())
    assert found.whole.outcomes == {"done": 2, "deferred": 1}
    assert found.whole.on_time == {Priority.AOG: 1.0, Priority.CRITICAL: 0.0}
    assert found.regions["north"].outcomes == {"done": 2}
    assert found.regions["north"].cost == pytest.approx(23)
    assert found.whole.cost == pytest.approx(32)
    assert found.whole.cost_per_job == pytest.approx(16)


def test_a_job_counts_in_the_region_that_is_named_for_it() -> None:
    """Left out, J3 has no technician to tell its region."""
    _, found = told(two_regions(), regions={"J3": "south", "J1": "south"})
    south = found.regions["south"]
    assert south.outcomes == {"done": 1, "deferred": 1}
    assert south.cost == pytest.approx(9)
    assert found.regions["north"].on_time == {Priority.CRITICAL: 0.0}


def test_breaks_and_appointments_are_neither_work_nor_waiting() -> None:
    """Out from 0 to 20: a break of 3, a date of 2, work 4, way 4; the rest, to the second, is waiting."""
    person = technician("A", shift(0, 30, breaks=(Break(3, 9, 3),)), appointments=(Appointment("date", HOME, 12, 2),))
    plan, found = told(world(job(windows=(Window(2),)), people=[person]))
    (route,) = plan.routes
    rest = sum(stop.end_s - stop.start_s for stop in route.stops if stop.kind is not StopKind.JOB)
    assert rest in (2, 5)
    out_s = route.returns_s - route.departs_s
    assert found.whole.waiting_h * HOUR_S == pytest.approx(out_s - rest - 4 - 4)


def test_who_stays_away_counts_time_on_duty_only() -> None:
    """Five on the way out, an hour's piece before the night and one after, five back: 14 s on duty, none of waiting."""
    plan, found = told(worlds.away())
    (route,) = plan.routes
    assert route.returns_s - route.departs_s > 14
    hours = (found.whole.shift_h, found.whole.out_h, found.whole.work_h, found.whole.travel_h, found.whole.waiting_h)
    assert [hour * HOUR_S for hour in hours] == pytest.approx([16, 14, 4, 10, 0])


def test_a_plan_of_nothing_has_figures() -> None:
    """No job, no shift: nothing to divide by."""
    problem = replace(world(), jobs=(), technicians=())
    _, found = told(problem)
    assert found.whole.utilisation is None
    assert found.whole.cost_per_job is None
    assert found.regions == {}
    assert math.isclose(found.whole.cost, 0.0)


def test_money_of_the_regions_adds_up_to_the_plan() -> None:
    """But for what the latest of all jobs costs once more, which no region has."""
    plan, found = told(replace(two_regions(), worst_lateness_per_h=A_SECOND), regions={"J3": "south"})
    parts = sum(one.cost for one in found.regions.values())
    assert parts + plan.cost_by_term["worst_lateness"] == pytest.approx(found.whole.cost)
