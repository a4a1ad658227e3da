"""Why a planned job is with whom it is: what it costs, and what the next best technicians would cost more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.dispatch.able import Able
from optimizer.dispatch.building.fixed import settled
from optimizer.dispatch.building.reading import left_out_of, routes_of
from optimizer.dispatch.building.state import built
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.components import Groups
from optimizer.dispatch.explain import refusal, refusals
from optimizer.dispatch.faults import count, is_whole
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.arrays import Ints
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.recreate import crew_out, plan_cost
from optimizer.dispatch.kernel.ruin import tidy_depot
from optimizer.dispatch.kernel.tours import begin_round, put_back, touch
from optimizer.dispatch.model import Problem
from optimizer.dispatch.obstacles import Obstacle, Obstacles, Survey
from optimizer.dispatch.plan import TERMS, Plan, Route, StopKind
from optimizer.dispatch.pricing import leaving_terms, price
from optimizer.dispatch.timing import retimed
from optimizer.run import Limit, Reason, Status

TIMED = Limit(iterations=10_000)
"""What may be spent on the best times of a plan without a job."""

Key = tuple[str, int]
"""A technician and a shift."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """Another technician for a seat of a job: what the plan would cost more (money; negative: less)."""

    seat: int
    technician: str
    extra_cost: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A job with the technician of each seat in order, and what the plan would save of each term without it (money).

    Lateness of other jobs that it causes is part of it. `runner_ups` are the best others for each seat, best first,
    all else as it is; `refused` tells in the codes of `explain` why the rest cannot.
    """

    job: str
    technicians: tuple[str, ...]
    terms: Mapping[str, float]
    runner_ups: tuple[RunnerUp, ...]
    refused: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else for a seat of a job: what the plan would cost more (money; negative: less), or why he cannot."""

    technician: str
    extra_cost: float | None
    reasons: tuple[Reason, ...] = ()


class Choices:
    """Explains the planned jobs of a sound plan, which is taken up once.

    What a job costs is told by the plan's own times, those without it the best ones; what somebody else would cost more
    by plans in which all begin as early as they can.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Take up a plan. Raises ValueError if it does not fit the problem."""
        self.problem, self.plan = problem, plan
        self.held = Held(settled(built(problem)), plan.routes)
        self.able, self.survey = Able(problem.technicians), Survey(self.held)
        self.numbers = {job.number: index for index, job in enumerate(problem.jobs)}
        self.terms = price(problem, plan)
        self.given, self.early = _by_tour(plan.routes), self._early()
        self.groups = _linked(problem, plan.routes)

    def _early(self) -> dict[Key, Route]:
        """Return the routes that are held now, everything as early as it can be."""
        return _by_tour(routes_of(self.held.one, self.held.data, self.held.state, self.held.view))

    def _terms_now(self) -> Mapping[str, float]:
        """Return the terms of what is held now: tours that changed at their best times, the others at those given."""
        now = self._early()
        moved = {key for key in now.keys() | self.early.keys() if now.get(key) != self.early.get(key)}
        moved |= {other for key in moved for other in self.groups.get(key, ())}
        routes = [route if key in moved else self.given.get(key, route) for key, route in now.items()]
        left = left_out_of(self.held.one, self.held.view)
        # whatever may be missing without the job, it is only priced
        later = replace(self.plan, status=Status.INFEASIBLE, routes=tuple(routes), left_out=left, bound=None, gap=None)
        terms = price(self.problem, later)
        later = replace(later, objective=sum(terms.values()), cost_by_term=terms)
        changed = [index for index, key in enumerate(now) if key in moved]
        return retimed(self.problem, later, limit=TIMED, only=changed).cost_by_term

    def of(self, number: str, *, most: int = 5) -> Choice:
        """Return why a job is where it is, with up to `most` runner-ups for each seat; one that is pinned has none.

        Raises ValueError for a job that is not planned, and for `most` below 0.
        """
        count("runner-ups", most=most)
        job, first, crew = self._planned(number)
        last = first + len(crew)
        with _Out(self.held, first, last):
            without = dict(self._terms_now())
        for term, leaving in leaving_terms(job):
            without[term] -= leaving  # while it is out it counts among those left out
        runner_ups: list[RunnerUp] = []
        refused: list[Reason] = []
        for seat in range(last - first):
            others = np.setdiff1d(np.flatnonzero(self.able.of(job, seat).able), crew)
            found, saved = self._without(first + seat, others)
            runner_ups += self._best(seat, found, saved, most)
            refused += refusals(self.able, job, seat, found)
        codes = tuple(self.problem.technicians[who].code for who in crew)
        terms = {term: self.terms[term] - without[term] for term in TERMS}
        return Choice(number, codes, terms, tuple(runner_ups), tuple(refused))

    def others(self, number: str, seat: int = 0) -> tuple[Other, ...]:
        """Return everybody for a seat of a job who does not do it, all else as it is: the cheapest first.

        Raises ValueError for a job that is not planned, or has no such seat.
        """
        job, first, crew = self._planned(number)
        if not is_whole(seat) or not 0 <= seat < len(crew):
            raise ValueError(f"job {number} has no seat {seat!r}; it has {len(crew)}, counted from 0")
        sorted_ = self.able.of(job, seat)
        asked = np.setdiff1d(np.flatnonzero(sorted_.lacking | sorted_.barred | sorted_.able), crew)
        found, saved = self._without(first + seat, np.setdiff1d(np.flatnonzero(sorted_.able), crew))
        told = []
        for who in asked.tolist():
            code, against = self.problem.technicians[who].code, refusal(self.able, job, seat, sorted_, found, who)
            told.append(Other(code, None, (against,)) if against else Other(code, float(found.miss[who]) - saved))
        return tuple(sorted(told, key=lambda one: (one.extra_cost is None, one.extra_cost or 0.0, one.technician)))

    def _planned(self, number: str) -> tuple[Job, int, list[int]]:
        """Return a planned job, the op of its first seat, and who does it. Raises ValueError for one that is not."""
        index, view, data = self.numbers.get(number), self.held.view, self.held.one.data
        if index is None or view.tour_of[data.job_ops_at[index]] < 0:
            raise ValueError(f"job {number} is not planned")
        first, last = int(data.job_ops_at[index]), int(data.job_ops_at[index + 1])
        return self.problem.jobs[index], first, [int(data.tour_person[view.tour_of[op]]) for op in range(first, last)]

    def _without(self, op: int, others: Ints) -> tuple[Obstacles, float]:
        """Return what each of some technicians makes of an op that is taken out, and what taking it out saves."""
        whole = plan_cost(self.held.data, self.held.state)
        with _Out(self.held, op, op + 1):
            saved = whole - plan_cost(self.held.data, self.held.state)
            return self.survey.look(op, others), saved

    def _best(self, seat: int, found: Obstacles, saved: float, most: int) -> Iterator[RunnerUp]:
        who, _ = found.of(Obstacle.PRICE)
        for number in who[np.lexsort((who, found.miss[who]))][:most].tolist():
            yield RunnerUp(seat, self.problem.technicians[number].code, float(found.miss[number]) - saved)


def _by_tour(routes: Iterable[Route]) -> dict[Key, Route]:
    return {(route.technician, route.shift): route for route in routes}


def _linked(problem: Problem, routes: Sequence[Route]) -> dict[Key, list[Key]]:
    """Return for each tour those that hang together with it by crews and precedence."""
    tours: dict[str, list[int]] = defaultdict(list)
    for index, route in enumerate(routes):
        for stop in route.stops:
            if stop.kind is StopKind.JOB:
                tours[stop.name].append(index)
    groups = Groups(len(routes))
    for members in tours.values():
        groups.join(members)
    for tie in problem.precedence:
        groups.join([*tours.get(tie.before, ()), *tours.get(tie.after, ())])
    keys = list(_by_tour(routes))
    found: dict[int, list[Key]] = defaultdict(list)
    for index, key in enumerate(keys):
        found[groups.root(index)].append(key)
    return {key: found[groups.root(index)] for index, key in enumerate(keys)}


class _Out:
    """Takes the ops from `first` to before `last`, seats of one job, out of a plan, and puts all back in the end."""

    def __init__(self, held: Held, first: int, last: int) -> None:
        self.held, self.first, self.last = held, first, last

    def __enter__(self) -> None:
        data, state, view = self.held.data, self.held.state, self.held.view
        begin_round(state)
        tours = [int(tour) for tour in view.tour_of[self.first : self.last]]
        for tour in tours:
            touch(data, state, tour)
        crew_out(data, state, self.first, self.last, np.zeros_like(view.floor_s), False)
        for tour in tours:
            tidy_depot(data, state, tour)
        settle(data, state)
        plan_cost(data, state)

    def __exit__(self, *_: object) -> None:
        put_back(self.held.data, self.held.state)
        settle(self.held.data, self.held.state)
        plan_cost(self.held.data, self.held.state)
