"""What the search reckons for leaving out what is mandatory: more than any plan can differ from another in cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.dispatch.building.people import Tour
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem
from optimizer.dispatch.pricing import HOUR_S, banded, cheapest_outcome

LEAST = 1e9


def must_cost(problem: Problem, tours: Sequence[Tour]) -> float:
    """Return what leaving out one mandatory job costs in the search, in money: twice all that a plan could cost."""
    ends_s = max((tour.end_s for tour in tours), default=0.0)
    seats = sum(len(job.seats) for job in problem.jobs)
    fares = [float(travel.cost[np.isfinite(travel.cost)].max(initial=0.0)) for travel in problem.travel.values()]
    ways = 2 * (seats + len(tours)) * max([*fares, *(flight.cost for flight in problem.flights)], default=0.0)
    worst_s = max((ends_s - job.due_s for job in problem.jobs), default=0.0)
    worst = problem.worst_lateness_per_h * max(0.0, worst_s) / HOUR_S
    all_ = sum(_of_job(problem, job, ends_s) for job in problem.jobs) + sum(_of_tour(problem, one) for one in tours)
    return max(LEAST, 2 * (all_ + ways + worst))


def _of_job(problem: Problem, job: Job, ends_s: float) -> float:
    money = abs(cheapest_outcome(job)[1]) + banded(job.lateness, ends_s - job.due_s)
    money += len(job.seats) * job.unpreferred_cost + sum(need.alternate_cost for need in job.parts)
    money += 0.0 if job.removed is None else job.removed.saving
    if job.running is not None:
        moved_h = (ends_s + abs(job.running.start_s)) / HOUR_S
        money += 2 * (len(job.seats) * problem.change.technician + moved_h * problem.change.per_h)
    return money


def _of_tour(problem: Problem, tour: Tour) -> float:
    pay, hours = problem.technicians[tour.person].pay, (tour.end_s - tour.start_s) / HOUR_S
    rates = pay.per_h + abs(pay.fairness_per_h) + pay.night_per_h
    return hours * rates + pay.call_out + banded(pay.overtime, tour.end_s - tour.start_s)
