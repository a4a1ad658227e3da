"""Checks a dispatch plan against its problem, and prices it anew. Shares no code with the solver."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from optimizer.dispatch.first.model import Assignment, Job, Plan, Problem, Technician
from optimizer.run import Status


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule and where: codes `twice`, `missing`, `unknown`, `window`, `parts`, `duration`, `duty`,
    `qualification`, `permission`, `travel`, `price`, `total`, `proof`."""

    code: str
    where: str


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return every rule that a plan breaks; empty when it is sound."""
    jobs = {job.number: job for job in problem.jobs}
    people = {person.code: person for person in problem.technicians}
    found = list(_coverage(jobs, plan))
    known = [one for one in plan.assignments if one.job in jobs and one.technician in people]
    if len(known) < len(plan.assignments):
        found.append(Violation("unknown", "an assignment names a job or technician that the problem lacks"))
    tours: dict[str, list[Assignment]] = defaultdict(list)
    for one in sorted(known, key=lambda one: one.start_s):
        tours[one.technician].append(one)
        found += _job(jobs[one.job], people[one.technician], one)
    for code, tour in tours.items():
        found += _tour(problem, jobs, people[code], tour)
    return found + list(_totals(jobs, plan))


def _coverage(jobs: dict[str, Job], plan: Plan) -> Iterator[Violation]:
    named = Counter(chain((one.job for one in plan.assignments), (one.job for one in plan.unassigned)))
    for number, count in named.items():
        if count > 1:
            yield Violation("twice", number)
        if number not in jobs:
            yield Violation("unknown", number)
    for number in jobs:
        if number not in named:
            yield Violation("missing", number)


def _job(job: Job, person: Technician, one: Assignment) -> Iterator[Violation]:
    if not job.earliest_s <= one.start_s <= job.latest_start_s:
        yield Violation("window", job.number)
    if job.parts_ready_s is None or one.start_s < job.parts_ready_s:
        yield Violation("parts", job.number)
    if one.end_s - one.start_s != job.duration_s:
        yield Violation("duration", job.number)
    if not any(duty.start_s <= one.start_s and one.end_s <= duty.end_s for duty in person.duties):
        yield Violation("duty", job.number)
    for code in job.qualifications:
        if not _covers([(held.from_s, held.until_s) for held in person.qualifications.get(code, ())], one):
            yield Violation("qualification", f"{job.number} {code}")
    if job.permitted is not None and not _covers(
        [(held.from_s, held.until_s) for held in job.permitted.get(person.code, ())], one
    ):
        yield Violation("permission", job.number)


def _covers(spans: list[tuple[int, int]], one: Assignment) -> bool:
    """Say whether the spans together hold every second from the start to the end of the service."""
    reached_s = one.start_s
    for from_s, until_s in sorted(spans):
        if from_s <= reached_s < until_s:
            reached_s = until_s
    return reached_s > one.end_s


def _tour(problem: Problem, jobs: dict[str, Job], person: Technician, tour: list[Assignment]) -> Iterator[Violation]:
    place, free_s = person.base, 0
    for position, one in enumerate(tour):
        job = jobs[one.job]
        travel_s = int(problem.travel_s[place, job.place])
        on_duty_s = sum(max(0, min(duty.end_s, one.start_s) - max(duty.start_s, free_s)) for duty in person.duties)
        if one.start_s < free_s or on_duty_s < travel_s:
            yield Violation("travel", one.job)
        last = position == len(tour) - 1
        return_s = int(problem.travel_s[job.place, person.base]) if last else 0
        return_cost = float(problem.travel_cost[job.place, person.base]) if last else 0.0
        prices = (
            (one.travel_s, travel_s),
            (one.return_travel_s, return_s),
            (one.travel_cost, float(problem.travel_cost[place, job.place])),
            (one.return_travel_cost, return_cost),
            (one.labour_cost, (job.duration_s + travel_s + return_s) * person.cost_per_h / 3600),
            (one.lateness_cost, max(0, one.end_s - job.due_s) * job.lateness_cost_per_h / 3600),
        )
        if not all(math.isclose(told, true, rel_tol=1e-9, abs_tol=1e-6) for told, true in prices):
            yield Violation("price", one.job)
        place, free_s = job.place, one.end_s


def _totals(jobs: dict[str, Job], plan: Plan) -> Iterator[Violation]:
    terms = {
        "labour": math.fsum(one.labour_cost for one in plan.assignments),
        "travel": math.fsum(one.travel_cost + one.return_travel_cost for one in plan.assignments),
        "lateness": math.fsum(one.lateness_cost for one in plan.assignments),
    }
    penalties = math.fsum(jobs[one.job].unserved_penalty for one in plan.unassigned if one.job in jobs)
    total = math.fsum((*terms.values(), penalties))
    agree = set(plan.cost_by_term) == set(terms) and all(
        math.isclose(plan.cost_by_term[term], amount, rel_tol=1e-9, abs_tol=1e-4) for term, amount in terms.items()
    )
    if not agree or not math.isclose(plan.objective, total, rel_tol=1e-9, abs_tol=1e-4):
        yield Violation("total", "cost")
    if (plan.bound is None) != (plan.gap is None) or (plan.status is Status.OPTIMAL and plan.bound != plan.objective):
        yield Violation("proof", "bound")
