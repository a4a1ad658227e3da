"""The model of the routing library says what the rules say: its routes keep them and reach a known optimum."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from optimizer.dispatch.first.model import Job, Problem, Technician, Validity
from optimizer.dispatch.first.routing import improved_routes
from optimizer.dispatch.first.timing import Route, Timing
from optimizer.run import never_stop
from tests.optimizer.dispatch.first.brute import Order, Rules
from tests.optimizer.dispatch.first.worlds import FAR, HOME, HOUR_S, NEAR, job, technician, tiny, week, world

Routes = list[tuple[int, Order]]


def drawn(rules: Rules, random: Random) -> Routes:
    """Draw routes that the rules allow."""
    free, routes = set(range(len(rules.problem.jobs))), []
    for who in range(len(rules.problem.technicians)):
        order = random.choice([order for order, _ in rules.routes(who) if free.issuperset(order)])
        routes.append((who, order))
        free.difference_update(order)
    return routes


def objective(rules: Rules, routes: Routes) -> float:
    """Return what routes cost; they must keep every rule and do no job twice."""
    costs = [rules.cost(who, order) for who, order in routes]
    assert None not in costs, routes
    served = [job for _, order in routes for job in order]
    assert len(set(served)) == len(served), routes
    penalties = [job.unserved_penalty for number, job in enumerate(rules.problem.jobs) if number not in served]
    return sum(cost or 0.0 for cost in costs) + sum(penalties)


@pytest.mark.parametrize("drawn_start", [False, True])
def test_routes_keep_the_rules_get_no_dearer_and_are_mostly_the_best(drawn_start: bool) -> None:
    optimal, seeds = 0, range(60)
    for seed in seeds:
        problem = tiny(Random(seed))
        rules, timing = Rules(problem), Timing(problem)
        empty: Routes = [(who, ()) for who in range(len(problem.technicians))]
        before = drawn(rules, Random(seed)) if drawn_start else empty
        found = improved_routes(timing, before, range(len(problem.jobs)), never_stop, None)
        after = objective(rules, [(who, tuple(order)) for who, order in found])
        assert [who for who, _ in found] == [who for who, _ in before], f"seed {seed}"
        assert after < objective(rules, before) + 1e-6, f"seed {seed}"
        optimal += after < rules.optimum() + 1e-6
    assert optimal >= 0.9 * len(seeds), f"{optimal} of {len(seeds)}"


@pytest.mark.parametrize(
    ("wanted", "person"),
    [
        (job(window_h=(46, 46)), technician(duties=((40, 48),))),
        (job(window_h=(0, 0), duration_h=24, place=HOME), technician(duties=((0, 24),))),
        (job(needs=("X",), window_h=(8, 10)), technician(qualifications={"X": (Validity(10 * HOUR_S, 40 * HOUR_S),)})),
        (
            job(needs=("X",), window_h=(9, 11)),
            technician(qualifications={"X": (Validity(0, 8 * HOUR_S), Validity(9 * HOUR_S, 11 * HOUR_S + 1))}),
        ),
    ],
    ids=["ends with the horizon", "fills the first shift", "valid just in time", "expires just in time"],
)
def test_a_start_at_the_edge_of_the_rules_is_found(wanted: Job, person: Technician) -> None:
    timing = Timing(world(wanted, technicians=(person,)))
    assert improved_routes(timing, [(0, ())], [0], never_stop, None) == [(0, [0])]


def test_a_place_too_far_to_reach_is_not_visited() -> None:
    problem = world(job(place=FAR), technicians=(technician(duties=((0, 48),), cost_per_h=0.0),))
    far = replace(problem, travel_s=problem.travel_s * 10**9)
    assert improved_routes(Timing(far), [(0, ())], [0], never_stop, None) == [(0, [])]


def test_it_leaves_other_technicians_and_jobs_alone() -> None:
    timing = Timing(week(Random(0), technicians=5, jobs=20))
    routes = improved_routes(timing, [(3, ()), (1, ())], range(4, 16), never_stop, None)
    assert [who for who, _ in routes] == [3, 1]
    served = {job for _, order in routes for job in order}
    assert served
    assert served <= set(range(4, 16))


def test_it_ends_when_it_is_told_to() -> None:
    timing, asked = Timing(week(Random(0), technicians=5, jobs=20)), []

    def stop() -> bool:
        asked.append(True)
        return len(asked) >= 50

    empty: Routes = [(who, ()) for who in range(5)]
    routes = improved_routes(timing, empty, range(20), stop, None)
    assert [who for who, _ in routes] == list(range(5))
    assert 50 <= len(asked) < 100


def test_it_ends_where_the_library_would_try_second_after_second() -> None:
    # the way to the last job spans two nights, and a second technician's jobs are fixed before the conflict is seen
    hours, jobs = np.array([[0, 5, 4], [5, 0, 8.25], [4, 8.25, 0]]), []
    for copy in "ab":
        jobs += [
            job(f"{copy}1", place=HOME, duration_h=5, window_h=(60, 160)),
            job(f"{copy}4", place=FAR, duration_h=6, window_h=(50, 162)),
            job(f"{copy}2", place=NEAR, duration_h=3, window_h=(79, 165)),
            job(f"{copy}3", place=NEAR, duration_h=4, window_h=(96, 164)),
        ]
    shifts = ((8, 16), (80, 88), (104, 113), (128, 136), (152, 160))
    people = (technician("Ta", duties=shifts), technician("Tb", duties=shifts))
    travel_s = (hours * HOUR_S).astype(int)
    timing = Timing(Problem(("HOME", "NEAR", "FAR"), travel_s, hours, people, tuple(jobs), 168 * HOUR_S))
    routes: Routes = [(0, (0, 2, 3, 1)), (1, (4, 6, 7, 5))]
    assert all(isinstance(timing.route(*route), Route) for route in routes)
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 300_000

    found = improved_routes(timing, routes, range(8), stop, None)
    assert len(asked) < 300_000
    assert all(isinstance(timing.route(*route), Route) for route in found)


def test_told_to_end_at_once_it_keeps_the_routes() -> None:
    timing = Timing(week(Random(0), technicians=5, jobs=20))
    who = next(who for who in range(5) if timing.windows[who][0].lasts)
    assert improved_routes(timing, [(who, (0,))], range(20), lambda: True, None) == [(who, [0])]


def test_what_a_callback_raises_comes_through() -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        improved_routes(Timing(week(Random(0), 5, 20)), [(0, ())], range(20), interrupt, None)
