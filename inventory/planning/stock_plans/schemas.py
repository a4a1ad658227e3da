"""Plans of stock targets as they are asked for and told."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from inventory.kernel.fields import Code, Price
from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.figure_schemas import (
    FIGURES_EXAMPLE,
    BenchesLoad,
    Count,
    CurveOut,
    OrderingOut,
    RegionFigures,
    SpendingOut,
)
from inventory.planning.stock_plans.goal_schemas import FLOORS_MAX, FleetOut, FloorOut, WantedFloor, WayOutOf
from inventory.planning.stock_plans.simulation_schemas import SimulationOut
from optimizer.stocking.goals import Goal

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""Why somebody wants it otherwise."""
LINES_MAX = 1_000

_CELL: dict[str, Any] = {"part": "BRAKE-1", "place": "VTE"}
_LINE: dict[str, Any] = _CELL | {
    "region": "SEA",
    "before": "2.000000",
    "after": "3.000000",
    "override": None,
    "override_reason": None,
    "override_by": None,
    "override_at": None,
    "decided": "3.000000",
    "state": "open",
    "price": "18000.0000",
    "costs": "18000.0000",
    "weight": 1.0,
    "per_day": 0.021,
    "waits_before": 0.31,
    "waits_after": 0.12,
    "fill_before": 0.71,
    "fill_after": 0.86,
    "cover_days": 142.9,
    "saves": 0.19,
    "worth": 0.06,
}


class MakeTargets(BaseModel):
    """What to plan stock targets with: money for pieces beyond those that are owned, in the product's currency.

    `budget` is one sum for all parts, divided where it saves most; with `capital_budget` that is for what is repaired,
    and `budget` for what is used up. Without `region` the whole network is planned. A time that nobody knows is taken
    to be `assumed_days`, and told. `goal` is what is made the least: weighted waiting, weighted pieces not served at
    once, or aircraft that miss a part. `floors` are met beside, or the plan tells which are not. Targets of a part stay
    where their change is worth less than `keep_below`. What is used up is ordered in the quantity that costs least
    where an order costs `order_cost` and a piece on the shelf `holding_share` of its price a year; as little as its
    minimum and its packs allow where an order costs nothing. The search ends by itself, or after `seconds` or
    `iterations` curves of parts.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"region": "SEA", "budget": "250000.00", "capital_budget": "900000.00"}]},
    )

    budget: Price
    capital_budget: Price | None = None
    region: Code | None = None
    assumed_days: Annotated[int, Field(ge=1, le=1_000)] = 30
    keep_below: Price = Decimal(0)
    order_cost: Annotated[Decimal, Field(ge=0, le=100_000, max_digits=10, decimal_places=4)] = Decimal(0)
    holding_share: Annotated[Decimal, Field(ge=Decimal("0.01"), le=1, max_digits=7, decimal_places=6)] = Decimal("0.2")
    goal: Goal = Goal.WAITING
    floors: Annotated[tuple[WantedFloor, ...], Field(max_length=FLOORS_MAX)] = ()
    iterations: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    seconds: Annotated[float, Field(gt=0, le=3_000)] | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.seconds is not None and self.iterations is not None:
            raise ValueError(_("give seconds or iterations, not both"))
        if self.keep_below and self.goal is Goal.AVAILABILITY:
            raise ValueError(
                _("what a change is worth is not known for availability; take another goal, or keep_below 0")
            )
        names = [one.name for one in self.floors]
        if len(set(names)) < len(names):
            raise ValueError(_("a floor stands twice; give one share for each region and essentiality"))
        return self


class Document(BaseModel):
    """What is kept of a plan beside its lines."""

    status: str
    method: str
    deterministic: bool
    stopped_early: bool = False
    objective: float
    bound: float
    gap: float
    seconds: float
    assumed_days: int
    keep_below: Decimal = Decimal(0)
    ordering: OrderingOut = OrderingOut()
    benches: list[BenchesLoad] = []
    goal: Goal = Goal.WAITING
    floors: list[FloorOut] = []
    fleets: list[FleetOut] = []
    way_out: list[WayOutOf] = []
    parts: int
    lines: int
    planned: int
    notes: list[Count]
    spending: list[SpendingOut]
    curves: list[CurveOut]
    regions: list[RegionFigures]


class TargetPlanState(StrEnum):
    """How far the lines of a plan that a reader sees are accepted."""

    PROPOSED = "proposed"
    PARTLY_ACCEPTED = "partly_accepted"
    ACCEPTED = "accepted"


_HEAD: dict[str, Any] = {
    "number": "T-000001",
    "region": "SEA",
    "currency": "USD",
    "state": "proposed",
    "changing": 14,
    "accepted": 0,
    "made_by": "li.na",
    "made_at": "2026-03-02T08:00:00Z",
    "version": 1,
}


class TargetPlanHead(BaseModel):
    """A plan of stock targets in a list; `region` null is the whole network."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HEAD]})

    number: str
    region: str | None
    currency: str
    state: TargetPlanState
    changing: int
    accepted: int
    made_by: str
    made_at: AwareDatetime
    version: int


