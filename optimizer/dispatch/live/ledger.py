"""What a plan costs, by tour and by job, so that one that differs from it in a few tours is priced by these alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Plan, Route, Stop, StopKind
from optimizer.dispatch.pricing import HOUR_S, Crew, job_terms, leaving_terms, price, tour_terms
from optimizer.run import Status

Key = tuple[str, int]
"""Technician and shift of a tour."""
Changes = Mapping[Key, Route | None]
"""Tours that are otherwise; None for one that has no stop any more."""


class Ledger:
    """A plan with its price. `terms` are what the whole of it costs."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Enter a plan. Linear time."""
        self.problem, self.plan = problem, plan
        self.people = {person.code: person for person in problem.technicians}
        self.order = {person.code: index for index, person in enumerate(problem.technicians)}
        self.routes: dict[Key, Route] = {(route.technician, route.shift): route for route in plan.routes}
        self.seats: dict[str, dict[int, tuple[Route, Stop]]] = defaultdict(dict)
        for route in plan.routes:
            for stop in jobs_of(route):
                self.seats[stop.name][stop.seat] = (route, stop)
        self.terms = price(problem, plan)

    def touched(self, changes: Changes) -> list[str]:
        """Return the jobs that have a seat in tours that are otherwise, before or after."""
        tours = [tour for key, new in changes.items() for tour in (self.routes.get(key), new) if tour is not None]
        return list(dict.fromkeys(stop.name for tour in tours for stop in jobs_of(tour)))

    def crew(self, job: Job, changes: Changes) -> Crew | None:
        """Return a job as it is done after changes, None if it is not."""
        seats = {
            seat: own
            for seat, own in self.seats.get(job.number, {}).items()
            if (own[0].technician, own[0].shift) not in changes
        }
        for route in changes.values():
            if route is not None:
                seats |= {stop.seat: (route, stop) for stop in jobs_of(route) if stop.name == job.number}
        return Crew(job, seats) if seats else None

    def after(
        self, problem: Problem, numbers: Mapping[str, int], changes: Changes, left: Collection[LeftOut]
    ) -> tuple[Plan, dict[str, float]]:
        """Return the plan with some tours otherwise and these jobs left out, and what it costs more by term.

        `problem` may have more jobs than the one of the plan; `numbers` are their indices.
        """
        more = dict.fromkeys(self.terms, 0.0)
        for key, route in changes.items():
            for tour, sign in ((self.routes.get(key), -1), (route, 1)):
                if tour is not None:
                    _enter(more, tour_terms(problem, self.people[tour.technician], tour), sign)
        ends_s: dict[str, float] = {}
        for number in self.touched(changes):
            for told, sign in (({}, -1), (changes, 1)):
                crew = self.crew(problem.jobs[numbers[number]], told)
                if crew is not None:
                    _enter(more, job_terms(problem, self.people, crew), sign)
                ends_s[number] = crew.end_s - crew.job.due_s if crew is not None else 0.0
        before, now = {one.job for one in self.plan.left_out}, {one.job for one in left}
        for leaving, sign in ((before - now, -1), (now - before, 1)):
            for number in sorted(leaving):
                _enter(more, leaving_terms(problem.jobs[numbers[number]]), sign)
        if problem.worst_lateness_per_h:
            more["worst_lateness"] = self._worst(problem, numbers, ends_s) - self.terms["worst_lateness"]
        return self._plan(problem, numbers, changes, left, more), more

    def _worst(self, problem: Problem, numbers: Mapping[str, int], late_s: Mapping[str, float]) -> float:
        others = (
            max(stop.end_s for _, stop in seats.values()) - problem.jobs[numbers[number]].due_s
            for number, seats in self.seats.items()
            if number not in late_s
        )
        return problem.worst_lateness_per_h * max(0.0, *late_s.values(), *others, 0.0) / HOUR_S

    def _plan(
        self,
        problem: Problem,
        numbers: Mapping[str, int],
        changes: Changes,
        left: Collection[LeftOut],
        more: Mapping[str, float],
    ) -> Plan:
        routes = [route for route in (self.routes | dict(changes)).values() if route is not None]
        terms = {term: money + more[term] for term, money in self.terms.items()}
        out = (problem.jobs[numbers[one.job]] for one in left)
        fails = bool(self.plan.missed) or any(job.mandatory or job.pin is not None for job in out)
        return replace(
            self.plan,
            status=Status.INFEASIBLE if fails else Status.FEASIBLE,
            objective=sum(terms.values()),
            bound=None,
            gap=None,
            routes=tuple(sorted(routes, key=lambda route: (self.order[route.technician], route.shift))),
            left_out=tuple(sorted(left, key=lambda one: numbers[one.job])),
            cost_by_term=terms,
        )


def jobs_of(route: Route) -> Iterable[Stop]:
    """Return the stops of a tour that are jobs."""
    return (stop for stop in route.stops if stop.kind is StopKind.JOB)


def _enter(sums: dict[str, float], terms: Iterable[tuple[str, float]], sign: int) -> None:
    for term, money in terms:
        sums[term] += sign * money
