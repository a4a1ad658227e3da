"""How well a plan uses its people and keeps its promises, as a whole and by region."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from optimizer.dispatch.jobs import Job, Priority
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import LeftOut, Plan, Route, StopKind
from optimizer.dispatch.pricing import (
    HOUR_S,
    TOLERANCE_S,
    Crew,
    cheapest_outcome,
    crews,
    job_terms,
    on_duty_s,
    price,
    tour_terms,
)
from optimizer.dispatch.technicians import Technician

DONE = "done"
"""The outcome of a job that is planned; those of the others are in `plan.Outcome`."""

NOTHING = (0.0,) * 5

NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a plan or of one region of it; None where there is nothing to divide by.

    `shift_h` are the hours of all shifts, planned or not, `out_h` those between leaving and being back, on duty.
    `work_h` are spent at jobs, `travel_h` on the way, `waiting_h` out with nothing to do; breaks, depots and
    appointments are none of them. `overtime_h` lie beyond the ends of shifts. `on_time` is by priority the share of
    jobs whose last seat ends by their due time: a job that is left out is not on time. `outcomes` counts jobs. `cost`
    is in money, that of a plan its objective.
    """

    shift_h: float
    out_h: float
    work_h: float
    travel_h: float
    waiting_h: float
    overtime_h: float
    on_time: Mapping[Priority, float]
    outcomes: Mapping[str, int]
    cost: float

    @property
    def utilisation(self) -> float | None:
        """Return the share of the shifts that is spent at jobs; overtime can make it more than 1."""
        return _share(self.work_h, self.shift_h)

    @property
    def travel_share(self) -> float | None:
        """Return the share of the hours out that is spent on the way."""
        return _share(self.travel_h, self.out_h)

    @property
    def waiting_share(self) -> float | None:
        """Return the share of the hours out that is spent waiting."""
        return _share(self.waiting_h, self.out_h)

    @property
    def cost_per_job(self) -> float | None:
        """Return the money for each job that is done, what is left out counted in the money."""
        return _share(self.cost, self.outcomes.get(DONE, 0))


@dataclass(frozen=True, slots=True)
class Kpis:
    """The figures of a plan as a whole and by region."""

    whole: Figures
    regions: Mapping[str, Figures]


def kpis(problem: Problem, plan: Plan, *, regions: Mapping[str, str] = NOWHERE) -> Kpis:
    """Return the figures of a sound plan. Linear time.

    A region has the tours of its technicians and its jobs: `regions` names the region of a job by its number, and
    where it does not a job is of the region of its first seat's technician, or, left out, of none. Numbers of
    other problems are passed by. What the latest of
    all jobs costs once more is in the whole alone.
    """
    sums = _Sums(problem, plan, regions)
    names = sorted(sums.people.keys() | sums.done.keys() | sums.out.keys() - {None}, key=str)
    by_region = {name: sums.figures([name]) for name in names if name is not None}
    whole = sums.figures(sums.people.keys() | sums.done.keys() | sums.out.keys(), sum(price(problem, plan).values()))
    return Kpis(whole, by_region)


class _Sums:
    """Technicians, tours, jobs done and jobs left out by region; None is the region of what has none."""

    def __init__(self, problem: Problem, plan: Plan, regions: Mapping[str, str]) -> None:
        self.problem = problem
        self.known = {person.code: person for person in problem.technicians}
        self.jobs = {job.number: job for job in problem.jobs}
        self.people: dict[str | None, list[Technician]] = defaultdict(list)
        self.routes: dict[str | None, list[Route]] = defaultdict(list)
        self.done: dict[str | None, list[Crew]] = defaultdict(list)
        self.out: dict[str | None, list[LeftOut]] = defaultdict(list)
        for person in problem.technicians:
            self.people[person.region].append(person)
        for route in plan.routes:
            self.routes[self.known[route.technician].region].append(route)
        for number, crew in crews(self.jobs, plan.routes).items():
            self.done[regions.get(number, self.known[crew.technicians[0]].region)].append(crew)
        for one in plan.left_out:
            self.out[regions.get(one.job)].append(one)

    def figures(self, names: Iterable[str | None], cost: float | None = None) -> Figures:
        """Return the figures of some regions together; their `cost` is added up unless it is given."""
        own = list(names)
        routes = [route for name in own for route in self.routes.get(name, ())]
        done = [crew for name in own for crew in self.done.get(name, ())]
        out = [one for name in own for one in self.out.get(name, ())]
        spans = [NOTHING, *(_seconds(self.known[route.technician], route) for route in routes)]
        shifts = [shift for name in own for person in self.people.get(name, ()) for shift in person.shifts]
        outcomes = Counter({DONE: len(done)}) + Counter(str(one.outcome) for one in out)
        out_h, work_h, travel_h, waiting_h, overtime_h = (sum(column) / HOUR_S for column in zip(*spans, strict=True))
        return Figures(
            shift_h=sum(shift.end_s - shift.start_s for shift in shifts) / HOUR_S,
            out_h=out_h,
            work_h=work_h,
            travel_h=travel_h,
            waiting_h=waiting_h,
            overtime_h=overtime_h,
            on_time=_on_time(done, [self.jobs[one.job] for one in out]),
            outcomes=outcomes,
            cost=self._cost(routes, done, out) if cost is None else cost,
        )

    def _cost(self, routes: Iterable[Route], done: Iterable[Crew], out: Iterable[LeftOut]) -> float:
        tours = (tour_terms(self.problem, self.known[route.technician], route) for route in routes)
        jobs = (job_terms(self.problem, self.known, crew) for crew in done)
        money = sum(cost for terms in (*tours, *jobs) for _, cost in terms)
        return money + sum(cheapest_outcome(self.jobs[one.job])[1] for one in out)


def _seconds(person: Technician, route: Route) -> tuple[float, float, float, float, float]:
    """Return the seconds of a tour: out, at work, on the way, waiting, in overtime."""
    out = on_duty_s(person, route, route.departs_s, route.returns_s)
    spent = {
        kind: sum(on_duty_s(person, route, stop.start_s, stop.end_s) for stop in route.stops if stop.kind is kind)
        for kind in StopKind
    }
    legs = [(stop.travel_s, stop.arrives_s, stop.flight) for stop in route.stops]
    legs.append((route.return_s, route.returns_s, route.return_flight))
    # by one's own mode a way takes time on duty; a flight goes whenever it goes
    travel = sum(
        way_s if flight is None else on_duty_s(person, route, arrives_s - way_s, arrives_s)
        for way_s, arrives_s, flight in legs
    )
    over = 0.0 if person.away else max(0.0, route.returns_s - person.shifts[route.shift].end_s)
    waiting = max(0.0, out - travel - sum(spent.values()))
    return out, spent[StopKind.JOB], travel, waiting, over


def _on_time(done: Iterable[Crew], out: Iterable[Job]) -> dict[Priority, float]:
    kept: dict[Priority, list[bool]] = defaultdict(list)
    for crew in done:
        kept[crew.job.priority].append(crew.end_s <= crew.job.due_s + TOLERANCE_S)
    for job in out:
        kept[job.priority].append(False)
    return {priority: sum(kept[priority]) / len(kept[priority]) for priority in Priority if priority in kept}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
