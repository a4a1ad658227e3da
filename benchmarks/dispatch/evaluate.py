"""What the routes of a solution are worth by the published rules alone, read from the ids of the file.

It knows the instances and nothing of the engine. The tolerance is for files that round their times.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.dispatch.instances import Hhcrsp, Instance, Node, Outfit, Strsp, Trsp, Vrptw, euclid, truncated

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop by the ids of the file: a `job`, a `depot`, or `home` between two tours; `start` None: as soon as may be.

    `service` tells which of a patient's services it is.
    """

    kind: str
    id: str
    service: str | None = None
    start: float | None = None


@dataclass(frozen=True, slots=True)
class Tour:
    """The visits of one vehicle, technician or caregiver in order, without start and end."""

    resource: str
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The value by the published objective, and what of the rules is broken (nothing: feasible)."""

    value: float
    faults: tuple[str, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether every rule is kept."""
        return not self.faults


def evaluate(instance: Instance, tours: Sequence[Tour], tolerance: float = 1e-6) -> Verdict:
    """Return value and faults of a solution. HHCRSP and STRSP need the starts, the others take them if given."""
    tours = [tour for tour in tours if tour.visits]
    faults = [f"{name} has {count} routes" for name, count in _counts(tours).items() if count > 1]
    match instance:
        case Vrptw():
            value = _vrptw(instance, tours, faults, tolerance)
        case Trsp():
            value = _trsp(instance, tours, faults, tolerance)
        case Hhcrsp():
            value = _hhcrsp(instance, tours, faults, tolerance)
        case Strsp():
            value = _strsp(instance, tours, faults, tolerance)
    return Verdict(float(value), tuple(faults))


