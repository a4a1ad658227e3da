"""Reads of the control: what is held, what was spent, what passed beyond a line."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetLine, Earmark, Stage
from fieldops.finance.control.actual_schemas import ActualOut
from fieldops.finance.control.authority_schemas import AuthorityOut, ComplianceHoldOut, OverrideRecord
from fieldops.finance.control.models import (
    BudgetActual,
    BudgetHold,
    BudgetOverride,
    ComplianceHold,
    StandingAuthority,
)
from fieldops.finance.control.schemas import EarmarkOut, HoldOut
from inventory.network.models import Region

NO_KEY = UUID(int=0)


def earmark_page(
    session: Session,
    *,
    after: UUID = NO_KEY,
    limit: int | None = None,
    document: str | None = None,
    line: UUID | None = None,
    stage: Stage | None = None,
    held: bool = True,
) -> list[EarmarkOut]:
    """Return what documents hold after `after`, in the order in which it was held; `held` leaves out what is empty."""
    query = (
        select(Earmark, BudgetLine.category, BudgetLine.currency, Region.code)
        .join(BudgetLine, BudgetLine.id == Earmark.line_id)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(Earmark.id > after)
        .order_by(Earmark.id)
        .limit(limit)
    )
    if held:
        query = query.where(Earmark.amount > 0)
    for column, wanted in ((Earmark.document, document), (Earmark.line_id, line), (Earmark.stage, stage)):
        if wanted is not None:
            query = query.where(column == wanted)
    return [
        EarmarkOut(
            id=one.id,
            line=one.line_id,
            region=region,
            category=category,
            currency=currency,
            stage=one.stage,
            document_kind=one.document_kind,
            document=one.document,
            item=one.item,
            plan=UUID(one.holder) if one.holder else None,
            amount=one.amount,
            consumed=one.consumed,
            recovery=one.recovery,
            held_by=one.held_by,
            held_at=one.held_at,
        )
        for one, category, currency, region in session.execute(query)
    ]


def unheld_spending(session: Session, document_kind: str, document: str) -> dict[str, Decimal]:
    """Return {item: what was spent of it without money that the document held}, as it was given."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    query = select(BudgetActual).where(BudgetActual.document == document, BudgetActual.document_kind == document_kind)
    for one in session.scalars(query.where(BudgetActual.amount != 0)):
        found[one.item] += one.given * (one.amount - one.consumed) / one.amount
    return found


def actual_page(
    session: Session,
    *,
    after: UUID = NO_KEY,
    limit: int | None = None,
    document: str | None = None,
    line: UUID | None = None,
    source: str | None = None,
) -> list[ActualOut]:
    """Return the expenses after `after`, in the order in which they were posted."""
    query = (
        select(BudgetActual, BudgetLine.category, BudgetLine.currency, Region.code)
        .join(BudgetLine, BudgetLine.id == BudgetActual.line_id)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(BudgetActual.id > after)
        .order_by(BudgetActual.id)
        .limit(limit)
    )
    for column, wanted in (
        (BudgetActual.document, document),
        (BudgetActual.line_id, line),
        (BudgetActual.source, source),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [
        ActualOut(
            id=one.id,
            source=one.source,
            line=one.line_id,
            region=region,
            category=category,
            document_kind=one.document_kind,
            document=one.document,
            item=one.item,
            day=one.day,
            amount=one.amount,
            currency=currency,
            given=one.given,
            given_currency=one.given_currency,
            consumed=one.consumed,
            released=one.released,
            recovered=one.recovered,
            reverses=one.reverses,
            reason=one.reason,
            posted_by=one.posted_by,
            posted_at=one.posted_at,
        )
        for one, category, currency, region in session.execute(query)
    ]


def override_page(
    session: Session,
    *,
    after: UUID = NO_KEY,
    limit: int | None = None,
    key: UUID | None = None,
    to_review: bool | None = None,
    region: str | None = None,
    latest: bool = False,
) -> list[OverrideRecord]:
    """Return what passed beyond its line after `after`; `to_review` keeps what waits for a review, or the rest.

    They come in the order in which they passed, with `latest` the other way round.
    """
    query = (
        select(BudgetOverride, BudgetLine.category, BudgetLine.currency, Region.code)
        .join(BudgetLine, BudgetLine.id == BudgetOverride.line_id)
        .join(Region, Region.id == BudgetLine.region_id)
        .where(BudgetOverride.id > after)
        .order_by(BudgetOverride.id.desc() if latest else BudgetOverride.id)
        .limit(limit)
    )
    for column, wanted in ((BudgetOverride.id, key), (Region.code, region)):
        if wanted is not None:
            query = query.where(column == wanted)
    waits = BudgetOverride.review_by.is_not(None) & BudgetOverride.reviewed_at.is_(None)
    if to_review is not None:
        query = query.where(waits if to_review else ~waits)
    return [
        OverrideRecord(
            id=one.id,
            kind=one.kind,
            region=region,
            category=category,
            currency=currency,
            document_kind=one.document_kind,
            document=one.document,
            amount=one.amount,
            by=one.by,
            reason=one.reason,
            allowed_at=one.allowed_at,
            review_by=one.review_by,
            reviewed_by=one.reviewed_by,
            reviewed_at=one.reviewed_at,
            finding=one.finding,
            version=one.version,
        )
        for one, category, currency, region in session.execute(query)
    ]


def authority_page(
    session: Session, *, after: UUID = NO_KEY, limit: int | None = None, key: UUID | None = None
) -> list[AuthorityOut]:
    """Return the standing authorities after `after`, in the order in which they were granted."""
    query = (
        select(StandingAuthority, Region.code)
        .join(Region, Region.id == StandingAuthority.region_id)
        .where(StandingAuthority.id > after)
        .order_by(StandingAuthority.id)
        .limit(limit)
    )
    if key is not None:
        query = query.where(StandingAuthority.id == key)
    return [
        AuthorityOut(
            id=one.id,
            region=region,
            line=one.line_id,
            document_max=one.document_max,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            reason=one.reason,
            granted_by=one.granted_by,
            granted_at=one.granted_at,
            ended_by=one.ended_by,
            ended_at=one.ended_at,
        )
        for one, region in session.execute(query)
    ]


def compliance_page(
    session: Session,
    *,
    after: UUID = NO_KEY,
    limit: int | None = None,
    key: UUID | None = None,
    document: str | None = None,
    lifted: bool | None = None,
) -> list[ComplianceHoldOut]:
    """Return the holds of trade compliance after `after`, in the order in which they were placed."""
    query = (
        select(ComplianceHold, Region.code)
        .join(Region, Region.id == ComplianceHold.region_id)
        .where(ComplianceHold.id > after)
        .order_by(ComplianceHold.id)
        .limit(limit)
    )
    for column, wanted in ((ComplianceHold.id, key), (ComplianceHold.document, document)):
        if wanted is not None:
            query = query.where(column == wanted)
    if lifted is not None:
        query = query.where(ComplianceHold.lifted_at.is_not(None) if lifted else ComplianceHold.lifted_at.is_(None))
    return [
        ComplianceHoldOut(
            id=one.id,
            region=region,
            document_kind=one.document_kind,
            document=one.document,
            reason=one.reason,
            placed_by=one.placed_by,
            placed_at=one.placed_at,
            lifted_by=one.lifted_by,
            lifted_at=one.lifted_at,
            lifted_because=one.lifted_because,
            version=one.version,
        )
        for one, region in session.execute(query)
    ]


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
