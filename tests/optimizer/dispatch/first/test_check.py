"""The checker accepts a sound plan and names what is wrong with a false one, to the second and the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer.dispatch.first.check import check
from optimizer.dispatch.first.model import Plan, Unassigned, Validity
from optimizer.dispatch.first.solve import solve
from optimizer.run import Limit, Reason, Status
from tests.optimizer.dispatch.first.worlds import FAR, HOUR_S, job, technician, world

# One technician's two days, each job held in place by another rule; the last comes late and one has no parts.
PROBLEM = world(
    job("travel", duration_h=1, window_h=(0, 9.5)),
    job("window", duration_h=1, window_h=(10, 10)),
    job("parts", duration_h=0.5, window_h=(0, 13.5), parts_ready_h=13),
    job("qualified", duration_h=0.5, window_h=(14, 48), needs=("X",)),
    job("duty", duration_h=1, window_h=(15, 16)),
    job("late", duration_h=2, place=FAR, due_h=36),
    job("none", parts_ready_h=None),
    technicians=(
        technician(
            duties=((8, 16), (32, 40)),
            qualifications={"X": (Validity(0, 14 * HOUR_S), Validity(14 * HOUR_S, 14 * HOUR_S + 1_801))},
        ),
    ),
)
PLAN = solve(PROBLEM, limit=Limit(iterations=50))
PLACE = {one.job: place for place, one in enumerate(PLAN.assignments)}

Spoil = Callable[[Plan], Plan]


def test_the_story_is_sound() -> None:
    starts_h = {one.job: one.start_s / HOUR_S for one in PLAN.assignments}
    assert starts_h == {"travel": 9, "window": 10, "parts": 13, "qualified": 14, "duty": 15, "late": 35}
    assert PLAN.assignments[-1].lateness_cost == 10.0
    assert check(PROBLEM, PLAN) == []


def change(number: str, **changes: Any) -> Spoil:
    at = PLACE[number]
    return lambda plan: replace(
        plan,
        assignments=(
            *plan.assignments[:at],
            replace(plan.assignments[at], **changes),
            *plan.assignments[at + 1 :],
        ),
    )


def move(number: str, seconds: int) -> Spoil:
    one = PLAN.assignments[PLACE[number]]
    return change(number, start_s=one.start_s + seconds, end_s=one.end_s + seconds)


def amiss(number: str, field: str, by: float) -> Spoil:
    return change(number, **{field: getattr(PLAN.assignments[PLACE[number]], field) + by})


def whole(**changes: Any) -> Spoil:
    return lambda plan: replace(plan, **changes)


LOST = Unassigned("lost", (Reason("parts_unavailable"),))


@pytest.mark.parametrize(
    ("spoil", "codes"),
    [
        (whole(unassigned=(*PLAN.unassigned, *PLAN.unassigned)), {"twice", "total"}),
        (whole(unassigned=(*PLAN.unassigned, replace(LOST, job="late"))), {"twice", "total"}),
        (whole(assignments=(*PLAN.assignments, PLAN.assignments[-1])), {"twice", "travel", "price", "total"}),
        (whole(unassigned=()), {"missing", "total"}),
        (whole(assignments=PLAN.assignments[1:]), {"missing", "price", "total"}),
        (whole(unassigned=(*PLAN.unassigned, LOST)), {"unknown"}),
        (change("late", job="lost"), {"unknown", "missing", "price"}),
        (change("late", technician="T9"), {"unknown", "price"}),
        (change("duty", job="none"), {"twice", "missing", "parts", "duration", "price"}),
        (move("travel", -1), {"travel"}),
        (move("travel", 1), {"travel"}),
        (move("window", 1), {"window"}),
        (move("qualified", -1), {"window"}),
        (move("parts", -1), {"parts"}),
        (move("qualified", 1), {"qualification"}),
        (move("duty", 1), {"duty"}),
        (move("late", -1), {"travel", "price"}),
        (change("parts", end_s=13 * HOUR_S + 1_801), {"duration"}),
        (change("parts", end_s=13 * HOUR_S + 1_799), {"duration"}),
        (amiss("travel", "travel_s", 1), {"price"}),
        (amiss("late", "return_travel_s", 1), {"price"}),
        (amiss("duty", "return_travel_s", HOUR_S), {"price"}),
        (amiss("travel", "travel_cost", 0.01), {"price", "total"}),
        (amiss("late", "return_travel_cost", 0.01), {"price", "total"}),
        (amiss("duty", "return_travel_cost", 5), {"price", "total"}),
        (amiss("parts", "labour_cost", -0.01), {"price", "total"}),
        (amiss("late", "lateness_cost", -10), {"price", "total"}),
        (amiss("duty", "lateness_cost", 0.01), {"price", "total"}),
        (whole(objective=PLAN.objective - 0.01), {"total"}),
        (whole(cost_by_term={**PLAN.cost_by_term, "labour": 0.0}), {"total"}),
        (whole(cost_by_term={**PLAN.cost_by_term, "gifts": 0.0}), {"total"}),
        (whole(cost_by_term={}), {"total"}),
        (whole(status=Status.OPTIMAL), {"proof"}),
        (whole(bound=PLAN.objective), {"proof"}),
        (whole(gap=0.0), {"proof"}),
        (whole(status=Status.OPTIMAL, bound=PLAN.objective - 1, gap=0.0), {"proof"}),
    ],
)
def test_a_spoiled_plan_is_caught(spoil: Spoil, codes: set[str]) -> None:
    assert {violation.code for violation in check(PROBLEM, spoil(PLAN))} == codes


def test_a_violation_says_where() -> None:
    (violation,) = check(PROBLEM, move("qualified", 1)(PLAN))
    assert violation.where == "qualified X"


def test_a_job_that_runs_over_the_night_is_caught() -> None:
    problem = world(job(duration_h=4), technicians=(technician(duties=((8, 16), (17, 24))),))
    plan = solve(problem, limit=Limit(iterations=2))
    late = tuple(replace(one, start_s=14 * HOUR_S, end_s=18 * HOUR_S) for one in plan.assignments)
    assert [violation.code for violation in check(problem, replace(plan, assignments=late))] == ["duty"]


def test_a_gap_between_validities_is_caught() -> None:
    spans = (Validity(0, 10 * HOUR_S), Validity(10 * HOUR_S + 1, 48 * HOUR_S))
    problem = world(job(duration_h=4, needs=("X",)), technicians=(technician(qualifications={"X": spans}),))
    plan = solve(problem, limit=Limit(iterations=2))
    early = tuple(replace(one, start_s=9 * HOUR_S, end_s=13 * HOUR_S) for one in plan.assignments)
    assert [violation.code for violation in check(problem, replace(plan, assignments=early))] == ["qualification"]
