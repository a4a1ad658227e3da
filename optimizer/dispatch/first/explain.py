"""Why a job is left out, and why a job went to one technician and not to another. Every reason is true of the plan.

Codes, with the unit of `misses_by` and the values; the first that applies is given, parts beside it:

- `no_technician` (None): there are no technicians.
- `no_qualified_technician` (None): `qualifications` that nobody holds, or nobody together, at any time.
- `not_permitted` (days): qualified at a start that is allowed, but without permission for the job then.
- `qualification_expired` (days): held, but not at any start that window, parts and duties allow.
- `outside_shifts` (minutes): no duty of who holds it is long enough within the window.
- `travel_too_long` (minutes): even with no other job nobody gets there in time.
- `technicians_busy` (minutes): possible with no other job, but nowhere between the jobs of the plan as they are.
- `costs_more_than_penalty` (money): possible, but dearer than leaving it out.
- `parts_unavailable` (None), `parts_late` (minutes): the parts are not there, or after the latest start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.dispatch.first.model import Job, Problem, Technician
from optimizer.dispatch.first.timing import Miss, Route, Span, Timing, asked_window, intersect, may_spans, valid_starts
from optimizer.run import Reason

DAY_S = 86_400

Tours = Mapping[str, Sequence[str]]
"""The job numbers of each technician by code, in the order in which they are done."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another technician for a job: what he costs more (negative: less), or, with None, why he cannot."""

    technician: str
    extra_cost: float | None
    reasons: tuple[Reason, ...]


def why_unassigned(timing: Timing, routes: Sequence[Route], job: int) -> tuple[Reason, ...]:
    """Return why a job is on none of the routes."""
    return _parts(timing.problem.jobs[job]) + _people(timing, routes, job, range(len(timing.problem.technicians)))


def explain_assignment(problem: Problem, tours: Tours, number: str) -> tuple[Alternative, ...]:
    """Return what each other technician would cost more for an assigned job, the other jobs kept in their order.

    Cheapest first, then those who cannot. Raises ValueError for a job that nobody does, and for tours that the problem
    does not allow.
    """
    timing = Timing(problem)
    index = {job.number: position for position, job in enumerate(problem.jobs)}
    routes = _routes(timing, tours, index)
    job = index.get(number)
    chosen = next((route for route in routes if job in route.jobs), None)
    if job is None or chosen is None:
        raise ValueError(f"job {number} is not assigned in this plan")
    without = timing.route(chosen.technician, [other for other in chosen.jobs if other != job])
    # a direct travel may take longer than the way over the job; then taking the job out saves nothing that we know
    saved = chosen.cost - without.cost if isinstance(without, Route) else 0.0
    found = []
    for route in routes:
        if route is chosen:
            continue
        code = problem.technicians[route.technician].code
        insertion = timing.insertion(route, job)
        if insertion:
            found.append(Alternative(code, insertion.extra_cost - saved, ()))
        else:
            found.append(Alternative(code, None, _people(timing, routes, job, [route.technician])))
    return tuple(sorted(found, key=lambda one: (one.extra_cost is None, one.extra_cost or 0.0, one.technician)))


def _parts(job: Job) -> tuple[Reason, ...]:
    if job.parts_ready_s is None:
        return (Reason("parts_unavailable"),)
    if job.parts_ready_s > job.latest_start_s:
        return (Reason("parts_late", (job.parts_ready_s - job.latest_start_s) / 60),)
    return ()


