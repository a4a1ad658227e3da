"""The engine against hand-worked optima, and on drawn problems: sound, repeatable, no worse than its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check
from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems

QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("pair", worlds.DECIDING, ids=[pair.__name__ for pair in worlds.DECIDING])
def test_each_constraint_decides_as_reckoned_by_hand(pair: Callable[[], tuple[Problem, Problem]]) -> None:
    """With the rule and without it, the engine finds the optimum."""
    found = [solve(problem, limit=Limit(iterations=200), seed=1).objective for problem in pair()]
    assert found == pytest.approx(worlds.DECIDING[pair])


@QUICK
@given(problems(), st.integers(0, 99))
def test_plans_of_drawn_problems_break_no_rule(problem: Problem, seed: int) -> None:
    """The checker finds nothing, unless fixed dates contradict each other, so that no plan is sound."""
    assume(best(problem) is not None)
    plan = solve(problem, limit=Limit(iterations=60), seed=seed)
    assert check(problem, plan) == []


@QUICK
@given(problems(), st.integers(0, 99))
def test_the_same_seed_gives_the_same_plan_and_a_start_is_never_made_worse(problem: Problem, seed: int) -> None:
    """Two runs agree; a run that begins with a plan ends with one that costs no more."""
    assume(best(problem) is not None)
    first, again = (solve(problem, limit=Limit(iterations=60), seed=seed) for _ in range(2))
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)
    later = solve(problem, limit=Limit(iterations=5), seed=seed + 1, start=first)
    assert later.objective <= first.objective + 1e-6


def test_a_search_that_is_stopped_keeps_its_best_plan() -> None:
    """`should_stop` is asked, and the plan so far comes back."""
    problem, _ = worlds.lateness()
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return True

    plan = solve(problem, limit=Limit(iterations=10_000), should_stop=stop)
    assert asked
    assert check(problem, plan) == []
