"""What is asked of plan versions, and how two of them are told apart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from fieldops.planning.schemas import CostOut, PlanDay, ReasonOut
from fieldops.workforce.kinds import Seat
from inventory.kernel.texts import gettext as _


class PlanDispatch(PlanDay):
    """The plan of dispatch to make, as a day plan is asked for.

    `budget` and `aog_override` are kept with the plan and count when it is published.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"date": "2026-03-02", "region": "SEA", "iterations": 2000, "seed": 0}]}
    )


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

    Costs are those of labour, travel and lateness of the jobs there.
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
                        "by_term": {"labour": "88.00", "travel": "14.50", "lateness": "0.00"},
                    },
                    "cost": {
                        "currency": "USD",
                        "total": "96.00",
                        "by_term": {"labour": "84.00", "travel": "12.00", "lateness": "0.00"},
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
                before=self.cost_before.total, after=self.cost.total, currency=self.cost.currency
            ),
        ]
        lines += [
            f"  {one.job}: {_crew(one.crew_before, one.reasons_before)} → {_crew(one.crew, one.reasons)}"
            for one in self.jobs
        ]
        return "\n".join(lines)


def cost(currency: str, by_term: dict[str, Decimal]) -> CostOut:
    """Return a sum of money with what it is made of."""
    return CostOut(currency=currency, total=sum(by_term.values(), Decimal(0)), by_term=by_term)


def _crew(crew: list[SeatTaken], reasons: list[ReasonOut]) -> str:
    if crew:
        return ", ".join(f"{one.technician} {one.start:%Y-%m-%d %H:%MZ}" for one in crew)
    return "; ".join(one.text for one in reasons) or _("not done")
