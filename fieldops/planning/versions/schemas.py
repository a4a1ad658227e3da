"""What is asked of plan versions, and how two of them are told apart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fieldops.finance.categories import Category
from fieldops.planning.models import PlanMode
from fieldops.planning.rules import CAUSES_MAX, FREEZE_MAX_MIN
from fieldops.planning.schemas import Cause, CostOut, HeldOut, PlanDay, ReasonOut
from fieldops.workforce.kinds import Seat
from inventory.kernel.texts import gettext as _


class PlanDispatch(PlanDay):
    """The plan of dispatch to make, as a day plan is asked for.

    `budget` and `aog_override` are kept with the plan and count when it is published. What begins within
    `freeze_minutes` keeps its people and its order, and nothing else begins before now; without, nothing is kept. A
    `rolling` one is of one region, whose rolling plan says what is not told here; it is kept only if it does something
    otherwise.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"date": "2026-03-02", "region": "SEA", "iterations": 2000, "seed": 0}]}
    )

    freeze_minutes: Annotated[int, Field(ge=0, le=FREEZE_MAX_MIN)] | None = None
    mode: PlanMode | None = None
    rolling: bool = False


class CausedDispatch(PlanDispatch):
    """A plan of dispatch that events caused: what the product asks of itself."""

    caused_by: Annotated[tuple[Cause, ...], Field(max_length=CAUSES_MAX)] = ()


class SeatTaken(BaseModel):
    """Who has a seat of a job, and from when; "" for somebody whom the reader does not see."""

    seat: Seat
    technician: str
    start: datetime


class JobDifference(BaseModel):
    """A job that is done otherwise; without a crew it is left out, and `reasons` of that side say why.

    `moved_min` is by how much its start moves, negative for earlier; none unless it is done in both.
    """

    job: str
    crew_before: list[SeatTaken]
    crew: list[SeatTaken]
    moved_min: int | None
    reasons_before: list[ReasonOut]
    reasons: list[ReasonOut]


class PlanDifference(BaseModel):
    """What is otherwise in a plan than in others, in the regions that they share; `before` names these.

    Costs are those of labour, travel and lateness of the jobs there. `unserved` is not paid: it is what leaving a job
    out counts in a plan, for the jobs that the other does.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000002",
                    "before": ["P-000001"],
                    "regions": ["SEA"],
                    "unchanged": 11,
                    "other_technician": 1,
                    "moved": 0,
                    "added": 0,
                    "left_out": 0,
                    "cost_before": {
                        "currency": "USD",
                        "total": "102.50",
                        "by_term": {"labour": "88.00", "travel": "14.50", "lateness": "0.00", "unserved": "0.00"},
                    },
                    "cost": {
                        "currency": "USD",
                        "total": "96.00",
                        "by_term": {"labour": "84.00", "travel": "12.00", "lateness": "0.00", "unserved": "0.00"},
                    },
                    "jobs": [
                        {
                            "job": "J-104",
                            "crew_before": [{"seat": "mechanic", "technician": "T-9", "start": "2026-03-03T01:00:00Z"}],
                            "crew": [{"seat": "mechanic", "technician": "T-2", "start": "2026-03-03T01:00:00Z"}],
                            "moved_min": 0,
                            "reasons_before": [],
                            "reasons": [],
                        }
                    ],
                }
            ]
        }
    )

    plan: str
    before: list[str]
    regions: list[str]
    unchanged: int
    other_technician: int
    moved: int
    added: int
    left_out: int
    cost_before: CostOut
    cost: CostOut
    jobs: list[JobDifference]

    def as_text(self) -> str:
        """Return the difference for a person."""
        lines = [
            _(
                "Plan {plan} beside {before}: {unchanged} jobs as before, {other} with another technician, {moved} at "
                "another time, {added} more done, {out} left out"
            ).format(
                plan=self.plan,
                before=", ".join(self.before) or _("no plan"),
                unchanged=self.unchanged,
                other=self.other_technician,
                moved=self.moved,
                added=self.added,
                out=self.left_out,
            ),
            _("Cost {before:,.2f} before, {after:,.2f} now ({currency})").format(
                before=_paid(self.cost_before), after=_paid(self.cost), currency=self.cost.currency
            ),
        ]
        if self.added or self.left_out:
            lines.append(
                _("Not paid, but counted for what the other does: {before:,.2f} before, {after:,.2f} now").format(
                    before=self.cost_before.by_term["unserved"], after=self.cost.by_term["unserved"]
                )
            )
        lines += [
            f"  {one.job}: {_crew(one.crew_before, one.reasons_before)} → {_crew(one.crew, one.reasons)}"
            for one in self.jobs
        ]
        return "\n".join(lines)


class PlanStep(StrEnum):
    """What can be done with a plan that is kept."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    UNDO = "undo"


class StepWanted(BaseModel):
    """A step of a plan that is to be looked at before it is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"step": "publish"}]})

    step: PlanStep


class Obstacle(BaseModel):
    """Something that stands against a step, as `job.J-104`, and why."""

    what: str
    text: str


class LineForeseen(BaseModel):
    """A budget line of which a step reserves more or less."""

    region: str
    category: Category
    currency: str
    reserved_before: Decimal
    reserved: Decimal
    available: Decimal


class StepForeseen(BaseModel):
    """What a step would do now: which plan is in force where, what waits for an approval, what lines reserve.

    One that is not `possible` says why, with all that stands against it. Money is told to readers of budgets.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000002",
                    "step": "publish",
                    "possible": False,
                    "code": "plan_conflicts",
                    "text": "Plan P-000002 does not hold any more: job J-104 was changed, dispatched or closed; "
                    "make a new one",
                    "obstacles": [{"what": "job.J-104", "text": "job J-104 was changed, dispatched or closed"}],
                    "in_force": {},
                    "held": [],
                    "lines": [],
                }
            ]
        }
    )

    plan: str
    step: PlanStep
    possible: bool
    code: str | None
    text: str | None
    obstacles: list[Obstacle]
    in_force: dict[str, str]
    held: list[HeldOut]
    lines: list[LineForeseen]


def cost(currency: str, by_term: dict[str, Decimal]) -> CostOut:
    """Return a sum of money with what it is made of."""
    return CostOut(currency=currency, total=sum(by_term.values(), Decimal(0)), by_term=by_term)


def _paid(sums: CostOut) -> Decimal:
    return sums.total - sums.by_term["unserved"]


def _crew(crew: list[SeatTaken], reasons: list[ReasonOut]) -> str:
    if crew:
        return ", ".join(f"{one.technician} {one.start:%Y-%m-%d %H:%MZ}" for one in crew)
    return "; ".join(one.text for one in reasons) or _("not done")
