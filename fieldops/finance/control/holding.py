"""Check and hold: what a document costs is checked against the lines that pay, and held, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import BudgetLine, Earmark, EntryKind, Stage
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.queries import paying_lines
from fieldops.finance.budgets.rules import Account
from fieldops.finance.budgets.service import require_thawed, told_account
from fieldops.finance.calendars.queries import closed_periods
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import Envelope, envelope_of, require_not_stopped
from fieldops.finance.control.models import BudgetOverride, OverrideKind
from fieldops.finance.control.rules import Outcome, approver, free, judge, limits
from fieldops.finance.control.schemas import HoldItem, LineVerdict, NewHold, Release, VerdictOut
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import approval_limits, bands_of, load_terms, within_personal
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import Rates
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.outbox import emit
from inventory.kernel.priority import Priority
from inventory.kernel.texts import gettext as _
from inventory.network.queries import region_codes

REVIEW = timedelta(days=1)
"""How long after it an override is reviewed."""

KIND_OF = {Stage.RESERVATION: EntryKind.RESERVATION, Stage.COMMITMENT: EntryKind.COMMITMENT}
"""The kind of entry of each stage."""

Name = tuple[str, UUID]
"""An item of a document and the line that pays for it."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What an item is to hold of its line: amounts in the currency of the line, `total` in the reporting one."""

    item: HoldItem
    line: UUID
    day: date
    amount: Decimal
    recovery: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is told of a line, what comes of it, and whether the document takes more of it than it held."""

    told: LineVerdict
    outcome: Outcome
    grows: bool


@dataclass(slots=True)
class _Case:
    """A document with all that its judgement needs, the lines locked where it is to be held."""

    wanted: NewHold
    targets: list[_Target]
    standing: list[Earmark]
    lines: Mapping[UUID, BudgetLine]
    terms: Terms
    rates: Rates
    within: bool | None
    envelope: Envelope | None = None
    enveloped: Decimal = Decimal(0)
    verdicts: list[_Judged] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((one.total for one in self.targets), Decimal(0))

    @property
    def outcome(self) -> Outcome:
        worst = max((one.outcome for one in self.verdicts), default=Outcome.PASS)
        grows = any(one.grows for one in self.verdicts)
        return max(worst, Outcome.APPROVE) if self.within is False and grows else worst


def check(session: Session, actor: Actor, wanted: NewHold, today: date) -> VerdictOut:
    """Say what the control would say now; nothing is held. Raises as `hold`, but for what blocks."""
    require_not_stopped(session, [(wanted.document_kind, wanted.document)])
    case = _case(session, actor, wanted, today, lock=False)
    return _told(session, case, held=False)


def hold(
    session: Session, actor: Actor, wanted: NewHold, now: datetime, today: date, *, approved_by: str | None = None
) -> VerdictOut:
    """Make a document hold exactly what it names, if the control lets it; else nothing changes and `held` is false.

    What it held before, also by a plan, counts as its own. An AOG document that does not fit takes a standing
    envelope's money, or passes by an override. `approved_by` is who approved it: that lifts what asks for an approval,
    not what blocks.

    Raises Conflict where a band blocks it, trade compliance stops it, a line is frozen or the period closed; Invalid
    for an unknown line and a currency without a rate; Forbidden for another region or an override without the right.
    """
    if wanted.override:
        actor.require("plan.override")
    require_not_stopped(session, [(wanted.document_kind, wanted.document)])
    case = _case(session, actor, wanted, today, lock=True)
    kind = _leave(case, approved_by)
    if case.outcome >= Outcome.APPROVE and kind is None:
        if case.outcome is Outcome.BLOCK:
            raise _blocked(case)
        return _told(session, case, held=False)
    if case.outcome is Outcome.BLOCK and kind is OverrideKind.APPROVAL:
        raise _blocked(case)
    _require_takeable(session, case)
    _apply(session, actor, case, kind, approved_by, now)
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

    Raises NotFound where it holds nothing.
    """
    found = [one for one in earmarks_of(session, wanted.document_kind, wanted.document) if not one.holder]
    lines = lock_lines(session, {one.line_id for one in found})
    found = [
        one
        for one in earmarks_of(session, wanted.document_kind, wanted.document)
        if not one.holder and one.line_id in lines and one.amount
    ]
    if not found:
        raise NotFound(
            _("{document} holds no money; the list of commitments shows what does").format(document=wanted.document),
            code="nothing_held",
        )
    postings = []
    for one in found:
        postings += _giving_back(one, today)
        one.amount = one.recovery = Decimal(0)
    post(session, actor, lines, postings, now)
    regions = region_codes(session)
    for code in sorted({regions[lines[one.line_id].region_id] for one in found}):
        emit(
            session,
            "budget.released",
            {"region": code, "document": wanted.document, "kind": wanted.document_kind, "reason": wanted.reason},
            now,
            audience=code,
        )
    return len(found)


