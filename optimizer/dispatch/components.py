"""Parts of a problem that have nothing to do with each other, so that each can be planned by itself."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.dispatch.model import Flight, Problem, Travel
from optimizer.dispatch.plan import Route
from optimizer.dispatch.technicians import Technician


class Groups:
    """Things that belong together (union-find, with halving of paths)."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, one: int) -> int:
        while self.parent[one] != one:
            self.parent[one] = self.parent[self.parent[one]]
            one = self.parent[one]
        return one

    def join(self, members: Iterable[int]) -> None:
        roots = [self.root(one) for one in members]
        for other in roots[1:]:
            self.parent[self.root(other)] = self.root(roots[0])


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """A part of a problem as a problem of its own; its place `i` is the place `places[i]` of the whole."""

    problem: Problem
    places: tuple[int, ...]


def components(problem: Problem, able: Sequence[Sequence[int]]) -> list[Component]:
    """Return the problem in parts without a common job, technician, part, tool or money; `able` by job.

    `able` are the technicians (indices) who could take a seat of a job. Jobs for which there is nobody, and technicians
    without a job, go into one part at the end, with the appointments of those technicians.
    """
    people, jobs = len(problem.technicians), len(problem.jobs)
    groups = Groups(people + jobs)
    for number in range(jobs):
        groups.join([people + number, *able[number]])
    for members in _coupled(problem, able):
        groups.join(members)
    sets: dict[int, tuple[list[int], list[int]]] = {}
    for index in range(people + jobs):
        who, what = sets.setdefault(groups.root(index), ([], []))
        (who if index < people else what).append(index if index < people else index - people)
    whole = [(who, what) for who, what in sets.values() if who and what]
    rest = [(who, what) for who, what in sets.values() if not (who and what)]
    if rest:
        whole.append(([one for who, _ in rest for one in who], [one for _, what in rest for one in what]))
    if len(whole) <= 1:
        return [Component(problem, tuple(range(len(problem.places))))]
    return [_part(problem, sorted(who), sorted(what)) for who, what in whole]


def _coupled(problem: Problem, able: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield lists of members that share something finite."""
    people = len(problem.technicians)
    numbers = {job.number: people + index for index, job in enumerate(problem.jobs)}
    for tie in problem.precedence:
        yield [numbers[tie.before], numbers[tie.after]]
    for pair in problem.together:
        yield [numbers[pair.first], numbers[pair.second]]
    scarce = {part for depot in problem.depots for part, held in depot.stock.items() if math.isfinite(held)}
    sharing: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, job in enumerate(problem.jobs, start=people):
        for part in sorted(scarce.intersection(part for need in job.parts for part in need.parts)):
            sharing["part", part].append(index)
        for tool in job.shared_tools:
            sharing["tool", tool].append(index)
    yield from sharing.values()
    for region, money in problem.budgets.items():
        if math.isfinite(money):
            yield [index for index, person in enumerate(problem.technicians) if person.region == region]
    codes = {person.code: index for index, person in enumerate(problem.technicians)}
    pinned = [(people + index, job.pin) for index, job in enumerate(problem.jobs) if job.pin is not None]
    yield from ([number, *(codes[code] for code in pin.technicians)] for number, pin in pinned)
    changed = [people + index for index, job in enumerate(problem.jobs) if job.running is not None]
    if problem.change.changes_max is not None:
        yield changed
    if problem.worst_lateness_per_h:
        yield [people + index for index in range(len(problem.jobs)) if able[index]]


def _part(problem: Problem, who: Sequence[int], what: Sequence[int]) -> Component:
    jobs = [problem.jobs[index] for index in what]
    people = [problem.technicians[index] for index in who]
    numbers, regions = {job.number for job in jobs}, {person.region for person in people}
    used = {job.place for job in jobs} | {job.removed.place for job in jobs if job.removed is not None}
    used |= {place for person in people for shift in person.shifts for place in (shift.start_place, shift.end_place)}
    used |= {date.place for person in people for date in person.appointments}
    used |= {depot.place for depot in problem.depots}
    places = tuple(sorted(used))
    new = {place: index for index, place in enumerate(places)}
    rows = np.ix_(places, places)
    part = replace(
        problem,
        places=tuple(problem.places[place] for place in places),
        travel={mode: Travel(way.seconds[rows], way.cost[rows]) for mode, way in problem.travel.items()},
        technicians=tuple(_moved(person, new) for person in people),
        jobs=tuple(
            replace(
                job,
                place=new[job.place],
                removed=None if job.removed is None else replace(job.removed, place=new[job.removed.place]),
            )
            for job in jobs
        ),
        depots=tuple(replace(depot, place=new[depot.place]) for depot in problem.depots),
        flights=tuple(
            replace(flight, origin=new[flight.origin], destination=new[flight.destination])
            for flight in problem.flights
            if flight.origin in new and flight.destination in new
        ),
        precedence=tuple(tie for tie in problem.precedence if tie.before in numbers),
        together=tuple(pair for pair in problem.together if pair.first in numbers),
        budgets={region: money for region, money in problem.budgets.items() if region in regions},
    )
    return Component(part, places)


def _moved(person: Technician, new: Mapping[int, int]) -> Technician:
    """Return a technician with places by their new index."""
    return replace(
        person,
        shifts=tuple(
            replace(shift, start_place=new[shift.start_place], end_place=new[shift.end_place])
            for shift in person.shifts
        ),
        appointments=tuple(replace(date, place=new[date.place]) for date in person.appointments),
    )


def in_whole(routes: Iterable[Route], one: Component, flights: Sequence[Flight]) -> Iterator[Route]:
    """Yield routes of a component with places and flights as the whole problem numbers them."""
    numbers = {index: _same_flight(flight, one, flights) for index, flight in enumerate(one.problem.flights)}
    for route in routes:
        yield replace(
            route,
            stops=tuple(
                replace(
                    stop,
                    place=one.places[stop.place],
                    flight=None if stop.flight is None else numbers[stop.flight],
                )
                for stop in route.stops
            ),
            return_flight=None if route.return_flight is None else numbers[route.return_flight],
        )


def _same_flight(flight: Flight, one: Component, flights: Sequence[Flight]) -> int:
    moved = replace(flight, origin=one.places[flight.origin], destination=one.places[flight.destination])
    return flights.index(moved)
