"""The OR-Tools routing library on the published instances: a generic model of each kind, as its users would write it.

Everything is in whole hundredths of the file's unit, travel rounded up, so that what it finds holds in real numbers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.dispatch.evaluate import Tour, Visit
from benchmarks.dispatch.instances import Hhcrsp, Instance, Node, Trsp, Vrptw, euclid, truncated

SCALE = 100
DROPPED = 10_000_000 * SCALE
"""What it costs not to do a request: more than any detour."""
WALL = 20
"""The wall clock ends a search after so many times its processor seconds, whatever the load of the machine."""


@dataclass(slots=True)
class Model:
    """A routing model and how to read tours from it: (vehicle, visits with their starts) to a tour, None if unused."""

    manager: Any
    routing: Any
    nodes: Sequence[Any]
    tour: Callable[[int, list[tuple[int, int]]], Tour]
    clock: Any = field(init=False)


def model(instance: Instance) -> Model | None:
    """Return the model of an instance, None for kinds it does not state."""
    match instance:
        case Vrptw():
            return _vrptw(instance)
        case Trsp():
            return _trsp(instance)
        case Hhcrsp():
            return _hhcrsp(instance)
    return None


def search(built: Model, cpu_s: float) -> list[Tour] | None:
    """Search for so many processor seconds; None if there is no solution by then."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(cpu_s * WALL * 1000))
    end = time.process_time() + cpu_s
    built.routing.AddSearchMonitor(built.routing.solver().CustomLimit(lambda: time.process_time() >= end))
    found = built.routing.SolveWithParameters(parameters)
    if found is None:
        return None
    tours = []
    for vehicle in range(built.routing.vehicles()):
        stops, at = [], found.Value(built.routing.NextVar(built.routing.Start(vehicle)))
        while not built.routing.IsEnd(at):
            stops.append((built.manager.IndexToNode(at), found.Min(built.clock.CumulVar(at))))
            at = found.Value(built.routing.NextVar(at))
        if stops:
            tours.append(built.tour(vehicle, stops))
    return tours


def _clock(built: Model, travel: NDArray[Any], services: Sequence[float], horizon: float) -> None:
    """Add the dimension of time: `travel` in whole units, service at the node that is left."""
    seconds = travel + np.array([_up(service) for service in services])[:, None]
    transit = built.routing.RegisterTransitMatrix(seconds.tolist())
    built.routing.AddDimension(transit, _down(horizon), _down(horizon), False, "time")
    built.clock = built.routing.GetDimensionOrDie("time")


def _opened(built: Model, node: int, window: Node) -> None:
    at = built.manager.NodeToIndex(node)
    built.clock.CumulVar(at).SetRange(_up(window.ready), _down(window.due))


def _allow(built: Model, node: int, vehicles: Sequence[int], *, optional: bool = False) -> None:
    at = built.manager.NodeToIndex(node)
    built.routing.VehicleVar(at).SetValues([*([-1] if optional else []), *vehicles])


def _vrptw(instance: Vrptw) -> Model:
    depot, *customers = instance.nodes
    manager = pywrapcp.RoutingIndexManager(len(instance.nodes), instance.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)

    def tour(vehicle: int, stops: list[tuple[int, int]]) -> Tour:
        return Tour(str(vehicle + 1), tuple(Visit("job", instance.nodes[node].id) for node, _ in stops))

    built = Model(manager, routing, instance.nodes, tour)
    distances = np.rint(truncated(instance.nodes) * SCALE).astype(np.int64)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(distances.tolist()))
    _clock(built, distances, [node.service for node in instance.nodes], depot.due)
    for place, node in enumerate(customers, start=1):
        _opened(built, place, node)
    load = routing.RegisterUnaryTransitVector([int(node.demand) for node in instance.nodes])
    routing.AddDimension(load, 0, int(instance.capacity), True, "load")
    return built