def _counts(tours: Sequence[Tour]) -> Counter[str]:
    return Counter(tour.resource for tour in tours)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A tour in time: when it can leave at the latest, and when it is back."""

    leaves: float
    back: float


def _timed(tour: Tour, nodes: Sequence[Node], ways: Sequence[float], faults: list[str], tolerance: float) -> _Timed:
    """Return when a tour over nodes (its first and last are home) leaves and is back, at its shortest.

    Starts that are given are kept; else each is as early as can be and the departure as late as can be.
    """
    home, *stops, _ = nodes
    at = home.ready
    for visit, node, way in zip(tour.visits, stops, ways, strict=False):
        at = max(at + way, node.ready)
        if visit.start is not None:
            if visit.start < at - tolerance:
                faults.append(f"{tour.resource} starts {node.id} at {visit.start}, which can begin at {at} only")
            at = visit.start
        if at > node.due + tolerance:
            faults.append(f"{tour.resource} starts {node.id} at {at}, later than {node.due}")
        at += node.service
    back = at + ways[-1]
    if back > home.due + tolerance:
        faults.append(f"{tour.resource} is back at {back}, later than {home.due}")
    latest = home.due
    for visit, node, way in zip(reversed(tour.visits), reversed(stops), reversed(ways[1:]), strict=True):
        latest = min(node.due, latest - way - node.service) if visit.start is None else visit.start
    return _Timed(latest - ways[0], back)


def _ways(places: Sequence[int], distances: NDArray[Any]) -> list[float]:
    return [float(distances[pair]) for pair in pairwise(places)]


def _served(done: Counter[str], wanted: Sequence[str], faults: list[str]) -> None:
    """Tell of what is not done exactly once, and of what nobody asked for."""
    faults += [f"{name} is done {done[name]} times" for name in wanted if done[name] != 1]
    faults += [f"{name} is unknown" for name in set(done) - set(wanted)]


def _vrptw(instance: Vrptw, tours: Sequence[Tour], faults: list[str], tolerance: float) -> float:
    distances = truncated(instance.nodes)
    index = {node.id: at for at, node in enumerate(instance.nodes)}
    done = Counter(visit.id for tour in tours for visit in tour.visits)
    _served(done, list(index)[1:], faults)
    if len(tours) > instance.vehicles:
        faults.append(f"{len(tours)} vehicles are out, there are {instance.vehicles}")
    value = 0.0
    for tour in tours:
        places = [0, *(index[visit.id] for visit in tour.visits if visit.id in index), 0]
        nodes = [instance.nodes[place] for place in places]
        if sum(node.demand for node in nodes) > instance.capacity + tolerance:
            faults.append(f"{tour.resource} carries more than {instance.capacity}")
        ways = _ways(places, distances)
        if len(nodes) == len(tour.visits) + 2:
            _timed(tour, nodes, ways, faults, tolerance)
        value += sum(ways)
    return value


def _trsp(instance: Trsp, tours: Sequence[Tour], faults: list[str], tolerance: float) -> float:
    distances = euclid(instance.nodes)
    index = {node.id: at for at, node in enumerate(instance.nodes)}
    done = Counter(visit.id for tour in tours for visit in tour.visits if visit.kind == "job")
    _served(done, [node.id for node in instance.requests], faults)
    homes = {node.id: at for at, node in enumerate(instance.homes, 1)}
    value = 0.0
    for tour in tours:
        if tour.resource not in homes or any(visit.id not in index for visit in tour.visits):
            faults.append(f"{tour.resource}: a technician or a stop is unknown")
            continue
        home = homes[tour.resource]
        places = [home, *(index[visit.id] for visit in tour.visits), home]
        _equipped(instance, tour, places, faults)
        nodes = [instance.nodes[place] for place in places]
        ways = _ways(places, distances)
        times = _timed(tour, nodes, ways, faults, tolerance)
        value += max(times.back - times.leaves, sum(ways) + sum(node.service for node in nodes[1:-1]))
    return value


def _equipped(instance: Trsp, tour: Tour, places: Sequence[int], faults: list[str]) -> None:
    """Tell of requests whose skills, tools or parts the technician does not have when he comes."""
    own: Outfit = instance.outfits[places[0] - 1]
    parts, filled = list(own.parts), False
    for visit, place in zip(tour.visits, places[1:-1], strict=True):
        if visit.kind == "home":
            if place != places[0]:
                faults.append(f"{tour.resource} is at home at {visit.id}")
            continue
        if visit.kind == "depot":
            filled = True
            if place != 0:
                faults.append(f"{tour.resource} takes {visit.id} for the depot")
            continue
        need = instance.outfits[place - 1]
        if not need.skills <= own.skills:
            faults.append(f"{tour.resource} lacks a skill for {visit.id}")
        if filled:
            continue
        if not need.tools <= own.tools:
            faults.append(f"{tour.resource} lacks a tool for {visit.id}")
        parts = [held - used for held, used in zip(parts, need.parts, strict=True)]
        if min(parts, default=0) < 0:
            faults.append(f"{tour.resource} has no part left for {visit.id}")


def _hhcrsp(instance: Hhcrsp, tours: Sequence[Tour], faults: list[str], tolerance: float) -> float:
    patients = {patient.id: (at, patient) for at, patient in enumerate(instance.patients, 1)}
    able = dict(instance.caregivers)
    starts: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
    wanted = [f"{one.id} {service}" for one in instance.patients for service, _ in one.services]
    done = Counter(f"{visit.id} {visit.service}" for tour in tours for visit in tour.visits)
    _served(done, wanted, faults)
    distance, tardiness = 0.0, [0.0]
    for tour in tours:
        place, free = 0, 0.0
        for visit in tour.visits:
            if f"{visit.id} {visit.service}" not in wanted or visit.service is None:
                continue
            there, patient = patients[visit.id]
            start = visit.start
            if visit.service not in able.get(tour.resource, ()):
                faults.append(f"{tour.resource} cannot do {visit.service} for {visit.id}")
            if start is None or start < max(free + instance.distances[place, there], patient.ready) - tolerance:
                faults.append(f"{tour.resource} cannot start at {visit.id} as early as {start}")
                start = start or 0.0
            starts[visit.id][visit.service] = (start, tour.resource)
            tardiness.append(max(0.0, start - patient.due))
            distance += float(instance.distances[place, there])
            place, free = there, start + dict(patient.services)[visit.service]
        distance += float(instance.distances[place, 0])
    for patient in instance.patients:
        if len(patient.services) == 2 and len(starts[patient.id]) == 2:
            (first, one), (second, other) = (starts[patient.id][service] for service, _ in patient.services)
            if one == other:
                faults.append(f"{one} does both services of {patient.id}")
            if not patient.gap[0] - tolerance <= second - first <= patient.gap[1] + tolerance:
                faults.append(f"{patient.id}: the second service starts {second - first} after the first")
    return (distance + sum(tardiness) + max(tardiness)) / 3


def _strsp(instance: Strsp, tours: Sequence[Tour], faults: list[str], tolerance: float) -> float:
    """Everybody travels by himself; a task is done where those who start it together cover what it asks."""
    distances = euclid(instance.nodes)
    index = {node.id: at for at, node in enumerate(instance.nodes)}
    levels = dict(instance.crew)
    present: dict[int, list[tuple[str, float | None]]] = defaultdict(list)
    value = 0.0
    for tour in tours:
        if tour.resource not in levels or any(visit.id not in index for visit in tour.visits):
            faults.append(f"{tour.resource}: a technician or a task is unknown")
            continue
        places = [0, *(index[visit.id] for visit in tour.visits), 0]
        ways = _ways(places, distances)
        _timed(tour, [instance.nodes[place] for place in places], ways, faults, tolerance)
        value += sum(ways)
        for visit, place in zip(tour.visits, places[1:], strict=False):
            present[place].append((tour.resource, visit.start))
    for place, people in present.items():
        node, names = instance.nodes[place], {name for name, _ in people}
        starts = [start for _, start in people if start is not None]
        if len(starts) < len(people) or max(starts) - min(starts) > tolerance:
            faults.append(f"{node.id}: not all start together")
        if len(names) < len(people):
            faults.append(f"{node.id}: somebody comes twice")
        for domain, needed in enumerate(instance.needs[place - 1]):
            for level, count in enumerate(needed, 1):
                if sum(levels[name][domain] >= level for name in names) < count:
                    faults.append(f"{node.id}: fewer than {count} of level {level} in domain {domain + 1}")
    return value + sum(instance.outsourcing(at - 1) for at in index.values() if at and at not in present)
