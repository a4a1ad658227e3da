"""The reference of the live figures: plain regret-2 insertion on a network of `worlds`. Frozen: do not improve it.

Over and over, of the jobs of an area, that one is inserted at its cheapest place whose second cheapest technician is
dearest beside the cheapest; leaving the job out counts as a technician. Nothing that is inserted moves to another.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Outcome, Plan, Route, Stop, StopKind, Taken
from optimizer.dispatch.pricing import price
from optimizer.dispatch.technicians import Band, Technician
from optimizer.run import Status

HOUR = 3600.0


@dataclass(slots=True)
class _Tour:
    """A technician with his jobs in order, what they cost, and what is left of his kit."""

    person: Technician
    seconds: Sequence[Sequence[float]]
    money: Sequence[Sequence[float]]
    jobs: list[Job] = field(default_factory=list)
    cost: float = 0.0
    kit: dict[str, float] = field(default_factory=dict)

    def cheapest(self, job: Job) -> tuple[float, int]:
        """Return by how much the tour gets dearer with the job at its best position, and which (inf: nowhere)."""
        if any(self.kit.get(need.parts[0], 0.0) < need.quantity for need in job.parts):
            return math.inf, 0
        best, at = math.inf, 0
        for position in range(len(self.jobs) + 1):
            cost = self._cost([*self.jobs[:position], job, *self.jobs[position:]]) - self.cost
            if cost < best:
                best, at = cost, position
        return best, at

    def insert(self, job: Job, position: int) -> None:
        """Take the job at that position, and its parts from the kit."""
        self.jobs.insert(position, job)
        self.cost = self._cost(self.jobs)
        for need in job.parts:
            self.kit[need.parts[0]] -= need.quantity

    def _cost(self, jobs: Sequence[Job]) -> float:
        """Return what the tour costs over those jobs, each as early as may be; inf where it cannot be."""
        shift, pay = self.person.shifts[0], self.person.pay
        first = jobs[0]
        leaves = max(shift.start_s, first.windows[0].from_s - self.seconds[shift.start_place][first.place])
        place, at, cost = shift.start_place, leaves, pay.call_out
        for job in jobs:
            start = max(at + self.seconds[place][job.place], job.windows[0].from_s)
            if start > job.windows[0].until_s:
                return math.inf
            at = start + job.duration_s
            cost += self.money[place][job.place] + _banded(job.lateness, at - job.due_s)
            place = job.place
        back = at + self.seconds[place][shift.end_place]
        if back > shift.end_s + shift.overtime_s:
            return math.inf
        cost += self.money[place][shift.end_place] + _banded(pay.overtime, back - shift.end_s)
        return cost + pay.per_h * (back - leaves) / HOUR


def _banded(bands: Sequence[Band], over_s: float) -> float:
    return sum(band.per_h * max(0.0, over_s - band.after_s) for band in bands) / HOUR if over_s > 0 else 0.0


def regret(problem: Problem) -> Plan:
    """Return the plan of regret-2 insertion, area by area, priced as every plan is."""
    travel = problem.travel["road"]
    seconds, money = travel.seconds.tolist(), travel.cost.tolist()
    tours: dict[str, list[_Tour]] = defaultdict(list)
    for person in problem.technicians:
        tours[person.region].append(_Tour(person, seconds, money, kit=dict(person.parts)))
    places = {tour.person.shifts[0].start_place: region for region, own in tours.items() for tour in own}
    waiting: dict[str, list[Job]] = defaultdict(list)
    for job in problem.jobs:
        nearest = min(places, key=lambda place: seconds[job.place][place])
        waiting[places[nearest]].append(job)
    for region, jobs in waiting.items():
        _insert(tours[region], jobs)
    return _plan(problem, [tour for own in tours.values() for tour in own if tour.jobs])


def _insert(tours: Sequence[_Tour], jobs: Sequence[Job]) -> None:
    """Insert the jobs of an area, the one of the greatest regret first."""
    able = {
        job.number: [
            at for at, tour in enumerate(tours) if job.seats[0].qualifications <= set(tour.person.qualifications)
        ]
        for job in jobs
    }
    costs = {job.number: {at: tours[at].cheapest(job) for at in able[job.number]} for job in jobs}
    left = {job.number: job for job in jobs}
    while True:
        best, chosen = -1.0, None
        for number, job in left.items():
            ranked = sorted([(cost, at) for at, (cost, _) in costs[number].items()])[:2]
            price = _left_out(job)[1]
            if ranked and ranked[0][0] < price:
                second = min(price, ranked[1][0]) if len(ranked) > 1 else price
                if second - ranked[0][0] > best:
                    best, chosen = second - ranked[0][0], (number, ranked[0][1])
        if chosen is None:
            return
        number, at = chosen
        tours[at].insert(left.pop(number), costs[number][at][1])
        for other, job in left.items():
            if at in costs[other]:
                costs[other][at] = tours[at].cheapest(job)


def _left_out(job: Job) -> tuple[Outcome, float]:
    choices = [(Outcome.UNSERVED, job.unserved_cost)]
    if job.deferral_cost is not None:
        choices.append((Outcome.DEFERRED, job.deferral_cost))
    return min(choices, key=lambda choice: choice[1])


def _plan(problem: Problem, tours: Sequence[_Tour]) -> Plan:
    order = {person.code: at for at, person in enumerate(problem.technicians)}
    routes = tuple(_route(tour) for tour in sorted(tours, key=lambda tour: order[tour.person.code]))
    done = {job.number for tour in tours for job in tour.jobs}
    left = tuple(LeftOut(job.number, *_left_out(job)) for job in problem.jobs if job.number not in done)
    plan = Plan(Status.FEASIBLE, 0.0, None, None, 0.0, routes, left)
    terms = price(problem, plan)
    return replace(plan, objective=math.fsum(terms.values()), cost_by_term=terms)


def _route(tour: _Tour) -> Route:
    shift, first = tour.person.shifts[0], tour.jobs[0]
    leaves = max(shift.start_s, first.windows[0].from_s - tour.seconds[shift.start_place][first.place])
    place, at, stops = shift.start_place, leaves, []
    for job in tour.jobs:
        way = tour.seconds[place][job.place]
        start = max(at + way, job.windows[0].from_s)
        taken = tuple(Taken(need.parts[0], need.quantity, "kit") for need in job.parts)
        stops.append(
            Stop(
                StopKind.JOB,
                job.number,
                job.place,
                at + way,
                start,
                start + job.duration_s,
                way,
                tour.money[place][job.place],
                parts=taken,
            )
        )
        place, at = job.place, start + job.duration_s
    way = tour.seconds[place][shift.end_place]
    return Route(tour.person.code, 0, leaves, at + way, tuple(stops), way, tour.money[place][shift.end_place])
