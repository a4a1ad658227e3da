"""Generated networks of a size that no published instance has: areas far apart, each with its places and people.

An area is a base and a dozen places within an hour or so. Technicians belong to an area, have some of the skills,
one shift of eight hours with overtime, and some a kit; jobs need a skill, some also parts of the kit, and are late at
a price that depends on their priority. Left out, they cost a deferral.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from optimizer.dispatch.jobs import Job, PartNeed, Priority, Seat
from optimizer.dispatch.model import Problem, Travel
from optimizer.dispatch.technicians import Band, Pay, Shift, Technician, Validity, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

AREAS, TECHNICIANS, JOBS = 45, 2_000, 10_000
PLACES = 12
"""How many places an area has."""
SPOTS, REGION_KM = 200, 15.0
"""How many places a region by itself has, and how far from its middle at most."""
SKILLS, PARTS = 8, 6
HOUR = 3600.0
DAY_S = 14 * HOUR
SPEED = 60.0
"""Kilometres an hour."""
KM = 0.5
"""Money a kilometre."""
DEFERRED = {Priority.AOG: 20_000.0, Priority.CRITICAL: 4_000.0, Priority.ROUTINE: 1_000.0}
LATE = {
    Priority.AOG: (Band(0.0, 500.0), Band(2 * HOUR, 1_000.0)),
    Priority.CRITICAL: (Band(0.0, 100.0), Band(4 * HOUR, 100.0)),
    Priority.ROUTINE: (Band(0.0, 20.0),),
}
ALWAYS = (Validity(0.0, 10 * DAY_S),)
PAY = Pay(per_h=40.0, overtime=(Band(0.0, 20.0), Band(HOUR, 20.0)), call_out=30.0)


def network(seed: int, jobs: int = JOBS) -> Problem:
    """Return a network with so many jobs, and technicians and areas in the proportion of the whole one."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    areas = max(1, round(AREAS * jobs / JOBS))
    technicians = max(1, round(TECHNICIANS * jobs / JOBS))
    spots = [spot for area in range(areas) for spot in _area(rng, area)]
    distances = _distances(spots)
    return Problem(
        places=tuple(f"{area:02}-{place:02}" for area in range(areas) for place in range(PLACES)),
        travel={"road": Travel(distances / SPEED * HOUR, distances * KM)},
        technicians=tuple(_technician(rng, number, number % areas) for number in range(technicians)),
        jobs=tuple(_job(rng, number, number % areas) for number in range(jobs)),
    )


def region(seed: int, technicians: int, jobs: int) -> Problem:
    """Return one region of many places within half an hour, with people and jobs as in the network."""
    rng = Random(seed)  # noqa: S311 - repeatable on purpose
    spots = [(rng.uniform(-REGION_KM, REGION_KM), rng.uniform(-REGION_KM, REGION_KM)) for _ in range(SPOTS)]
    distances = _distances(spots)
    people = []
    for number in range(technicians):
        person, home = _technician(rng, number, 0), rng.randrange(SPOTS)
        shifts = tuple(replace(shift, start_place=home, end_place=home) for shift in person.shifts)
        people.append(replace(person, shifts=shifts))
    return Problem(
        places=tuple(f"place {place:03}" for place in range(SPOTS)),
        travel={"road": Travel(distances / SPEED * HOUR, distances * KM)},
        technicians=tuple(people),
        jobs=tuple(replace(_job(rng, number, 0), place=rng.randrange(SPOTS)) for number in range(jobs)),
    )


def _area(rng: Random, area: int) -> list[tuple[float, float]]:
    """Return the spots of an area in kilometres; areas are a day's drive apart."""
    x, y = 1_000.0 * (area % 8), 1_000.0 * (area // 8)
    return [(x + rng.uniform(-30, 30), y + rng.uniform(-30, 30)) for _ in range(PLACES)]


def _distances(spots: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    points = np.array(spots)
    between = points[:, None, :] - points[None, :, :]
    distances: NDArray[np.float64] = 1.25 * np.hypot(between[..., 0], between[..., 1])
    return distances


def _technician(rng: Random, number: int, area: int) -> Technician:
    start = rng.choice((0.0, 0.0, HOUR, 2 * HOUR, 4 * HOUR))
    home = area * PLACES + (0 if rng.random() < 0.6 else rng.randrange(PLACES))
    skills = rng.sample(range(SKILLS), rng.randint(2, 5))
    kit = rng.sample(range(PARTS), 3) if rng.random() < 0.3 else []
    return Technician(
        f"T{number:04}",
        (Shift(start, start + 8 * HOUR, home, home, overtime_s=2 * HOUR),),
        qualifications={f"skill {skill}": ALWAYS for skill in sorted(skills)},
        pay=PAY,
        region=f"area {area:02}",
        parts={f"part {part}": float(rng.randint(1, 3)) for part in sorted(kit)},
    )


def _job(rng: Random, number: int, area: int) -> Job:
    priority = rng.choices(tuple(Priority), (2, 18, 80))[0]
    wide = rng.choice((2 * HOUR, 4 * HOUR, DAY_S))
    opens = 0.0 if wide == DAY_S else rng.uniform(0, 9 * HOUR)
    due = opens + {Priority.AOG: 3, Priority.CRITICAL: 6, Priority.ROUTINE: 12}[priority] * HOUR
    part = f"part {rng.randrange(PARTS)}"
    return Job(
        f"J{number:05}",
        area * PLACES + rng.randrange(PLACES),
        60.0 * rng.choice((30, 45, 60, 75, 90)),
        seats=(Seat(qualifications=frozenset((f"skill {rng.randrange(SKILLS)}",))),),
        priority=priority,
        windows=(Window(opens, opens + wide),),
        due_s=due,
        lateness=LATE[priority],
        unserved_cost=2 * DEFERRED[priority],
        deferral_cost=DEFERRED[priority],
        parts=(PartNeed((part,)),) if rng.random() < 0.05 else (),
    )
