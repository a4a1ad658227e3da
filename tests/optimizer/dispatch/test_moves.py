"""Random moves of the kernel against the checker: after each, the plan is sound and costs what the checker says.

So many moves as `FIELDOPS_DISPATCH_MOVES` says (20,000; `make moves`: a million) are spread over drawn problems. After
every one of them, kept or put back, the plan is read, checked against every rule, and priced from its routes alone.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.reading import left_out_of, missed_of, routes_of
from optimizer.dispatch.building.state import Built, built, new_state
from optimizer.dispatch.check import check, price
from optimizer.dispatch.kernel.arrays import State
from optimizer.dispatch.kernel.box import boxed
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.recreate import plan_cost, recreate, within_budgets
from optimizer.dispatch.kernel.ruin import at_random, close, neighbours, strings, whole_tour
from optimizer.dispatch.kernel.start import put_stops, reckon
from optimizer.dispatch.kernel.tours import begin_round, put_back
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.search import Search
from optimizer.run import Status
from tests.optimizer.dispatch.drawn import wide_problems

MOVES = int(os.environ.get("FIELDOPS_DISPATCH_MOVES", "20000"))
MOVES_EACH = 40
EXAMPLES = settings(
    max_examples=max(1, MOVES // MOVES_EACH),
    deadline=None,
    derandomize="FIELDOPS_DISPATCH_MOVES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)

SUMS = ("load", "kit_left", "stock_left", "holding", "held", "spent", "changes", "used", "entered", "total")
TIMES = ("start_s", "end_s", "next_break", "departs_s", "returns_s", "cost", "money", "late")


class Mover:
    """A plan of a problem that is changed move by move."""

    def __init__(self, problem: Problem, seed: int) -> None:
        search = Search(settled(built(problem)), seed)
        self.one, self.data, self.state, self.view = search.one, search.data, search.state, search.view
        self.chance = np.random.default_rng(seed)

    def move(self) -> None:
        """Take jobs out in one of the kernel's ways, put jobs in, and keep that or put everything back."""
        before = picture(self.one, self.view)
        begin_round(self.state)
        left, must_out = int(self.view.left_count[0]), self.must_out()
        fits = close(self.data, self.state, self._ruin())
        if fits and self.one.data.linked:
            fits = settle(self.data, self.state)
        fits = fits and within_budgets(self.data, self.state)
        if fits:
            plan_cost(self.data, self.state)
            recreate(
                self.data,
                self.state,
                left,
                int(self.chance.integers(-1, 6)),
                float(self.chance.choice((0, 0.2))),
                float(self.chance.choice((0, 9))),
            )
        # what is mandatory goes out again as little as under the search, which would have to pay `must_cost` for it
        dearer = self.must_out() > must_out
        if not fits or dearer or self.chance.random() < 0.5:
            put_back(self.data, self.state)
            same(before, picture(self.one, self.view))

    def must_out(self) -> int:
        """Return how many jobs are left out that should never be."""
        return int(self.one.data.job_must[self.view.left[: self.view.left_count[0]]].sum())

    def _ruin(self) -> int:
        number = int(self.chance.integers(1, 6))
        kind = self.chance.integers(4)
        if kind == 0:
            return strings(self.data, self.state, float(number), 0)
        return (at_random, neighbours, whole_tour)[kind - 1](self.data, self.state, number, 0)

    def prove(self) -> None:
        """Read the plan: it breaks no rule, and costs what the kernel says."""
        cost = plan_cost(self.data, self.state)
        problem = self.one.problem
        routes, left = routes_of(self.one, self.data, self.state, self.view), left_out_of(self.one, self.view)
        mandatory = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
        missed = missed_of(self.one, self.view)
        fails = bool(missed) or any(one.job in mandatory for one in left)
        plan = Plan(Status.INFEASIBLE if fails else Status.FEASIBLE, 0.0, None, None, 0.0, routes, left, missed=missed)
        terms = price(problem, plan)
        money = math.fsum(terms.values())
        plan = replace(plan, objective=money, cost_by_term=terms)
        assert check(problem, plan) == []
        out = self.view.left[: self.view.left_count[0]]
        beyond = self.one.data.must_cost * float(self.one.data.job_must[out].sum())
        assert cost - beyond == pytest.approx(money, rel=1e-6, abs=1e-6)

    def prove_sums(self) -> None:
        """The sums that were changed move by move are those of the plan put together anew."""
        fresh = new_state(self.one, 0)
        data, state = boxed(self.one.data), boxed(fresh)
        fresh.mode_of[...] = self.view.mode_of
        fresh.floor_s[...] = self.view.floor_s
        for tour in range(len(self.one.tours)):
            assert put_stops(data, state, tour, self.view.stops[tour, : self.view.count[tour]].copy())
        assert reckon(data, state)
        before, after = picture(self.one, self.view), picture(self.one, fresh)
        same({name: before[name] for name in SUMS}, after)


def picture(one: Built, view: State) -> dict[str, np.ndarray]:
    """Return a copy of all that a plan is; what is left over from former stops is wiped out."""
    found = {name: getattr(view, name).copy() for name in (*SUMS, *TIMES, "count", "depot_at", "left_place")}
    found["left"] = view.left[: view.left_count[0]].copy()
    planned = view.tour_of >= 0
    for name in ("mode_of", "place_in", "floor_s"):
        found[name] = np.where(planned, getattr(view, name), 0)
    found["tour_of"] = view.tour_of.copy()
    behind = np.arange(view.stops.shape[1]) >= view.count[:, None]
    for name in ("stops", "start_s", "end_s", "next_break"):
        found[name] = np.where(behind, 0, getattr(view, name))
    found["total"] = found["total"][:2]
    for name in ("departs_s", "returns_s"):
        found[name] = np.where(view.count > 0, found[name], 0)
    return found


def same(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> None:
    """Assert that two pictures show one plan."""
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, rtol=1e-9, atol=1e-6, err_msg=name)


@EXAMPLES
@given(wide_problems(), st.integers(0, 2**31 - 1))
def test_after_every_move_the_plan_is_sound_and_costs_what_the_checker_says(problem: Problem, seed: int) -> None:
    mover = Mover(problem, seed)
    for _ in range(MOVES_EACH):
        mover.move()
        mover.prove()
    mover.prove_sums()
