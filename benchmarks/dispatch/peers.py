"""Other solvers on the same instances, each within what processor time it is given and with its own usual settings.

PyVRP and VROOM know neither tools and parts that run out nor visits that begin together: they take VRPTW alone. Both
come with the extra `bench`, and are loaded when they are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.dispatch import routing
from benchmarks.dispatch.evaluate import Tour, Visit
from benchmarks.dispatch.instances import Instance, Vrptw, truncated

if TYPE_CHECKING:
    from numpy.typing import NDArray

Peer = Callable[[Instance, float, int], list[Tour] | None]
"""(instance, processor seconds, seed) to tours; None where no solution was found. Raises Unfit."""

TENTHS = 10
"""VRPTW distances in whole numbers."""


class Unfit(Exception):
    """The peer cannot state that kind of instance."""


def by_ortools(instance: Instance, cpu_s: float, _seed: int) -> list[Tour] | None:
    """Solve with the OR-Tools routing library: cheapest insertion, then guided local search (it takes no seed)."""
    built = routing.model(instance)
    if built is None:
        raise Unfit(f"the ortools peer does not know {instance.kind}")
    return routing.search(built, cpu_s)


def by_pyvrp(instance: Instance, cpu_s: float, seed: int) -> list[Tour] | None:
    """Solve with PyVRP."""
    import pyvrp

    if not isinstance(instance, Vrptw):
        raise Unfit(f"pyvrp does not know {instance.kind}")
    model = pyvrp.Model()
    distances = _whole(instance)
    places = [model.add_location(node.x, node.y) for node in instance.nodes]
    day, *customers = instance.nodes
    depot = model.add_depot(places[0], tw_early=_tenths(day.ready), tw_late=_tenths(day.due))
    for node, place in zip(customers, places[1:], strict=True):
        model.add_client(
            place,
            delivery=int(node.demand),
            service_duration=_tenths(node.service),
            tw_early=_tenths(node.ready),
            tw_late=_tenths(node.due),
        )
    model.add_vehicle_type(instance.vehicles, int(instance.capacity), start_depot=depot, end_depot=depot)
    for origin, row in zip(places, distances, strict=True):
        for destination, distance in zip(places, row, strict=True):
            model.add_edge(origin, destination, distance=int(distance), duration=int(distance))
    end = time.process_time() + cpu_s
    found = model.solve(lambda _: time.process_time() >= end, seed=seed, collect_stats=False, display=False)
    if not found.is_feasible():
        return None
    return [
        Tour(str(number), tuple(Visit("job", customers[stop.idx].id) for stop in route if stop.is_client()))
        for number, route in enumerate(found.best.routes(), start=1)
    ]


def by_vroom(instance: Instance, _cpu_s: float, _seed: int) -> list[Tour] | None:
    """Solve with VROOM at its fullest exploration; it stops by itself and takes no seed."""
    import vroom

    if not isinstance(instance, Vrptw):
        raise Unfit(f"vroom does not know {instance.kind}")
    asked = vroom.Input()
    asked.set_durations_matrix("car", _whole(instance).astype(np.uint32))
    day, *customers = instance.nodes
    for number in range(1, instance.vehicles + 1):
        window = vroom.TimeWindow(_tenths(day.ready), _tenths(day.due))
        asked.add_vehicle(vroom.Vehicle(number, 0, 0, capacity=[int(instance.capacity)], time_window=window))
    for place, node in enumerate(customers, start=1):
        window = vroom.TimeWindow(_tenths(node.ready), _tenths(node.due))
        asked.add_job(
            vroom.Job(
                place,
                place,
                default_service=_tenths(node.service),
                delivery=vroom.Amount([int(node.demand)]),
                time_windows=[window],
            )
        )
    found = asked.solve(exploration_level=5, nb_threads=1)
    if found.summary.unassigned:
        return None
    jobs = found.routes[found.routes["type"] == "job"]
    return [
        Tour(str(vehicle), tuple(Visit("job", instance.nodes[int(place)].id) for place in stops["id"]))
        for vehicle, stops in jobs.groupby("vehicle_id", sort=True)
    ]


PEERS: dict[str, Peer] = {"ortools": by_ortools, "pyvrp": by_pyvrp, "vroom": by_vroom}


def _whole(instance: Vrptw) -> NDArray[np.int64]:
    return np.rint(truncated(instance.nodes) * TENTHS).astype(np.int64)


def _tenths(value: float) -> int:
    return round(value * TENTHS)
