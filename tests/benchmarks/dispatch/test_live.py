"""The generated network, its frozen reference and the figures taken of it."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.dispatch.live import growth, measure
from benchmarks.dispatch.regret import regret
from benchmarks.dispatch.worlds import network
from optimizer.dispatch.check import check
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.run import Limit, OnProgress, Progress, Status, no_progress


def inserted(problem: Problem, *, on_progress: OnProgress = no_progress, **_: Any) -> Plan:
    """The reference in the place of the engine."""
    plan = regret(problem) if all(one.region for one in problem.technicians) else empty()
    on_progress(Progress(0, 0.0, plan.objective))
    return plan


def empty() -> Plan:
    return Plan(Status.FEASIBLE, 0.0, None, None, 0.0, (), ())


def test_a_network_is_the_same_for_a_seed_and_in_proportion() -> None:
    one, same, other = network(3, 500), network(3, 500), network(4, 500)
    assert one.jobs == same.jobs
    assert one.jobs != other.jobs
    assert (len(one.technicians), len(one.jobs), len({person.region for person in one.technicians})) == (100, 500, 2)


def test_the_reference_is_a_sound_plan_at_a_cost_that_stays() -> None:
    problem = network(0, 300)
    plan = regret(problem)
    assert check(problem, plan) == []
    assert plan.objective == pytest.approx(18064.20, abs=0.01)
    assert len(plan.left_out) < 10


def test_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.dispatch.live.QUICK_JOBS", 300)
    told = {one.metric: one for one in measure(0, 1, quick=True, solver=inserted)}
    assert set(told) == {"first_plan_s", "plan_cost_ratio_10s", "peak_mb", "growth_exponent"}
    assert told["plan_cost_ratio_10s"].value == pytest.approx(1.0)
    assert told["first_plan_s"].value > 0
    assert told["peak_mb"].value > 10


def test_growth_is_the_slope_of_both_logarithms() -> None:
    spent = [0.0]

    def square(problem: Problem, *, limit: Limit, **_: Any) -> Plan:
        assert limit.iterations == 3 * len(problem.jobs)
        spent[0] += len(problem.jobs) ** 2
        return empty()

    assert growth((100, 200, 400), 0, square, lambda: spent[0]) == pytest.approx(2.0)
