"""What the model of `brute_model` is made of: stops, ways and tours with their unknowns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from optimizer.dispatch.jobs import Job
from optimizer.dispatch.plan import LeftOut, Outcome, StopKind
from optimizer.dispatch.technicians import Break, Shift, Technician, Validity

Literal = Any
"""A Boolean of the model (the library has no types)."""


@dataclass(eq=False)
class Node:
    """A stop that a tour may make: `used` says whether it does, `at` is its position, `start` its start."""

    kind: StopKind
    name: str
    place: int
    duration_s: int
    start: Any
    used: Literal
    at: Any
    seat: int = 0
    rest: Break | None = None


@dataclass(eq=False)
class Leg:
    """A way from one node to another (None: leaving, or being back), by flight or by own mode."""

    before: Node | None
    after: Node | None
    flight: int | None
    used: Literal
    seconds: int
    cost: float


@dataclass(eq=False)
class Tour:
    """A shift of a technician in the model."""

    person: Technician
    number: int
    shift: Shift
    last_s: int
    used: Literal
    departs: Any
    returns: Any
    nodes: list[Node]
    legs: list[Leg]

    def seat(self, job: Job, seat: int = 0) -> Node:
        """Return the node of a seat of a job."""
        return next(
            node for node in self.nodes if node.kind is StopKind.JOB and (node.name, node.seat) == (job.number, seat)
        )


def whole(seconds: float) -> int:
    """Return a whole number that is given as a float. Raises ValueError for a fraction."""
    if seconds != round(seconds):
        raise ValueError(f"brute force counts in whole numbers, not {seconds}")
    return round(seconds)


def united(spans: Iterable[Validity]) -> list[tuple[float, float]]:
    """Return spans that touch or overlap as one."""
    found: list[tuple[float, float]] = []
    for span in sorted(spans, key=lambda one: one.from_s):
        if found and span.from_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], span.until_s))
        else:
            found.append((span.from_s, span.until_s))
    return found


def left_out(job: Job) -> LeftOut:
    """Return what becomes of a job that nobody does."""
    outcomes = [(job.unserved_cost, 0, Outcome.UNSERVED)]
    if job.deferral_cost is not None:
        outcomes.append((job.deferral_cost, 1, Outcome.DEFERRED))
    if job.outsourcing_cost is not None:
        outcomes.append((job.outsourcing_cost, 2, Outcome.OUTSOURCED))
    cost, _, outcome = min(outcomes)
    leaving = 0.0 if job.running is None else job.running.leaving_cost
    return LeftOut(job.number, outcome, cost + leaving)
