"""The engine against hand-worked optima, and on drawn problems: sound, repeatable, no worse than its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import PartNeed, Pin, PinKind, Running
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Appointment, Window
from optimizer.run import Limit, Status
from tests.optimizer.dispatch import worlds
from tests.optimizer.dispatch.brute import best
from tests.optimizer.dispatch.drawn import problems, wide_problems

QUICK = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("pair", worlds.DECIDING, ids=[pair.__name__ for pair in worlds.DECIDING])
def test_each_constraint_decides_as_reckoned_by_hand(pair: Callable[[], tuple[Problem, Problem]]) -> None:
    """With the rule and without it, the engine finds the optimum."""
    found = [solve(problem, limit=Limit(iterations=200), seed=1).objective for problem in pair()]
    assert found == pytest.approx(worlds.DECIDING[pair])


def test_an_appointment_does_not_keep_sequenced_jobs_behind_it() -> None:
    """By itself the sequenced job costs least behind the date at 20, but then K, possible until 10, is left out."""
    problem = worlds.world(
        worlds.job("S", pin=Pin(PinKind.SEQUENCED, ("A",), 6.0)),
        worlds.job("K", windows=(Window(0, 10), Window(150, 151))),
        people=[worlds.technician(appointments=(Appointment("date", worlds.HOME, 20, 2),))],
    )
    plan = solve(problem, limit=Limit(iterations=50))
    assert [stop.name for stop in plan.routes[0].stops] == ["S", "K", "date"]
    assert (plan.objective, check(problem, plan)) == (22, [])


def out_of(problem: Problem, plan: Plan) -> int:
    """Return how much that may not be left out is."""
    mandatory = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    return len(plan.missed) + sum(one.job in mandatory for one in plan.left_out)


@QUICK
@given(problems(), st.integers(0, 99))
def test_plans_of_drawn_problems_break_no_rule(problem: Problem, seed: int) -> None:
    """The checker finds nothing; where pins and dates contradict each other, the plan says that it is infeasible."""
    plan = solve(problem, limit=Limit(iterations=60), seed=seed)
    assert check(problem, plan) == []
    if best(problem) is None:
        assert plan.status is Status.INFEASIBLE


@QUICK
@given(problems(), st.integers(0, 99))
def test_the_same_seed_gives_the_same_plan_and_a_start_is_never_made_worse(problem: Problem, seed: int) -> None:
    """Two runs agree; a run that begins with a plan ends with one that costs no more."""
    first, again = (solve(problem, limit=Limit(iterations=60), seed=seed) for _ in range(2))
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)
    later = solve(problem, limit=Limit(iterations=5), seed=seed + 1, start=first)
    assert out_of(problem, later) <= out_of(problem, first)
    if out_of(problem, later) == out_of(problem, first):
        assert later.objective <= first.objective + 1e-6


def twelve(*needing: int) -> Problem:
    """Twelve jobs with windows, 60 each to leave one out; those named need a part, of which A has one."""
    jobs = [
        worlds.job(
            f"J{number}",
            (worlds.NEAR, worlds.STORE, worlds.FAR)[number % 3],
            windows=(Window(35 * number % 60, 35 * number % 60 + 20),),
            unserved_cost=60.0,
            parts=(PartNeed(("p",), 1),) if number in needing else (),
        )
        for number in range(12)
    ]
    people = [worlds.technician("A", parts={"p": 1}), worlds.technician("B", worlds.shift(place=worlds.FAR))]
    return worlds.world(*jobs, people=people)


@pytest.mark.parametrize("needing", range(12))
def test_what_still_holds_of_a_start_is_kept(needing: int) -> None:
    """Of the jobs that now need a part A keeps one; what else of them was planned goes, for 60 each, and no other."""
    before = twelve()
    start = solve(before, limit=Limit(iterations=400))
    needed = {"J2", f"J{needing}"}
    at_a = {stop.name for route in start.routes if route.technician == "A" for stop in route.stops}
    lost = len(needed) - min(1, len(needed & at_a))
    later = solve(twelve(2, needing), limit=Limit(iterations=1), start=start)
    assert later.objective <= start.objective + 60 * lost + 1e-6


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("more", "stays"), [(0, True), (2, True), (4, False)])
def test_a_job_of_the_running_plan_gives_way_only_where_that_pays(more: int, stays: bool, seed: int) -> None:
    """There is time for one of two; to leave the one out that was told costs three."""
    told = worlds.job(running=Running(("A",), 2.0, leaving_cost=3))
    other = worlds.job("J2", unserved_cost=1000 + more)
    problem = worlds.world(told, other, people=[worlds.technician("A", worlds.shift(0, 9))])
    plan = solve(problem, limit=Limit(iterations=50), seed=seed)
    (left_out,) = plan.left_out
    assert (left_out.job == "J2") is stays
    assert plan.cost_by_term["plan_change"] == (0 if stays else 3)
    assert check(problem, plan) == []


def test_a_start_may_have_what_is_no_longer_possible() -> None:
    """Nobody has the part that J1 needs now: its place in the start is free."""
    start = solve(worlds.world(worlds.job(), worlds.job("J2")), limit=Limit(iterations=5))
    needing = worlds.job(parts=(PartNeed(("p",), 1),))
    plan = solve(worlds.world(needing, worlds.job("J2")), limit=Limit(iterations=5), start=start)
    assert [one.job for one in plan.left_out] == ["J1"]


@QUICK
@given(wide_problems(), st.integers(0, 99))
def test_pins_never_move(problem: Problem, seed: int) -> None:
    """Whoever is pinned to a job does it; what has begun begins when it did; what cannot be kept is told, and why."""
    plan = solve(problem, limit=Limit(iterations=30), seed=seed)
    done = {
        (stop.name, stop.seat): (route.technician, stop.start_s)
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }
    told = {one.job for one in plan.left_out}
    for job in problem.jobs:
        if job.pin is None or job.number in told:
            continue
        assert tuple(done[job.number, seat][0] for seat in range(len(job.seats))) == job.pin.technicians
        if job.pin.kind in (PinKind.STARTED, PinKind.DONE):
            assert done[job.number, 0][1] == pytest.approx(job.pin.start_s)


@QUICK
@given(wide_problems(), st.integers(0, 99), st.integers(1, 3))
def test_a_search_with_threads_can_be_repeated(problem: Problem, seed: int, threads: int) -> None:
    first, again = (solve(problem, limit=Limit(iterations=40), seed=seed, threads=threads) for _ in range(2))
    assert replace(first, seconds=0.0) == replace(again, seconds=0.0)


def test_a_search_is_stopped_within_a_callback() -> None:
    """Where `should_stop` says so at the fifth time, it is not asked a sixth, and little was done until then."""
    problem, _ = worlds.lateness()
    asked: list[int] = []
    reached: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) >= 5

    limit = 60_000
    plan = solve(
        problem,
        limit=Limit(iterations=limit),
        should_stop=stop,
        on_progress=lambda told: reached.append(told.iteration),
    )
    assert len(asked) <= 6
    assert max(reached) <= limit // 10
    assert check(problem, plan) == []


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
