"""The solver on the routing library: hand-worked optima where it can state them, sound plans, no better than proven."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer.dispatch import solve as engine
from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import Pin, PinKind
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.routing.solve import NotStated, solve
from optimizer.dispatch.technicians import Break, Pay, Window
from optimizer.run import Limit, Progress, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.test_bad_input import dates
from tests.optimizer.dispatch.worlds import FAR, HOME, NEAR, job, shift, technician, world

NOT_STATED = {worlds.flights}
STATED = [pair for pair in worlds.DECIDING if pair not in NOT_STATED]
QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SHORT = Limit(iterations=30)


@pytest.mark.parametrize("pair", STATED, ids=[pair.__name__ for pair in STATED])
def test_each_constraint_decides_as_reckoned_by_hand(pair: Callable[[], tuple[Problem, Problem]]) -> None:
    """With the rule and without it, the library finds the optimum."""
    found = [solve(problem, limit=SHORT, seed=1).objective for problem in pair()]
    assert found == pytest.approx(worlds.DECIDING[pair])


@pytest.mark.parametrize(
    ("problem", "named"), [(worlds.flights()[1], "A may fly"), (worlds.away(), "A stays away")], ids=["flights", "away"]
)
def test_what_cannot_be_stated_is_refused_by_name(problem: Problem, named: str) -> None:
    """It is refused before anything is searched."""
    with pytest.raises(NotStated, match=named):
        solve(problem, limit=SHORT)


@QUICK
@given(problems())
def test_plans_of_drawn_problems_are_sound_and_no_better_than_the_optimum(problem: Problem) -> None:
    """Nor are those of our own engine; neither leaves out fewer mandatory jobs than has to be."""
    problem = replace(problem, flights=())
    optimum = best(problem)
    assume(optimum is not None)
    assert optimum is not None
    for plan in (solve(problem, limit=SHORT), engine.solve(problem, limit=Limit(iterations=60))):
        assert check(problem, plan) == []
        assert missed(problem, plan) >= missed(problem, optimum)
        if missed(problem, plan) == missed(problem, optimum):
            assert plan.objective >= optimum.objective - 1e-4


def missed(problem: Problem, plan: Plan) -> int:
    """Return how many jobs are left out that should not be."""
    out = {one.job for one in plan.left_out}
    return sum(job.number in out for job in problem.jobs if job.mandatory or job.pin is not None)


@QUICK
@given(problems(), st.integers(0, 99))
def test_the_same_limit_gives_the_same_plan_and_a_start_is_never_made_worse(problem: Problem, seed: int) -> None:
    """Two runs agree; a run that begins with a plan ends with one that costs no more."""
    problem = replace(problem, flights=())
    assume(best(problem) is not None)
    first, again = (solve(problem, limit=SHORT, seed=seed) for _ in range(2))
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)
    later = solve(problem, limit=Limit(iterations=2), seed=seed, start=first)
    assert later.objective <= first.objective + 1e-6


def test_a_start_from_the_engine_is_taken_up() -> None:
    """A plan of our engine with a depot stop, a date and a crew can be gone on from."""
    for pair in (worlds.depot_stop, worlds.appointment, worlds.crew_at_once, worlds.sequenced):
        for problem in pair():
            start = engine.solve(problem, limit=Limit(iterations=50))
            plan = solve(problem, limit=Limit(iterations=1), start=start)
            assert plan.objective <= start.objective + 1e-6


def test_what_the_search_cannot_see_is_left_out_until_the_plan_is_sound() -> None:
    """A budget that overtime exceeds: the library sees travel only, so the job that it planned is taken out again."""
    problem, _ = worlds.overtime()
    bound = replace(problem, budgets={"": 5.0})
    assert solve(problem, limit=SHORT).left_out == ()
    plan = solve(bound, limit=SHORT)
    assert [one.job for one in plan.left_out] == ["J1"]
    assert check(bound, plan) == []


def test_times_are_found_where_they_cost_nothing() -> None:
    """Only ways cost: the linear program of a long tour has next to no prices."""
    jobs = [worlds.job(f"J{number}", number % 4, 90.0, windows=(Window(100.0 * number),)) for number in range(20)]
    free = worlds.technician("A", worlds.shift(0, 5000), pay=Pay())
    plan = solve(worlds.world(*jobs, people=[free]), limit=SHORT)
    assert plan.left_out == ()


CONTRADICTING = {
    "each other": world(job(), people=[dates(("one", NEAR, 20, 10), ("two", NEAR, 25, 10))]),
    "the way between": world(job(), people=[dates(("one", NEAR, 20, 10), ("two", FAR, 31, 5))]),
    "the shift": world(job(), people=[dates(("one", HOME, 95, 10))]),
    "what has begun": world(
        job(), job("begun", pin=Pin(PinKind.STARTED, ("A",), 20.0)), people=[dates(("one", NEAR, 22, 10))]
    ),
    "a break": world(
        job(),
        people=[
            technician("A", shift(breaks=(Break(20, 20, 5),)), appointments=dates(("one", NEAR, 18, 8)).appointments)
        ],
    ),
}


@pytest.mark.parametrize("problem", CONTRADICTING.values(), ids=CONTRADICTING)
def test_appointments_that_contradict_what_is_fixed_are_missed_as_by_the_engine(problem: Problem) -> None:
    """The plan is infeasible and says which; everything else is planned."""
    own, theirs = solve(problem, limit=SHORT, threads=2), engine.solve(problem, limit=Limit(iterations=60), threads=2)
    assert check(problem, own) == []
    assert own.status is theirs.status is Status.INFEASIBLE
    told = [[(one.appointment, one.reasons) for one in plan.missed] for plan in (own, theirs)]
    assert [name for name, _ in told[0]] == [name for name, _ in told[1]]
    assert told[0] == told[1] or told[0][0][1] == ()
    assert own.left_out == theirs.left_out


@QUICK
@given(problems())
def test_whatever_is_drawn_has_a_plan(problem: Problem) -> None:
    """Also where pins and appointments contradict each other."""
    problem = replace(problem, flights=())
    assert check(problem, solve(problem, limit=SHORT)) == []


def test_a_mandatory_job_that_nobody_can_do_makes_the_plan_infeasible() -> None:
    """And the other is planned nevertheless."""
    problem = worlds.world(worlds.job(mandatory=True, tools=frozenset("t")), worlds.job("J2"))
    plan = solve(problem, limit=SHORT)
    assert plan.status is Status.INFEASIBLE
    assert [one.job for one in plan.left_out] == ["J1"]


@pytest.mark.parametrize(
    "problem", [worlds.world(), replace(worlds.world(), technicians=()), replace(worlds.world(), jobs=())]
)
def test_nobody_or_nothing_to_do_gives_a_plan(problem: Problem) -> None:
    """Without technicians everything is left out; without jobs the plan is empty."""
    plan = solve(problem, limit=SHORT)
    assert check(problem, plan) == []


def test_a_search_can_be_stopped_tells_of_progress_and_passes_on_what_a_callback_raises() -> None:
    """The library would swallow it."""
    problem, told = worlds.depot_stock()[1], list[Progress]()
    plan = solve(problem, limit=SHORT, on_progress=told.append)
    assert told[-1].objective == pytest.approx(plan.objective, abs=1e-3)
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return True

    assert check(problem, solve(problem, limit=Limit(seconds=60.0), should_stop=stop)) == []
    assert asked

    def fail() -> bool:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        solve(problem, limit=SHORT, should_stop=fail)


def test_the_engine_does_not_load_the_routing_library() -> None:
    """It is heavy, and loaded by those who ask for it."""
    asked = "import sys, optimizer.dispatch.solve; sys.exit('ortools.constraint_solver' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
