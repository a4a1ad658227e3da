"""A stand-in for the engine: what its answers are is told by the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Outcome, Plan, Route, Stop, StopKind, Taken
from optimizer.run import Limit, OnProgress, Status, no_progress


def plan_of(problem: Problem, tours: Mapping[str, Sequence[str]]) -> Plan:
    """Return a plan with those jobs and depot stops for each technician, as soon as may be; others are left out."""
    jobs, depots = {job.number: job for job in problem.jobs}, {depot.code: depot for depot in problem.depots}
    routes = []
    for person in problem.technicians:
        shift, travel = person.shifts[0], problem.travel[person.mode]
        place, at, source, stops = shift.start_place, shift.start_s, "kit", list[Stop]()
        for number in tours.get(person.code, ()):
            job, depot = jobs.get(number), depots.get(number)
            there = job.place if job else depots[number].place
            way, cost = float(travel.seconds[place, there]), float(travel.cost[place, there])
            start = max(at + way, job.windows[0].from_s if job else 0.0)
            end = start + (job.duration_s if job else 0.0)
            source = number if depot else source
            taken = tuple(Taken(need.parts[0], need.quantity, source) for need in job.parts) if job else ()
            kind = StopKind.JOB if job else StopKind.DEPOT
            stops.append(Stop(kind, number, there, at + way, start, end, way, cost, parts=taken))
            place, at = there, end
        if stops:
            back = float(travel.seconds[place, shift.end_place])
            routes.append(Route(person.code, 0, shift.start_s, at + back, tuple(stops), back, 0.0))
    done = {number for numbers in tours.values() for number in numbers}
    left = tuple(LeftOut(number, Outcome.UNSERVED, 0.0) for number in jobs if number not in done)
    return Plan(Status.FEASIBLE, 0.0, None, None, 0.0, tuple(routes), left)


class Stub:
    """Answers a problem with the tours told for its jobs, and remembers how it was asked."""

    def __init__(self, *tours: Mapping[str, Sequence[str]]) -> None:
        self.tours = tours
        self.asked: list[tuple[Limit, int, int]] = []

    def __call__(
        self,
        problem: Problem,
        *,
        limit: Limit,
        seed: int = 0,
        threads: int = 1,
        on_progress: OnProgress = no_progress,
        start: Plan | None = None,
    ) -> Plan:
        """Return the plan of the first tours that name jobs and technicians of this problem only."""
        self.asked.append((limit, seed, threads))
        numbers, people = {job.number for job in problem.jobs}, {one.code for one in problem.technicians}
        for tours in self.tours:
            if set(tours) <= people and {number for jobs in tours.values() for number in jobs} <= numbers:
                return plan_of(problem, tours)
        return plan_of(problem, {})
