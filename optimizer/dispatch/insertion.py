"""Plans by insertion: each job to its cheapest place, then rounds that take related jobs out and put them back in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizer.dispatch.model import Priority
from optimizer.dispatch.timing import Route, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

MOST_TAKEN_OUT = 15
SKIPPED = 0.02
"""Share of technicians overlooked at random when a job is put back, so that rounds do not repeat each other."""
ACCEPTED_LOSS = 0.002


@dataclass(frozen=True, slots=True)
class Draft:
    """A route for every technician, their costs, the jobs left out and the objective (costs and penalties)."""

    routes: tuple[Route, ...]
    costs: tuple[float, ...]
    unserved: tuple[int, ...]
    objective: float


def draft(timing: Timing, routes: Sequence[Route], before: Draft | None = None) -> Draft:
    """Price routes; only those that differ from the draft `before` are priced anew."""
    jobs = timing.problem.jobs
    costs = tuple(
        before.costs[index] if before and route is before.routes[index] else timing.cost(route)
        for index, route in enumerate(routes)
    )
    served = {job for route in routes for job in route.jobs}
    unserved = tuple(job for job in range(len(jobs)) if job not in served)
    objective = math.fsum(costs) + math.fsum(jobs[job].unserved_penalty for job in unserved)
    return Draft(tuple(routes), costs, unserved, objective)
