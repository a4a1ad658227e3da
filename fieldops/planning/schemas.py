"""The day plan as it is told: the JSON contract of `fieldops plan day --json`, of the API and of the stored plan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fieldops.finance.categories import Category
from fieldops.planning.models import PlanKind, PlanStatus
from fieldops.planning.reasons import reason_text
from fieldops.planning.travel_text import travel_text
from fieldops.workforce.kinds import Seat
from integrations.travel import Notice, TravelFault, TravelSource
from inventory.kernel.fields import Code, Day, Price
from inventory.kernel.texts import gettext as _
from optimizer.run import Reason, Status


class NetworkOut(BaseModel):
    """The size of the network that was planned on."""

    places: int
    regions: int
    parts: int
    technicians: int
    jobs: int


class ReasonOut(BaseModel):
    """Why something is not served; `misses_by` in the unit of the code (minutes, days, pieces or money).

    `text` is in the reader's language wherever the `values` that it tells are kept.
    """

    code: str
    text: str
    misses_by: float | None
    values: dict[str, str | int | float] | None = None

    @model_validator(mode="after")
    def _tell(self) -> Self:
        if self.values is not None:
            self.text = reason_text(self.code, self.misses_by, self.values)
        return self

    @classmethod
    def of(cls, reason: Reason, *, of_one: bool = False) -> Self:
        """Return a reason as it is told; `of_one` when it is said of one technician, not of all."""
        told = {"of_one": 1, **reason.values} if of_one else dict(reason.values)
        return cls(code=reason.code, text="", misses_by=reason.misses_by, values=told)


class CostOut(BaseModel):
    """A sum of money and what it is made of."""

    currency: str
    total: Decimal
    by_term: dict[str, Decimal]


class UnassignedOut(BaseModel):
    """A job that nobody does in this plan."""

    job: str
    reasons: list[ReasonOut]


class WayOut(BaseModel):
    """Who could do a job that is locked, from when, and for how much more, if it were not."""

    technicians: list[str]
    start: datetime
    cost: CostOut


class LockOut(BaseModel):
    """A job that is locked or whose seats are given, which the plan could not keep so, and why.

    `way_out` is the cheapest way to do it otherwise, all else as it is; none: leaving it out is cheaper, or all there
    is.
    """

    job: str
    technicians: list[str]
    locked: bool
    reasons: list[ReasonOut]
    way_out: WayOut | None


class AssignmentOut(BaseModel):
    """A seat of a job, who takes it and when; `held` waits for an approval.

    A job has a row for each seat. What it costs to be late stands in the first. Plans of before whole crews have no
    `seat`, and name in `by_hand` the seats that they left to people.
    """

    job: str
    priority: str
    place: str
    seat: Seat | None = None
    technician: str
    start: datetime
    end: datetime
    cost: Decimal
    lateness_cost: Decimal
    held: bool
    by_hand: list[Seat] = []


class DispatchOut(BaseModel):
    """The dispatch part: `assigned` and `late` count jobs. A reader of some regions is told no objective.

    `terms` are what the objective is made of, those of nothing left out. `broken_locks` are those of the unassigned
    whose people and time were fixed.
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    assigned: int
    unassigned: list[UnassignedOut]
    late: int
    cost: CostOut
    terms: dict[str, float] = {}
    broken_locks: list[LockOut] = []
    assignments: list[AssignmentOut]


class UnmetOut(BaseModel):
    """Pieces that a job or a stock target does not get."""

    part: str
    place: str
    quantity: int
    job: str | None
    reasons: list[ReasonOut]


class OrderOut(BaseModel):
    """A transfer, or a purchase where there is no origin."""

    number: str
    part: str
    origin: str | None
    destination: str
    quantity: int
    mode: str
    departs: datetime
    arrives: datetime
    cost: Decimal
    job: str | None
    held: bool


class ReplenishmentOut(BaseModel):
    """The stock part: `orders` counts transfers and purchases."""

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    orders: int
    unmet: list[UnmetOut]
    cost: CostOut
    moves: list[OrderOut]


class PlanLineOut(BaseModel):
    """A budget line after the plan's reservations."""

    region: str
    category: Category
    currency: str
    budget: Decimal
    reserved: Decimal
    committed: Decimal
    actual: Decimal
    available: Decimal


class HeldOut(BaseModel):
    """A document that does not fit a line and waits for an approval."""

    document: str
    kind: str
    region: str
    category: Category
    currency: str
    amount: Decimal
    available: Decimal
    shortfall: Decimal
    priority: str
    approver_role: str


class OverrideOut(BaseModel):
    """Money beyond the lines that a named authority let pass."""

    by: str
    reason: str
    amount: Decimal


class BudgetOut(BaseModel):
    """The money part."""

    lines: list[PlanLineOut]
    held: list[HeldOut]
    overrides: list[OverrideOut]


class TravelOut(BaseModel):
    """Where the travel times came from.

    `road_pairs` are the ways by road between the places of an area, each direction for itself; `measured` those that
    the table service told, `no_road` those where it knows no road. What is not measured is estimated by great circle;
    `fault` says why the service did not tell the rest. `flights` counts the scheduled flights that there were.
    `text` says it in the reader's language.
    """

    source: TravelSource
    road_pairs: int
    measured: int
    no_road: int
    fault: TravelFault | None
    flights: int
    text: str

    @model_validator(mode="after")
    def _tell(self) -> Self:
        self.text = travel_text(self)
        return self

    @classmethod
    def of(cls, notice: Notice, flights: int) -> Self:
        """Return a notice as it is told."""
        return cls(
            source=notice.source,
            road_pairs=notice.road_pairs,
            measured=notice.measured,
            no_road=notice.no_road,
            fault=notice.fault,
            flights=flights,
            text="",
        )


