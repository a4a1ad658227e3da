"""From a plan of the engine to tours in the ids of the file, and to what is written of a solution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.dispatch.evaluate import Tour, Visit
from benchmarks.dispatch.instances import Hhcrsp, Instance
from optimizer.dispatch.plan import Plan, Stop, StopKind


def tours_of(instance: Instance, plan: Plan) -> list[Tour]:
    """Return the tours of a plan of that instance (as `problems.problem` names jobs, technicians and depots)."""
    services = {one.id: one.services for one in instance.patients} if isinstance(instance, Hhcrsp) else {}

    def visit(stop: Stop) -> Visit:
        if stop.kind is StopKind.DEPOT:
            return Visit("depot", stop.name, None, stop.start_s)
        if not services:
            return Visit("job", stop.name, None, stop.start_s)
        patient, _, number = stop.name.rpartition("/")
        return Visit("job", patient, services[patient][int(number)][0], stop.start_s)

    def visits(stops: Sequence[Stop]) -> tuple[Visit, ...]:
        return tuple(visit(stop) for stop in stops if stop.kind in (StopKind.JOB, StopKind.DEPOT))

    return [Tour(route.technician, visits(route.stops)) for route in plan.routes]


def written(instance: str, solver: str, value: float | None, tours: Sequence[Tour]) -> dict[str, Any]:
    """Return a solution as it is put into its file."""
    return {
        "instance": instance,
        "solver": solver,
        "value": value,
        "routes": [
            {
                "resource": tour.resource,
                "stops": [
                    {"kind": one.kind, "id": one.id, "service": one.service, "start": one.start} for one in tour.visits
                ],
            }
            for tour in tours
            if tour.visits
        ],
    }
