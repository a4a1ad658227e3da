"""Which ways to do jobs are told: those that leave the others where they are, and those that displace some."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from fieldops.planning.desk.question import Asked
from fieldops.planning.desk.rules import STILL
from fieldops.planning.desk.running import Desk
from fieldops.planning.desk.schemas import RecommendationQuestion
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.live.answers import Moved, Option, Recommendation

LOOKED_AT = 3
"""So many times as many ways are looked at as are told: some are the same, or move too much."""


def ranked(desk: Desk, asked: Asked, question: RecommendationQuestion) -> Recommendation:
    """Return what the running plan answers to the question where jobs go.

    Whoever gets other people, or another start by more than STILL, is displaced: of these there are at most as many as
    the question allows. Ways that only exchange people of equal seats are one.
    """
    most = question.most * LOOKED_AT
    still = desk.without(sorted(asked.open), still=True)
    with desk.lock:
        found = still.recommend(*asked.jobs, most=most, precedence=asked.precedence, together=asked.together)
        options = list(found.options)
        if question.displaced_max:
            found = asked.running.recommend(
                *asked.jobs,
                most=most,
                displaced_max=question.displaced_max,
                precedence=asked.precedence,
                together=asked.together,
            )
            options += [one for one in found.options if displaced(one) <= question.displaced_max]
    jobs = {job.number: job for job in asked.jobs}
    options.sort(key=lambda one: one.extra_cost)
    return replace(found, options=tuple(_distinct(options, jobs)[: question.most]))


def displaced(option: Option) -> int:
    """Return how many jobs get other people, are left out, or begin otherwise by more than STILL."""
    return sum(is_displaced(one) for one in (*option.displaced, *option.moved))


def is_displaced(one: Moved) -> bool:
    """Tell whether what becomes of a job is more than a small shift."""
    if one.start_s is None or one.technicians != one.technicians_before:
        return True
    return abs(one.start_s - one.start_before_s) > STILL.total_seconds()


def become(option: Option, asked: Collection[str]) -> tuple[list[Moved], list[Moved]]:
    """Return what becomes of the other jobs: those that are displaced, and those that are only shifted a little."""
    others = [one for one in (*option.displaced, *option.moved) if one.job not in asked]
    return [one for one in others if is_displaced(one)], [one for one in others if not is_displaced(one)]


def _distinct(options: Sequence[Option], jobs: Mapping[str, Job]) -> list[Option]:
    """Return the first of options that are alike."""
    first: dict[object, Option] = {}
    for one in options:
        first.setdefault(_likeness(one, jobs), one)
    return list(first.values())


def _likeness(option: Option, jobs: Mapping[str, Job]) -> object:
    seats = sorted(
        (one.job, _first_like(jobs[one.job], one.seat), one.technician, round(one.start_s)) for one in option.places
    )
    return tuple(seats), frozenset(_become(one) for one in (*option.displaced, *option.moved))


def _first_like(job: Job, seat: int) -> int:
    """Return the first seat of a job that asks for the same as one of its seats."""
    return job.seats.index(job.seats[seat])


def _become(one: Moved) -> object:
    return one.job, one.technicians, None if one.start_s is None else round(one.start_s)
