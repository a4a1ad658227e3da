"""Which jobs somebody could do if there were no other: known before anything is planned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from optimizer.dispatch.able import Able
from optimizer.dispatch.building.state import built
from optimizer.dispatch.building.taking import Held
from optimizer.dispatch.model import Problem
from optimizer.dispatch.obstacles import Obstacle, Survey


def doable(problem: Problem, numbers: Collection[str]) -> frozenset[str]:
    """Return those of the jobs of which each seat could be taken if there were no other job and no appointment.

    Numbers of other problems are passed by. A kernel scan for each seat.
    """
    jobs = tuple(replace(job, pin=None) for job in problem.jobs if job.number in numbers)
    if not jobs or not problem.technicians:
        return frozenset()
    people = tuple(replace(person, appointments=()) for person in problem.technicians)
    alone = replace(problem, technicians=people, jobs=jobs, precedence=(), together=(), budgets={})
    held, able = Held(built(alone), ()), Able(people)
    survey, ops_at = Survey(held), held.one.data.job_ops_at

    def fits(index: int, seat: int) -> bool:
        who = np.flatnonzero(able.of(jobs[index], seat).able)
        return bool((survey.look(int(ops_at[index]) + seat, who).what == Obstacle.PRICE).any())

    return frozenset(
        job.number for index, job in enumerate(jobs) if all(fits(index, seat) for seat in range(len(job.seats)))
    )
