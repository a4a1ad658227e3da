"""Reads of the budgets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Text, case, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from fieldops.finance.models import (
    ApprovalLimit,
    BudgetEntry,
    BudgetHold,
    BudgetLine,
    BudgetOverride,
    Category,
    EntryKind,
)
from fieldops.finance.schemas import ApprovalLimits, BudgetLineOut, HoldOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region

LineKey = tuple[str, str, date]
"""What lines are ordered by: region code, category, first day."""

FIRST_LINE: LineKey = ("", "", date.min)


def budget_lines(
    session: Session,
    *,
    day: date | None = None,
    regions: Collection[str] = (),
    category: Category | None = None,
    after: LineKey = FIRST_LINE,
    limit: int | None = None,
) -> list[BudgetLineOut]:
    """Return the lines after `after` by region, category and period; `day` keeps the periods that hold it."""
    place = (Region.code, type_coerce(BudgetLine.category, Text), BudgetLine.period_start)
    query = (
        select(BudgetLine, Region.code)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(tuple_(*place) > tuple_(*after))
        .order_by(*place)
        .limit(limit)
    )
    if day is not None:
        query = query.where(BudgetLine.period_start <= day, BudgetLine.period_end > day)
    if regions:
        query = query.where(Region.code.in_(regions))
    if category is not None:
        query = query.where(BudgetLine.category == category)
    return [
        BudgetLineOut(
            region=region,
            category=line.category,
            period_start=line.period_start,
            period_end=line.period_end,
            currency=line.currency,
            budget=line.budget,
            reserved=line.reserved,
            committed=line.committed,
            actual=line.actual,
            overridden=line.overridden,
            available=line.available,
        )
        for line, region in session.execute(query)
    ]


def limits_version(session: Session) -> int:
    """Return how often the approval limits were set, 0 while there are none: the version of all together."""
    return session.scalar(select(func.sum(ApprovalLimit.version))) or 0


def limits_set(session: Session) -> ApprovalLimits:
    """Return what each role may approve, all in one currency; raises NotFound while no limit is set."""
    rows = session.scalars(select(ApprovalLimit).order_by(ApprovalLimit.role)).all()
    if not rows:
        raise NotFound(_("No approval limits are set; set one for each role that may approve"), code="no_limits")
    return ApprovalLimits(currency=rows[0].currency, limits={row.role: row.amount for row in rows})


def holds(session: Session, plans: dict[UUID, str]) -> list[HoldOut]:
    """Return what the plans hold for approval, most urgent first; `plans` is {key: number}."""
    rows = session.execute(
        select(BudgetHold, BudgetLine, Region.code)
        .join(BudgetLine, BudgetLine.id == BudgetHold.line_id)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(BudgetHold.plan_id.in_(plans))
        .order_by(BudgetHold.rank, BudgetHold.document, BudgetLine.category)
    )
    return [hold_out(hold, line, region, plans[hold.plan_id]) for hold, line, region in rows]


def hold_out(hold: BudgetHold, line: BudgetLine, region: str, plan: str) -> HoldOut:
    """Return a hold as it is told, with its line, region and the number of its plan."""
    return HoldOut(
        plan=plan,
        document=hold.document,
        kind=hold.kind,
        region=region,
        category=line.category,
        currency=line.currency,
        amount=hold.amount,
        available=hold.available,
        shortfall=hold.shortfall,
        priority=hold.priority,
        approver_role=hold.approver_role,
    )


def overrides(session: Session, plan_id: UUID) -> list[BudgetOverride]:
    """Return the overrides that a plan used, by document."""
    return list(
        session.scalars(
            select(BudgetOverride).where(BudgetOverride.plan_id == plan_id).order_by(BudgetOverride.document)
        )
    )


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A line whose amount of one kind is not the sum of its entries."""

    region: str
    category: Category
    kind: EntryKind
    line: Decimal
    entries: Decimal


def disagreements(session: Session) -> list[Disagreement]:
    """Return every line whose amounts are not the sums of its entries; empty when the ledger is sound."""
    sums = [
        func.coalesce(func.sum(case((BudgetEntry.kind == kind, BudgetEntry.amount))), Decimal(0)) for kind in EntryKind
    ]
    rows = session.execute(
        select(BudgetLine, Region.code, *sums)
        .join(Region, Region.id == BudgetLine.region_id)
        .outerjoin(BudgetEntry, BudgetEntry.line_id == BudgetLine.id)
        .group_by(BudgetLine.id, Region.code)
        .order_by(Region.code, BudgetLine.category)
    )
    wrong = []
    for line, region, *totals in rows:
        told = {
            EntryKind.BUDGET: line.budget,
            EntryKind.RESERVATION: line.reserved,
            EntryKind.COMMITMENT: line.committed,
            EntryKind.OVERRIDE: line.overridden,
            EntryKind.ACTUAL: line.actual,
        }
        for kind, total in zip(EntryKind, totals, strict=True):
            if told[kind] != total:
                wrong.append(Disagreement(region, line.category, kind, told[kind], total))
    return wrong
