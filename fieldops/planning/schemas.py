"""The day plan as it is told: the JSON contract of `fieldops plan day --json`, of the API and of the stored plan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from fieldops.finance.models import Category
from inventory.kernel.fields import Code, Day, Price
from inventory.kernel.texts import gettext as _
from optimizer.run import Status


class NetworkOut(BaseModel):
    """The size of the network that was planned on."""

    places: int
    regions: int
    parts: int
    technicians: int
    jobs: int


class ReasonOut(BaseModel):
    """Why something is not served; `misses_by` in the unit of the code (minutes, days, pieces or money)."""

    code: str
    text: str
    misses_by: float | None


class CostOut(BaseModel):
    """A sum of money and what it is made of."""

    currency: str
    total: Decimal
    by_term: dict[str, Decimal]


class UnassignedOut(BaseModel):
    """A job that nobody does in this plan."""

    job: str
    reasons: list[ReasonOut]


class AssignmentOut(BaseModel):
    """A job, who does it and when; `held` waits for an approval."""

    job: str
    priority: str
    place: str
    technician: str
    start: datetime
    end: datetime
    cost: Decimal
    lateness_cost: Decimal
    held: bool


class DispatchOut(BaseModel):
    """The dispatch part: `assigned` and `late` count jobs."""

    status: Status
    objective: float
    bound: float | None
    gap: float | None
    seconds: float
    assigned: int
    unassigned: list[UnassignedOut]
    late: int
    cost: CostOut
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
    objective: float
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


class DayPlanOut(BaseModel):
    """The whole day plan."""

    plan: str
    date: date
    regions: list[str]
    network: NetworkOut
    dispatch: DispatchOut
    replenishment: ReplenishmentOut
    budget: BudgetOut
    seed: int
    version: str
    deterministic: bool
    plan_hash: str


class OverrideIn(BaseModel):
    """Whose authority lets AOG documents pass beyond their lines, and why; both are recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class PlanDay(BaseModel):
    """The day plan to make: of one region or of all; `iterations` makes it repeatable, `seconds` does not.

    `budget` bounds what may be reserved in all, in the plan's currency. Without `date` it is today's plan.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan_date: Annotated[Day | None, Field(alias="date")] = None
    region: Code | None = None
    iterations: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seconds: Annotated[float, Field(ge=0.1, le=600)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    budget: Price | None = None
    aog_override: OverrideIn | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.iterations is not None and self.seconds is not None:
            raise ValueError(_("give iterations or seconds, not both"))
        return self


class PlanSummary(BaseModel):
    """A day plan in a list."""

    plan: str
    date: date
    regions: list[str]
    current_in: list[str]
    made_by: str
    made_at: datetime
    plan_hash: str
