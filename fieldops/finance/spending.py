"""The budgets as inventory sees them: `inventory.ports.Spend`, fulfilled by the control and the approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_UP, Decimal

from sqlalchemy.orm import Session

from fieldops.finance.approvals.service import spend, withdraw_requests
from fieldops.finance.budgets.earmarks import earmarks_of
from fieldops.finance.budgets.models import Stage
from fieldops.finance.control import holding
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import post_actuals
from fieldops.finance.control.schemas import NewHold, Release, VerdictOut
from fieldops.finance.rates.rules import digits
from inventory.kernel.actor import Actor
from inventory.kernel.texts import gettext as _
from inventory.ports import Answer, Document, Expense


class BudgetSpend:
    """Spends the money of the budgets; see `inventory.ports.Spend`."""

    def quote(self, session: Session, actor: Actor, document: Document) -> Answer:
        """Say what the control would say; nothing is held."""
        return _answer(holding.check(session, actor, _asked(document, Stage.COMMITMENT), document.day))

    def hold(self, session: Session, actor: Actor, document: Document, now: datetime) -> Answer:
        """Reserve what a document costs, or ask for the approval that it needs."""
        return _answer(spend(session, actor, _asked(document, Stage.RESERVATION), now, document.day))

    def commit(self, session: Session, actor: Actor, document: Document, now: datetime) -> Answer:
        """Commit what a document costs, or ask for the approval that it needs."""
        return _answer(spend(session, actor, _asked(document, Stage.COMMITMENT), now, document.day))

    def actual(self, session: Session, actor: Actor, expenses: Sequence[Expense], now: datetime) -> int:
        """Post what was paid, each source once; returns how many were new."""
        told = [
            NewActual.model_validate(
                {
                    "source": one.source,
                    "document_kind": one.document.kind,
                    "document": one.document.number,
                    "item": one.cost.item,
                    "region": one.document.region,
                    "category": one.cost.category,
                    "day": one.document.day,
                    "amount": one.cost.amount,
                    "currency": one.cost.currency,
                    "recovered": one.cost.recovery,
                    "final": one.final,
                }
            )
            for one in expenses
        ]
        return post_actuals(session, actor, told, now)

    def release(self, session: Session, actor: Actor, document: Document, now: datetime) -> None:
        """Give back what a document holds, and withdraw what it waits for."""
        withdrawn = withdraw_requests(session, actor, [(document.kind, document.number)], now)
        held = earmarks_of(session, document.kind, document.number)
        if withdrawn and not any(one.amount for one in held):
            return
        reason = document.reason or _("none given")
        wanted = Release(document_kind=document.kind, document=document.number, region=document.region, reason=reason)
        holding.release(session, actor, wanted, now, document.day)


def _asked(document: Document, stage: Stage) -> NewHold:
    return NewHold.model_validate(
        {
            "document_kind": document.kind,
            "document": document.number,
            "region": document.region,
            "stage": stage,
            "priority": document.priority,
            "reason": document.reason,
            "items": [
                {
                    "item": one.item,
                    "category": one.category,
                    "amount": _in_units(one.amount, one.currency),
                    "currency": one.currency,
                    "day": document.day,
                    "recovery": one.recovery,
                }
                for one in document.costs
            ],
        }
    )


def _in_units(amount: Decimal, currency: str) -> Decimal:
    """Return an amount rounded up to the digits of its currency: what costs something is held."""
    return amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_UP)


def _answer(told: VerdictOut) -> Answer:
    return Answer(told.held, told.outcome, told.approver_role, told.approval)
