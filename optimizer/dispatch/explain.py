"""Why a job is left out, and why a job went to one technician and not to another. Every reason is true of the plan.

Of each seat the technicians are sorted by the last obstacle they meet, in this order; each class gives one reason with
how many `people` it has (and the `seat`, where a job has several), and in `misses_by` the least miss among them:

- `no_qualified_technician` (None): never hold all of the `qualifications`; those named are what somebody lacks.
- `not_permitted` (None): forbidden, or at no time permitted.
- `outside_shifts` (minutes): no shift is long enough within the windows.
- `tools_missing` (None), `parts_unavailable` (pieces): neither in the kit nor in any one depot.
- `rest_too_short` (minutes): the overtime that it takes would cut the rest before the next shift.
- `travel_too_long` (minutes): too late to begin or to be back even with no other job; None where no delay would do.
- `qualification_expired` (days): held and permitted, but not throughout the work at a start that is possible.
- `parts_late` (minutes): delivered too late to begin or to be back, though it is possible without.
- `over_capacity` (load), `wrong_company` (None: who has the other job must have this one too, or must not),
  `shared_tool_taken` (None), `changes_used_up` (seats), `parts_taken` (pieces): used up by the plan as it is.
- `technicians_busy` (minutes): no place between the jobs as they are; None where no delay alone would do.
- `linked_jobs` (None): the jobs and seats that have to be before, after or beside it could not be kept.
- `over_budget` (money): dearer than what is left of the region's budget.
- `costs_more_than_penalty` (money): possible, but dearer than leaving it out.
- `search_ended` (money): possible and cheaper than leaving it out by so much, but the search ended before.

A whole job may have `no_technician`, `released_late` (minutes: after its last window), `waits_for` (None: `job` is left
out itself) or, all seats being possible one by one, `no_crew` (None: not together), or its price as above.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np

from optimizer.dispatch.able import Able, Sorted
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.state import built
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.components import components
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.recreate import plan_cost, put_in
from optimizer.dispatch.kernel.tours import begin_round, put_back, worth_of
from optimizer.dispatch.model import Problem
from optimizer.dispatch.obstacles import Obstacle, Obstacles, Survey
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.pricing import cheapest_outcome
from optimizer.run import Reason

CODES = {
    Obstacle.SHIFT: "outside_shifts",
    Obstacle.TOOLS: "tools_missing",
    Obstacle.PARTS: "parts_unavailable",
    Obstacle.REST: "rest_too_short",
    Obstacle.TRAVEL: "travel_too_long",
    Obstacle.EXPIRED: "qualification_expired",
    Obstacle.DELIVERY: "parts_late",
    Obstacle.CAPACITY: "over_capacity",
    Obstacle.TOGETHER: "wrong_company",
    Obstacle.SHARED_TOOL: "shared_tool_taken",
    Obstacle.CHANGES: "changes_used_up",
    Obstacle.PARTS_TAKEN: "parts_taken",
    Obstacle.BUSY: "technicians_busy",
    Obstacle.LINKED: "linked_jobs",
    Obstacle.BUDGET: "over_budget",
}
"""What each obstacle is called, in the order in which reasons are given."""


def explained(problem: Problem, plan: Plan) -> Plan:
    """Return a sound plan with the reasons of all jobs that are left out; those that it tells already stay.

    The plan is read as the engine times it. Takes a kernel scan for each seat of a job that is left out, by parts of
    the problem that have nothing to do with each other. Raises ValueError if the plan does not fit the problem.
    """
    out = {one.job for one in plan.left_out}
    reasons = {one.job: one.reasons for one in plan.left_out if one.reasons}
    asked = out - reasons.keys()
    if not asked:
        return plan
    able = Able(problem.technicians)
    for part in components(problem, _who(problem, plan, able, out)):
        own = [index for index, job in enumerate(part.problem.jobs) if job.number in asked]
        if own:
            codes = {person.code for person in part.problem.technicians}
            held = Held(settled(built(part.problem)), [route for route in plan.routes if route.technician in codes])
            why = _Why(held, able, out)
            reasons |= {part.problem.jobs[index].number: tuple(why.job(index)) for index in own}
    return replace(plan, left_out=tuple(replace(one, reasons=reasons[one.job]) for one in plan.left_out))


def _who(problem: Problem, plan: Plan, able: Able, out: Collection[str]) -> list[list[int]]:
    """Return for each job who does it, or who could if it is left out."""
    doing = defaultdict[str, list[int]](list)
    for route in plan.routes:
        for stop in route.stops:
            if stop.kind is StopKind.JOB:
                doing[stop.name].append(able.number[route.technician])
    for job in problem.jobs:
        if job.number in out:
            seats = [able.of(job, seat).able for seat in range(len(job.seats))]
            doing[job.number] = np.flatnonzero(np.logical_or.reduce(seats)).tolist()
    return [doing[job.number] for job in problem.jobs]


class _Why:
    """Finds the reasons of jobs that are left out of one part of a plan; `able` knows everybody of the whole."""

    def __init__(self, held: Held, able: Able, out: Collection[str]) -> None:
        self.held, self.able, self.out = held, able, out
        self.problem = held.one.problem
        self.survey = Survey(held)
        self.here = np.array([able.number[person.code] for person in self.problem.technicians], dtype=np.int64)

    def job(self, index: int) -> Iterator[Reason]:
        """Yield the reasons of a job, all of which are true at once."""
        job = self.problem.jobs[index]
        if not self.able.number:
            yield Reason("no_technician")
            return
        last_s = job.windows[-1].until_s
        if job.release_s > last_s:
            yield Reason("released_late", (job.release_s - last_s) / 60)
            return
        waits = [tie.before for tie in self.problem.precedence if tie.after == job.number and tie.before in self.out]
        if waits:
            yield from (Reason("waits_for", None, {"job": number}) for number in waits)
            return
        seats = [self._look(index, seat) for seat in range(len(job.seats))]
        if len(seats) == 1:
            yield from self._seat(job, 0, seats[0])
            return
        shut = [number for number, seat in enumerate(seats) if not (seat.what == Obstacle.PRICE).any()]
        for number in shut:
            yield from self._seat(job, number, seats[number])
        if not shut:
            yield self._crew(index)

    def _look(self, index: int, seat: int) -> Obstacles:
        able = np.flatnonzero(self.able.of(self.problem.jobs[index], seat).able[self.here])
        return self.survey.look(int(self.held.one.data.job_ops_at[index]) + seat, able)

    def _seat(self, job: Job, seat: int, found: Obstacles) -> Iterator[Reason]:
        yield from refusals(self.able, job, seat, found)
        who, added = found.of(Obstacle.PRICE)
        if who.size:
            yield _priced(job, added or 0.0, {**_named(job, seat), "people": int(who.size)})

    def _crew(self, index: int) -> Reason:
        """Return why a job is not done whose seats are all possible one by one: its crew, or its price."""
        held, leave = self.held, worth_of(self.held.data, index)
        begin_round(held.state)
        before = plan_cost(held.data, held.state)
        done = put_in(held.data, held.state, index, math.inf, 0.0)
        added = plan_cost(held.data, held.state) + leave - before if done else 0.0
        put_back(held.data, held.state)
        settle(held.data, held.state)
        return _priced(self.problem.jobs[index], added, {}) if done else Reason("no_crew")


def refusals(able: Able, job: Job, seat: int, found: Obstacles) -> Iterator[Reason]:
    """Yield a reason for each class of technicians who cannot take a seat, those who are furthest from it first."""
    sorted_, named = able.of(job, seat), _named(job, seat)
    if sorted_.lacking.any():
        lacked = ", ".join(able.lacked(job, seat, sorted_.lacking))
        people = int(sorted_.lacking.sum())
        yield Reason("no_qualified_technician", None, {**named, "people": people, "qualifications": lacked})
    if sorted_.barred.any():
        yield Reason("not_permitted", None, {**named, "people": int(sorted_.barred.sum())})
    for obstacle, code in CODES.items():
        who, least = found.of(obstacle)
        if who.size:
            yield Reason(code, least, {**named, "people": int(who.size)})


def refusal(able: Able, job: Job, seat: int, sorted_: Sorted, found: Obstacles, who: int) -> Reason | None:
    """Return why one technician (index) cannot take a seat, for which all are `sorted_`; None if he can."""
    if sorted_.lacking[who]:
        lacked = able.lacked(job, seat, np.arange(len(sorted_.lacking)) == who)
        return Reason("no_qualified_technician", None, {"qualifications": ", ".join(lacked)})
    if sorted_.barred[who]:
        return Reason("not_permitted")
    code = CODES.get(Obstacle(found.what[who]))
    return None if code is None else Reason(code, found.miss_of(who))


def _named(job: Job, seat: int) -> dict[str, str | int]:
    return {"seat": job.seats[seat].code} if len(job.seats) > 1 else {}


def _priced(job: Job, added: float, values: Mapping[str, str | int]) -> Reason:
    """Return how the price of a job that is possible compares with that of leaving it out."""
    extra = added - cheapest_outcome(job)[1]
    if extra >= 0:
        return Reason("costs_more_than_penalty", extra, values)
    return Reason("search_ended", -extra, values)
