"""Carry over from a period that ends to the one that follows: what is committed still, and what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.earmarks import TakeOver, take_over
from fieldops.finance.budgets.models import BudgetLine, BudgetTransfer, Earmark, EntryKind, Stage, TransferKind
from fieldops.finance.budgets.posting import Posting, lock_lines, post
from fieldops.finance.budgets.schemas import CarriedOut, NewCarryOver
from fieldops.finance.budgets.service import frozen, told_account
from fieldops.finance.rates.queries import load_rates
from fieldops.finance.rates.rules import Rates
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError, Invalid
from inventory.kernel.numbering import next_numbers
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.service import region_ids

CARRY_OVER = "carry_over"
"""Kind of the document that entries of a carry-over name."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """What goes from a line to the one that follows it: commitments with the money for them, and what is left."""

    source: BudgetLine
    following: BudgetLine | None
    held: Sequence[Earmark]
    remainder: Decimal

    @property
    def target(self) -> BudgetLine:
        assert self.following is not None  # noqa: S101 - `problem` tells first
        return self.following

    @property
    def committed(self) -> Decimal:
        return sum((one.amount for one in self.held), Decimal(0))


def preview_carry_over(session: Session, actor: Actor, wanted: NewCarryOver) -> list[CarriedOut]:
    """Return what `carry_over` would do now, line by line, and what is in its way; nothing changes."""
    return [_told(one, None) for one in _plan(session, actor, wanted, lock=False)]


def carry_over(session: Session, actor: Actor, wanted: NewCarryOver, now: datetime, today: date) -> list[CarriedOut]:
    """Carry over from the lines of a region whose period ends with the day before `period_end`, each with a document.

    Commitments go with the money for them, so that they are paid in the new period and what is available stays; with
    `remainder` what is left goes, too. Raises Invalid where a line has none that follows it, or a currency no rate
    today; Conflict where a line is beyond its budget, the one that follows is frozen, or there is nothing to carry.
    """
    plan = _plan(session, actor, wanted, lock=True)
    if not plan:
        raise Conflict(
            _("No line of {region} that ends before {day} has anything to carry over").format(
                region=wanted.region, day=wanted.period_end
            ),
            code="nothing_to_carry",
        )
    for one in plan:
        if (problem := _problem(one)) is not None:
            raise problem
    rates = load_rates(session)
    numbers = next_numbers(session, "budget_transfer", len(plan))
    lines = {line.id: line for one in plan for line in (one.source, one.target)}
    moves = [_moves(one, rates, today) for one in plan]
    postings: list[Posting] = []
    told = []
    for number, one, some in zip(numbers, plan, moves, strict=True):
        made = _document(one, some, f"BT-{number:06d}", rates, today)
        made.reason, made.made_by, made.made_at = wanted.reason, actor.id, now
        session.add(made)
        told.append(_told(one, made.number))
        postings += _postings(one, some, made, today)
    take_over(session, [move for some in moves for move in some])
    post(session, actor, lines, postings, now)
    emit(
        session,
        "budget.changed",
        {"region": wanted.region, "lines": [str(key) for key in lines]},
        now,
        audience=wanted.region,
    )
    return told


def _plan(session: Session, actor: Actor, wanted: NewCarryOver, *, lock: bool) -> list[_Carried]:
    actor.require_region(wanted.region)
    region = region_ids(session, [wanted.region])[wanted.region]
    ending = BudgetLine.region_id == region, BudgetLine.period_end == wanted.period_end
    following = BudgetLine.region_id == region, BudgetLine.period_start == wanted.period_end
    sources = list(session.scalars(select(BudgetLine.id).where(*ending)))
    targets = list(session.scalars(select(BudgetLine.id).where(*following)))
    if lock:
        lines = lock_lines(session, [*sources, *targets])
    else:
        found = select(BudgetLine).where(BudgetLine.id.in_([*sources, *targets])).order_by(BudgetLine.id)
        lines = {one.id: one for one in session.scalars(found)}
    next_of = _next_lines(lines[key] for key in targets)
    held: defaultdict[UUID, list[Earmark]] = defaultdict(list)
    query = select(Earmark).where(Earmark.line_id.in_(sources), Earmark.amount > 0, Earmark.stage == Stage.COMMITMENT)
    for earmark in session.scalars(query.order_by(Earmark.id).execution_options(populate_existing=True)):
        held[earmark.line_id].append(earmark)
    plan = []
    for key in sources:
        line = lines[key]
        remainder = max(line.available, Decimal(0)) if wanted.remainder else Decimal(0)
        if held[key] or remainder:
            plan.append(_Carried(line, next_of.get(line.account), held[key], remainder))
    return plan


def _next_lines(lines: Iterable[BudgetLine]) -> dict[str, BudgetLine]:
    """Return {account: line}, of several that begin on the same day the one of the longest period."""
    by_length = sorted(lines, key=lambda line: (line.period_end - line.period_start, line.id))
    return {line.account: line for line in by_length}


def _problem(one: _Carried) -> DomainError | None:
    """Return what is in the way of a line: none follows it, that is frozen, or it is beyond its budget itself."""
    line, account = one.source, told_account(one.source)
    if one.following is None:
        return Invalid(
            _("No line of {account} begins on {day}; open it first").format(account=account, day=line.period_end),
            code="no_next_line",
            field="period_end",
        )
    if one.following.frozen:
        return frozen(one.following)
    if line.overridden:
        return Conflict(
            _("{account} is {amount} {currency} beyond its budget; supplement it before it is carried over").format(
                account=account, amount=line.overridden, currency=line.currency
            ),
            code="line_beyond_budget",
        )
    return None


def _moves(one: _Carried, rates: Rates, today: date) -> list[TakeOver]:
    source, target = one.source.currency, one.target.currency
    return [
        TakeOver(
            held,
            one.target.id,
            held.amount,
            held.recovery,
            rates.convert(held.amount, source, target, today),
            rates.convert(held.recovery, source, target, today),
        )
        for held in one.held
    ]


def _document(one: _Carried, moves: Sequence[TakeOver], number: str, rates: Rates, today: date) -> BudgetTransfer:
    left = rates.convert(one.remainder, one.source.currency, one.target.currency, today)
    return BudgetTransfer(
        id=uuid7(),
        number=number,
        kind=TransferKind.CARRY_OVER,
        region_id=one.source.region_id,
        from_line_id=one.source.id,
        to_line_id=one.target.id,
        amount=one.committed + one.remainder,
        received=left + sum((move.amount for move in moves), Decimal(0)),
    )


def _postings(one: _Carried, moves: Sequence[TakeOver], made: BudgetTransfer, today: date) -> list[Posting]:
    """Return the entries: money comes before what takes it, and goes after it, as each document is judged apart."""
    source, target = one.source.id, one.target.id
    commitments = [
        Posting(line, kind, change, held.document_kind, held.document, today)
        for held, move in zip(one.held, moves, strict=True)
        for line, kind, change in (
            (source, EntryKind.COMMITMENT, -move.taken),
            (source, EntryKind.RECOVERY, -move.taken_recovery),
            (target, EntryKind.COMMITMENT, move.amount),
            (target, EntryKind.RECOVERY, move.recovery),
        )
    ]
    return [
        Posting(target, EntryKind.BUDGET, made.received, CARRY_OVER, made.number, today),
        *commitments,
        Posting(source, EntryKind.BUDGET, -made.amount, CARRY_OVER, made.number, today),
    ]


def _told(one: _Carried, document: str | None) -> CarriedOut:
    return CarriedOut(
        document=document,
        account=told_account(one.source),
        from_line=one.source.id,
        to_line=None if one.following is None else one.following.id,
        currency=one.source.currency,
        commitments=len(one.held),
        committed=one.committed,
        remainder=one.remainder,
        problem=None if (problem := _problem(one)) is None else str(problem),
    )
