"""The cost curve: what it costs to have less money for travel and overtime."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check
from optimizer.dispatch.curve import cost_curve, worth
from optimizer.dispatch.model import Problem
from optimizer.run import Limit, Progress, Status
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, SECOND, STORE, job, shift, technician, world

LIMIT = Limit(iterations=150)


def one_region() -> Problem:
    """Two of the jobs by A for 4 and 10 of travel, in the order in which they pay."""
    jobs = job("J1", unserved_cost=100.0, due_s=5, lateness=SECOND), job("J2", FAR, unserved_cost=50.0)
    return world(*jobs, people=[technician("A", region="R")])


def test_more_money_does_more_jobs() -> None:
    """With 3 nothing can be reached, with 4 only J1, with 10 both are on the way."""
    points = cost_curve(one_region(), [{"R": money} for money in (10.0, 3.0, 4.0)], limit=LIMIT)
    assert [point.budgets for point in points] == [{"R": 10.0}, {"R": 3.0}, {"R": 4.0}]
    assert [point.unserved for point in points] == [0, 2, 1]
    # J1 ends a second late; both: 8 s of work and 10 of way, and the way's money
    assert [point.cost for point in points] == pytest.approx([18 + 10 + 1, 150, 8 + 4 + 1 + 50])
    assert [point.lateness_s for point in points] == pytest.approx([1, 0, 1])
    assert [point.spent["R"] for point in points] == pytest.approx([10, 0, 4])


def test_money_moves_between_regions() -> None:
    """Budgets that are not each more than the other: each point has the plan its own money suffices for."""
    people = [technician("A", region="R"), technician("B", shift(place=FAR), region="S")]
    problem = world(job("J1"), job("J2", STORE), people=people, budgets={"S": 0.0})
    poor, left, right = cost_curve(problem, [{"R": 0.0}, {"R": 6.0}, {"R": 0.0, "S": 6.0}], limit=LIMIT)
    assert (poor.unserved, left.unserved, right.unserved) == (2, 0, 0)
    assert {route.technician for route in left.plan.routes} == {"A"}
    assert {route.technician for route in right.plan.routes} == {"B"}
    assert poor.budgets == {"R": 0.0, "S": 0.0}


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems(), st.lists(st.integers(0, 30), min_size=2, max_size=4))
def test_curves_of_drawn_problems_fall(problem: Problem, money: list[int]) -> None:
    """Every plan is sound within its budget, more money never costs more, and none is better than proven."""
    assume(all(best(replace(problem, budgets={"R": float(one)})) is not None for one in money))
    points = cost_curve(problem, [{"R": float(one)} for one in sorted(money)], limit=Limit(iterations=60))
    for point in points:
        own = replace(problem, budgets=point.budgets)
        assert check(own, point.plan) == []
        proven = best(own)
        assert proven is not None
        if proven.status is point.plan.status is not Status.INFEASIBLE:
            assert point.cost >= proven.objective - 1e-4
    for less, more in pairwise(points):
        assert worth(problem, more.plan) <= (worth(problem, less.plan)[0], less.cost + 1e-6)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 14), min_size=2, max_size=3), st.integers(1, 60), st.integers(0, 9))
@example([10, 14], 15, 0)  # each job alone costs more than its penalty, all together they do not
def test_points_are_as_good_as_the_proven_best(money: list[int], penalty: int, due_s: int) -> None:
    """On three jobs and two technicians a point costs what is proven for its budget."""
    jobs = (
        job("J1", due_s=due_s, lateness=SECOND, unserved_cost=penalty),
        job("J2", STORE, unserved_cost=penalty),
        job("J3", FAR, unserved_cost=penalty),
    )
    people = [technician("A", region="R"), technician("B", shift(place=FAR), region="R")]
    problem = world(*jobs, people=people)
    for point in cost_curve(problem, [{"R": float(one)} for one in money], limit=LIMIT):
        proven = best(replace(problem, budgets=point.budgets))
        assert proven is not None
        assert point.cost == pytest.approx(proven.objective)


def test_a_curve_that_is_stopped_tells_what_it_reached() -> None:
    """The point with the least money comes first; the others are missing."""
    heard: list[Progress] = []
    points = cost_curve(
        one_region(),
        [{"R": 10.0}, {"R": 3.0}],
        limit=LIMIT,
        should_stop=lambda: True,
        on_progress=heard.append,
    )
    assert [point.budgets["R"] for point in points] == [3.0]
    assert heard
