"""A dispatch plan: who does what when, what is left out and why, and what each term of it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.run import Reason, Status

TERMS = (
    "labour",
    "overtime",
    "night",
    "call_out",
    "travel",
    "lateness",
    "worst_lateness",
    "unserved",
    "deferral",
    "outsourcing",
    "preference",
    "alternates",
    "return_freight",
    "plan_change",
    "fairness",
)
"""The terms of the objective, all in money. `return_freight` is a saving: negative, or zero."""


class StopKind(StrEnum):
    """What a technician does at a stop."""

    JOB = "job"
    DEPOT = "depot"
    BREAK = "break"
    APPOINTMENT = "appointment"


KIT, DELIVERED = "kit", "delivered"
"""Where parts come from if not from a depot."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A part and where it comes from: `kit`, `delivered`, or the code of the depot where it was picked up."""

    part: str
    quantity: float
    source: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: arrival (after `travel_s` on the way, `travel_cost`, by `mode`), then work from `start_s` to `end_s`.

    `name` is the job's number, the depot's or appointment's name, empty for a break (which has the place of the stop
    before or after it). `seat` is the index of the job's seat. `flight` is the index of the flight taken, None by
    the technician's own mode. `parts` are those used here.
    """

    kind: StopKind
    name: str
    place: int
    arrives_s: float
    start_s: float
    end_s: float
    travel_s: float
    travel_cost: float
    seat: int = 0
    flight: int | None = None
    parts: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """The tour of a technician in one shift (or, away, in all from `shift` on): leaves, stops in order, is back.

    `return_s` and `return_cost` are the way back from the last stop to the end place; `flight` as at a stop.
    """

    technician: str
    shift: int
    departs_s: float
    returns_s: float
    stops: tuple[Stop, ...]
    return_s: float
    return_cost: float
    return_flight: int | None = None


class Outcome(StrEnum):
    """What becomes of a job that nobody is sent to."""

    UNSERVED = "unserved"
    DEFERRED = "deferred"
    OUTSOURCED = "outsourced"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A job that no technician does, what becomes of it, what that costs, and why."""

    job: str
    outcome: Outcome
    cost: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """An appointment that nothing can be planned around, since it contradicts what else is fixed, and why."""

    technician: str
    appointment: str
    start_s: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A dispatch plan; `objective` is the sum of `cost_by_term` (keys: TERMS).

    `bound` and `gap` are None where the method proves none. Routes are in the order of the technicians and shifts;
    shifts without a stop have none. A plan with `missed` appointments is infeasible.
    """

    status: Status
    objective: float
    bound: float | None
    gap: float | None
    seconds: float
    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    cost_by_term: Mapping[str, float] = field(default_factory=dict)
    missed: tuple[Missed, ...] = ()
