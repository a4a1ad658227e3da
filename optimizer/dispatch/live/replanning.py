"""A running plan made anew with the changes that pay, told as a difference; and what locks stand in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from optimizer.dispatch.explain import explained
from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.live.answers import Option
from optimizer.dispatch.live.ledger import jobs_of
from optimizer.dispatch.live.running import RunningPlan
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import TERMS, Plan
from optimizer.dispatch.pricing import TOLERANCE_S, cheapest_outcome
from optimizer.dispatch.solve import solve
from optimizer.run import Limit, OnProgress, Reason, ShouldStop, Status, never_stop, no_progress

LOCKS = (PinKind.ASSIGNED, PinKind.SEQUENCED)
"""What a person, or the freezing of what is near, has pinned: it could be otherwise."""


@dataclass(frozen=True, slots=True)
class Change:
    """A job that is done otherwise: by whom and from when (seconds), before and after; none where nobody does it."""

    job: str
    technicians_before: tuple[str, ...]
    technicians: tuple[str, ...]
    start_before_s: float | None
    start_s: float | None

    @property
    def moved_s(self) -> float | None:
        """Return by how much the start moves, negative for earlier; None unless it is done in both."""
        if self.start_s is None or self.start_before_s is None:
            return None
        return self.start_s - self.start_before_s


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise in a plan than in one before: jobs in the order of their numbers, and money by TERMS."""

    changes: tuple[Change, ...]
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A lock that no plan can keep: whose it is, why, and what would be cheapest if it were undone.

    `way_out` gives the job to others; None: to leave it out, at `leaving` (money), is cheaper or all that is possible.
    """

    job: str
    technicians: tuple[str, ...]
    reasons: tuple[Reason, ...]
    way_out: Option | None
    leaving: float


@dataclass(frozen=True, slots=True)
class Replanned:
    """A plan made anew, what is otherwise in it, and the locks that it could not keep."""

    plan: Plan
    difference: Difference
    conflicts: tuple[Conflict, ...]


def replan(
    problem: Problem,
    running: Plan,
    *,
    limit: Limit,
    seed: int = 0,
    threads: int = 1,
    should_stop: ShouldStop = never_stop,
    on_progress: OnProgress = no_progress,
) -> Replanned:
    """Plan what is left anew, beginning with the running plan; both as `happened` returns them.

    A change costs what the problem says (`ChangeCost`). Limit, seed and threads as in `solve`. Raises UnsoundPlan if
    the checker refuses the plan.
    """
    plan = solve(
        problem,
        limit=limit,
        seed=seed,
        threads=threads,
        should_stop=should_stop,
        on_progress=on_progress,
        start=running,
    )
    return Replanned(plan, difference(running, plan), tuple(conflicts(problem, plan)))


def difference(before: Plan, after: Plan) -> Difference:
    """Return what is otherwise in a plan than in one before. Linear time, but for sorting."""
    was, now = _done(before), _done(after)
    changes = []
    for number in sorted(was.keys() | now.keys()):
        (crew_before, start_before_s), (crew, start_s) = was.get(number, ((), None)), now.get(number, ((), None))
        moved = start_s is None or start_before_s is None or abs(start_s - start_before_s) > TOLERANCE_S
        if crew != crew_before or moved:
            changes.append(Change(number, crew_before, crew, start_before_s, start_s))
    terms = {term: after.cost_by_term.get(term, 0.0) - before.cost_by_term.get(term, 0.0) for term in TERMS}
    return Difference(tuple(changes), terms)


def conflicts(problem: Problem, plan: Plan, free: Mapping[str, Job] = MappingProxyType({})) -> Iterator[Conflict]:
    """Yield the locks that a plan could not keep, each with the cheapest way out, all else as it is.

    `free` are jobs as they would be without their lock, where more falls with it than the pin. Takes up the plan anew
    for each. Raises ValueError if the plan does not fit the problem.
    """
    out = {one.job for one in plan.left_out}
    locked = [job for job in problem.jobs if job.number in out and job.pin is not None and job.pin.kind in LOCKS]
    if plan.status is not Status.INFEASIBLE or not locked:
        return
    reasons = {one.job: one.reasons for one in explained(problem, plan).left_out}
    for job in locked:
        option = _way_out(problem, plan, job, free.get(job.number, replace(job, pin=None)))
        own = () if job.pin is None else job.pin.technicians
        yield Conflict(job.number, own, reasons[job.number], option, cheapest_outcome(job)[1])


def _way_out(problem: Problem, plan: Plan, job: Job, free: Job) -> Option | None:
    """Return the cheapest way to do a job without its lock, None if leaving it out is cheaper."""
    without = replace(problem, jobs=tuple(free if one is job else one for one in problem.jobs))
    options = RunningPlan(without, plan).recommend(free, most=1, displaced_max=1).options
    return next((one for one in options if one.extra_cost < 0), None)


def _done(plan: Plan) -> dict[str, tuple[tuple[str, ...], float | None]]:
    """Return by job who does it, seat by seat, and when its first seat begins."""
    seats: dict[str, dict[int, tuple[str, float]]] = {}
    for route in plan.routes:
        for stop in jobs_of(route):
            seats.setdefault(stop.name, {})[stop.seat] = (route.technician, stop.start_s)
    return {number: (tuple(own[seat][0] for seat in sorted(own)), own[min(own)][1]) for number, own in seats.items()}
