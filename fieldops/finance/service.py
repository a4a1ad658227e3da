"""Use cases of finance. This module alone writes budget lines and the entries that they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.models import (
    ApprovalLimit,
    BudgetEntry,
    BudgetHold,
    BudgetLine,
    BudgetOverride,
    Category,
    EntryKind,
)
from fieldops.finance.rules import Decision, Request, Shortage, approver, decide
from fieldops.finance.schemas import NewBudgetLine
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid, NotReady
from inventory.kernel.installation import require_currency
from inventory.kernel.locks import Lock, locked
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes
from inventory.network.service import region_ids

COST_EVENT = "cost.reserved"
"""Kind of the outbox events that carry what a plan reserves or gives back."""


@dataclass(frozen=True, slots=True)
class PlanRef:
    """The plan that documents belong to, by key and by number."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Override:
    """A named authority lets AOG documents pass beyond their line, for a reason that is kept.

    Raises Invalid for a name over 64 or a reason over 400 characters, or where either is blank.
    """

    by: str
    reason: str

    def __post_init__(self) -> None:
        for field, told, length_max in (("by", self.by, 64), ("reason", self.reason, 400)):
            if not told.strip() or len(told) > length_max:
                raise Invalid(
                    _("An override needs a name and a reason; {field} takes 1 to {most} characters").format(
                        field=field, most=length_max
                    ),
                    code="override_incomplete",
                    field=field,
                )


def open_lines(session: Session, actor: Actor, lines: Sequence[NewBudgetLine], now: datetime) -> None:
    """Open budget lines with what is spent and committed so far; raises Conflict for overlapping periods."""
    require_currency(session, (line.currency for line in lines))
    regions = region_ids(session, (line.region for line in lines))
    taken: defaultdict[tuple[UUID, Category], list[tuple[date, date]]] = defaultdict(list)
    for region, category, start, end in session.execute(
        select(BudgetLine.region_id, BudgetLine.category, BudgetLine.period_start, BudgetLine.period_end)
    ):
        taken[region, category].append((start, end))
    rows, entries = [], []
    for line in lines:
        periods = taken[regions[line.region], line.category]
        if any(start < line.period_end and line.period_start < end for start, end in periods):
            raise Conflict(
                _("{region} has a budget for {category} that overlaps {start} to {end}; correct the period").format(
                    region=line.region, category=line.category, start=line.period_start, end=line.period_end
                ),
                code="budget_exists",
            )
        periods.append((line.period_start, line.period_end))
        key = uuid7()
        rows.append(
            line.model_dump(exclude={"region"})
            | {"id": key, "region_id": regions[line.region], "reserved": Decimal(0), "overridden": Decimal(0)}
        )
        entries += [
            _entry(key, kind, amount, "opening", None, actor, now)
            for kind, amount in (
                (EntryKind.BUDGET, line.budget),
                (EntryKind.COMMITMENT, line.committed),
                (EntryKind.ACTUAL, line.actual),
            )
            if amount
        ]
    if rows:
        session.execute(insert(BudgetLine), rows)
    if entries:
        session.execute(insert(BudgetEntry), entries)
    for code in sorted(regions):
        emit(session, "budget.opened", {"region": code}, now, audience=code)


def set_approval_limits(session: Session, limits: Mapping[str, Decimal | None], currency: str) -> None:
    """Set the largest amount that each role may approve."""
    require_currency(session, [currency])
    for role, amount in limits.items():
        session.merge(ApprovalLimit(role=role, amount=amount, currency=currency))
    session.flush()


def lines_on(session: Session, day: date, regions: Iterable[str]) -> dict[tuple[str, Category], BudgetLine]:
    """Return {(region, category): line} of the period that holds `day`, without locking them."""
    keys = {key: code for code, key in region_ids(session, regions).items()}
    lines = session.scalars(
        select(BudgetLine).where(
            BudgetLine.region_id.in_(keys), BudgetLine.period_start <= day, BudgetLine.period_end > day
        )
    )
    return {(keys[line.region_id], line.category): line for line in lines}


def reserve(
    session: Session,
    actor: Actor,
    plan_id: UUID,
    requests: Sequence[Request],
    *,
    override: Override | None,
    cap: Decimal | None,
    now: datetime,
) -> Decision:
    """Check documents against their lines and reserve what fits; the rest is kept as held, with who may approve it.

    `cap` bounds what may be reserved of all lines together.
    """
    lines = {line.id: line for line in _locked(session, {key for request in requests for key in request.amounts})}
    decision = decide(
        requests,
        {key: line.available for key, line in lines.items()},
        cap=cap,
        aog_override=override is not None,
    )
    reserved: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    entries = []
    for request in decision.passed:
        for line, amount in request.amounts.items():
            reserved[line] += amount
            entries.append(_entry(line, EntryKind.RESERVATION, amount, request.document, plan_id, actor, now))
    for short in decision.overridden:
        lines[short.line].overridden += short.shortfall
        entries.append(
            _entry(short.line, EntryKind.OVERRIDE, short.shortfall, short.request.document, plan_id, actor, now)
        )
    for key, amount in reserved.items():
        lines[key].reserved += amount
    if entries:
        session.execute(insert(BudgetEntry), entries)
    _keep_decision(session, plan_id, decision, override, now)
    session.flush()
    return decision


