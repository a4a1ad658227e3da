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
    terms = load_terms(session)
    found = session.scalars(select(Approval).where(Approval.number.in_(numbers)).order_by(Approval.number)).all()
    return {one.number: _effect(session, actor, one, terms, today) for one in found}


def _effect(session: Session, actor: Actor, one: Approval, terms: Terms, today: date) -> Effect:
    told = approval_limits(session, [Category(name) for name in one.categories])
    able = [role for role in told if covers([role], one.amount, told)]
    # a role without a limit is the last to be asked
    roles = tuple(sorted(able, key=lambda role: (told[role] is None, told[role] or 0, role)))
    if one.plan_id is not None:
        lines = _of_plan(session, one, terms)
        return Effect(lines, (), roles, _problem_of_plan(session, one, lines))
    wanted = NewHold.model_validate(one.asked)
    try:
        verdict = check(session, actor, wanted, today)
    except DomainError as refused:
        return Effect((), wanted.items, roles, refused.message)
    problem = _("A line is blocked; raise its budget first") if verdict.outcome == "block" else None
    return Effect(tuple(verdict.lines), wanted.items, roles, problem)


def _of_plan(session: Session, one: Approval, terms: Terms) -> tuple[LineVerdict, ...]:
    amounts = {UUID(key): Decimal(amount) for key, amount in one.asked["amounts"].items()}
    lines = session.scalars(select(BudgetLine).where(BudgetLine.id.in_(amounts)).order_by(BudgetLine.account))
    verdicts = []
    for line in lines:
        amount, told = amounts[line.id], limits(line.budget, bands_of(terms), line.category, one.document_kind)
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


def _problem_of_plan(session: Session, one: Approval, lines: Collection[LineVerdict]) -> str | None:
    if stopped(session, [one.document]):
        return _("Trade compliance stops {document}").format(document=one.document)
    frozen = select(BudgetLine).where(BudgetLine.id.in_([told.line for told in lines]), BudgetLine.frozen)
    for line in session.scalars(frozen.order_by(BudgetLine.account)):
        return _("{account} is frozen; have it freed first").format(account=told_account(line))
    if any(told.outcome == "block" for told in lines):
        return _("A line is blocked; raise its budget first")
    return None
