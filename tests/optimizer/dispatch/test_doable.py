"""Which jobs could be done alone: by hand, and against what a search with no other job finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.dispatch.doable import doable
from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.worlds import FAR, job, shift, technician, world


@pytest.mark.parametrize(
    "pair",
    [
        worlds.windows,
        worlds.release,
        worlds.overtime_limit,
        worlds.rest,
        worlds.delivery,
        worlds.qualification,
        worlds.permission,
        worlds.kit,
        worlds.tools,
        worlds.flights,
    ],
)
def test_what_a_rule_alone_keeps_out_is_not_doable(pair: Callable[[], worlds.Pair]) -> None:
    """The first of each pair of problems leaves the job out, the second does it."""
    left_out, done = pair()
    assert doable(left_out, {"J1"}) == frozenset()
    assert doable(done, {"J1"}) == {"J1"}


def test_others_are_not_in_the_way_and_only_what_is_asked_is_told() -> None:
    """Both take the whole shift; J3 nobody has the time for."""
    problem = world(job("J1", FAR), job("J2", FAR), job("J3", duration_s=99), people=[technician("A", shift(0, 14))])
    assert doable(problem, {"J1", "J2", "J3"}) == {"J1", "J2"}
    assert doable(problem, {"J2", "J9"}) == {"J2"}
    assert doable(replace(problem, technicians=()), {"J1"}) == frozenset()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(problems())
def test_what_a_plan_does_is_doable(problem: Problem) -> None:
    """Pins may be kept against the rules; nothing else that is planned is told to be impossible."""
    plan = solve(problem, limit=Limit(iterations=40), seed=1)
    free = {one.number for one in problem.jobs if one.pin is None} - {one.job for one in plan.left_out}
    assert doable(problem, {one.number for one in problem.jobs}) >= free
