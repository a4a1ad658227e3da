"""The model of the routing library says what the rules say: its routes keep them and reach a known optimum."""

from __future__ import annotations

from random import Random

import pytest

from optimizer.dispatch.routing import improved_routes
from optimizer.dispatch.timing import Timing
from optimizer.run import Limit, never_stop
from tests.optimizer.dispatch.brute import Rules
from tests.optimizer.dispatch.worlds import tiny, week


def test_from_empty_routes_it_finds_the_optimum_and_breaks_no_rule() -> None:
    optimal, seeds = 0, range(40)
    for seed in seeds:
        problem = tiny(Random(seed))
        rules, timing = Rules(problem), Timing(problem)
        empty = [(who, ()) for who in range(len(problem.technicians))]
        jobs = range(len(problem.jobs))
        routes = improved_routes(timing, empty, jobs, Limit(iterations=5_000), never_stop)
        assert [who for who, _ in routes] == [who for who, _ in empty], f"seed {seed}"
        costs = [rules.cost(who, tuple(order)) for who, order in routes]
        served = [job for _, order in routes for job in order]
        assert len(set(served)) == len(served), f"seed {seed}"
        penalties = sum(problem.jobs[job].unserved_penalty for job in jobs if job not in served)
        assert None not in costs, f"seed {seed}: {routes}"
        optimal += sum(cost or 0.0 for cost in costs) + penalties == pytest.approx(rules.optimum())
    assert optimal >= 0.9 * len(seeds), f"{optimal} of {len(seeds)}"


def test_it_leaves_other_technicians_and_jobs_alone() -> None:
    timing = Timing(week(Random(0), technicians=5, jobs=20))
    routes = improved_routes(timing, [(3, ()), (1, ())], range(4, 16), Limit(iterations=2_000), never_stop)
    assert [who for who, _ in routes] == [3, 1]
    served = {job for _, order in routes for job in order}
    assert served
    assert served <= set(range(4, 16))


def test_it_ends_when_it_is_told_to() -> None:
    timing, asked = Timing(week(Random(0), technicians=5, jobs=20)), []

    def stop() -> bool:
        asked.append(True)
        return len(asked) >= 50

    empty: list[tuple[int, tuple[int, ...]]] = [(who, ()) for who in range(5)]
    routes = improved_routes(timing, empty, range(20), Limit(iterations=1_000_000), stop)
    assert [who for who, _ in routes] == list(range(5))
    assert 50 <= len(asked) < 100


def test_told_to_end_at_once_it_keeps_the_routes() -> None:
    timing = Timing(week(Random(0), technicians=5, jobs=20))
    who = next(who for who in range(5) if timing.windows[who][0].lasts)
    routes: list[tuple[int, tuple[int, ...]]] = [(who, (0,))]
    assert improved_routes(timing, routes, range(20), Limit(iterations=1_000), lambda: True) == [(who, [0])]
