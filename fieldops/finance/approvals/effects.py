"""What a request would take of its lines if it were approved now, and who may approve it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.models import Approval
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.service import told_account
from fieldops.finance.categories import Category
from fieldops.finance.control.authority import stopped
from fieldops.finance.control.holding import check
from fieldops.finance.control.rules import Outcome, covers, free, judge, limits
from fieldops.finance.control.schemas import HoldItem, LineVerdict, NewHold
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import approval_limits, bands_of, load_terms
from inventory.kernel.actor import Actor
from inventory.kernel.errors import DomainError
from inventory.kernel.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Effect:
    """What an approval would do to each line, what it pays for, and who may approve.

    `roles` have the authority for the amount, the smallest first. `problem` says why it cannot be approved now.
    """

    lines: tuple[LineVerdict, ...]
    items: tuple[HoldItem, ...]
    roles: tuple[str, ...]
    problem: str | None = None


def effects(session: Session, actor: Actor, numbers: Collection[str], today: date) -> dict[str, Effect]:
    """Return {number of a request: its effect as the lines are now}; nothing is held or locked."""
    found = session.scalars(select(Approval).where(Approval.number.in_(numbers)).order_by(Approval.number)).all()
    known = _Known.of(session, found)
    return {one.number: _effect(session, actor, one, known, today) for one in found}


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read once for all requests: the terms, the limits by categories, and what those of plans touch."""

    terms: Terms
    limits: dict[tuple[str, ...], dict[str, Decimal | None]]
    lines: dict[UUID, BudgetLine]
    stopped: set[str]

    @classmethod
    def of(cls, session: Session, requests: Collection[Approval]) -> _Known:
        planned = [one for one in requests if one.plan_id is not None]
        keys = {UUID(key) for one in planned for key in one.asked["amounts"]}
        lines = session.scalars(select(BudgetLine).where(BudgetLine.id.in_(keys))) if keys else ()
        return cls(
            load_terms(session),
            {
                names: approval_limits(session, [Category(name) for name in names])
                for names in sorted({tuple(one.categories) for one in requests})
            },
            {line.id: line for line in lines},
            stopped(session, [one.document for one in planned]),
        )

    def lines_of(self, one: Approval) -> list[BudgetLine]:
        """Return the lines of a request of a plan, by their accounts."""
        keys = (UUID(key) for key in one.asked["amounts"])
        return sorted((self.lines[key] for key in keys if key in self.lines), key=lambda line: line.account)


def _effect(session: Session, actor: Actor, one: Approval, known: _Known, today: date) -> Effect:
    told = known.limits[tuple(one.categories)]
    able = [role for role in told if covers([role], one.amount, told)]
    # a role without a limit is the last to be asked
    roles = tuple(sorted(able, key=lambda role: (told[role] is None, told[role] or 0, role)))
    if one.plan_id is not None:
        lines = _of_plan(one, known)
        return Effect(lines, (), roles, _problem_of_plan(one, known, lines))
    wanted = NewHold.model_validate(one.asked)
    try:
        verdict = check(session, actor, wanted, today)
    except DomainError as refused:
        return Effect((), wanted.items, roles, refused.message)
    problem = _("A line is blocked; raise its budget first") if verdict.outcome == "block" else None
    return Effect(tuple(verdict.lines), wanted.items, roles, problem)


def _of_plan(one: Approval, known: _Known) -> tuple[LineVerdict, ...]:
    amounts = {UUID(key): Decimal(amount) for key, amount in one.asked["amounts"].items()}
    verdicts = []
    for line in known.lines_of(one):
        amount, told = amounts[line.id], limits(line.budget, bands_of(known.terms), line.category, one.document_kind)
        outcome, room = judge(line.taken + amount, told), max(free(line.budget, line.taken, told), Decimal(0))
        verdicts.append(
            LineVerdict(
                line=line.id,
                account=told_account(line),
                currency=line.currency,
                outcome=outcome.name.lower(),
                amount=amount,
                available=line.available,
                free=room,
                shortfall=max(amount - room, Decimal(0)) if outcome >= Outcome.APPROVE else Decimal(0),
            )
        )
    return tuple(verdicts)


def _problem_of_plan(one: Approval, known: _Known, lines: Collection[LineVerdict]) -> str | None:
    if one.document in known.stopped:
        return _("Trade compliance stops {document}").format(document=one.document)
    for line in known.lines_of(one):
        if not line.frozen:
            continue
        return _("{account} is frozen; have it freed first").format(account=told_account(line))
    if any(told.outcome == "block" for told in lines):
        return _("A line is blocked; raise its budget first")
    return None
