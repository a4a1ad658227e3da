"""Money of plans: what a plan reserves, what it must leave for an approval, and what it gives back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import earmark_row
from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind, Stage
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.control.authority import stopped
from fieldops.finance.control.holding import REVIEW
from fieldops.finance.control.models import BudgetHold, BudgetOverride, OverrideKind
from fieldops.finance.control.rules import Band, Decision, Request, Shortage, approver, decide, free, limits
from fieldops.finance.control.terms import approval_limits, bands_of, load_terms
from inventory.kernel.actor import Actor
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Invalid
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes

COST_EVENT = "cost.reserved"
"""Kind of the outbox events that carry what a plan reserves or gives back."""

_EARMARK_KEY = ("document", "document_kind", "item", "line_id", "stage", "holder")

COMPLIANCE = "trade_compliance"
"""The role that lets a document go which trade compliance holds; nobody approves it."""


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

    `cap` bounds what may be reserved of all lines together. What was held of the same lines for the plan before is
    decided anew.
    """
    lines = lock_lines(session, {key for request in requests for key in request.amounts})
    decision = decide(
        requests,
        rooms_of(bands_of(load_terms(session)), requests, lines),
        cap=cap,
        aog_override=override is not None,
        stopped=stopped(session, [request.document for request in requests]),
    )
    session.execute(delete(BudgetHold).where(BudgetHold.plan_id == plan_id, BudgetHold.line_id.in_(lines)))
    take(session, actor, plan_id, decision.passed, lines, now)
    _keep_decision(session, plan_id, decision, override, now)
    session.flush()
    return decision


def take(
    session: Session,
    actor: Actor,
    plan_id: UUID,
    requests: Sequence[Request],
    lines: Mapping[UUID, BudgetLine],
    now: datetime,
) -> dict[UUID, Decimal]:
    """Reserve documents of a plan on locked lines, the decision being made; returns what each line is beyond.

    What the plan held before for the same documents and gave back is held again.
    """
    postings, earmarks = [], []
    for request in requests:
        for line, amount in request.amounts.items():
            postings.append(
                Posting(line, EntryKind.RESERVATION, amount, request.kind, request.document, now.date(), plan_id)
            )
            earmarks.append(earmark_for(plan_id, line, amount, request, actor, now))
    if earmarks:
        upsert = dialect_insert(session, Earmark)
        again = {name: upsert.excluded[name] for name in ("amount", "held_by", "held_at")}
        session.execute(upsert.on_conflict_do_update(index_elements=_EARMARK_KEY, set_=again), earmarks)
    beyond: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for one in post(session, actor, lines, postings, now):
        beyond[one.line] += one.amount
    return dict(beyond)


def earmark_for(
    plan_id: UUID, line: UUID, amount: Decimal, request: Request, actor: Actor, now: datetime
) -> dict[str, object]:
    """Return the row of what a plan holds of a line for a document."""
    document = request.kind, request.document
    return earmark_row(line, Stage.RESERVATION, document, amount, actor, now, holder=str(plan_id))


def announce(session: Session, plan: PlanRef, now: datetime, among: Collection[str] | None = None) -> None:
    """Tell the ERP and whoever else listens what a plan reserved, in some regions or all, line by line."""
    regions = region_codes(session)
    for line, amount in _reserved(session, plan.id):
        if among is None or regions[line.region_id] in among:
            tell_reserved(session, plan, regions[line.region_id], line, amount, now)


def release_plan(session: Session, actor: Actor, plan: PlanRef, region: str, now: datetime) -> None:
    """Take back what a plan holds on the lines of a region, with reversing entries for each of its documents."""
    regions = region_codes(session)
    mine = [line.id for line, _amount in _reserved(session, plan.id) if regions[line.region_id] == region]
    lines = lock_lines(session, mine)
    held = (
        select(Earmark)
        .where(Earmark.holder == str(plan.id), Earmark.line_id.in_(lines), Earmark.amount > 0)
        .order_by(Earmark.line_id, Earmark.id)
        .execution_options(populate_existing=True)
    )
    given: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    postings = []
    for one in session.scalars(held):
        given[one.line_id] += one.amount
        postings.append(
            Posting(
                one.line_id, EntryKind.RESERVATION, -one.amount, one.document_kind, one.document, now.date(), plan.id
            )
        )
    if not postings:
        return
    session.execute(
        update(Earmark).where(Earmark.holder == str(plan.id), Earmark.line_id.in_(lines)).values(amount=Decimal(0))
    )
    post(session, actor, lines, postings, now)
    for key, amount in given.items():
        tell_reserved(session, plan, region, lines[key], -amount, now)
    session.flush()


def rooms_of(
    bands: Collection[Band], requests: Iterable[Request], lines: Mapping[UUID, BudgetLine]
) -> dict[tuple[UUID, str], Decimal]:
    """Return what each kind of document may take of each line without an approval; nothing of a frozen one."""
    rooms: dict[tuple[UUID, str], Decimal] = {}
    for key, kind in {(key, request.kind) for request in requests for key in request.amounts}:
        line = lines[key]
        found = limits(line.budget, bands, line.category, kind)
        rooms[key, kind] = Decimal(0) if line.frozen else free(line.budget, line.taken, found)
    return rooms


def _reserved(session: Session, plan_id: UUID) -> list[tuple[BudgetLine, Decimal]]:
    """Return the lines that a plan holds something of, with how much, by their keys."""
    sums = (
        select(Earmark.line_id, func.sum(Earmark.amount).label("amount"))
        .where(Earmark.holder == str(plan_id), Earmark.amount > 0)
        .group_by(Earmark.line_id)
        .subquery()
    )
    rows = session.execute(
        select(BudgetLine, sums.c.amount).join(sums, sums.c.line_id == BudgetLine.id).order_by(BudgetLine.id)
    )
    return [(line, amount) for line, amount in rows]


def _keep_decision(
    session: Session, plan_id: UUID, decision: Decision, override: Override | None, now: datetime
) -> None:
    limits_now = approval_limits(session) if decision.held else {}
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
            approver_role=role,
        )
        for some, role_of in ((decision.held, None), (decision.stopped, COMPLIANCE))
        for short in some
        for role in [role_of or approver(short.request.total, limits_now)]
    )
    if override is not None:
        session.add_all(
            BudgetOverride(
                plan_id=plan_id,
                line_id=short.line,
                kind=OverrideKind.NAMED,
                document_kind=short.request.kind,
                document=short.request.document,
                amount=short.shortfall,
                by=override.by,
                reason=override.reason,
                allowed_at=now,
                review_by=now + REVIEW,
            )
            for short in (*decision.overridden, *_only_capped(decision))
        )


def _only_capped(decision: Decision) -> list[Shortage]:
    """Return what passed beyond the cap and not beyond a line as well, so that no document is told twice."""
    told = {short.request.document for short in decision.overridden}
    return [short for short in decision.beyond_cap if short.request.document not in told]


def tell_reserved(
    session: Session,
    plan: PlanRef,
    region: str,
    line: BudgetLine,
    amount: Decimal,
    now: datetime,
) -> None:
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
        key=f"{plan.id}/{line.id}/{effect}/{uuid7().hex}",
    )
