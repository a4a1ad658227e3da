"""What a search tells on the way, and how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.dispatch.worlds import network
from optimizer.dispatch import parallel
from optimizer.dispatch.building.mandatory import LEAST, must_cost
from optimizer.dispatch.building.people import tours_of
from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import Removed
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.solve import solve
from optimizer.run import Limit, Progress, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.worlds import HOME, NEAR, job, world

ROUNDS = Limit(iterations=300)

ENDLESS = Limit(iterations=10_000_000)
"""What has been told ends the search: how much is told in a given number of rounds hangs on the machine."""


def test_progress_is_told_meanwhile_with_the_cost_in_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part in one thread tells how far it is, never dearer than before, from cheapest insertion down."""
    monkeypatch.setattr(parallel, "REPORT_EVERY_S", 0.01)
    told: list[Progress] = []
    plan = solve(network(1, 220), limit=ENDLESS, should_stop=lambda: len(told) > 3, on_progress=told.append)
    costs = [one.objective for one in told]
    assert costs == sorted(costs, reverse=True)
    assert [one.iteration for one in told] == sorted(one.iteration for one in told)
    assert plan.objective <= costs[-1] + 1e-6


def test_a_plan_that_earns_money_is_told_so() -> None:
    """A removed unit that rides home saves more than the job costs: what is told is below zero."""
    problem = world(job(removed=Removed(HOME, 100.0), load=0.5))
    told: list[Progress] = []
    plan = solve(problem, limit=ROUNDS, on_progress=told.append)
    assert plan.objective == pytest.approx(12 - 100)
    assert told[-1].objective == pytest.approx(12 - 100)


def test_better_plans_are_told_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each passes the checker and costs less than the one before; the last is no better than the result."""
    monkeypatch.setattr(parallel, "REPORT_EVERY_S", 0.01)
    problem = network(2, 220)
    plans: list[Plan] = []
    result = solve(problem, limit=ENDLESS, should_stop=lambda: len(plans) > 2, on_plan=plans.append, threads=2)
    costs = [plan.objective for plan in plans]
    assert costs == sorted(costs, reverse=True)
    assert all(check(problem, plan) == [] for plan in plans)
    assert result.objective <= costs[-1] + 1e-6


def test_telling_changes_nothing() -> None:
    """With and without somebody who listens, the same search gives the same plan."""
    problem = network(3, 220)
    quiet = solve(problem, limit=ROUNDS)
    heard = solve(problem, limit=ROUNDS, on_progress=lambda _: None, on_plan=lambda _: None)
    assert replace(quiet, seconds=0.0) == replace(heard, seconds=0.0)


def test_a_fault_of_who_listens_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `on_progress` raises comes out, and nobody searches on behind it."""
    monkeypatch.setattr(parallel, "REPORT_EVERY_S", 0.01)
    told: list[Progress] = []

    def fail(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 2:
            raise RuntimeError("nobody listens")

    with pytest.raises(RuntimeError, match="nobody listens"):
        solve(network(1, 220), limit=ENDLESS, on_progress=fail)


def test_what_is_mandatory_goes_before_any_price() -> None:
    """Three optional jobs at 400 million each do not keep a mandatory one out, nor does one at 5,000 million."""
    must = job("M", NEAR, 6, mandatory=True, unserved_cost=0.0, load=0.5)
    person = worlds.short(10)
    three = [job(f"O{number}", NEAR, 2, unserved_cost=4e8) for number in range(3)]
    for others in (three, [job("O", NEAR, 2, unserved_cost=5e9)]):
        plan = solve(world(must, *others, people=[person]), limit=ROUNDS)
        assert plan.status is not Status.INFEASIBLE
        assert "M" not in {one.job for one in plan.left_out}


def test_leaving_out_what_is_mandatory_costs_more_than_plans_differ_by() -> None:
    """More than all other prices together, and no less than in small problems."""
    dear = world(*(job(f"J{number}", unserved_cost=1e10) for number in range(5)))
    assert must_cost(dear, tours_of(dear)) > 5e10
    assert must_cost(world(), tours_of(world())) == LEAST
