"""What the rules of dispatch allow in tiny problems, tried second by second. Shares no code with the optimizer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from optimizer.dispatch.first.model import Job, Problem, Technician

Order = tuple[int, ...]
"""Jobs, by index, in the order in which one technician does them."""


def holds(person: Technician, code: str, second: int) -> bool:
    """Tell whether a technician holds a qualification at a second."""
    return any(held.from_s <= second < held.until_s for held in person.qualifications.get(code, ()))


def is_valid(person: Technician, job: Job, start_s: int) -> bool:
    """Tell whether every qualification holds from the start of the job to its end."""
    service = range(start_s, start_s + job.duration_s + 1)
    return all(holds(person, code, second) for code in job.qualifications for second in service)


def asked(job: Job) -> range:
    """Return the starts that window and parts allow."""
    first_s = math.inf if job.parts_ready_s is None else max(job.earliest_s, job.parts_ready_s)
    return range(0) if first_s > job.latest_start_s else range(int(first_s), job.latest_start_s + 1)


@dataclass(frozen=True, slots=True)
class Stuck:
    """The first job of an order that cannot start, and how many seconds on duty its technician lacks."""

    job: int
    shortfall_s: int


class Rules:
    """Every schedule of a tiny problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.on_duty = [
            [any(duty.start_s <= second < duty.end_s for duty in person.duties) for second in range(problem.horizon_s)]
            for person in problem.technicians
        ]
        self.worked_s = [[0, *accumulate(duty)] for duty in self.on_duty]
        self.starts = [
            [[start_s for start_s in self.at_work(who, job) if is_valid(person, job, start_s)] for job in problem.jobs]
            for who, person in enumerate(problem.technicians)
        ]

    def at_work(self, who: int, job: Job) -> list[int]:
        """Return the starts that window and parts allow with the technician on duty at every second of the job."""
        duty = {second for second, present in enumerate(self.on_duty[who]) if present}
        return [start_s for start_s in asked(job) if duty.issuperset(range(start_s, start_s + job.duration_s))]

    def walk(self, who: int, order: Sequence[int]) -> tuple[int, ...] | Stuck:
        """Return the starts of a technician who never dawdles."""
        place, now_s, found = self.problem.technicians[who].base, 0, []
        for number in order:
            job = self.problem.jobs[number]
            starts, free_s, travel_s = self.starts[who][number], now_s, int(self.problem.travel_s[place, job.place])
            left_s = travel_s
            while left_s and now_s < self.problem.horizon_s:
                left_s -= self.on_duty[who][now_s]
                now_s += 1
            later = [start_s for start_s in starts if start_s >= now_s]
            if left_s or not later:
                return Stuck(number, travel_s - self.worked_s[who][starts[-1]] + self.worked_s[who][free_s])
            found.append(later[0])
            place, now_s = job.place, later[0] + job.duration_s
        return tuple(found)

    def cost(self, who: int, order: Order) -> float | None:
        """Return the least cost of an order over all its schedules, dawdling allowed; None if there is none."""
        free = {0: 0.0}
        for before, number in pairwise((None, *order)):
            free = self._after(who, free, before, number) if number is not None else free
        return min(free.values()) + self._fixed_cost(who, order) if free else None

    def routes(self, who: int) -> Iterator[tuple[Order, float]]:
        """Yield every order that a technician can keep, with its least cost."""
        stack: list[tuple[Order, dict[int, float]]] = [((), {0: 0.0})]
        while stack:
            order, free = stack.pop()
            yield order, min(free.values()) + self._fixed_cost(who, order)
            for number in set(range(len(self.problem.jobs))).difference(order):
                after = self._after(who, free, order[-1] if order else None, number)
                if after:
                    stack.append(((*order, number), after))

    def optimum(self) -> float:
        """Return the least objective of all plans."""
        best: dict[frozenset[int], float] = {frozenset(): 0.0}
        for who in range(len(self.problem.technicians)):
            cheapest: dict[frozenset[int], float] = {}
            for order, cost in self.routes(who):
                cheapest[frozenset(order)] = min(cost, cheapest.get(frozenset(order), math.inf))
            wider: dict[frozenset[int], float] = {}
            for done, cost in best.items():
                for more, extra in cheapest.items():
                    if done.isdisjoint(more):
                        wider[done | more] = min(cost + extra, wider.get(done | more, math.inf))
            best = wider
        penalties = [job.unserved_penalty for job in self.problem.jobs]
        return min(
            cost + sum(penalty for number, penalty in enumerate(penalties) if number not in done)
            for done, cost in best.items()
        )

    def _after(self, who: int, free: dict[int, float], before: int | None, number: int) -> dict[int, float]:
        """Return when a technician may be free after one more job, and what lateness has cost at least by then."""
        job, worked_s, found = self.problem.jobs[number], self.worked_s[who], {}
        origin = self.problem.technicians[who].base if before is None else self.problem.jobs[before].place
        travel_s = int(self.problem.travel_s[origin, job.place])
        for start_s in self.starts[who][number]:
            costs = [
                cost
                for since_s, cost in free.items()
                if since_s <= start_s and worked_s[start_s] - worked_s[since_s] >= travel_s
            ]
            if costs:
                end_s = start_s + job.duration_s
                found[end_s] = min(costs) + max(0, end_s - job.due_s) * job.lateness_cost_per_h / 3600
        return found

    def _fixed_cost(self, who: int, order: Order) -> float:
        """Return what an order costs whenever its jobs are done: travel there, between and back, and labour."""
        if not order:
            return 0.0
        person, jobs = self.problem.technicians[who], [self.problem.jobs[number] for number in order]
        legs = list(pairwise([person.base, *(job.place for job in jobs), person.base]))
        paid_s = sum(int(self.problem.travel_s[leg]) for leg in legs) + sum(job.duration_s for job in jobs)
        return sum(float(self.problem.travel_cost[leg]) for leg in legs) + paid_s * person.cost_per_h / 3600
