"""Small problems solved to the end, against the cheapest of all plans."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.dispatch.worlds import network
from optimizer.dispatch.check import check
from optimizer.dispatch.model import Problem
from optimizer.dispatch.proof import proven
from optimizer.dispatch.solve import solve
from optimizer.run import Limit, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems

QUICK = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PLENTY = Limit(iterations=2_000)


def stated(problem: Problem) -> Problem:
    """Return a problem without what the model cannot state."""
    people = tuple(
        replace(
            person,
            shifts=tuple(replace(shift, breaks=()) for shift in person.shifts),
            pay=replace(person.pay, nights=()),
            appointments=(),
            flies=False,
        )
        for person in problem.technicians
    )
    jobs = tuple(
        replace(job, parts=(), tools=frozenset(), shared_tools=frozenset(), pin=None, removed=None)
        for job in problem.jobs
    )
    change = replace(problem.change, changes_max=None)
    return replace(problem, technicians=people, jobs=jobs, budgets={}, change=change)


@QUICK
@given(problems().map(stated), st.integers(0, 99))
def test_the_cheapest_plan_is_found_and_proven(problem: Problem, seed: int) -> None:
    """It costs as much as the cheapest of all plans, and says so; with a mandatory job out it is left as it was."""
    least = best(problem)
    assert least is not None
    plan = solve(problem, limit=Limit(iterations=1), seed=seed)
    found = proven(problem, plan, limit=PLENTY)
    assert check(problem, found) == []
    if least.status is Status.INFEASIBLE:
        assert found == plan
    else:
        assert found.status is Status.OPTIMAL
        assert found.objective == pytest.approx(least.objective)
        assert found.bound == found.objective


def test_fractions_of_a_second_are_no_proof() -> None:
    """Where times cannot be counted exactly, nothing is claimed."""
    problem = worlds.world(worlds.job(duration_s=math.pi))
    plan = solve(problem, limit=Limit(iterations=5))
    found = proven(problem, plan, limit=PLENTY)
    assert (found.status, found.bound) == (Status.FEASIBLE, None)


@pytest.mark.parametrize("pair", [worlds.nights, worlds.kit, worlds.pinned, worlds.budget])
def test_what_the_model_cannot_state_is_left_alone(pair: Callable[[], worlds.Pair]) -> None:
    """No proof without all rules."""
    problem, _ = pair()
    plan = solve(problem, limit=Limit(iterations=50))
    assert proven(problem, plan, limit=PLENTY) == plan


def test_no_work_no_proof() -> None:
    """A search that is stopped claims nothing."""
    problem, _ = worlds.crew_in_turn()
    plan = solve(problem, limit=Limit(iterations=5))
    assert proven(problem, plan, limit=PLENTY, should_stop=lambda: True) == plan


def test_a_proof_is_stopped_on_the_way() -> None:
    """Two dozen jobs take hours to prove; whoever says stop at the seventh time has the plan back."""
    whole = network(5, 222)
    people = tuple(replace(one, parts={}) for one in whole.technicians[:5])
    problem = replace(whole, technicians=people, jobs=tuple(replace(one, parts=()) for one in whole.jobs[:24]))
    plan = solve(problem, limit=Limit(iterations=50))
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) >= 7

    found = proven(problem, plan, limit=Limit(iterations=10_000_000), should_stop=stop)
    assert found.status is Status.FEASIBLE
    assert len(asked) >= 7
