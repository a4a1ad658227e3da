"""Plans are sound, near the optimum where that is known, and the same again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from optimizer.dispatch.first.check import check
from optimizer.dispatch.first.insertion import filled, improvements
from optimizer.dispatch.first.model import Plan, Priority, Problem
from optimizer.dispatch.first.solve import doable_jobs, solve
from optimizer.dispatch.first.timing import Route, Timing
from optimizer.run import Limit, Progress, Status
from tests.optimizer.dispatch.first.brute import Rules
from tests.optimizer.dispatch.first.worlds import HOUR_S, job, technician, tiny, week, world

ROOT = Path(__file__).parents[4]


def assert_sound(problem: Problem, plan: Plan) -> None:
    assert check(problem, plan) == []
    assert all(line.reasons for line in plan.unassigned)


def test_tiny_problems_are_solved_to_the_optimum() -> None:
    optimal, seeds = 0, range(60)
    for seed in seeds:
        problem = tiny(Random(seed))
        plan, optimum = solve(problem, limit=Limit(iterations=300)), Rules(problem).optimum()
        assert_sound(problem, plan)
        assert plan.objective > optimum - 1e-6, f"seed {seed}: better than the optimum {optimum}"
        assert plan.bound is None or plan.bound == pytest.approx(optimum), f"seed {seed}"
        optimal += plan.objective < optimum + 1e-6
    assert optimal >= 0.95 * len(seeds), f"{optimal} of {len(seeds)}"


@pytest.mark.parametrize("seed", range(8))
def test_plans_of_a_week_break_no_rule(seed: int) -> None:
    problem = week(Random(seed), technicians=5, jobs=20)
    plan = solve(problem, limit=Limit(iterations=100), seed=seed)
    assert_sound(problem, plan)
    assert len(plan.assignments) >= 5


def test_more_technicians_than_one_group_break_no_rule() -> None:
    problem = week(Random(1), technicians=16, jobs=80)
    assert_sound(problem, solve(problem, limit=Limit(iterations=100)))


@pytest.mark.parametrize("seed", range(60))
def test_doable_is_what_somebody_could_do_with_no_other_job(seed: int) -> None:
    problem = tiny(Random(seed), most_jobs=12)
    rules, people = Rules(problem), range(len(problem.technicians))
    doable = {
        job.number for at, job in enumerate(problem.jobs) if any(rules.cost(who, (at,)) is not None for who in people)
    }
    assert doable_jobs(problem) == doable


PLAN_OF_A_WEEK = """
from dataclasses import replace
from random import Random
from optimizer.dispatch.first.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch.first.worlds import week
print(replace(solve(week(Random(2), 5, 20), limit=Limit(iterations=600), seed=3), seconds=0.0))
"""


def test_the_same_seed_gives_the_same_plan_in_every_process() -> None:
    problem = week(Random(2), 5, 20)
    plans = [solve(problem, limit=Limit(iterations=600), seed=3) for _ in range(2)]
    here = [str(replace(plan, seconds=0.0)) for plan in plans]
    there = []
    for hash_seed in "12":
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", PLAN_OF_A_WEEK]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        there.append(done.stdout.strip())
    assert {*here, *there} == {here[0]}


def test_another_seed_searches_elsewhere() -> None:
    problem = week(Random(2), 5, 20)
    assert len({solve(problem, limit=Limit(iterations=20), seed=seed).assignments for seed in range(4)}) > 1


def test_a_solve_stopped_at_once_still_gives_a_sound_plan() -> None:
    problem, asked = week(Random(3), 5, 20), []

    def stop() -> bool:
        asked.append(True)
        return True

    plan = solve(problem, limit=Limit(iterations=1_000_000), should_stop=stop)
    assert_sound(problem, plan)
    assert plan.assignments
    assert len(asked) < 10


def test_nothing_is_left_out_that_pays_however_short_the_search() -> None:
    left_out = 0
    for seed in range(1_000, 1_300):
        problem = tiny(Random(seed), most_jobs=12)
        plan = solve(problem, limit=Limit(iterations=5), seed=seed, should_stop=lambda: True)
        reasons = [reason for line in plan.unassigned for reason in line.reasons]
        dear = [reason.misses_by or 0.0 for reason in reasons if reason.code == "costs_more_than_penalty"]
        assert min(dear, default=0.0) > -1e-6, f"seed {seed}"
        left_out += len(dear)
    assert left_out > 30


def test_the_routing_library_finds_what_a_round_of_insertions_did_not() -> None:
    better = 0
    for seed in range(100):
        problem = tiny(Random(seed))
        timing = Timing(problem)
        empty = [route for who in range(len(problem.technicians)) if isinstance(route := timing.route(who, ()), Route)]
        draft = filled(timing, empty)
        plan = solve(problem, limit=Limit(iterations=1), seed=seed)
        if any(timing.able):
            draft = next(improvements(timing, draft, Random(seed)))
        assert plan.objective < draft.objective + 1e-6, f"seed {seed}"
        better += plan.objective < draft.objective - 1e-6
    assert better > 2


def test_a_time_limit_gives_a_sound_plan() -> None:
    problem = week(Random(4), 5, 20)
    assert_sound(problem, solve(problem, limit=Limit(seconds=0.5)))


@pytest.mark.parametrize(
    ("problem", "objective"),
    [
        (world(), 0.0),
        (world(technicians=()), 0.0),
        (world(job(), technicians=()), 1_000.0),
        (world(job(needs=("X",)), job("J2", parts_ready_h=None)), 2_000.0),
        (world(job(), technicians=(technician(duties=()),)), 1_000.0),
    ],
)
def test_nothing_to_decide_is_proven_optimal(problem: Problem, objective: float) -> None:
    plan = solve(problem, limit=Limit(iterations=5))
    assert_sound(problem, plan)
    assert (plan.status, plan.objective, plan.bound, plan.gap) == (Status.OPTIMAL, objective, objective, 0.0)
    assert (plan.assignments, len(plan.unassigned)) == ((), len(problem.jobs))


def test_a_plan_with_a_choice_claims_no_proof() -> None:
    plan = solve(world(job()), limit=Limit(iterations=5))
    assert (plan.status, plan.bound, plan.gap) == (Status.FEASIBLE, None, None)


@pytest.mark.parametrize("numbers", [("J1", "J2"), ("J2", "J1")])
def test_an_aircraft_on_ground_goes_first_where_one_job_fits(numbers: tuple[str, str]) -> None:
    grounded = job(numbers[0], priority=Priority.AOG, unserved_penalty=100_000.0)
    routine = job(numbers[1], priority=Priority.ROUTINE, duration_h=1)
    jobs = sorted((grounded, routine), key=lambda job: job.number)
    problem = world(*jobs, technicians=(technician(duties=((8, 11),)),))
    plan = solve(problem, limit=Limit(iterations=50))
    assert [(one.job, one.start_s) for one in plan.assignments] == [(numbers[0], 9 * HOUR_S)]
    assert [line.job for line in plan.unassigned] == [numbers[1]]


@pytest.mark.parametrize("limit", [Limit(iterations=150), Limit(seconds=0.4)])
def test_progress_never_gets_worse_and_ends_at_the_plan(limit: Limit) -> None:
    reports: list[Progress] = []
    note: Callable[[Progress], None] = reports.append
    plan = solve(week(Random(5), 5, 20), limit=limit, on_progress=note)
    objectives = [report.objective for report in reports]
    assert len(objectives) > 2
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] == pytest.approx(plan.objective)
    assert all(report.bound is None for report in reports)
