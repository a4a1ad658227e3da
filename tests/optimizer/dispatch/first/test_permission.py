"""Who is permitted to do a job, beside the qualifications: in the plan, its check and its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.dispatch.first.check import check
from optimizer.dispatch.first.model import Validity
from optimizer.dispatch.first.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch.first.worlds import ALWAYS, DAY_S, HOUR_S, job, technician, world

CREW = (technician("T1", cost_per_h=10), technician("T2", cost_per_h=90))


def span(start_h: float, end_h: float) -> tuple[Validity, ...]:
    return (Validity(round(start_h * HOUR_S), round(end_h * HOUR_S)),)


def test_only_who_is_permitted_does_the_job() -> None:
    plan = solve(world(job(permitted={"T2": ALWAYS}), technicians=CREW), limit=Limit(iterations=20))
    assert [one.technician for one in plan.assignments] == ["T2"]


def test_only_while_it_is_permitted() -> None:
    problem = world(job(permitted={"T1": span(12, 15)}), technicians=CREW)
    (one,) = solve(problem, limit=Limit(iterations=20)).assignments
    assert (one.technician, one.start_s >= 12 * HOUR_S, one.end_s < 15 * HOUR_S) == ("T1", True, True)


@pytest.mark.parametrize("permitted", [{}, {"T9": ALWAYS}, {"T1": ()}])
def test_nobody_is_permitted(permitted: dict[str, tuple[Validity, ...]]) -> None:
    plan = solve(world(job(permitted=permitted), technicians=CREW), limit=Limit(iterations=20))
    assert [reason.code for reason in plan.unassigned[0].reasons] == ["not_permitted"]


def test_a_permission_that_ends_too_early_is_told_in_days() -> None:
    problem = world(job(window_h=(8, 12), permitted={"T1": span(0, 9)}), technicians=CREW)
    (reason,) = solve(problem, limit=Limit(iterations=20)).unassigned[0].reasons
    assert reason.code == "not_permitted"
    assert reason.misses_by == pytest.approx((HOUR_S + 1) / DAY_S)


def test_the_checker_refuses_a_plan_without_permission() -> None:
    problem = world(job(permitted={"T1": ALWAYS}), technicians=CREW)
    plan = solve(problem, limit=Limit(iterations=20))
    assert check(problem, plan) == []
    for spans in ({}, {"T1": span(0, 9)}):
        other = replace(problem, jobs=(replace(problem.jobs[0], permitted=spans),))
        assert [one.code for one in check(other, replace(plan, status=plan.status))][:1] == ["permission"]
