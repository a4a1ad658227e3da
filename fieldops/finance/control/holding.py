"""Check and hold: what a document costs is checked against the lines that pay, and held, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import earmarks_of, lock_documents
from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind, Stage
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.queries import paying_lines
from fieldops.finance.budgets.rules import Account
from fieldops.finance.budgets.service import require_spenders, require_thawed
from fieldops.finance.calendars.queries import closed_periods
from fieldops.finance.control.authority import envelope_of, require_not_stopped
from fieldops.finance.control.case import ZERO, Case, Name, Target, judge_case, lines_of, open_amounts, replaced
from fieldops.finance.control.models import BudgetOverride, OverrideKind
from fieldops.finance.control.rules import Outcome, approver
from fieldops.finance.control.schemas import HoldItem, LineVerdict, NewHold, Release, VerdictOut
from fieldops.finance.control.terms import approval_limits, load_terms
from fieldops.finance.rates.queries import load_rates
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, NotFound, told_at
from inventory.kernel.outbox import emit
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes
from inventory.network.service import region_ids

REVIEW = timedelta(days=1)
"""How long after it an override is reviewed."""

KIND_OF = {Stage.RESERVATION: EntryKind.RESERVATION, Stage.COMMITMENT: EntryKind.COMMITMENT}
"""The kind of entry of each stage."""


def check(session: Session, actor: Actor, wanted: NewHold, today: date) -> VerdictOut:
    """Say what the control would say now; nothing is held. Raises as `hold`, but for what a band blocks."""
    require_not_stopped(session, [wanted.document])
    case = _case(session, actor, wanted, today, lock=False)
    _require_takeable(session, case, lock=False)
    return _told(session, case, held=False)


def hold(
    session: Session, actor: Actor, wanted: NewHold, now: datetime, today: date, *, approved_by: str | None = None
) -> VerdictOut:
    """Make a document hold exactly what it names, if the control lets it; else nothing changes and `held` is false.

    What it held before, also by a plan, counts as its own. An AOG document that does not pass takes a standing
    envelope's money, or passes by an override. `approved_by` is who approved it: that lifts what asks for an approval,
    not what blocks.

    Raises Conflict where a band blocks it, trade compliance stops it, a line is frozen or the period closed; Invalid
    for an unknown line, cost centre, area or programme and a currency without a rate; Forbidden for another region or
    an override without the right.
    """
    if wanted.override:
        actor.require("plan.override")
    lock_documents(session, [(wanted.document_kind, wanted.document)])
    case = _case(session, actor, wanted, today, lock=True)
    require_not_stopped(session, [wanted.document])
    kind = _leave(case, approved_by)
    if case.outcome >= Outcome.APPROVE and kind is None:
        if case.outcome is Outcome.BLOCK:
            raise _blocked(case)
        return _told(session, case, held=False)
    if case.outcome is Outcome.BLOCK and kind is OverrideKind.APPROVAL:
        raise _blocked(case)
    _require_takeable(session, case)
    beyond = _apply(session, actor, case, now)
    session.add_all(_overrides(case, actor, kind, beyond, approved_by, now))
    session.flush()
    emit(
        session,
        "budget.held",
        {"region": wanted.region, "document": wanted.document, "kind": wanted.document_kind, "stage": wanted.stage},
        now,
        audience=wanted.region,
    )
    return _told(session, case, held=True)


def release(session: Session, actor: Actor, wanted: Release, now: datetime, today: date) -> int:
    """Give back what a document holds itself, of reservations and commitments; returns how many items gave some.

    Raises NotFound where it holds nothing, Conflict where documents of several regions have the number.
    """
    lock_documents(session, [(wanted.document_kind, wanted.document)])
    regions = region_codes(session)
    found = [one for one in earmarks_of(session, wanted.document_kind, wanted.document) if not one.holder]
    lines = lock_lines(session, {one.line_id for one in found})
    held = [one for one in found if one.amount and wanted.region in (None, regions[lines[one.line_id].region_id])]
    if not held:
        raise NotFound(
            _("{document} holds no money; the list of commitments shows what does").format(document=wanted.document),
            code="nothing_held",
        )
    holding = sorted({regions[lines[one.line_id].region_id] for one in held})
    if len(holding) > 1:
        raise Conflict(
            _("Documents {document} of several regions hold money: {regions}; name the region").format(
                document=wanted.document, regions=", ".join(holding)
            ),
            code="several_regions",
            field="region",
        )
    postings = []
    for one in held:
        postings += _giving_back(one, today)
        one.amount = one.recovery = ZERO
        one.closed = True
    post(session, actor, lines, postings, now)
    emit(
        session,
        "budget.released",
        {"region": holding[0], "document": wanted.document, "kind": wanted.document_kind, "reason": wanted.reason},
        now,
        audience=holding[0],
    )
    return len(held)


def _case(session: Session, actor: Actor, wanted: NewHold, today: date, *, lock: bool) -> Case:
    actor.require_region(wanted.region)
    region = region_ids(session, [wanted.region])[wanted.region]
    require_spenders(session, wanted.region, wanted.items)
    rates, terms = load_rates(session), load_terms(session)
    accounts = [_account(wanted.region, one) for one in wanted.items]
    days = [one.day or today for one in wanted.items]
    paying = paying_lines(session, zip(accounts, days, strict=True))
    envelope = envelope_of(session, actor, region, today) if wanted.priority is Priority.AOG else None
    standing = earmarks_of(session, wanted.document_kind, wanted.document, region=region)
    keys = {*paying.values(), *(one.line_id for one in standing)} | ({envelope.line} if envelope else set())
    if lock:
        lines: Mapping[UUID, BudgetLine] = lock_lines(session, keys)
        standing = earmarks_of(session, wanted.document_kind, wanted.document, region=region)
        if any(one.line_id not in lines for one in standing):
            raise changed_meanwhile(wanted.document)
    else:
        lines = {one.id: one for one in session.scalars(select(BudgetLine).where(BudgetLine.id.in_(keys)))}
    targets = []
    for number, (account, day, item) in enumerate(zip(accounts, days, wanted.items, strict=True)):
        line = lines[paying[account, day]]
        with told_at(f"items.{number}"):
            amount = rates.convert(item.amount, item.currency, line.currency, day)
            recovery = rates.convert(item.recovery, item.currency, line.currency, day)
            total = rates.convert(item.amount, item.currency, rates.reporting, day)
        targets.append(Target(item, line.id, day, amount, recovery, total))
    case = Case(wanted, targets, standing, lines, terms, rates, envelope=envelope)
    judge_case(case, actor)
    return case


def changed_meanwhile(document: str) -> Conflict:
    """Return the refusal of a document whose money went to another line at this very moment."""
    return Conflict(
        _("What {document} holds was changed at this moment by somebody else; try again").format(document=document),
        code="document_changed",
    )


def _account(region: str, item: HoldItem) -> Account:
    return Account(region, item.category, item.area, item.cost_centre, item.programme, item.person)


def _leave(case: Case, approved_by: str | None) -> OverrideKind | None:
    """Return by whose leave the document passes, None where it has none or needs none."""
    if case.enveloped:
        return OverrideKind.ENVELOPE
    if case.outcome < Outcome.APPROVE:
        return None
    if case.wanted.override:
        return OverrideKind.NAMED
    return OverrideKind.APPROVAL if approved_by is not None else None


def _blocked(case: Case) -> Conflict:
    told = lines_of(case, Outcome.BLOCK)[0]
    return Conflict(
        _(
            "{account} has {available} {currency} left and {amount} are asked for, above the limit that blocks;"
            " transfer or supplement the budget, or have an AOG authority override it"
        ).format(account=told.account, available=told.available, currency=told.currency, amount=told.amount),
        code="budget_blocked",
    )


def _require_takeable(session: Session, case: Case, *, lock: bool = True) -> None:
    days = [one.day for one in case.targets]
    regions = {line.region_id for line in case.lines.values()}
    closed = closed_periods(session, regions, min(days), max(days), lock=lock)
    growing = {one.told.line for one in case.verdicts if one.grows}
    for number, one in enumerate(case.targets):
        line = case.lines[one.line]
        if line.id in growing:
            require_thawed(line)
        closed.require_open(line.region_id, one.day, field=f"items.{number}.day")


def _apply(session: Session, actor: Actor, case: Case, now: datetime) -> list[tuple[UUID, Decimal]]:
    """Hold what the case names; returns the lines that it takes beyond their budgets, and by how much."""
    wanted, stage = case.wanted, case.wanted.stage
    days = {(one.item.item, one.line): one.day for one in case.targets}
    today = max(days.values())
    target = open_amounts(case)
    standing = {(one.item, one.line_id): one for one in case.standing if one.stage is stage and not one.holder}
    postings: list[Posting] = []
    for one in replaced(case):
        if standing.get((one.item, one.line_id)) is one and (one.item, one.line_id) in target:
            continue
        postings += _giving_back(one, today)
        one.amount = one.recovery = ZERO
    for name, (amount, recovery) in target.items():
        held = standing.get(name)
        if held is None:
            held = _new_earmark(wanted, name, actor, now)
            session.add(held)
        day = days[name]
        postings += [
            Posting(name[1], KIND_OF[stage], amount - held.amount, wanted.document_kind, wanted.document, day),
            Posting(name[1], EntryKind.RECOVERY, recovery - held.recovery, wanted.document_kind, wanted.document, day),
        ]
        held.amount, held.recovery, held.closed = amount, recovery, False
    beyond = post(session, actor, case.lines, [one for one in postings if one.amount], now)
    return [(one.line, one.amount) for one in beyond]


def _overrides(
    case: Case,
    actor: Actor,
    kind: OverrideKind | None,
    beyond: Sequence[tuple[UUID, Decimal]],
    approved_by: str | None,
    now: datetime,
) -> list[BudgetOverride]:
    """Return the records of what passed by somebody's leave, or beyond its line."""
    reason = case.wanted.reason or _("none given")
    passed = beyond
    if kind is OverrideKind.ENVELOPE and case.envelope is not None:
        passed, reason = [(case.envelope.line, case.enveloped)], case.envelope.reason
    elif kind is OverrideKind.NAMED:
        passed = [(one.line, one.shortfall) for one in lines_of(case, Outcome.APPROVE)] or [_largest(case)]
    return [
        BudgetOverride(
            line_id=line,
            kind=kind or OverrideKind.OVERRUN,
            document_kind=case.wanted.document_kind,
            document=case.wanted.document,
            amount=amount,
            by=approved_by or actor.id,
            reason=reason,
            allowed_at=now,
            review_by=None if kind is OverrideKind.APPROVAL else now + REVIEW,
        )
        for line, amount in passed
    ]


