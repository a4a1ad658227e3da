"""Small dispatch problems: built by hand from defaults, or drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import numpy as np

from optimizer.dispatch.first.model import Assignment, Duty, Job, Plan, Priority, Problem, Technician, Validity

MINUTE_S = 60
HOUR_S = 3_600
DAY_S = 86_400
ALWAYS = (Validity(-1_000 * DAY_S, 1_000 * DAY_S),)
HOME, NEAR, FAR = range(3)


def technician(
    code: str = "T1",
    *,
    base: int = HOME,
    duties: tuple[tuple[int, int], ...] = ((8, 16),),
    qualifications: Mapping[str, tuple[Validity, ...]] | None = None,
    cost_per_h: float = 30.0,
) -> Technician:
    """A technician; duties are in hours."""
    shifts = tuple(Duty(start * HOUR_S, end * HOUR_S) for start, end in duties)
    return Technician(code, base, shifts, qualifications or {}, cost_per_h)


def job(
    number: str = "J1",
    *,
    place: int = NEAR,
    duration_h: float = 2,
    window_h: tuple[float, float] = (0, 48),
    due_h: float = 48,
    priority: Priority = Priority.ROUTINE,
    needs: tuple[str, ...] = (),
    parts_ready_h: float | None = 0,
    lateness_cost_per_h: float = 10.0,
    unserved_penalty: float = 1_000.0,
    permitted: Mapping[str, tuple[Validity, ...]] | None = None,
) -> Job:
    """A job; times are in hours."""
    return Job(
        number=number,
        place=place,
        duration_s=round(duration_h * HOUR_S),
        priority=priority,
        earliest_s=round(window_h[0] * HOUR_S),
        latest_start_s=round(window_h[1] * HOUR_S),
        due_s=round(due_h * HOUR_S),
        lateness_cost_per_h=lateness_cost_per_h,
        qualifications=frozenset(needs),
        unserved_penalty=unserved_penalty,
        parts_ready_s=None if parts_ready_h is None else round(parts_ready_h * HOUR_S),
        permitted=permitted,
    )


def world(*jobs: Job, technicians: tuple[Technician, ...] | None = None, travel_cost: float = 5.0) -> Problem:
    """Two days at three places on a line: an hour from HOME to NEAR, three from there to FAR, four from end to end."""
    hours = np.array([[0, 1, 4], [1, 0, 3], [4, 3, 0]])
    people = (technician(),) if technicians is None else technicians
    return Problem(("HOME", "NEAR", "FAR"), hours * HOUR_S, hours * travel_cost, people, jobs, 48 * HOUR_S)


def tiny(random: Random, most_jobs: int = 5) -> Problem:
    """A problem of a minute and a few jobs, small enough to try every schedule second by second.

    Half of the travel tables are symmetric; all break the triangle inequality now and then.
    """
    size = random.randint(2, 3)
    travel_s = np.array([[random.choice((0, 1, 2, 3, 5, 9)) for _ in range(size)] for _ in range(size)])
    travel_cost = np.array([[random.randint(0, 9) for _ in range(size)] for _ in range(size)], dtype=float)
    if random.random() < 0.5:
        travel_s, travel_cost = np.maximum(travel_s, travel_s.T), np.maximum(travel_cost, travel_cost.T)
    np.fill_diagonal(travel_s, 0)
    people = tuple(_person(random, f"T{number}", size) for number in range(random.randint(1, 3)))
    jobs = tuple(_job(random, f"J{number}", size) for number in range(random.randint(1, most_jobs)))
    return Problem(tuple("ABC"[:size]), travel_s, travel_cost, people, jobs, 60)


def _person(random: Random, code: str, places: int) -> Technician:
    edges = sorted(random.sample(range(8, 55), 2 * random.randint(0, 2)))
    edges = [random.randrange(8), *edges, random.randint(55, 60)]
    duties = tuple(Duty(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True))
    held = {skill: spans for skill in "XY" if (spans := _validities(random))}
    return Technician(code, random.randrange(places), duties, held, 3_600.0 * random.choice((0, 0.5, 1, 2)))


def _validities(random: Random) -> tuple[Validity, ...]:
    if random.random() < 0.4:
        return ALWAYS
    spans = []
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        start = random.choice((-5, 0, 10, 20, random.randrange(50)))
        spans.append(Validity(start, random.choice((20, 30, 70, start + 15)) if start < 20 else start + 20))
    return tuple(spans)


def _job(random: Random, number: str, places: int) -> Job:
    earliest_s = random.choice((-3, 0, 0, random.randrange(45)))
    duration_s = random.choice((1, 2, 3, 4, 6, 9))
    return Job(
        number=number,
        place=random.randrange(places),
        duration_s=duration_s,
        priority=random.choice(list(Priority)),
        earliest_s=earliest_s,
        latest_start_s=earliest_s + random.choice((0, 8, 30, 60, 60, 60)),
        due_s=earliest_s + random.randint(0, 40),
        lateness_cost_per_h=3_600.0 * random.choice((0, 0.25, 1, 4)),
        qualifications=frozenset(random.choice(("", "", "X", "Y", "XY"))),
        unserved_penalty=float(random.choice((15, 60, 200, 200))),
        parts_ready_s=random.choice((*[0] * 12, *[earliest_s + 8] * 4, random.randrange(60), None)),
    )


def week(random: Random, technicians: int, jobs: int) -> Problem:
    """A week of a region with times off every grid: shifts by day, some certificates that run out, mixed urgency."""
    places = 8
    spots = [(random.random(), random.random()) for _ in range(places)]
    far = np.array([[abs(a - c) + abs(b - d) for c, d in spots] for a, b in spots])
    people = tuple(_worker(random, f"T{number}") for number in range(technicians))
    tasks = tuple(_task(random, f"J{number}", places) for number in range(jobs))
    return Problem(
        tuple(f"P{place}" for place in range(places)), (far * 20_000).astype(int), far * 300, people, tasks, 7 * DAY_S
    )


def _worker(random: Random, code: str) -> Technician:
    begins_s, free = random.randrange(5 * HOUR_S, 13 * HOUR_S), random.sample(range(7), 2)
    duties = (Duty(day * DAY_S + begins_s, day * DAY_S + begins_s + 9 * HOUR_S) for day in range(7) if day not in free)
    ends = {skill: random.choice((random.randrange(7 * DAY_S), 99 * DAY_S)) for skill in "XYZ" if random.random() < 0.7}
    held = {skill: (Validity(-DAY_S, end_s),) for skill, end_s in ends.items()}
    return Technician(code, random.randrange(2), tuple(duties), held, random.uniform(25, 45))


def _task(random: Random, number: str, places: int) -> Job:
    priority = random.choice((Priority.AOG, Priority.CRITICAL, Priority.ROUTINE, Priority.ROUTINE))
    weight = {Priority.AOG: 20, Priority.CRITICAL: 4, Priority.ROUTINE: 1}[priority]
    earliest_s = random.randrange(4 * DAY_S)
    return Job(
        number=number,
        place=random.randrange(places),
        duration_s=random.randrange(HOUR_S, 7 * HOUR_S),
        priority=priority,
        earliest_s=earliest_s,
        latest_start_s=earliest_s + random.randrange(DAY_S // 2, 3 * DAY_S),
        due_s=earliest_s + random.randrange(DAY_S // 2, 2 * DAY_S),
        lateness_cost_per_h=10.0 * weight,
        qualifications=frozenset(random.sample("XYZ", random.randint(0, 2))),
        unserved_penalty=1_500.0 * weight,
        parts_ready_s=random.choice((0, 0, earliest_s + 5 * HOUR_S)),
    )


def tours(plan: Plan) -> dict[str, list[str]]:
    """Return the jobs of each technician with any, in order of their start."""
    found: dict[str, list[str]] = {}
    for one in sorted(plan.assignments, key=start_of):
        found.setdefault(one.technician, []).append(one.job)
    return found


def start_of(one: Assignment) -> int:
    """Return when an assigned job starts."""
    return one.start_s