def _trsp(instance: Trsp) -> Model:
    """Each technician is there twice, one of whom goes by the depot first: at most one of the two is sent.

    So a depot visit is always the first stop: such are 72% of those in the published solutions.
    """
    homes, crew = len(instance.homes), len(instance.homes)
    requests = range(2 * homes, 2 * homes + len(instance.requests))
    starts = [*range(homes), *range(homes, 2 * homes)]
    ends = [*range(homes), *range(homes)]
    manager = pywrapcp.RoutingIndexManager(2 * homes + len(instance.requests), 2 * crew, starts, ends)
    routing = pywrapcp.RoutingModel(manager)

    def tour(vehicle: int, stops: list[tuple[int, int]]) -> Tour:
        first = (Visit("depot", instance.depot.id),) if vehicle >= crew else ()
        jobs = (Visit("job", instance.requests[node - 2 * homes].id) for node, _ in stops)
        return Tour(instance.homes[vehicle % crew].id, (*first, *jobs))

    built = Model(manager, routing, (*instance.homes, *instance.homes, *instance.requests), tour)
    exact = euclid(instance.nodes)
    order = [*range(1, homes + 1), *range(1, homes + 1), *range(homes + 1, len(instance.nodes))]
    travel = _ceiled(exact[np.ix_(order, order)])
    travel[homes : 2 * homes, :] = _ceiled(exact[1 : homes + 1, 0])[:, None] + _ceiled(exact[0, order])[None, :]
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(np.zeros_like(travel).tolist()))
    services = [0.0] * (2 * homes) + [node.service for node in instance.requests]
    _clock(built, travel, services, instance.depot.due)
    built.clock.SetSpanCostCoefficientForAllVehicles(1)
    for vehicle in range(2 * crew):
        home = instance.homes[vehicle % crew]
        for end in (routing.Start(vehicle), routing.End(vehicle)):
            built.clock.CumulVar(end).SetRange(_up(home.ready), _down(home.due))
    for one in range(crew):
        routing.solver().Add(routing.ActiveVehicleVar(one) + routing.ActiveVehicleVar(one + crew) <= 1)
    outfits = instance.outfits
    for node, request, need in zip(requests, instance.requests, outfits[homes:], strict=True):
        able = [one for one in range(crew) if need.skills <= outfits[one].skills]
        _opened(built, node, request)
        equipped = [one for one in able if need.tools <= outfits[one].tools]
        _allow(built, node, [*equipped, *(one + crew for one in able)], optional=True)
        routing.AddDisjunction([manager.NodeToIndex(node)], DROPPED)
    for part in range(max(len(outfit.parts) for outfit in outfits)):
        used = [0] * (2 * homes) + [need.parts[part] for need in outfits[homes:]]
        carried = [outfits[one].parts[part] for one in range(crew)] + [sum(used)] * crew
        transit = routing.RegisterUnaryTransitVector(used)
        routing.AddDimensionWithVehicleCapacity(transit, 0, carried, True, f"part {part}")
    return built


def _hhcrsp(instance: Hhcrsp) -> Model:
    """Distance and tardiness; the worst tardiness has no place in the model."""
    operations = [
        (place, patient, service, duration)
        for place, patient in enumerate(instance.patients, start=1)
        for service, duration in patient.services
    ]
    manager = pywrapcp.RoutingIndexManager(1 + len(operations), len(instance.caregivers), 0)
    routing = pywrapcp.RoutingModel(manager)

    def tour(vehicle: int, stops: list[tuple[int, int]]) -> Tour:
        visits = (
            Visit("job", operations[node - 1][1].id, operations[node - 1][2], start / SCALE) for node, start in stops
        )
        return Tour(instance.caregivers[vehicle][0], tuple(visits))

    built = Model(manager, routing, operations, tour)
    order = [0, *(place for place, *_ in operations)]
    travel = _ceiled(instance.distances[np.ix_(order, order)])
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(travel.tolist()))
    services = [0.0, *(duration for *_, duration in operations)]
    _clock(built, travel, services, 3 * max(patient.due for patient in instance.patients))
    first: dict[str, int] = {}
    for node, (_, patient, service, _) in enumerate(operations, start=1):
        at = manager.NodeToIndex(node)
        built.clock.CumulVar(at).SetMin(_up(patient.ready))
        built.clock.SetCumulVarSoftUpperBound(at, _down(patient.due), 1)
        _allow(built, node, [one for one, (_, able) in enumerate(instance.caregivers) if service in able])
        routing.AddVariableMinimizedByFinalizer(built.clock.CumulVar(at))
        if patient.id in first:
            _tie(built, first[patient.id], at, patient.gap)
        first[patient.id] = at
    return built


def _tie(built: Model, first: int, second: int, gap: tuple[float, float]) -> None:
    """Let two visits begin as far apart as told, by two people."""
    solver, clock = built.routing.solver(), built.clock
    if gap == (0.0, 0.0):
        solver.Add(clock.CumulVar(first) == clock.CumulVar(second))
    else:
        solver.Add(clock.CumulVar(second) >= clock.CumulVar(first) + _up(gap[0]))
        solver.Add(clock.CumulVar(second) <= clock.CumulVar(first) + _down(gap[1]))
    solver.Add(built.routing.VehicleVar(first) != built.routing.VehicleVar(second))


def _ceiled(distances: NDArray[Any]) -> NDArray[Any]:
    return np.ceil(distances * SCALE - 1e-6).astype(np.int64)


def _up(value: float) -> int:
    return math.ceil(value * SCALE - 1e-6)


def _down(value: float) -> int:
    return math.floor(value * SCALE + 1e-6)
