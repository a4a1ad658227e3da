"""Plans by insertion: each job to its cheapest place, then rounds that take related jobs out and put them back in.

The rounds are ruin and recreate (Schrimpf et al., "Record breaking optimization results using the ruin and recreate
principle", Journal of Computational Physics 159, 2000): a round is kept if it loses little on the best plan so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.dispatch.first.model import Priority
from optimizer.dispatch.first.timing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from optimizer.dispatch.first.timing import Timing

MOST_TAKEN_OUT = 15
ACCEPTED_LOSS = 0.002
UNSERVED_FIRST = 0.3
"""Share of rounds that make room around an unserved job."""
TRAVEL_PER_WAIT = 0.05
"""How many seconds of travel a second between two earliest starts weighs when jobs are called related."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A route for every technician, the jobs left out, and the objective: all costs and the penalties of those."""

    routes: tuple[Route, ...]
    unserved: tuple[int, ...]
    objective: float


def priced(timing: Timing, routes: Sequence[Route]) -> Draft:
    """Return the draft that these routes, one a technician, make."""
    served = {job for route in routes for job in route.jobs}
    unserved = tuple(job for job in range(len(timing.problem.jobs)) if job not in served)
    penalties = (timing.problem.jobs[job].unserved_penalty for job in unserved)
    return Draft(tuple(routes), unserved, math.fsum((*(route.cost for route in routes), *penalties)))


def filled(timing: Timing, routes: Sequence[Route]) -> Draft:
    """Return the draft with jobs put into these routes, urgent ones first, until none fits below its penalty."""
    urgency = list(Priority)
    changed = list(routes)
    waiting = sorted(priced(timing, routes).unserved, key=lambda job: urgency.index(timing.problem.jobs[job].priority))
    while waiting:
        left = _put_in(timing, changed, waiting)
        if len(left) == len(waiting):
            break
        waiting = left
    return priced(timing, changed)


def improvements(timing: Timing, draft: Draft, random: Random) -> Iterator[Draft]:
    """Yield the best draft so far after each round, without end. A round costs O(jobs taken out x positions)."""
    related = _related(timing)
    orders = _orders(timing, random)
    best = current = draft
    while True:
        taken = _taken_out(current, related, random)
        routes = _without(timing, current.routes, taken)
        if routes is not None:
            _put_in(timing, routes, sorted(sorted({*taken, *current.unserved}), key=random.choice(orders)))
            found = priced(timing, routes)
            if found.objective <= best.objective * (1 + ACCEPTED_LOSS):
                current = found
            if found.objective < best.objective:
                best = found
        yield best


def _put_in(timing: Timing, routes: list[Route], jobs: Iterable[int]) -> list[int]:
    """Put each job to its cheapest place in `routes` if that costs less than its penalty; return those left out."""
    left_out = []
    for job in jobs:
        below, place = timing.problem.jobs[job].unserved_penalty, None
        for technician in timing.able[job]:
            insertion = timing.insertion(routes[technician], job, below)
            if insertion:
                below, place = insertion.extra_cost, (technician, insertion.position)
        route = timing.inserted(routes[place[0]], job, place[1]) if place else None
        if isinstance(route, Route):
            routes[route.technician] = route
        else:
            left_out.append(job)
    return left_out


def _without(timing: Timing, routes: Sequence[Route], taken: set[int]) -> list[Route] | None:
    """Return the routes without some jobs; None where one fails since its direct travel is longer than the detour."""
    kept = []
    for route in routes:
        shorter: object = route
        if not taken.isdisjoint(route.jobs):
            shorter = timing.route(route.technician, [job for job in route.jobs if job not in taken])
        if not isinstance(shorter, Route):
            return None
        kept.append(shorter)
    return kept


def _taken_out(draft: Draft, related: list[list[int]], random: Random) -> set[int]:
    """Choose jobs to take out: some of those most related to one job, often to one that is left out."""
    around_unserved = draft.unserved and random.random() < UNSERVED_FIRST
    centre = random.choice(draft.unserved) if around_unserved else random.randrange(len(related))
    count = random.randint(2, max(3, min(MOST_TAKEN_OUT, len(related) // 4)))
    pool = related[centre][: 2 * count]
    return set(random.sample(pool, min(count, len(pool))))


def _related(timing: Timing) -> list[list[int]]:
    """Return for each job all jobs, those nearest in travel and earliest start first."""
    jobs = timing.problem.jobs
    places = np.array([job.place for job in jobs])
    earliest_s = np.array([job.earliest_s for job in jobs])
    travel_s = timing.problem.travel_s[np.ix_(places, places)]
    distance = travel_s + TRAVEL_PER_WAIT * np.abs(earliest_s[:, None] - earliest_s[None, :])
    nearest: list[list[int]] = np.argsort(distance, axis=1, kind="stable").tolist()
    return nearest


def _orders(timing: Timing, random: Random) -> list[Callable[[int], float]]:
    """Return the orders in which jobs are put back: any, dearest to leave out, earliest, most pressing, fewest able."""
    jobs = timing.problem.jobs
    return [
        lambda _: random.random(),
        lambda job: -jobs[job].unserved_penalty,
        lambda job: jobs[job].earliest_s,
        lambda job: jobs[job].latest_start_s,
        lambda job: len(timing.able[job]),
    ]