def _largest(case: Case) -> tuple[UUID, Decimal]:
    """Return the line of a document that is within its budgets, and only beyond what its actor may commit alone."""
    told: LineVerdict = max((one.told for one in case.verdicts), key=lambda one: (one.amount, one.line))
    return told.line, told.amount


def _giving_back(one: Earmark, day: date) -> list[Posting]:
    plan = UUID(one.holder) if one.holder else None
    return [
        Posting(one.line_id, kind, -amount, one.document_kind, one.document, day, plan)
        for kind, amount in ((KIND_OF[one.stage], one.amount), (EntryKind.RECOVERY, one.recovery))
        if amount
    ]


def _new_earmark(wanted: NewHold, name: Name, actor: Actor, now: datetime) -> Earmark:
    return Earmark(
        id=uuid7(),
        line_id=name[1],
        stage=wanted.stage,
        document_kind=wanted.document_kind,
        document=wanted.document,
        item=name[0],
        holder="",
        amount=ZERO,
        consumed=ZERO,
        recovery=ZERO,
        recovered=ZERO,
        moved=ZERO,
        came=ZERO,
        closed=False,
        held_by=actor.id,
        held_at=now,
    )


def _told(session: Session, case: Case, *, held: bool) -> VerdictOut:
    role = None
    if case.outcome is Outcome.APPROVE:
        categories = {one.item.category for one in case.targets}
        role = approver(case.total, approval_limits(session, categories))
    return VerdictOut(
        outcome=case.outcome.name.lower(),
        held=held,
        total=case.total,
        currency=case.rates.reporting,
        approver_role=role,
        beyond_personal_limit=case.within is False,
        lines=[one.told for one in case.verdicts],
    )
