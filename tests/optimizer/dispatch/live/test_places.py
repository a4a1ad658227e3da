"""The best place for a new job, with nobody and with one job displaced, against all places tried in turn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from optimizer.dispatch.building.extended import extended
from optimizer.dispatch.building.reading import routes_of
from optimizer.dispatch.check import price
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.start import put_stops
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch.drawn import problems
from tests.optimizer.dispatch.live.test_extended import without_last

DRAWN = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def lone(problem: Problem) -> Problem:
    """The problem without what ties tours together, and without supplies."""
    nothing = {"pin": None, "running": None, "parts": (), "tools": frozenset[str](), "shared_tools": frozenset[str]()}
    jobs = tuple(replace(one, seats=one.seats[:1], **nothing) for one in problem.jobs)  # type: ignore[arg-type]
    people = tuple(replace(one, capacity=math.inf) for one in problem.technicians)
    loose = replace(problem, technicians=people, jobs=jobs, precedence=(), together=(), budgets={})
    return replace(loose, worst_lateness_per_h=0.0)


def as_timed(problem: Problem) -> RunningPlan:
    """A running plan at the times of the engine, so that what is told is what a place adds."""
    held = RunningPlan(problem, solve(problem, limit=Limit(iterations=40), seed=1))
    plan = replace(held.plan, routes=routes_of(held.held.one, held.held.data, held.held.state, held.held.view))
    terms = price(problem, plan)
    return RunningPlan(problem, replace(plan, cost_by_term=terms, objective=sum(terms.values())))


class AllPlaces:
    """A plan with one more job, every tour of which costs what its stops alone do."""

    def __init__(self, held: RunningPlan, new: Job) -> None:
        self.other = held.held.with_jobs(extended(held.held.one, [new]))
        self.data, view = self.other.one.data, self.other.view
        self.new = int(self.data.job_ops_at[len(held.problem.jobs)])
        self.own = [view.stops[tour, : view.count[tour]].tolist() for tour in range(len(view.count))]
        self.known: dict[tuple[int, tuple[int, ...]], float] = {}

    def cost(self, tour: int, stops: list[int]) -> float:
        """What a tour of these stops costs, infinite if they do not fit."""
        key = tour, tuple(stops)
        if key not in self.known:
            fits = put_stops(self.other.data, self.other.state, tour, np.array(stops, dtype=np.int64))
            self.known[key] = float(self.other.view.cost[tour]) if fits else math.inf
            put_stops(self.other.data, self.other.state, tour, np.array(self.own[tour], dtype=np.int64))
        return self.known[key]

    def added(self, tour: int, op: int, stops: list[int]) -> Iterator[tuple[float, list[int]]]:
        """Each position of an op in a tour of these stops, with what the tour then costs more than it does."""
        if tour in self.data.op_tours[self.data.op_tours_at[op] : self.data.op_tours_at[op + 1]]:
            for at in range(len(stops) + 1):
                put = [*stops[:at], op, *stops[at:]]
                yield self.cost(tour, put) - self.cost(tour, self.own[tour]), put

    def plain(self) -> float:
        """The least that the new job adds."""
        every = (cost for tour, stops in enumerate(self.own) for cost, _ in self.added(tour, self.new, stops))
        return min(every, default=math.inf)

    def displacing(self, stays: bool) -> float:
        """The least with one job out for it, which goes to another tour, `stays` on its own, or is left out."""
        least = math.inf
        for tour, stops in enumerate(self.own):
            for op in stops:
                if not self.data.op_called[op]:
                    continue
                rest = [stop for stop in stops if stop != op]
                for cost, put in self.added(tour, self.new, rest):
                    least = min(least, cost + self.elsewhere(op, tour, put, stays))
        return least

    def elsewhere(self, op: int, tour: int, put: list[int], stays: bool) -> float:
        job = self.data.op_job[op]
        least = math.inf if self.data.job_must[job] else float(self.data.job_leave[job])
        for other, stops in enumerate(self.own):
            if other == tour and not stays:
                continue
            now = put if other == tour else stops
            for cost, _ in self.added(other, op, now):
                before = self.cost(other, now) - self.cost(other, self.own[other])
                least = min(least, cost - before)
        return least


@DRAWN
@given(problems(jobs_max=5))
def test_the_best_place_is_the_best_of_all_places(problem: Problem) -> None:
    """Without a job displaced it is the least there is.

    With one it is no more than the least where that goes to another tour or is left out, and no less than where it
    may also stay on its tour at any place.
    """
    problem = lone(problem)
    assume(len(problem.jobs) > 1)
    held, new = as_timed(without_last(problem, 1)), problem.jobs[-1]
    every = AllPlaces(held, new)
    plain = min((one.extra_cost for one in held.recommend(new, most=99).options), default=math.inf)
    assert plain == pytest.approx(every.plain(), abs=1e-6)
    options = held.recommend(new, most=99, displaced_max=1).options
    told = min((one.extra_cost for one in options), default=math.inf)
    assert told <= min(plain, every.displacing(stays=False)) + 1e-6
    assert told >= min(plain, every.displacing(stays=True)) - 1e-6
    two = min((one.extra_cost for one in held.recommend(new, most=99, displaced_max=2).options), default=math.inf)
    assert two <= told + 1e-6