class DayPlanOut(BaseModel):
    """A whole plan; those made before it was kept tell no `travel`.

    One of dispatch decides technicians alone: its orders bring the parts of its jobs, or are those of the plan before.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000001",
                    "kind": "day",
                    "date": "2026-03-02",
                    "regions": ["SEA"],
                    "network": {"places": 4, "regions": 2, "parts": 4, "technicians": 3, "jobs": 5},
                    "dispatch": {
                        "status": "feasible",
                        "objective": 412.5,
                        "bound": None,
                        "gap": None,
                        "seconds": 1.2,
                        "assigned": 1,
                        "unassigned": [],
                        "late": 0,
                        "cost": {
                            "currency": "USD",
                            "total": "102.50",
                            "by_term": {"labour": "88.00", "travel": "14.50"},
                        },
                        "terms": {"labour": 88.0, "travel": 14.5, "unserved": 310.0},
                        "assignments": [
                            {
                                "job": "J-104",
                                "priority": "CRITICAL",
                                "place": "VTE",
                                "seat": "mechanic",
                                "technician": "T-9",
                                "start": "2026-03-03T01:00:00Z",
                                "end": "2026-03-03T02:30:00Z",
                                "cost": "102.50",
                                "lateness_cost": "0.00",
                                "held": False,
                            }
                        ],
                    },
                    "replenishment": {
                        "status": "optimal",
                        "objective": 310.0,
                        "bound": 310.0,
                        "gap": 0.0,
                        "seconds": 0.3,
                        "orders": 1,
                        "unmet": [],
                        "cost": {"currency": "USD", "total": "310.00", "by_term": {"transport": "310.00"}},
                        "moves": [
                            {
                                "number": "T-000017",
                                "part": "LAMP-1",
                                "origin": "XIY",
                                "destination": "VTE",
                                "quantity": 2,
                                "mode": "aog",
                                "departs": "2026-03-02T06:00:00Z",
                                "arrives": "2026-03-03T14:00:00Z",
                                "cost": "310.00",
                                "job": "J-104",
                                "held": False,
                            }
                        ],
                    },
                    "budget": {
                        "lines": [
                            {
                                "region": "SEA",
                                "category": "freight",
                                "currency": "USD",
                                "budget": "50000.00",
                                "reserved": "310.00",
                                "committed": "1200.00",
                                "actual": "300.00",
                                "available": "48190.00",
                            }
                        ],
                        "held": [],
                        "overrides": [],
                    },
                    "travel": {
                        "source": "mixed",
                        "road_pairs": 12,
                        "measured": 10,
                        "no_road": 2,
                        "fault": None,
                        "flights": 0,
                        "text": "10 of 12 ways by road were measured by the table service, the others are "
                        "estimated by great circle. For 2 of them the service knows no road.",
                    },
                    "seed": 0,
                    "version": "0.2.0",
                    "deterministic": True,
                    "duration_percentile": 50,
                    "plan_hash": "9f86d081884c7d65",
                }
            ]
        }
    )

    plan: str
    kind: PlanKind = PlanKind.DAY
    date: date
    regions: list[str]
    network: NetworkOut
    dispatch: DispatchOut
    replenishment: ReplenishmentOut
    budget: BudgetOut
    travel: TravelOut | None = None
    seed: int
    version: str
    deterministic: bool
    duration_percentile: int = 50
    plan_hash: str


class OverrideIn(BaseModel):
    """Whose authority lets AOG documents pass beyond their lines, and why; both are recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class PlanDay(BaseModel):
    """The day plan to make: of one region or of all; `iterations` makes it repeatable, `seconds` does not.

    `budget` bounds what may be reserved in all, in the plan's currency. Without `date` it is today's plan. Jobs with a
    task are to last as long as `duration_percentile` of a hundred stay below: 50 is the median, 90 leaves time.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"date": "2026-03-02", "region": "SEA", "iterations": 2000, "seed": 0, "budget": "25000.00"}]
        },
    )

    plan_date: Annotated[Day | None, Field(alias="date")] = None
    region: Code | None = None
    iterations: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seconds: Annotated[float, Field(ge=0.1, le=600)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    budget: Price | None = None
    duration_percentile: Annotated[int, Field(ge=50, le=95)] = 50
    aog_override: OverrideIn | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.iterations is not None and self.seconds is not None:
            raise ValueError(_("give iterations or seconds, not both"))
        return self


class PlanState(BaseModel):
    """What a plan is in a region: `supersedes` is the plan that was in force there when it was made."""

    region: str
    status: PlanStatus
    supersedes: str | None
    published_by: str | None
    published_at: datetime | None


class PlanSummary(BaseModel):
    """A plan in a list; `expires_at` is until when a proposed one may be published."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000002",
                    "kind": "dispatch",
                    "date": "2026-03-02",
                    "regions": ["SEA"],
                    "current_in": ["SEA"],
                    "states": [
                        {
                            "region": "SEA",
                            "status": "current",
                            "supersedes": "P-000001",
                            "published_by": "noi",
                            "published_at": "2026-03-02T06:05:00Z",
                        }
                    ],
                    "expires_at": None,
                    "made_by": "noi",
                    "made_at": "2026-03-02T06:00:00Z",
                    "plan_hash": "9f86d081884c7d65",
                }
            ]
        }
    )

    plan: str
    kind: PlanKind
    date: date
    regions: list[str]
    current_in: list[str]
    states: list[PlanState]
    expires_at: datetime | None
    made_by: str
    made_at: datetime
    plan_hash: str
