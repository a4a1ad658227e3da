"""New jobs tried out in a plan that is held in arrays: where they cost least, and what each trial makes of the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from optimizer.dispatch.building.extended import extended
from optimizer.dispatch.building.reading import route_of
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.faults import unique
from optimizer.dispatch.jobs import Job, PinKind
from optimizer.dispatch.kernel.arrays import Flags, Ints
from optimizer.dispatch.kernel.attempts import attempt, attempts, undo
from optimizer.dispatch.live.answers import Moved, Option, Place
from optimizer.dispatch.live.ledger import Key, Ledger
from optimizer.dispatch.model import Precedence, Together
from optimizer.dispatch.plan import LeftOut, Route
from optimizer.dispatch.pricing import Crew, cheapest_outcome

NOBODY = -1


class Trial(NamedTuple):
    """A tour for the first seat of the first new job, and the jobs (indices, -1: none) that go out for it."""

    tour: int
    out: Ints
    added: float


class Trials:
    """New jobs beside a plan in arrays of their own; the plan itself stays as it is."""

    def __init__(
        self,
        held: Held,
        ledger: Ledger,
        jobs: Sequence[Job],
        precedence: Sequence[Precedence] = (),
        together: Sequence[Together] = (),
    ) -> None:
        """Add jobs; those that the plan leaves out may be asked for as well. Raises ValueError for what cannot be."""
        unique("job", [job.number for job in jobs])
        known = {job.number: index for index, job in enumerate(ledger.problem.jobs)}
        new = [job for job in jobs if job.number not in known]
        if (precedence or together) and len(new) < len(jobs):
            raise ValueError("only new jobs can be tied to each other; what is in the problem has its ties there")
        for job in jobs:
            if job.pin is not None and job.pin.kind is not PinKind.ASSIGNED:
                raise ValueError(
                    f"job {job.number} is {job.pin.kind}: a new job has not begun, and is at most assigned"
                )
            if job.number in known and (job != ledger.problem.jobs[known[job.number]] or job.number in ledger.seats):
                raise ValueError(f"job {job.number} is in the problem already, and planned or another one")
        self.ledger = ledger
        self.held = held.with_jobs(extended(held.one, new, precedence, together)) if new else held
        known |= {job.number: len(known) + index for index, job in enumerate(new)}
        self.numbers = known
        self.jobs = self._in_order([known[job.number] for job in jobs])
        self.before = self._picture()

    def cheapest(self, most: int, displaced_max: int = 0, jobs: Ints | None = None) -> list[Trial]:
        """Return the best trials, cheapest first: one for each tour, and more with others displaced where that pays."""
        jobs = self.jobs if jobs is None else jobs
        data = self.held.one.data
        op = int(data.job_ops_at[jobs[0]])
        own = data.op_tours[data.op_tours_at[op] : data.op_tours_at[op + 1]]
        rows = [(int(tour), NOBODY, NOBODY) for tour in own]
        if displaced_max:
            rows += self._displacing(np.isin(np.arange(len(self.held.one.tours)), own), displaced_max)
        if not rows:
            return []
        table = np.array(rows, dtype=np.int64)
        outs = np.ascontiguousarray(table[:, 1:])
        shape = len(self.held.one.tours), displaced_max + 1
        cost, best = np.full(shape, np.inf), np.full(shape, NOBODY)
        attempts(self.held.data, self.held.state, jobs, table[:, 0].copy(), outs, most, cost, best)
        found = [
            (float(cost[at]), at[1], at[0], int(best[at])) for at in zip(*np.nonzero(np.isfinite(cost)), strict=True)
        ]
        return [Trial(int(tour), outs[row], added) for added, _, tour, row in sorted(found)[:most]]

    def option(self, trial: Trial, jobs: Ints | None = None) -> Option | None:
        """Return what a trial makes of the plan, priced by its tours; None if it cannot be after all."""
        jobs = self.jobs if jobs is None else jobs
        held = self.held
        added = attempt(held.data, held.state, jobs, trial.tour, trial.out, np.inf)
        try:
            return self._read(jobs, trial.out) if np.isfinite(added) else None
        finally:
            undo(held.data, held.state)

    def _in_order(self, jobs: Sequence[int]) -> Ints:
        """Return jobs as they are put in: each behind those that it waits for, those that fit few first."""
        data = self.held.one.data
        fits = np.diff(data.op_tours_at)
        waiting, order = list(jobs), list[int]()
        while waiting:
            free = [job for job in waiting if not set(self._waits_for(job)) & set(waiting)]
            job = min(free, key=lambda one: (fits[data.job_ops_at[one] : data.job_ops_at[one + 1]].min(), one))
            waiting.remove(job)
            order.append(job)
        return np.array(order, dtype=np.int64)

    def _waits_for(self, job: int) -> list[int]:
        data = self.held.one.data
        before: list[int] = data.before_job[data.before_at[job] : data.before_at[job + 1]].tolist()
        return before

    def _displacing(self, own: Flags, displaced_max: int) -> Iterator[tuple[int, int, int]]:
        """Yield each tour among `own` with one or two of its jobs that may be moved."""
        one, view = self.held.one, self.held.view
        firm = np.array([job.pin is not None for job in one.problem.jobs])
        pairs = set[tuple[int, int]]()
        for op in np.flatnonzero((view.tour_of >= 0) & one.data.op_called).tolist():
            tour, job = int(view.tour_of[op]), int(one.data.op_job[op])
            if own[tour] and not firm[job] and view.place_in[op] >= one.data.tour_fixed[tour]:
                pairs.add((tour, job))
        ordered = sorted(pairs)
        yield from ((tour, job, NOBODY) for tour, job in ordered)
        if displaced_max > 1:
            jobs: dict[int, list[int]] = {}
            for tour, job in ordered:
                jobs.setdefault(tour, []).append(job)
            for tour, all_ in jobs.items():
                yield from ((tour, *two) for two in combinations(all_, 2))

    def _picture(self) -> dict[str, Ints]:
        """Return a copy of what tours are told apart by."""
        names = ("stops", "count", "start_s", "end_s", "departs_s", "returns_s")
        return {name: getattr(self.held.view, name).copy() for name in names}

    def _read(self, jobs: Ints, out: Ints) -> Option:
        held, ledger = self.held, self.ledger
        problem, view = held.one.problem, held.view
        changes: dict[Key, Route | None] = {}
        for tour in sorted(self._changed()):
            own = held.one.tours[tour]
            key = problem.technicians[own.person].code, own.shift
            changes[key] = route_of(held.one, held.data, held.state, view, tour) if view.count[tour] else None
        gone = [problem.jobs[job] for job in out.tolist() if job >= 0 and view.left_place[job] >= 0]
        asked = {problem.jobs[job].number for job in jobs.tolist()}
        left = [one for one in ledger.plan.left_out if one.job not in asked]
        left += [LeftOut(job.number, *cheapest_outcome(job)) for job in gone]
        plan, terms = ledger.after(problem, self.numbers, changes, left)
        displaced, moved = self._others(changes, {one.job: one for one in left}, asked, out)
        places = tuple(place for route in changes.values() if route is not None for place in places_of(route, asked))
        order = {problem.jobs[job].number: at for at, job in enumerate(jobs.tolist())}
        places = tuple(sorted(places, key=lambda one: (order[one.job], one.seat)))
        return Option(places, terms, displaced, moved, problem, plan, ledger.plan, held.one)

    def _changed(self) -> set[int]:
        """Return the tours that an attempt has changed, and those whose times hang on these."""
        view, data = self.held.view, self.held.one.data
        was = self.before
        width = np.arange(view.stops.shape[1])
        behind = width >= np.maximum(view.count, was["count"])[:, None]
        other = ((view.stops != was["stops"]) & ~behind).any(axis=1) | (view.count != was["count"])
        for name in ("departs_s", "returns_s"):
            other |= (getattr(view, name) != was[name]) & (view.count > 0)
        if not data.linked:
            return set(np.flatnonzero(other).tolist())
        other |= ((view.start_s != was["start_s"]) & ~behind).any(axis=1)
        found, waiting = set[int](), np.flatnonzero(other).tolist()
        while waiting:
            tour = waiting.pop()
            if tour not in found:
                found.add(tour)
                waiting += self._tied(tour)
        return found

    def _tied(self, tour: int) -> Iterator[int]:
        view, data = self.held.view, self.held.one.data
        for op in view.stops[tour, : view.count[tour]].tolist():
            if op < data.op_place.size:
                targets = data.link_target[data.link_at[op] : data.link_at[op + 1]]
                yield from (tied for tied in view.tour_of[targets].tolist() if tied >= 0)

    def _others(
        self, changes: dict[Key, Route | None], left: dict[str, LeftOut], asked: Collection[str], out: Ints
    ) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
        """Return the jobs that were displaced, and those that only begin at another time."""
        problem, ledger = self.held.one.problem, self.ledger
        gone = {problem.jobs[job].number for job in out.tolist() if job >= 0}
        found: list[Moved] = []
        for number in ledger.touched(changes):
            job = problem.jobs[self.numbers[number]]
            before = ledger.crew(job, {}) if number not in asked else None
            if before is not None:
                found.append(moved_from(before, ledger.crew(job, changes), left.get(number)))
        displaced = tuple(one for one in found if one.job in gone)
        later = tuple(one for one in found if one.job not in gone and one.start_s != one.start_before_s)
        return displaced, later


def moved_from(before: Crew, after: Crew | None, left: LeftOut | None) -> Moved:
    """Return what becomes of a job."""
    technicians, start_s = (after.technicians, after.start_s) if after is not None else ((), None)
    return Moved(before.job.number, before.technicians, before.start_s, technicians, start_s, left)


def places_of(route: Route, jobs: Collection[str]) -> Iterator[Place]:
    """Yield where some jobs are in a tour."""
    for at, stop in enumerate(route.stops):
        if stop.name in jobs:
            after = route.stops[at - 1] if at else None
            before = route.stops[at + 1] if at + 1 < len(route.stops) else None
            yield Place(
                stop.name,
                stop.seat,
                route.technician,
                route.shift,
                stop.arrives_s,
                stop.start_s,
                stop.end_s,
                (after.name or str(after.kind)) if after is not None else None,
                (before.name or str(before.kind)) if before is not None else None,
            )