class TargetPlanOut(TargetPlanHead):
    """A plan of stock targets, as far as the reader sees it.

    Whoever does not see all of its regions is told the figures of his own, and nothing of its money and proof. `lines`
    are those with demand, a target or stock; each is planned or counted in a note of `notes`. Where the status is
    infeasible, some of the floors are not met, and `way_out` is money by budget for which all would be. Where it was
    `stopped_early`, its limit ended the search, and parts that it did not get to hold as little as they must.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_HEAD,
                    "input_hash": "9f2c",
                    "made_with": "0.1.0",
                    "status": "feasible",
                    "method": "negative_binomial",
                    "deterministic": True,
                    "stopped_early": False,
                    "objective": 1.1,
                    "bound": 1.0999,
                    "gap": 0.0001,
                    "seconds": 0.4,
                    "assumed_days": 30,
                    "keep_below": "0",
                    "ordering": {
                        "order_cost": "60.0000",
                        "holding_share": "0.2",
                        "parts": 110,
                        "orders_a_year": 240.5,
                        "ordering_cost": "14430.0000",
                        "holding_cost": "15120.0000",
                    },
                    "benches": [
                        {
                            "place": "VTE",
                            "region": "SEA",
                            "chapter": "32",
                            "benches": 3,
                            "utilisation": 0.71,
                            "wait_days": 0.4,
                        }
                    ],
                    "goal": "waiting",
                    "floors": [],
                    "fleets": [],
                    "way_out": [],
                    "parts": 190,
                    "lines": 840,
                    "planned": 820,
                    "notes": [{"reason": "demand_unknown", "notes": 4, "lines": 20}],
                    "spending": [{"budget": "all", "available": "250000.0000", "spent": "249180.0000", "price": 1e-6}],
                    "regions": [{"region": "SEA", "before": FIGURES_EXAMPLE, "after": FIGURES_EXAMPLE}],
                    "simulation": None,
                }
            ]
        }
    )

    input_hash: str
    made_with: str
    status: str
    method: str
    deterministic: bool
    stopped_early: bool
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    assumed_days: int
    keep_below: Decimal
    ordering: OrderingOut | None
    benches: list[BenchesLoad]
    goal: Goal
    floors: list[FloorOut]
    fleets: list[FleetOut]
    way_out: list[WayOutOf]
    parts: int | None
    lines: int | None
    planned: int | None
    notes: list[Count]
    spending: list[SpendingOut]
    regions: list[RegionFigures]
    simulation: SimulationOut | None


class LineState(StrEnum):
    """What became of a line: nothing yet, it was accepted, or there is nothing to change."""

    OPEN = "open"
    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"


class TargetLineOut(BaseModel):
    """A part at a place in a plan; times are days, money in the plan's currency.

    `decided` is the override, where there is one, else `after`; `costs` what it is worth more than the target before.
    `per_day` counts orders of places below. `waits_…` are mean pieces waited for by those whom the place serves itself,
    `fill_…` shares of pieces served at once; `cover_days` is how long the decided target lasts, null where nothing is
    asked for. `saves` is the weighted waiting that the change saves of
    these, `worth` what one piece more would save of the goal.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_LINE]})

    part: str
    place: str
    region: str
    before: Decimal
    after: Decimal
    override: Decimal | None
    override_reason: str | None
    override_by: str | None
    override_at: AwareDatetime | None
    decided: Decimal
    state: LineState
    price: Decimal
    costs: Decimal
    weight: float
    per_day: float
    waits_before: float
    waits_after: float
    fill_before: float
    fill_after: float
    cover_days: float | None
    saves: float
    worth: float


class NoteOut(BaseModel):
    """What a plan left out or assumed: why, of which part or place, how many lines, which days stand for a time.

    `worth` is the money that a change was worth which the plan does not make, `other` a part that this one is planned
    with.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "reason": "demand_unknown",
                    "part": "SEAL-9",
                    "place": None,
                    "lines": 2,
                    "days": None,
                    "worth": None,
                    "other": None,
                }
            ]
        }
    )

    id: int
    reason: str
    part: str | None
    place: str | None
    lines: int
    days: float | None
    worth: Decimal | None
    other: str | None


class LineDifference(BaseModel):
    """A line of which two plans, or a plan and the present targets, say different things."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_CELL | {"other": "2.000000", "this": "3.000000", "price": "18000.0000"}]}
    )

    part: str
    place: str
    other: Decimal
    this: Decimal
    price: Decimal


class CellOf(BaseModel):
    """A part at a place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Code
    place: Code


class Accept(BaseModel):
    """Which lines of a plan become stock targets: those named, else all that are open and within one's own places."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"lines": [_CELL]}]})

    lines: Annotated[tuple[CellOf, ...], Field(min_length=1, max_length=LINES_MAX)] | None = None


class Accepted(BaseModel):
    """What accepting does: how many targets it sets, and what they are worth more than those before.

    `stale` are lines whose target is not what it was when the plan was made: they stand against it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"lines": 14, "pieces": "9.000000", "costs": "41200.0000", "currency": "USD", "stale": []}]
        }
    )

    lines: int
    pieces: Decimal
    costs: Decimal
    currency: str
    stale: list[CellOf]


class AcceptanceOut(BaseModel):
    """Lines of a plan that became stock targets together, or that an acceptance took back (`reverses`)."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-0000000000a1",
                    "region": "SEA",
                    "reverses": None,
                    "lines": 14,
                    "reason": None,
                    "made_by": "li.na",
                    "made_at": "2026-03-02T08:00:00Z",
                }
            ]
        },
    )

    id: UUID
    region: str
    reverses: UUID | None
    lines: int
    reason: str | None
    made_by: str
    made_at: datetime


class TakeBack(BaseModel):
    """Why an acceptance is taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "wrong budget"}]})

    reason: Reason