def announce(session: Session, plan: PlanRef, now: datetime) -> None:
    """Tell the ERP and whoever else listens what a plan reserved, line by line."""
    for line, region, held in _held_by(session, plan.id, to_change=False):
        if held[EntryKind.RESERVATION]:
            _tell(session, plan, region, line, held[EntryKind.RESERVATION], now)


def release_plan(session: Session, actor: Actor, plan: PlanRef, region: str, now: datetime) -> None:
    """Take back what a plan holds on the lines of a region, with reversing entries, and the overrides it needed."""
    for line, code, held in _held_by(session, plan.id, to_change=True):
        if code != region:
            continue
        reversing = [
            _entry(line.id, kind, -amount, "release", plan.id, actor, now) for kind, amount in held.items() if amount
        ]
        if not reversing:
            continue
        line.reserved -= held[EntryKind.RESERVATION]
        line.overridden -= held[EntryKind.OVERRIDE]
        session.execute(insert(BudgetEntry), reversing)
        if held[EntryKind.RESERVATION]:
            _tell(session, plan, region, line, -held[EntryKind.RESERVATION], now)
    session.flush()


def _held_by(
    session: Session, plan_id: UUID, *, to_change: bool
) -> list[tuple[BudgetLine, str, dict[EntryKind, Decimal]]]:
    """Return (line, region code, what the plan holds of it by kind), by the lines' keys; `to_change` locks them."""
    sums: defaultdict[UUID, defaultdict[EntryKind, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line_id, kind, amount in session.execute(
        select(BudgetEntry.line_id, BudgetEntry.kind, func.sum(BudgetEntry.amount))
        .where(BudgetEntry.plan_id == plan_id)
        .group_by(BudgetEntry.line_id, BudgetEntry.kind)
    ):
        sums[line_id][kind] = amount
    regions = region_codes(session)
    if to_change:
        lines = _locked(session, sums)
    else:
        lines = list(session.scalars(select(BudgetLine).where(BudgetLine.id.in_(list(sums))).order_by(BudgetLine.id)))
    return [(line, regions[line.region_id], sums[line.id]) for line in lines]


def _locked(session: Session, keys: Iterable[UUID]) -> list[BudgetLine]:
    """Return the lines, fresh and locked in the order of their keys: plans at once wait for each other."""
    query = select(BudgetLine).where(BudgetLine.id.in_(list(keys))).order_by(BudgetLine.id)
    return locked(session, Lock.BUDGET_LINE, query.execution_options(populate_existing=True))


def approval_limits(session: Session) -> dict[str, Decimal | None]:
    """Return {role: largest amount}; raises NotReady while none is set."""
    limits = {limit.role: limit.amount for limit in session.scalars(select(ApprovalLimit))}
    if not limits:
        raise NotReady(_("No approval limits are set; set one for each role that may approve"), code="no_limits")
    return limits


def line_missing(region: str, category: Category, day: date) -> Invalid:
    """Return the refusal for spending that no budget line covers."""
    return Invalid(
        _("Region {region} has no budget line for {category} on {day}; open one first").format(
            region=region, category=category, day=day
        ),
        code="no_budget_line",
    )


def _keep_decision(
    session: Session, plan_id: UUID, decision: Decision, override: Override | None, now: datetime
) -> None:
    limits = approval_limits(session) if decision.held else {}
    session.add_all(
        BudgetHold(
            plan_id=plan_id,
            line_id=short.line,
            document=short.request.document,
            kind=short.request.kind,
            priority=short.request.priority,
            rank=short.request.rank,
            amount=short.amount,
            available=short.available,
            shortfall=short.shortfall,
            approver_role=approver(short.request.total, limits),
        )
        for short in decision.held
    )
    if override is not None:
        session.add_all(
            BudgetOverride(
                plan_id=plan_id,
                line_id=short.line,
                document=short.request.document,
                amount=short.shortfall,
                by=override.by,
                reason=override.reason,
                allowed_at=now,
            )
            for short in (*decision.overridden, *_only_capped(decision))
        )


def _only_capped(decision: Decision) -> list[Shortage]:
    """Return what passed beyond the cap and not beyond a line as well, so that no document is told twice."""
    told = {short.request.document for short in decision.overridden}
    return [short for short in decision.beyond_cap if short.request.document not in told]


def _tell(session: Session, plan: PlanRef, region: str, line: BudgetLine, amount: Decimal, now: datetime) -> None:
    """Tell the ERP and whoever else listens what a plan reserved (or, negative, gave back) on a line."""
    effect = "reserved" if amount > 0 else "released"
    emit(
        session,
        COST_EVENT,
        {
            "document": plan.number,
            "region": region,
            "category": line.category,
            "day": now.date().isoformat(),
            "currency": line.currency,
            "amount": str(amount),
            "effect": effect,
        },
        now,
        audience=region,
        key=f"{plan.id}/{region}/{line.category}/{effect}",
    )


def _entry(
    line: UUID, kind: EntryKind, amount: Decimal, document: str, plan_id: UUID | None, actor: Actor, now: datetime
) -> dict[str, object]:
    return {
        "line_id": line,
        "kind": kind,
        "amount": amount,
        "document": document,
        "plan_id": plan_id,
        "actor": actor.id,
        "entered_at": now,
    }
