"""Solve a dispatch problem: independent parts by themselves, each by ruin and recreate under simulated annealing.

Parts are worked on by several threads (the kernel runs without the interpreter's lock); a problem in one part is
searched from several seeds, which meet at the best plan from time to time. Every plan is checked before it leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from optimizer.dispatch.building.demands import able
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import built
from optimizer.dispatch.check import check, price
from optimizer.dispatch.components import Component, components, in_whole
from optimizer.dispatch.faults import count
from optimizer.dispatch.kernel.arrays import BIG
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Missed, Plan, Route
from optimizer.dispatch.proof import proven
from optimizer.dispatch.search import Search
from optimizer.dispatch.timing import retimed
from optimizer.dispatch.violations import UnsoundPlan
from optimizer.dispatch.work import share_of
from optimizer.run import Limit, OnProgress, Progress, ShouldStop, Status, never_stop, no_progress

SLICES = 60
"""A search is cut into so many pieces of falling temperature."""

MEETINGS = 10
"""Searches from several seeds meet so often."""

ROUNDS_MIN = 20

COMBINED = (0.6, 0.8, 0.95)
"""After these shares of the work the tours so far are combined anew."""

COMBINING = 0.05
"""Share of the seconds that each of these may take, if that is worth the while at all."""

COMBINING_MIN_S = 0.3


def solve(
    problem: Problem,
    *,
    limit: Limit,
    seed: int = 0,
    threads: int = 1,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
    start: Plan | None = None,
) -> Plan:
    """Return a plan that every rule holds for.

    `limit.iterations` counts rounds of ruin and recreate over all parts; with it, the same problem, seed, threads and
    versions give the same plan. `limit.seconds` is wall time, counted from when the first plan stands; making the times
    of the last plan better (`timing`) and proving the optimum of a small problem (`proof`) may take a twentieth of it
    more each. `start` is a running plan to begin with: the result costs no more than what of it the problem still
    allows. `should_stop` ends the search with the best plan so far. Raises UnsoundPlan if the checker refuses the plan,
    ValueError for a seed or threads that are no whole numbers, 0 or more.
    """
    count("solve", seed=seed, threads=threads)
    began = time.monotonic()
    parts = components(problem, able(problem))
    routes = start.routes if start is not None else ()
    searches = [
        Search(settled(built(part.problem)), seed + index, _own(routes, part)) for index, part in enumerate(parts)
    ]
    report = _Report(searches, began, on_progress)
    report(0)
    _improve(searches, limit, seed, threads, should_stop, report)
    plan = _plan(problem, parts, searches, time.monotonic() - began)
    plan = retimed(problem, plan, limit=share_of(limit), should_stop=should_stop)
    plan = proven(problem, plan, limit=share_of(limit), should_stop=should_stop)
    plan = replace(plan, seconds=time.monotonic() - began)
    wrong = check(problem, plan)
    if wrong:
        raise UnsoundPlan("; ".join(f"{one.code} {one.where}" for one in wrong[:5]))
    return plan


def _own(routes: Sequence[Route], part: Component) -> list[Route]:
    codes = {person.code for person in part.problem.technicians}
    return [route for route in routes if route.technician in codes]


@dataclass
class _Report:
    """Tells of the best plan so far, and when the search began to tell."""

    searches: Sequence[Search]
    began: float
    on_progress: OnProgress

    def __call__(self, iteration: int) -> None:
        objective = sum(one.best_cost for one in self.searches)
        self.on_progress(Progress(iteration, time.monotonic() - self.began, objective % BIG))


def _improve(
    searches: Sequence[Search],
    limit: Limit,
    seed: int,
    threads: int,
    should_stop: ShouldStop,
    report: Callable[[int], None],
) -> None:
    busy = [one for one in searches if one.one.tours and one.one.ops]
    if not busy:
        return
    with ThreadPoolExecutor(max(1, threads)) as pool:
        if len(busy) == 1 and threads > 1:
            team = [busy[0], *(Search(busy[0].one, seed + 1_000 + index) for index in range(threads - 1))]
            _together(pool, team, limit, should_stop, report)
        else:
            _side_by_side(pool, threads, busy, limit, should_stop, report)


def _together(
    pool: ThreadPoolExecutor,
    team: Sequence[Search],
    limit: Limit,
    should_stop: ShouldStop,
    report: Callable[[int], None],
) -> None:
    """Search one problem from several seeds; at each meeting all go on from the best plan."""
    clock = _Work(limit)
    for piece in range(MEETINGS):
        share = (piece / MEETINGS, (piece + 1) / MEETINGS)
        number = None if limit.iterations is None else limit.iterations // len(team)
        jobs = [pool.submit(clock.run, one, number, share, should_stop) for one in team]
        for job in jobs:
            job.result()
        best = min(team, key=lambda one: one.best_cost)
        for one in team:
            if one.best_cost > best.best_cost:
                one.restore(best.best_stops, best.best_count, best.best_modes)
        report(sum(one.done for one in team))
        if should_stop():
            return


def _side_by_side(
    pool: ThreadPoolExecutor,
    threads: int,
    busy: Sequence[Search],
    limit: Limit,
    should_stop: ShouldStop,
    report: Callable[[int], None],
) -> None:
    """Search all parts at once, each with its share of the work by its number of jobs."""
    jobs = sum(len(one.one.ops) for one in busy)
    workers = min(max(1, threads), len(busy))
    turns = [pool.submit(_turn, busy[worker::workers], limit, jobs / workers, should_stop) for worker in range(workers)]
    for turn in turns:
        turn.result()
    report(sum(one.done for one in busy))


def _turn(own: Sequence[Search], limit: Limit, jobs: float, should_stop: ShouldStop) -> None:
    total = sum(len(one.one.ops) for one in own)
    for one in own:
        weight = len(one.one.ops) / total
        part = limit if limit.seconds is None else Limit(seconds=limit.seconds * weight)
        number = None if limit.iterations is None else max(1, round(limit.iterations * len(one.one.ops) / jobs))
        _Work(part).run(one, number, (0.0, 1.0), should_stop)
        one.forget()


class _Work:
    """Runs a search through a share of its work, in pieces after each of which it may be stopped."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit

    def run(self, one: Search, number: int | None, share: tuple[float, float], should_stop: ShouldStop) -> None:
        """Run until the share is done: rounds (`number` for the whole), or seconds of the limit."""
        first, last = share
        due = [mark for mark in COMBINED if first <= mark < last]
        if number is not None:
            begin, end = round(number * first), round(number * last)
            size = max(1, (end - begin + SLICES - 1) // SLICES)
            for done in range(begin, end, size):
                if should_stop():
                    return
                if due and done >= due[0] * number:
                    due.pop(0)
                    one.combine(None)
                one.advance(min(size, end - done), done / number)
            return
        whole = self.limit.seconds or 0.0
        seconds = whole * (last - first)
        began = time.monotonic()
        size = ROUNDS_MIN
        while (elapsed := time.monotonic() - began) < seconds and not should_stop():
            if due and first + (last - first) * elapsed / seconds >= due[0]:
                due.pop(0)
                if COMBINING * whole >= COMBINING_MIN_S:
                    one.combine(COMBINING * whole)
                continue
            one.advance(size, first + (last - first) * elapsed / seconds)
            took = time.monotonic() - began - elapsed
            aim = max(0.005, seconds / SLICES)
            size = max(1, min(4 * size, int(size * min(aim, seconds - elapsed) / max(took, 1e-6))))


def _plan(problem: Problem, parts: Sequence[Component], searches: Sequence[Search], seconds: float) -> Plan:
    routes: list[Route] = []
    out: list[LeftOut] = []
    missed: list[Missed] = []
    for part, one in zip(parts, searches, strict=True):
        found, left, dates = one.read()
        routes += in_whole(found, part, problem.flights)
        out += left
        missed += dates
    order = {person.code: index for index, person in enumerate(problem.technicians)}
    number = {job.number: index for index, job in enumerate(problem.jobs)}
    mandatory = {job.number for job in problem.jobs if job.mandatory or job.pin is not None}
    fails = bool(missed) or any(one.job in mandatory for one in out)
    plan = Plan(
        status=Status.INFEASIBLE if fails else Status.FEASIBLE,
        objective=0.0,
        bound=None,
        gap=None,
        seconds=seconds,
        routes=tuple(sorted(routes, key=lambda route: (order[route.technician], route.shift))),
        left_out=tuple(sorted(out, key=lambda one: number[one.job])),
        missed=tuple(sorted(missed, key=lambda one: (order[one.technician], one.start_s))),
    )
    terms = price(problem, plan)
    return replace(plan, objective=sum(terms.values()), cost_by_term=terms)
