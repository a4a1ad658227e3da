"""Each published instance as a problem of the dispatch engine, with the instance's own rules and objective.

One unit of the file is one second and one unit of money, so that the objective of a plan is the instance's value.

- VRPTW: a technician for each vehicle, whose one shift is the window of the depot; distances (cut after the first
  decimal) are travel time and money, working time costs nothing; demand is load. Every job is mandatory.
- TRSP: technicians with home, shift, skills, tools and parts; one depot with all tools and endless parts, without
  handling; an hour costs 3600 and travel nothing, so that money is working time. Every job is mandatory.
- HHCRSP: a job for each service, from the patient's `ready` on, late by its start after `due`; a double visit is two
  jobs whose starts are tied and whose technicians differ. A third of distance, of lateness and of the worst lateness.
- STRSP: a task's seats are people who together cover what it asks in domains and levels, each of whom travels by
  himself, while the published values count a team's way once. So these values stand for themselves and are not
  comparable with those published for teams. What one person of a seat must hold is fixed before (`seats_of`), which
  is stricter than the task where others would cover it too. Tasks left out cost their outsourcing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.dispatch.instances import Hhcrsp, Instance, Outfit, Strsp, Trsp, Vrptw, euclid, truncated
from optimizer.dispatch.jobs import Job, PartNeed, Seat
from optimizer.dispatch.model import Depot, Precedence, Problem, Together, Travel
from optimizer.dispatch.technicians import Band, Pay, Shift, Technician, Validity, Window

ALWAYS = (Validity(0.0, math.inf),)
ROAD = "road"
PER_UNIT = 3600.0
"""Money an hour that makes a second cost one."""


def problem(instance: Instance) -> Problem:
    """Return the instance as a dispatch problem; jobs, technicians and depots have the ids of the file.

    The job of a service of an HHCRSP has the number `patient/index`.
    """
    match instance:
        case Vrptw():
            return _vrptw(instance)
        case Trsp():
            return _trsp(instance)
        case Hhcrsp():
            return _hhcrsp(instance)
        case Strsp():
            return _strsp(instance)


def _vrptw(instance: Vrptw) -> Problem:
    depot, *customers = instance.nodes
    distances = truncated(instance.nodes)
    shift = Shift(depot.ready, depot.due, 0, 0)
    return Problem(
        places=tuple(node.id for node in instance.nodes),
        travel={ROAD: Travel(distances, distances)},
        technicians=tuple(
            Technician(str(number), (shift,), capacity=instance.capacity) for number in range(1, instance.vehicles + 1)
        ),
        jobs=tuple(
            Job(
                node.id,
                place,
                node.service,
                windows=(Window(node.ready, node.due),),
                load=node.demand,
                mandatory=True,
            )
            for place, node in enumerate(customers, start=1)
        ),
    )


def _trsp(instance: Trsp) -> Problem:
    seconds = euclid(instance.nodes)
    outfits = [*instance.outfits]
    homes, requests = outfits[: len(instance.homes)], outfits[len(instance.homes) :]
    tools = frozenset(_tool(number) for outfit in outfits for number in outfit.tools)
    kinds = max(len(outfit.parts) for outfit in outfits)
    day = instance.depot
    return Problem(
        places=tuple(node.id for node in instance.nodes),
        travel={ROAD: Travel(seconds, np.zeros_like(seconds))},
        technicians=tuple(
            Technician(
                node.id,
                (Shift(node.ready, node.due, place, place),),
                qualifications={_skill(number): ALWAYS for number in sorted(outfit.skills)},
                pay=Pay(per_h=PER_UNIT),
                tools=frozenset(_tool(number) for number in outfit.tools),
                parts={_part(kind): float(held) for kind, held in enumerate(outfit.parts) if held},
            )
            for place, (node, outfit) in enumerate(zip(instance.homes, homes, strict=True), start=1)
        ),
        jobs=tuple(
            Job(
                node.id,
                place,
                node.service,
                seats=(Seat(qualifications=frozenset(_skill(number) for number in outfit.skills)),),
                windows=(Window(node.ready, node.due),),
                mandatory=True,
                parts=_needs(outfit),
                tools=frozenset(_tool(number) for number in outfit.tools),
            )
            for place, (node, outfit) in enumerate(
                zip(instance.requests, requests, strict=True), start=1 + len(instance.homes)
            )
        ),
        depots=(
            Depot(
                day.id,
                0,
                stock={_part(kind): math.inf for kind in range(kinds)},
                tools=tools,
                window=Window(day.ready, day.due),
            ),
        ),
    )


def _needs(outfit: Outfit) -> tuple[PartNeed, ...]:
    return tuple(PartNeed((_part(kind),), float(count)) for kind, count in enumerate(outfit.parts) if count)


def _skill(number: int) -> str:
    return f"skill {number}"


def _tool(number: int) -> str:
    return f"tool {number}"


def _part(number: int) -> str:
    return f"part {number}"


def _hhcrsp(instance: Hhcrsp) -> Problem:
    jobs, precedence, together = [], [], []
    late = (Band(0.0, PER_UNIT / 3),)
    for place, patient in enumerate(instance.patients, start=1):
        numbers = [f"{patient.id}/{index}" for index in range(len(patient.services))]
        for number, (service, duration) in zip(numbers, patient.services, strict=True):
            jobs.append(
                Job(
                    number,
                    place,
                    duration,
                    seats=(Seat(qualifications=frozenset((service,))),),
                    windows=(Window(patient.ready),),
                    due_s=patient.due + duration,
                    lateness=late,
                    mandatory=True,
                )
            )
        if len(numbers) == 2:
            precedence.append(Precedence(numbers[0], numbers[1], *patient.gap, from_start=True))
            together.append(Together(numbers[0], numbers[1], same=False))
    shift = Shift(0.0, _long_enough(instance), 0, 0)
    return Problem(
        places=("office", *(patient.id for patient in instance.patients)),
        travel={ROAD: Travel(instance.distances, instance.distances / 3)},
        technicians=tuple(
            Technician(carer, (shift,), qualifications=dict.fromkeys(sorted(abilities), ALWAYS))
            for carer, abilities in instance.caregivers
        ),
        jobs=tuple(jobs),
        precedence=tuple(precedence),
        together=tuple(together),
        worst_lateness_per_h=PER_UNIT / 3,
    )


def _long_enough(instance: Hhcrsp) -> float:
    """Return a time by which one visit after another would be over: the instance knows no end of the day."""
    farthest = float(instance.distances.max())
    spent = sum(
        2 * farthest + patient.gap[1] + sum(duration for _, duration in patient.services)
        for patient in instance.patients
    )
    return math.ceil(max(patient.due for patient in instance.patients) + spent + 1)


def _strsp(instance: Strsp) -> Problem:
    depot, *tasks = instance.nodes
    distances = euclid(instance.nodes)
    shift = Shift(depot.ready, depot.due, 0, 0)
    jobs = []
    for index, node in enumerate(tasks):
        price = instance.outsourcing(index)
        jobs.append(
            Job(
                node.id,
                index + 1,
                node.service,
                seats=tuple(
                    Seat(f"person {number}", frozenset(f"{domain}:{level}" for domain, level in asked.items()))
                    for number, asked in enumerate(seats_of(instance.needs[index], instance.crew), start=1)
                ),
                windows=(Window(node.ready, node.due),),
                unserved_cost=2 * price,
                outsourcing_cost=price,
            )
        )
    return Problem(
        places=tuple(node.id for node in instance.nodes),
        travel={ROAD: Travel(distances, distances)},
        technicians=tuple(
            Technician(
                person,
                (shift,),
                qualifications={
                    f"{domain}:{level}": ALWAYS
                    for domain, reached in enumerate(levels)
                    for level in range(1, reached + 1)
                },
            )
            for person, levels in instance.crew
        ),
        jobs=tuple(jobs),
    )


def seats_of(needs: Sequence[Sequence[int]], crew: Sequence[tuple[str, Sequence[int]]]) -> list[dict[int, int]]:
    """Return what each person of a task must reach by domain, so that those people cover it together.

    Domains share people as far as enough of the crew hold both: as many as there are seats. Without a need: one seat.
    """
    asked = {
        domain: [max(level for level, count in enumerate(levels, 1) if count > place) for place in range(max(levels))]
        for domain, levels in enumerate(needs)
        if max(levels)
    }
    most = max(map(len, asked.values()), default=0)
    seats: list[dict[int, int]] = []
    for domain in sorted(asked, key=lambda domain: -len(asked[domain])):
        free = set(range(len(seats)))
        for level in asked[domain]:
            able = {seat: _holders({**seats[seat], domain: level}, crew) for seat in sorted(free)}
            best = max(able, key=able.__getitem__, default=None)
            if best is not None and able[best] >= most:
                seats[best][domain] = level
                free.remove(best)
            else:
                seats.append({domain: level})
    return seats or [{}]


def _holders(asked: dict[int, int], crew: Sequence[tuple[str, Sequence[int]]]) -> int:
    return sum(all(levels[domain] >= level for domain, level in asked.items()) for _, levels in crew)