def earmarks_of(session: Session, document_kind: str, document: str) -> list[Earmark]:
    """Return what the items of a document hold, or held, fresh, by line."""
    query = (
        select(Earmark)
        .where(Earmark.document == document, Earmark.document_kind == document_kind)
        .order_by(Earmark.line_id, Earmark.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _case(session: Session, actor: Actor, wanted: NewHold, today: date, *, lock: bool) -> _Case:
    actor.require_region(wanted.region)
    rates, terms = load_rates(session), load_terms(session)
    accounts = [_account(wanted.region, one) for one in wanted.items]
    days = [one.day or today for one in wanted.items]
    paying = paying_lines(session, zip(accounts, days, strict=True))
    envelope = envelope_of(session, wanted.region, today) if wanted.priority is Priority.AOG else None
    standing = earmarks_of(session, wanted.document_kind, wanted.document)
    keys = {*paying.values(), *(one.line_id for one in standing)} | ({envelope.line} if envelope else set())
    if lock:
        lines: Mapping[UUID, BudgetLine] = lock_lines(session, keys)
        standing = [one for one in earmarks_of(session, wanted.document_kind, wanted.document) if one.line_id in lines]
    else:
        lines = {one.id: one for one in session.scalars(select(BudgetLine).where(BudgetLine.id.in_(keys)))}
    targets = []
    for account, day, item in zip(accounts, days, wanted.items, strict=True):
        line = lines[paying[account, day]]
        targets.append(
            _Target(
                item,
                line.id,
                day,
                rates.convert(item.amount, item.currency, line.currency, day),
                rates.convert(item.recovery, item.currency, line.currency, day),
                rates.convert(item.amount, item.currency, rates.reporting, day),
            )
        )
    amounts: defaultdict[Category, Decimal] = defaultdict(Decimal)
    for one in targets:
        amounts[one.item.category] += one.total
    case = _Case(
        wanted, targets, standing, lines, terms, rates, within_personal(terms, actor, amounts), envelope=envelope
    )
    case.verdicts = _judged(case)
    if envelope is not None and case.outcome >= Outcome.APPROVE:
        _take_envelope(case, envelope)
    return case


def _account(region: str, item: HoldItem) -> Account:
    return Account(region, item.category, item.area, item.cost_centre, item.programme, item.person)


def _replaced(case: _Case) -> list[Earmark]:
    """Return what the document's new holding takes the place of."""
    if case.wanted.stage is Stage.COMMITMENT:
        return case.standing
    if any(one.stage is Stage.COMMITMENT and one.amount for one in case.standing):
        raise Conflict(
            _("{document} is committed already; change its commitment, or release it first").format(
                document=case.wanted.document
            ),
            code="committed_already",
        )
    return [one for one in case.standing if one.stage is Stage.RESERVATION and not one.holder]


def _open(case: _Case) -> dict[Name, tuple[Decimal, Decimal]]:
    """Return {(item, line): (amount, recovery)} that the document holds then; what was spent of an item is not held."""
    consumed: defaultdict[Name, Decimal] = defaultdict(Decimal)
    for one in case.standing:
        if one.stage is case.wanted.stage:
            consumed[one.item, one.line_id] += one.consumed
    held: dict[Name, tuple[Decimal, Decimal]] = {}
    for target in case.targets:
        name = (target.item.item, target.line)
        amount, recovery = held.get(name, (Decimal(0), Decimal(0)))
        held[name] = (amount + target.amount, recovery + target.recovery)
    return {
        name: (max(amount - consumed[name], Decimal(0)), min(recovery, max(amount - consumed[name], Decimal(0))))
        for name, (amount, recovery) in held.items()
    }


def _judged(case: _Case) -> list[_Judged]:
    own: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    change: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for one in _replaced(case):
        own[one.line_id] += one.amount
    for (_item, line), (amount, _recovery) in _open(case).items():
        change[line] += amount
    found = []
    for key in sorted(change.keys() | {line for line, amount in own.items() if amount}):
        paying, more = case.lines[key], change[key] - own[key]
        told = limits(paying.budget, bands_of(case.terms), paying.category, case.wanted.document_kind)
        taken = paying.taken - own[key]
        outcome = judge(taken + change[key], told) if more > 0 else Outcome.PASS
        if outcome is Outcome.APPROVE and case.within and taken + change[key] <= paying.budget:
            outcome = Outcome.WARN
        room = max(free(paying.budget, taken, told), Decimal(0))
        found.append(
            _Judged(
                LineVerdict(
                    line=key,
                    account=told_account(paying),
                    currency=paying.currency,
                    outcome=outcome.name.lower(),
                    amount=change[key],
                    available=paying.budget - taken,
                    free=room,
                    shortfall=max(change[key] - room, Decimal(0)) if outcome >= Outcome.APPROVE else Decimal(0),
                ),
                outcome,
                more > 0,
            )
        )
    return found


def _take_envelope(case: _Case, envelope: Envelope) -> None:
    """Charge what does not fit its line to the envelope, where the envelope's authority and its money suffice."""
    short = {one.told.line for one in case.verdicts if one.outcome >= Outcome.APPROVE}
    line = case.lines[envelope.line]
    moved = []
    taken = Decimal(0)
    for one in case.targets:
        if one.line not in short or one.line == line.id:
            moved.append(one)
            continue
        currency = case.lines[one.line].currency
        amount, recovery = (
            case.rates.convert(value, currency, line.currency, one.day) for value in (one.amount, one.recovery)
        )
        taken += amount
        moved.append(replace(one, line=line.id, amount=amount, recovery=recovery))
    total = case.rates.convert(case.total, case.rates.reporting, line.currency, max(one.day for one in case.targets))
    if line.frozen or taken > line.available or max(taken, total if case.within is False else taken) > envelope.most:
        return
    before = (case.targets, case.verdicts, case.within)
    case.targets, case.within = moved, None
    case.verdicts = _judged(case)
    if any(one.outcome >= Outcome.APPROVE for one in case.verdicts if one.told.line != line.id):
        case.targets, case.verdicts, case.within = before
        return
    # the envelope is there to be used to its end: its own bands do not ask for an approval
    case.verdicts = [
        replace(one, outcome=Outcome.WARN) if one.told.line == line.id and one.outcome >= Outcome.APPROVE else one
        for one in case.verdicts
    ]
    case.enveloped = taken


def _leave(case: _Case, approved_by: str | None) -> OverrideKind | None:
    """Return by whose leave the document passes, None where it has none."""
    if case.enveloped:
        return OverrideKind.ENVELOPE
    if case.wanted.override:
        return OverrideKind.NAMED
    return OverrideKind.APPROVAL if approved_by is not None else None


def _blocked(case: _Case) -> Conflict:
    told = next(one.told for one in case.verdicts if one.outcome is Outcome.BLOCK)
    return Conflict(
        _(
            "{account} has {available} {currency} left and {amount} are asked for, above the limit that blocks;"
            " transfer or supplement the budget, or have an AOG authority override it"
        ).format(account=told.account, available=told.available, currency=told.currency, amount=told.amount),
        code="budget_blocked",
    )


def _require_takeable(session: Session, case: _Case) -> None:
    closed = closed_periods(
        session, {line.region_id for line in case.lines.values()}, min(one.day for one in case.targets)
    )
    growing = {one.told.line for one in case.verdicts if one.grows}
    for one in case.targets:
        line = case.lines[one.line]
        if line.id in growing:
            require_thawed(line)
        closed.require_open(line.region_id, one.day)


def _apply(
    session: Session, actor: Actor, case: _Case, kind: OverrideKind | None, approved_by: str | None, now: datetime
) -> None:
    wanted = case.wanted
    stage = wanted.stage
    days = {(one.item.item, one.line): one.day for one in case.targets}
    today = max(days.values())
    target = _open(case)
    standing = {(one.item, one.line_id): one for one in case.standing if one.stage is stage and not one.holder}
    postings: list[Posting] = []
    for one in _replaced(case):
        if standing.get((one.item, one.line_id)) is one and (one.item, one.line_id) in target:
            continue
        postings += _giving_back(one, today)
        one.amount = one.recovery = Decimal(0)
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
        held.amount, held.recovery = amount, recovery
    beyond = post(session, actor, case.lines, [one for one in postings if one.amount], now)
    reason = wanted.reason or _("none given")
    passed: list[tuple[UUID, Decimal]] = [(one.line, one.amount) for one in beyond]
    if kind is OverrideKind.ENVELOPE and case.envelope is not None:
        passed, reason = [(case.envelope.line, case.enveloped)], case.envelope.reason
    session.add_all(
        BudgetOverride(
            line_id=line,
            kind=kind or OverrideKind.OVERRUN,
            document_kind=wanted.document_kind,
            document=wanted.document,
            amount=amount,
            by=approved_by or actor.id,
            reason=reason,
            allowed_at=now,
            review_by=None if kind is OverrideKind.APPROVAL else now + REVIEW,
        )
        for line, amount in passed
    )
    session.flush()


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
        amount=Decimal(0),
        consumed=Decimal(0),
        recovery=Decimal(0),
        held_by=actor.id,
        held_at=now,
    )


def _told(session: Session, case: _Case, *, held: bool) -> VerdictOut:
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
