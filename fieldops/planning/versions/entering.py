"""A plan comes into force: the one before gives its money back, and what fits the budget is reserved anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.service import ask_for_plan, withdraw_for_plan
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.control.plans import Override, PlanRef, release_plan, reserve
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import Rates
from fieldops.planning.costing import Bill
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.versions.basis import Basis
from inventory.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Entering:
    """A plan that comes into force in regions: its key and day, and what its documents spend in a currency."""

    plan_id: UUID
    day: date
    regions: Sequence[str]
    currency: str
    bills: Sequence[Bill]


def entering_of(plan_id: UUID, day: date, regions: Sequence[str], basis: Basis) -> Entering:
    """Return a plan that comes into force with what it stands on."""
    return Entering(plan_id, day, regions, basis.currency, [one.bill() for one in basis.bills])


def enter(
    session: Session,
    actor: Actor,
    plans: Sequence[Entering],
    now: datetime,
    *,
    leaves: PlanStatus = PlanStatus.SUPERSEDED,
    override: Override | None = None,
    cap: Decimal | None = None,
) -> list[set[str]]:
    """Reserve what plans spend in the place of those in force in their regions; returns the held documents of each.

    What was in force is what `leaves` says from then on. The caller has locked the regions; lines are locked before
    numbers are taken.
    """
    for plan in plans:
        _release(session, actor, plan.regions, now, leaves)
    rates = load_rates(session)
    decisions = []
    for plan in plans:
        lines = lines_on(session, plan.day, plan.regions)
        convert = partial(_converted, rates, plan)
        asked = [bill.request(lines, convert) for bill in plan.bills]
        decisions.append(reserve(session, actor, plan.plan_id, asked, override=override, cap=cap, now=now))
    for plan, decision in zip(plans, decisions, strict=True):
        ask_for_plan(session, actor, plan.plan_id, decision.held, plan.currency, now)
    return [{short.request.document for short in (*one.held, *one.stopped)} for one in decisions]


def _converted(rates: Rates, plan: Entering, amount: Decimal, currency: str) -> Decimal:
    return rates.convert(amount, plan.currency, currency, plan.day)


def _release(session: Session, actor: Actor, regions: Sequence[str], now: datetime, leaves: PlanStatus) -> None:
    rows = session.execute(
        select(DayPlan, PlanRegion)
        .join(PlanRegion, PlanRegion.plan_id == DayPlan.id)
        .where(PlanRegion.status == PlanStatus.CURRENT, PlanRegion.region.in_(regions))
        .order_by(PlanRegion.region)
    )
    for old, region in list(rows):
        release_plan(session, actor, PlanRef(old.id, old.number), region.region, now)
        withdraw_for_plan(session, old.id, region.region, now)
        region.status = leaves
    session.flush()
