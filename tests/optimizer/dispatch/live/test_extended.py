"""A problem with a few more jobs: the arrays are those that would be built of the whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.building.extended import extended
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import Built, built
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.jobs import PartNeed
from optimizer.dispatch.kernel.recreate import plan_cost
from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch.drawn import problems, wide_problems
from tests.optimizer.dispatch.worlds import job, technician, world

OWN = {
    "must_cost",
    "job_near",
    "job_keys",
    "tour_row",
    "low_s",
    "high_s",
    "length_s",
    "extra_cost",
    "kit",
    "depot_stock",
    "gaps_at",
    "gap_op",
    "gap_from_s",
    "gap_until_s",
}
BY_PART = {"line_part", "line_quantity", "op_tools", "person_tools", "depot_tools"}
QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def without_last(problem: Problem, number: int) -> Problem:
    """The problem without its last jobs and what ties them to others."""
    kept = problem.jobs[: len(problem.jobs) - number]
    names = {one.number for one in kept}
    return replace(
        problem,
        jobs=kept,
        precedence=tuple(tie for tie in problem.precedence if {tie.before, tie.after} <= names),
        together=tuple(tie for tie in problem.together if {tie.first, tie.second} <= names),
    )


def split(problem: Problem, number: int) -> tuple[Problem, Problem]:
    """The problem without its last jobs, and the whole without ties between those and the others."""
    less = without_last(problem, number)
    new = {one.number for one in problem.jobs} - {one.number for one in less.jobs}
    own = [tie for tie in problem.precedence if {tie.before, tie.after} <= new]
    pairs = [tie for tie in problem.together if {tie.first, tie.second} <= new]
    whole = replace(problem, precedence=(*less.precedence, *own), together=(*less.together, *pairs))
    return less, whole


def gaps(one: Built, tour: int) -> list[tuple[int, float, float]]:
    """When a tour may not begin ops, though it may before and after."""
    data, row = one.data, int(one.data.tour_row[tour])
    own = range(int(data.gaps_at[row]), int(data.gaps_at[row + 1]))
    return [(int(data.gap_op[at]), float(data.gap_from_s[at]), float(data.gap_until_s[at])) for at in own]


def longer(less: Problem, whole: Problem) -> Built:
    new = whole.jobs[len(less.jobs) :]
    return extended(built(less), new, whole.precedence[len(less.precedence) :], whole.together[len(less.together) :])


@QUICK
@given(problems() | wide_problems(), st.integers(1, 3))
def test_the_arrays_are_those_of_the_whole(problem: Problem, number: int) -> None:
    less, whole = split(problem, min(number, len(problem.jobs)))
    found, expected = longer(less, whole), built(whole)
    assert found.ops == expected.ops
    assert (found.problem.jobs, found.problem.precedence) == (whole.jobs, whole.precedence)
    for name in set(expected.data._fields) - OWN - BY_PART:
        np.testing.assert_array_equal(getattr(found.data, name), getattr(expected.data, name), err_msg=name)
    assert found.data.must_cost >= expected.data.must_cost
    for tour in range(len(expected.tours)):
        assert gaps(found, tour) == gaps(expected, tour)
    for name in ("low_s", "high_s", "length_s", "extra_cost"):
        here, there = (getattr(one.data, name)[one.data.tour_row] for one in (found, expected))
        np.testing.assert_array_equal(here, there, err_msg=name)
    assert found.supply.modes == expected.supply.modes
    assert sorted(found.supply.parts) == expected.supply.parts
    order = [found.supply.parts.index(part) for part in expected.supply.parts]
    if order:
        np.testing.assert_array_equal(found.data.kit[:, order], expected.data.kit)
        np.testing.assert_array_equal(found.data.depot_stock[:, order], expected.data.depot_stock)


@QUICK
@given(problems(), st.integers(1, 3), st.integers(0, 9))
def test_a_plan_goes_over_as_it_is(problem: Problem, number: int, seed: int) -> None:
    """The tours stay; the plan costs what leaving the new jobs out does more."""
    less, whole = split(problem, min(number, len(problem.jobs)))
    plan = solve(less, limit=Limit(iterations=30), seed=seed)
    before = Held(settled(built(less)), plan.routes)
    new = whole.jobs[len(less.jobs) :]
    after = before.with_jobs(
        extended(before.one, new, whole.precedence[len(less.precedence) :], whole.together[len(less.together) :])
    )
    np.testing.assert_array_equal(after.view.count, before.view.count)
    if before.one.data.tight == after.one.data.tight:
        leave = float(after.one.data.job_leave[len(less.jobs) : len(whole.jobs)].sum())
        must = sum(job.mandatory or job.pin is not None for job in new)
        beside = after.one.data.must_cost * after.view.total[1] - before.one.data.must_cost * before.view.total[1]
        assert after.view.total[1] - before.view.total[1] == must
        more = plan_cost(after.data, after.state) - plan_cost(before.data, before.state) - beside
        assert more == pytest.approx(leave, rel=1e-9, abs=1e-4)


def test_a_part_that_nobody_asked_for_before_comes_in() -> None:
    person = technician(parts={"p": 1.0, "r": 2.0})
    one = extended(
        built(world(job("J1", parts=(PartNeed(("p",)),)), people=[person])), [job("J2", parts=(PartNeed(("r",)),))]
    )
    assert one.supply.parts == ["p", "r"]
    assert one.data.kit.tolist() == [[1.0, 2.0]]


def test_a_job_that_is_there_already_is_refused() -> None:
    with pytest.raises(ValueError, match="job J1 is given twice"):
        extended(built(world(job("J1"))), [job("J1")])
