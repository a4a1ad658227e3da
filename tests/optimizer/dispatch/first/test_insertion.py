"""Drafts keep the rules, leave nothing out that pays, and never get worse."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from optimizer.dispatch.first.insertion import Draft, filled, improvements, priced
from optimizer.dispatch.first.timing import Route, Timing
from tests.optimizer.dispatch.first.brute import Rules
from tests.optimizer.dispatch.first.worlds import tiny, week


def nobody_busy(timing: Timing) -> list[Route]:
    routes = [timing.route(who, ()) for who in range(len(timing.problem.technicians))]
    return [route for route in routes if isinstance(route, Route)]


def assert_true(rules: Rules, draft: Draft) -> None:
    """Compare a draft with the rules: who does what, who is left out, and what it costs."""
    costs = [rules.cost(route.technician, route.jobs) for route in draft.routes]
    assert None not in costs
    served = [job for route in draft.routes for job in route.jobs]
    assert sorted((*served, *draft.unserved)) == list(range(len(rules.problem.jobs)))
    penalties = sum(rules.problem.jobs[job].unserved_penalty for job in draft.unserved)
    assert draft.objective == pytest.approx(sum(cost or 0.0 for cost in costs) + penalties)


@pytest.mark.parametrize("seed", range(120))
def test_a_filled_draft_leaves_no_job_out_that_pays(seed: int) -> None:
    problem = tiny(Random(seed), most_jobs=12)
    rules, timing = Rules(problem), Timing(problem)
    draft = filled(timing, nobody_busy(timing))
    assert_true(rules, draft)
    for number in draft.unserved:
        for route in draft.routes:
            for at in range(len(route.jobs) + 1):
                cost = rules.cost(route.technician, (*route.jobs[:at], number, *route.jobs[at:]))
                assert cost is None or cost - route.cost > problem.jobs[number].unserved_penalty - 1e-6


@pytest.mark.parametrize("seed", range(40))
def test_rounds_keep_the_rules_and_never_get_worse(seed: int) -> None:
    problem = tiny(Random(seed), most_jobs=12)
    rules, timing = Rules(problem), Timing(problem)
    if not any(timing.able):
        return
    best = filled(timing, nobody_busy(timing))
    for draft in islice(improvements(timing, best, Random(seed)), 30):
        assert draft.objective <= best.objective
        best = draft
    assert_true(rules, best)


def test_rounds_find_better_plans() -> None:
    timing = Timing(week(Random(1), technicians=5, jobs=20))
    first = filled(timing, nobody_busy(timing))
    *_, last = islice(improvements(timing, first, Random(0)), 100)
    assert last.objective < first.objective


def test_a_price_is_that_of_the_routes_and_of_what_they_leave_out() -> None:
    timing = Timing(week(Random(1), technicians=5, jobs=20))
    nothing = priced(timing, nobody_busy(timing))
    assert nothing.unserved == tuple(range(20))
    assert nothing.objective == pytest.approx(sum(job.unserved_penalty for job in timing.problem.jobs))
