"""The best times of a plan whose tours stand, in who does what and in which order: exact, by CP-SAT.

The search begins each stop as early as it can. Where a night costs more, a job should begin when the customer was
told, or a crew makes somebody wait, later can be cheaper. Tours that are linked are timed together, and those that
cannot gain are left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from optimizer.dispatch.check import check
from optimizer.dispatch.components import Groups
from optimizer.dispatch.model import Precedence, Problem
from optimizer.dispatch.plan import Plan, Route, StopKind
from optimizer.dispatch.pricing import HOUR_S, crews, price, served
from optimizer.dispatch.schedules import Schedule, gain_most, late_s, schedules
from optimizer.dispatch.timetable import Beside, Timing
from optimizer.dispatch.work import Work
from optimizer.run import Limit, ShouldStop, never_stop

WORTH = 1e-6
"""Less money than this is no gain."""


def retimed(
    problem: Problem,
    plan: Plan,
    *,
    limit: Limit,
    should_stop: ShouldStop = never_stop,
    only: Collection[int] | None = None,
) -> Plan:
    """Return the plan with the cheapest starts, departures and breaks, or itself where that saves nothing.

    Who does what, in which order, by which way and with which parts stays. Whoever is away keeps his times. A region
    under a budget spends no more for overtime and nights than before. Where routes are named (`only`, their indices),
    the others keep their times. Time grows with the plan and with the groups of tours that can gain, each by itself.
    With `limit.iterations` it can be repeated.
    """
    work = Work(limit, should_stop)
    all_ = schedules(problem, plan, only)
    groups = _groups(problem, all_)
    if not groups:
        return plan
    around = _Around(problem, plan, all_)
    found: list[dict[int, Route]] = []
    for group in groups:
        if work.over():
            break
        better = around.better(group, work)
        if better is not None:
            found.append(better)
    return _with(problem, plan, found)


def _with(problem: Problem, plan: Plan, found: Sequence[Mapping[int, Route]]) -> Plan:
    """Return the plan with new tours, {index: tour}, or with those of them that the checker passes and that save."""
    if not found:
        return plan
    new = {index: route for one in found for index, route in one.items()}
    later = replace(plan, routes=tuple(new.get(index, route) for index, route in enumerate(plan.routes)))
    terms = price(problem, later)
    later = replace(later, objective=sum(terms.values()), cost_by_term=terms, bound=None, gap=None)
    if later.objective < plan.objective - WORTH and not check(problem, later):
        return later
    half = len(found) // 2
    return plan if half == 0 else _with(problem, _with(problem, plan, found[:half]), found[half:])


class _Around:
    """What of a plan bears on the times of a few tours, so that these can be timed and priced by themselves."""

    def __init__(self, problem: Problem, plan: Plan, all_: Sequence[Schedule | None]) -> None:
        self.problem, self.plan, self.all = problem, plan, all_
        self.jobs = {job.number: job for job in problem.jobs}
        self.people = {person.code: person for person in problem.technicians}
        self.ties: dict[str, list[Precedence]] = defaultdict(list)
        for tie in problem.precedence:
            self.ties[tie.before].append(tie)
            self.ties[tie.after].append(tie)
        self.away: dict[str, set[int]] = defaultdict(set)
        for index, (route, one) in enumerate(zip(plan.routes, all_, strict=True)):
            for stop in route.stops if one is None else ():
                self.away[stop.name].add(index)
        self.late = sorted(self._late(), reverse=True) if problem.worst_lateness_per_h else []

    def _late(self) -> Iterator[tuple[float, str]]:
        for route in self.plan.routes:
            for stop in route.stops:
                if stop.kind is StopKind.JOB and stop.end_s > self.jobs[stop.name].due_s:
                    yield stop.end_s - self.jobs[stop.name].due_s, stop.name

    def better(self, group: Sequence[int], work: Work) -> dict[int, Route] | None:
        """Return tours (indices) at cheaper times; None where there are none, or none were found in time."""
        given = [one for index in group if (one := self.all[index]) is not None]
        beside = self._beside({step.job.number for one in given for step in one.steps if step.job is not None})
        routes = Timing(self.problem, given, beside).solved(work)
        if routes is None:
            return None
        before = self._cost([self.plan.routes[index] for index in group], beside)
        return dict(zip(group, routes, strict=True)) if self._cost(routes, beside) < before - WORTH else None

    def _beside(self, own: Set[str]) -> Beside:
        ties = {id(tie): tie for number in sorted(own) for tie in self.ties.get(number, ())}
        names = own | {number for tie in ties.values() for number in (tie.before, tie.after)}
        return Beside(
            jobs={number: self.jobs[number] for number in sorted(names)},
            ties=tuple(ties.values()),
            fixed=[self.plan.routes[index] for index in sorted({at for one in names for at in self.away.get(one, ())})],
            worst_s=next((late_s for late_s, number in self.late if number not in own), 0.0),
        )

    def _cost(self, routes: Sequence[Route], beside: Beside) -> float:
        """Return what tours cost with their jobs, and the worst lateness of the plan."""
        done = crews(beside.jobs, [*routes, *beside.fixed])
        worst_s = max([beside.worst_s, *(crew.end_s - crew.job.due_s for crew in done.values())])
        money = sum(money for _, money in served(self.problem, self.people, done, routes))
        return money + self.problem.worst_lateness_per_h * worst_s / HOUR_S


def _groups(problem: Problem, all_: Sequence[Schedule | None]) -> list[list[int]]:
    """Return the tours (indices) that are timed together, if they can gain anything."""
    tours: dict[str, list[int]] = defaultdict(list)
    late: list[int] = []
    worst_s = max((seat_s for one in all_ if one is not None for seat_s in late_s(one)), default=0.0)
    for index, one in enumerate(all_):
        if one is None:
            continue
        for step in one.steps:
            if step.job is not None:
                tours[step.job.number].append(index)
        if problem.worst_lateness_per_h and max(late_s(one), default=0.0) > 0:
            late.append(index)
    groups = Groups(len(all_))
    for members in (*tours.values(), late):
        groups.join(members)
    for tie in problem.precedence:
        groups.join([*tours.get(tie.before, ()), *tours.get(tie.after, ())])
    found: dict[int, list[int]] = defaultdict(list)
    gain: dict[int, float] = defaultdict(float)
    for index, one in enumerate(all_):
        if one is not None:
            root = groups.root(index)
            found[root].append(index)
            gain[root] += gain_most(problem, one)
    if late:
        gain[groups.root(late[0])] += problem.worst_lateness_per_h * max(0.0, worst_s - _worst_least_s(all_)) / HOUR_S
    return [members for root, members in found.items() if gain[root] > WORTH]


def _worst_least_s(all_: Sequence[Schedule | None]) -> float:
    """Return what the worst lateness is at least."""
    pairs = [
        pair for one in all_ if one is not None for pair in zip(one.steps, one.earliest(one.tour.start_s), strict=False)
    ]
    late = (end_s - step.job.due_s for step, (_, end_s) in pairs if step.job is not None)
    return max([0.0, *late])
