"""Schedules and insertions against every schedule there is, tried second by second."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest

from optimizer.dispatch.first.model import Duty, Technician, Validity
from optimizer.dispatch.first.timing import Insertion, Miss, Route, Timing, Windows, start_windows
from tests.optimizer.dispatch.first.brute import Rules, Stuck
from tests.optimizer.dispatch.first.worlds import FAR, HOUR_S, job, technician, tiny, world

SEEDS = range(150)


def starts(windows: Windows) -> list[int]:
    spans = zip(windows.firsts, windows.lasts, windows.offsets, strict=True)
    return [clock + offset for first, last, offset in spans for clock in range(first, last + 1)]


def any_orders(rules: Rules, random: Random, who: int, most: int) -> list[tuple[int, ...]]:
    """Draw orders of jobs that a technician can start, if nothing else is in the way."""
    startable = [number for number, found in enumerate(rules.starts[who]) if found]
    return [tuple(random.sample(startable, random.randint(0, len(startable)))) for _ in range(most)]


def kept(rules: Rules, who: int, order: tuple[int, ...]) -> float:
    cost = rules.cost(who, order)
    return math.inf if cost is None else cost


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_are_the_starts_that_the_rules_allow(seed: int) -> None:
    problem = tiny(Random(seed), most_jobs=10)
    rules, timing = Rules(problem), Timing(problem)
    assert [[starts(windows) for windows in row] for row in timing.windows] == rules.starts
    people = range(len(problem.technicians))
    assert timing.able == [[who for who in people if rules.starts[who][job]] for job in range(len(problem.jobs))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_route_is_the_earliest_schedule_and_the_cheapest(seed: int) -> None:
    problem, random = tiny(Random(seed), most_jobs=10), Random(seed)
    rules, timing = Rules(problem), Timing(problem)
    for who in range(len(problem.technicians)):
        for order in any_orders(rules, random, who, 20):
            walked, route = rules.walk(who, order), timing.route(who, order)
            if isinstance(walked, Stuck):
                assert route == Miss(walked.job, walked.shortfall_s)
                assert rules.cost(who, order) is None
            else:
                assert isinstance(route, Route)
                assert (route.technician, route.jobs, route.starts) == (who, order, walked)
                assert route.cost == pytest.approx(rules.cost(who, order))
                jobs = [problem.jobs[number] for number in order]
                late = sum(
                    max(0, start_s + job.duration_s - job.due_s) * job.lateness_cost_per_h
                    for start_s, job in zip(walked, jobs, strict=True)
                )
                assert route.lateness_cost == pytest.approx(late / 3600)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_insertion_is_the_cheapest_of_all_positions(seed: int) -> None:
    problem, random = tiny(Random(seed), most_jobs=8), Random(seed)
    rules, timing = Rules(problem), Timing(problem)
    for who in range(len(problem.technicians)):
        for order in any_orders(rules, random, who, 15):
            route = timing.route(who, order)
            for number in set(range(len(problem.jobs))).difference(order):
                if not isinstance(route, Route):
                    continue
                costs = [kept(rules, who, (*order[:at], number, *order[at:])) for at in range(len(order) + 1)]
                extra = [cost - route.cost for cost in costs] if rules.starts[who][number] else [math.inf]
                assert_cheapest(timing.insertion(route, number), extra)
                if min(extra) < math.inf:
                    assert timing.insertion(route, number, min(extra) - 1e-6) is None
                    assert_cheapest(timing.insertion(route, number, min(extra) + 1e-6), extra)


def assert_cheapest(insertion: Insertion | None, extra: list[float]) -> None:
    if insertion is None:
        assert min(extra) == math.inf
    else:
        assert insertion.extra_cost == pytest.approx(min(extra), abs=1e-9)
        assert extra[insertion.position] == pytest.approx(min(extra), abs=1e-9)


def test_the_random_problems_have_detours_shorter_than_the_direct_way_and_full_routes() -> None:
    short_cuts = lengths = 0
    for seed in SEEDS:
        problem = tiny(Random(seed))
        travel_s, places = problem.travel_s, range(len(problem.places))
        short_cuts += any(
            travel_s[a, b] + travel_s[b, c] < travel_s[a, c] for a in places for b in places for c in places
        )
        rules = Rules(problem)
        orders = [order for who in range(len(problem.technicians)) for order, _ in rules.routes(who)]
        lengths += max(map(len, orders)) >= 3
    assert short_cuts > 30
    assert lengths > 30


def test_travel_is_split_over_the_night() -> None:
    timing = Timing(world(job(place=FAR), technicians=(technician(duties=((8, 10), (32, 40))),)))
    route = timing.route(0, (0,))
    assert isinstance(route, Route)
    assert route.starts == (34 * HOUR_S,)


def test_a_job_is_never_split_over_the_night() -> None:
    timing = Timing(
        world(job(duration_h=3), job("J2", duration_h=6), technicians=(technician(duties=((8, 16), (32, 40))),))
    )
    route = timing.route(0, (0, 1))
    assert isinstance(route, Route)
    assert route.starts == (9 * HOUR_S, 32 * HOUR_S)


def test_a_job_may_end_with_the_shift_and_the_way_home_needs_none() -> None:
    timing = Timing(world(job(duration_h=7)))
    route = timing.route(0, (0,))
    assert isinstance(route, Route)
    assert route.starts == (9 * HOUR_S,)
    assert route.cost == pytest.approx((1 + 7 + 1) * 30 + 2 * 5)


@pytest.mark.parametrize(("until_s", "able"), [(101, True), (100, False)])
def test_a_qualification_must_hold_at_the_second_of_the_end(until_s: int, able: bool) -> None:
    person = Technician("T1", 0, (Duty(90, 100),), {"X": (Validity(90, until_s),)}, 1.0)
    assert bool(start_windows(person, job(duration_h=10 / 3600, needs=("X",))).lasts) is able


def test_validities_that_touch_or_overlap_count_as_one() -> None:
    spans = (Validity(50, 70), Validity(0, 20), Validity(20, 40), Validity(30, 50))
    person = Technician("T1", 0, (Duty(0, 100),), {"X": spans}, 1.0)
    windows = start_windows(person, job(duration_h=60 / 3600, needs=("X",)))
    assert list(pairwise(starts(windows)))[-1] == (8, 9)


def test_a_job_that_a_technician_can_never_start_is_refused() -> None:
    timing = Timing(world(job("J7", needs=("X",))))
    with pytest.raises(ValueError, match=r"T1.*J7"):
        timing.route(0, (0,))
