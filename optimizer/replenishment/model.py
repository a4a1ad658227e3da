"""The replenishment problem and its plan.

Pieces of parts lie at places or arrive there later. Jobs need pieces by an hour; stock targets want places filled up.
Each piece of stock serves one need: in place (no time, no cost) or over a route. Purchases arrive at the central place
and fill its target only. A need that stays unmet costs its penalty per piece. The plan with the least sum of freight,
purchases, lateness and penalties is sought:

    min  sum_ij c_ij x_ij + sum_j p_j u_j
    s.t. sum_j x_ij <= supply_i,  sum_i x_ij + u_j = need_j,  x, u >= 0 and whole

where c_ij is the cost per piece of the cheapest mode that arrives before need j turns useless. Nothing is shared
between parts, so each part is a transportation problem of its own, whose flow is whole by total unimodularity.

Parts and places are referred to by index. Times are whole seconds from the plan's start, quantities are pieces, money
is in one currency of the caller's choice. Every price per piece counts in whole ten-thousandths of the currency unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from optimizer.run import Reason, Status

QUANTITY_MAX = 10**9
MONEY_MAX = 1e9


class Class(StrEnum):
    """How urgent a job is. It orders the work only: what is worth serving follows from the prices."""

    AOG = "AOG"
    CRITICAL = "CRITICAL"
    ROUTINE = "ROUTINE"


class Kind(StrEnum):
    """What an order asks for."""

    TRANSFER = "transfer"
    PURCHASE = "purchase"


def _require(ok: bool, line: object, rule: str) -> None:
    if not ok:
        raise ValueError(f"{line}: {rule}")


def _is_money(amount: float) -> bool:
    return 0 <= amount <= MONEY_MAX


def _is_time(time_s: int) -> bool:
    return isinstance(time_s, int) and time_s >= 0


def _is_quantity(quantity_each: int) -> bool:
    return isinstance(quantity_each, int) and 1 <= quantity_each <= QUANTITY_MAX


_MONEY_RULE = f"money and weights lie between 0 and {MONEY_MAX:,.0f}"
_TIME_RULE = "a time from the start and a lead time are whole seconds, 0 or more"
_QUANTITY_RULE = f"a quantity is a whole number from 1 to {QUANTITY_MAX:,}; leave out a line of nothing"


@dataclass(frozen=True, slots=True)
class Part:
    """A part number; `purchase_lead_s` is the time from order to arrival at central, None if it cannot be bought.

    Raises ValueError on a negative or non-finite number.
    """

    number: str
    unit_cost: float
    weight_kg: float
    purchase_lead_s: int | None = None

    def __post_init__(self) -> None:
        _require(_is_money(self.unit_cost) and _is_money(self.weight_kg), self, _MONEY_RULE)
        _require(self.purchase_lead_s is None or _is_time(self.purchase_lead_s), self, _TIME_RULE)


@dataclass(frozen=True, slots=True)
class Route:
    """One mode of bringing pieces from a place to another: a piece costs cost_per_piece + weight_kg * cost_per_kg.

    Raises ValueError on a negative or non-finite number.
    """

    mode: str
    lead_s: int
    cost_per_piece: float
    cost_per_kg: float

    def __post_init__(self) -> None:
        _require(_is_time(self.lead_s), self, _TIME_RULE)
        _require(_is_money(self.cost_per_piece) and _is_money(self.cost_per_kg), self, _MONEY_RULE)


@dataclass(frozen=True, slots=True)
class Supply:
    """Serviceable pieces on hand at a place, or due in there at `available_s`; with `job` they are kept for that job.

    Raises ValueError on bad numbers.
    """

    part: int
    place: int
    quantity_each: int
    available_s: int = 0
    job: str | None = None

    def __post_init__(self) -> None:
        _require(_is_quantity(self.quantity_each), self, _QUANTITY_RULE)
        _require(_is_time(self.available_s), self, _TIME_RULE)


@dataclass(frozen=True, slots=True)
class JobNeed:
    """Pieces that a job needs at its place: wanted at `due_s`, useless when they arrive after `latest_s`.

    `lateness_cost_per_h` counts per piece and hour between the two: where several pieces or parts hold up the same
    job, divide the job's delay cost among them. `unmet_penalty` counts per piece. `due_s` may be negative (overdue).
    Raises ValueError on bad numbers and where `latest_s` is before `due_s`.
    """

    part: int
    place: int
    quantity_each: int
    job: str
    priority: Class
    due_s: int
    latest_s: int
    lateness_cost_per_h: float
    unmet_penalty: float

    def __post_init__(self) -> None:
        _require(_is_quantity(self.quantity_each), self, _QUANTITY_RULE)
        _require(_is_money(self.lateness_cost_per_h) and _is_money(self.unmet_penalty), self, _MONEY_RULE)
        _require(self.due_s <= self.latest_s, self, "latest_s is before due_s")


@dataclass(frozen=True, slots=True)
class TargetNeed:
    """The stock level wanted at a place by `latest_s`; `unmet_penalty` counts per piece below it.

    Pieces lying there fill it at no cost; taking one away for another need leaves the target short and pays.
    Raises ValueError on bad numbers.
    """

    part: int
    place: int
    quantity_each: int
    unmet_penalty: float
    latest_s: int

    job: ClassVar[None] = None
    priority: ClassVar[None] = None
    due_s: ClassVar[int] = 0
    lateness_cost_per_h: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        _require(_is_quantity(self.quantity_each), self, _QUANTITY_RULE)
        _require(_is_money(self.unmet_penalty), self, _MONEY_RULE)


Need = JobNeed | TargetNeed


@dataclass(frozen=True, slots=True)
class Problem:
    """What there is and what is wanted; `routes` maps (origin, destination) to the modes between them.

    A pair without entry cannot supply. Within a place no route is needed. Raises ValueError on an unknown index, a
    route from a place to itself, and lines that must be added up first: the same supply (part, place, available_s,
    job), the same target (part, place), the same job need (part, job).
    """

    places: tuple[str, ...]
    parts: tuple[Part, ...]
    routes: Mapping[tuple[int, int], tuple[Route, ...]]
    supplies: tuple[Supply, ...]
    job_needs: tuple[JobNeed, ...]
    target_needs: tuple[TargetNeed, ...]
    central: int

    def __post_init__(self) -> None:
        # Written out rather than through _require: with half a million lines, unused messages cost seconds.
        parts, places = range(len(self.parts)), range(len(self.places))
        if self.central not in places:
            raise ValueError(f"central {self.central}: there are {len(places)} places")
        for pair, modes in self.routes.items():
            if pair[0] not in places or pair[1] not in places:
                raise ValueError(f"route {pair}: there are {len(places)} places")
            if pair[0] == pair[1]:
                raise ValueError(f"route {pair}: a place needs no route to itself")
            if len({route.mode for route in modes}) < len(modes):
                raise ValueError(f"route {pair}: a mode is given twice")
        seen: set[tuple[object, ...]] = set()
        lines: Iterator[Supply | Need] = chain(self.supplies, self.job_needs, self.target_needs)
        for line in lines:
            if line.part not in parts or line.place not in places:
                raise ValueError(f"{line}: there are {len(parts)} parts and {len(places)} places")
            key = _identity(line)
            if key in seen:
                raise ValueError(f"{line} is given twice: add the quantities up")
            seen.add(key)


def _identity(line: Supply | Need) -> tuple[object, ...]:
    match line:
        case Supply():
            return (line.part, line.place, line.available_s, line.job)
        case JobNeed():
            return (line.part, line.job)
        case TargetNeed():
            return ("target", line.part, line.place)


@dataclass(frozen=True, slots=True)
class Order:
    """Pieces to send (from `origin`, by `mode`) or to buy (both None) for a job, or for the target where it is None.

    Costs are of the whole line. A transfer leaves when its supply is available, a purchase is ordered at 0. `kept` ones
    come from a supply that is kept for the job.
    """

    kind: Kind
    part: int
    origin: int | None
    destination: int
    quantity_each: int
    mode: str | None
    departs_s: int
    arrives_s: int
    freight_cost: float
    purchase_cost: float
    serves_job: str | None
    lateness_cost: float
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """Pieces of the supply available at `available_s` that stay: used by a job there, or left for the target (None).

    `kept` ones are of a supply that is kept for the job.
    """

    part: int
    place: int
    quantity_each: int
    job: str | None
    available_s: int
    lateness_cost: float
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Unmet:
    """Pieces that a job, or the target where it is None, does not get, and why."""

    part: int
    place: int
    quantity_each: int
    job: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Every need is covered by `orders`, `local` and `unmet` together.

    `cost_by_term` has freight, purchase, lateness and unmet (the penalties); `objective` is their sum. `bound` and
    `gap` are None unless the plan is proven optimal.
    """

    status: Status
    objective: float
    bound: float | None
    gap: float | None
    seconds: float
    orders: tuple[Order, ...]
    local: tuple[Local, ...]
    unmet: tuple[Unmet, ...]
    cost_by_term: Mapping[str, float]


def ready_times(problem: Problem, plan: Plan) -> dict[str, int | None]:
    """Return for each job that needs parts when all of them are at its place, in seconds; None where some are unmet."""
    ready: dict[str, int | None] = {need.job: 0 for need in problem.job_needs}
    arrivals = chain(
        ((order.serves_job, order.arrives_s) for order in plan.orders),
        ((line.job, line.available_s) for line in plan.local),
    )
    for job, arrives_s in arrivals:
        if job is not None:
            ready[job] = max(ready[job] or 0, arrives_s)
    return ready | {line.job: None for line in plan.unmet if line.job is not None}
