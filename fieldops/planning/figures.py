"""The key figures of a plan: what it does of what there is to do, how late, how far, with how much of its people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import assignments, job_heads
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.board.people import board_people
from fieldops.planning.costing import money
from fieldops.planning.models import DayPlan
from fieldops.planning.rules import HORIZON_DAYS, UNSERVED_PENALTY
from fieldops.planning.schemas import DayPlanOut
from inventory.kernel.lookup import portions
from inventory.kernel.priority import Priority
from inventory.network.models import Place, Region
from inventory.planning.queries import orders

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan comes to, whole or in a region; hours of all people together.

    `late_h` is by how much its late jobs end after they are due. `duty_h` is how long the people of the region are on
    duty in the week of the plan. `terms` is what is paid, `unserved` what leaving jobs out counts, which nobody pays.
    """

    jobs: int
    served: int
    aog: int
    aog_served: int
    late: int
    late_h: float
    travel_h: float
    work_h: float
    duty_h: float
    terms: dict[str, Decimal]
    unserved: Decimal

    def __add__(self, other: Figures) -> Figures:
        """Return the figures of two plans of other regions together."""
        terms = {term: self.terms[term] + other.terms[term] for term in self.terms}
        sums = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self) if one.name != "terms"
        }
        return Figures(**sums, terms=terms)

    @property
    def total(self) -> Decimal:
        """Return what is paid in all."""
        return sum(self.terms.values(), Decimal(0))

    @property
    def utilisation(self) -> float | None:
        """Return the share of the hours on duty that work and ways take, None where nobody is on duty."""
        return (self.work_h + self.travel_h) / self.duty_h if self.duty_h else None


def figures(session: Session, plan: DayPlan, told: DayPlanOut, regions: Collection[str]) -> Figures:
    """Return the key figures of a plan in regions, as its reader may know them."""
    lines = assignments(session, plan.id)
    heads = job_heads(session, sorted({line.job for line in lines} | {one.job for one in told.dispatch.unassigned}))
    inside = _places(session, regions)
    mine = [line for line in lines if line.job in heads and heads[line.job].place in inside]
    served = {line.job for line in mine}
    left = [heads[one.job] for one in told.dispatch.unassigned if one.job in heads and heads[one.job].place in inside]
    aog = sum(heads[job].priority is Priority.AOG for job in served)
    late = _late(session, mine)
    moves = [order for order in orders(session, plan.id) if order.destination in inside]
    return Figures(
        jobs=len(served) + len(left),
        served=len(served),
        aog=aog + sum(one.priority is Priority.AOG for one in left),
        aog_served=aog,
        late=len(late),
        late_h=sum(late, timedelta()).total_seconds() / _HOUR_S,
        travel_h=sum(line.travel_s for line in mine) / _HOUR_S,
        work_h=sum(((line.ends_at - line.starts_at).total_seconds() for line in mine), 0.0) / _HOUR_S,
        duty_h=_duty_h(session, plan, regions),
        terms={
            "labour": sum((line.labour_cost for line in mine), Decimal(0)),
            "travel": sum((line.travel_cost for line in mine), Decimal(0)),
            "lateness": sum((line.lateness_cost for line in mine), Decimal(0)),
            "freight": sum((order.freight_cost for order in moves), Decimal(0)),
            "purchase": sum((order.purchase_cost for order in moves), Decimal(0)),
        },
        unserved=sum((money(UNSERVED_PENALTY[one.priority]) for one in left), Decimal(0)),
    )


def _places(session: Session, regions: Collection[str]) -> set[str]:
    query = select(Place.code).join(Region, Region.id == Place.region_id).where(Region.code.in_(regions))
    return set(session.scalars(query))


def _late(session: Session, lines: Sequence[AssignmentLine]) -> list[timedelta]:
    """Return by how much jobs end after they are due, of those that do."""
    ends: dict[str, datetime] = {}
    for line in lines:
        ends[line.job] = max(line.ends_at, ends.get(line.job, line.ends_at))
    due: dict[str, datetime] = {}
    for some in portions(sorted(ends)):
        due |= dict(session.execute(select(Job.number, Job.due_at).where(Job.number.in_(some))).all())
    return [end - due[job] for job, end in ends.items() if job in due and end > due[job]]


def _duty_h(session: Session, plan: DayPlan, regions: Collection[str]) -> float:
    since = datetime.combine(plan.plan_date, time(), UTC)
    until = since + timedelta(days=HORIZON_DAYS)
    people = [one for code in regions for one in board_people(session, since, until, code)]
    spans = ((max(start, since), min(end, until)) for one in people for start, end in one.duties)
    return sum((end - start).total_seconds() for start, end in spans) / _HOUR_S