def _people(timing: Timing, routes: Sequence[Route], number: int, among: Sequence[int]) -> tuple[Reason, ...]:
    """Return what keeps the technicians `among` from a job: the first obstacle that none of them passes."""
    problem, job = timing.problem, timing.problem.jobs[number]
    if not among:
        return (Reason("no_technician"),)
    people = [problem.technicians[who] for who in among]
    holders = [person for person in people if all(person.qualifications.get(code) for code in job.qualifications)]
    if not holders:
        return (_unqualified(job, people),)
    window = asked_window(job)
    if not window:
        return ()
    able = [who for who in among if timing.windows[who][number].lasts]
    if able:
        return _busy(timing, routes, number, able)
    on_duty = {person.code: _starts_on_duty(job, person, window) for person in holders}
    if any(on_duty.values()):
        qualified = replace(job, permitted=None)
        if any(valid_starts(person, qualified, on_duty[person.code]) for person in holders):
            missed = (_invalid_s(job, person, on_duty[person.code]) for person in holders)
            return (Reason("not_permitted", _least(missed, DAY_S)),)
        missed = (_invalid_s(qualified, person, on_duty[person.code]) for person in holders)
        return (Reason("qualification_expired", _least(missed, DAY_S)),)
    return (Reason("outside_shifts", _least((_off_duty_s(job, person, window) for person in holders), 60)),)


def _busy(timing: Timing, routes: Sequence[Route], number: int, able: Sequence[int]) -> tuple[Reason, ...]:
    alone = {who: timing.route(who, [number]) for who in able}
    misses = [one for one in alone.values() if isinstance(one, Miss)]
    if len(misses) == len(able):
        return (Reason("travel_too_long", min(one.shortfall_s for one in misses) / 60),)
    free = [routes[who] for who in able if isinstance(alone[who], Route)]
    extra = [insertion.extra_cost for route in free if (insertion := timing.insertion(route, number))]
    if extra:
        return (Reason("costs_more_than_penalty", min(extra) - timing.problem.jobs[number].unserved_penalty),)
    tried = (timing.inserted(route, number, place) for route in free for place in range(len(route.jobs) + 1))
    return (Reason("technicians_busy", min(one.shortfall_s for one in tried if isinstance(one, Miss)) / 60),)


def _unqualified(job: Job, people: Sequence[Technician]) -> Reason:
    unheld = sorted(code for code in job.qualifications if not any(one.qualifications.get(code) for one in people))
    values = {"qualifications": ", ".join(unheld or sorted(job.qualifications))}
    return Reason("no_qualified_technician", None, values)


def _starts_on_duty(job: Job, person: Technician, window: Sequence[Span]) -> list[Span]:
    """Return the starts in the window at which the job lies within one duty, whatever the person is qualified for."""
    within = [(duty.start_s, duty.end_s - job.duration_s) for duty in person.duties]
    return intersect(window, [span for span in within if span[0] <= span[1]])


def _invalid_s(job: Job, person: Technician, starts: Sequence[Span]) -> int | None:
    """Return by how much qualifications and permission miss the nearest start, None where they never hold together."""
    held: list[Span] = [(-(2**62), 2**62)]
    for spans in may_spans(person, job):
        held = intersect(held, spans)
    needed_s = job.duration_s + 1
    return min(
        (
            max(from_s - last_s, first_s + needed_s - until_s - 1, needed_s - (until_s + 1 - from_s))
            for from_s, until_s in held
            for first_s, last_s in starts
        ),
        default=None,
    )


def _off_duty_s(job: Job, person: Technician, window: Sequence[Span]) -> int:
    """Return how much the longest stay on duty within the window is shorter than the job; all of it without a stay."""
    stays = (
        min(duty.end_s, last_s + job.duration_s) - max(duty.start_s, first_s)
        for duty in person.duties
        for first_s, last_s in window
    )
    return job.duration_s - max(0, max(stays, default=0))


def _least(amounts_s: Iterable[int | None], unit_s: int) -> float | None:
    return min((amount / unit_s for amount in amounts_s if amount is not None), default=None)


def _routes(timing: Timing, tours: Tours, index: Mapping[str, int]) -> list[Route]:
    routes = []
    for who, person in enumerate(timing.problem.technicians):
        route = timing.route(who, [index[number] for number in tours.get(person.code, ())])
        if not isinstance(route, Route):
            raise ValueError(f"the plan of technician {person.code} does not fit this problem: {route}")
        routes.append(route)
    return routes
