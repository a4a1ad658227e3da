"""The proof that what documents say of money is what the ledger holds of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetEntry, BudgetTransfer, Earmark, EntryKind
from fieldops.finance.budgets.service import OPENING
from fieldops.finance.control.models import BudgetActual

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WrongRecord:
    """A record whose amount is not what belongs to it adds up to: expenses, commitments, transfers; by its key."""

    what: str
    key: str
    told: Decimal
    found: Decimal


def wrong_records(session: Session) -> list[WrongRecord]:
    """Return every line whose expenses, commitment whose consumption, and transfer whose entries do not add up."""
    actual, taken = BudgetActual, (BudgetEntry.kind == EntryKind.ACTUAL) & (BudgetEntry.document_kind != OPENING)
    entries = select(BudgetEntry.line_id, func.sum(BudgetEntry.amount)).where(taken).group_by(BudgetEntry.line_id)
    posted = select(actual.line_id, func.sum(actual.amount)).group_by(actual.line_id)
    wrong = _differing(session, "expenses", entries, posted)
    mine = actual.earmark_id.is_not(None)
    for what, column, told in (
        ("consumed", actual.consumed, Earmark.consumed),
        ("recovered", actual.recovered, Earmark.recovered),
    ):
        spent = select(actual.earmark_id, func.sum(column)).where(mine).group_by(actual.earmark_id)
        wrong += _differing(session, what, select(Earmark.id, told).where(told != ZERO), spent)
    moved = BudgetEntry.document_kind.in_(("transfer", "carry_over")) & (BudgetEntry.kind == EntryKind.BUDGET)
    for what, column, end, sign in (
        ("transfer out", BudgetTransfer.amount, BudgetTransfer.from_line_id, -1),
        ("transfer in", BudgetTransfer.received, BudgetTransfer.to_line_id, 1),
    ):
        documents = select(BudgetTransfer.number, column).where(end.is_not(None), column != ZERO)
        side = BudgetEntry.amount < ZERO if sign < 0 else BudgetEntry.amount > ZERO
        sums = (
            select(BudgetEntry.document, func.sum(BudgetEntry.amount)).where(moved, side).group_by(BudgetEntry.document)
        )
        wrong += _differing(session, what, documents, sums, sign)
    return wrong


def _differing(session: Session, what: str, told: Executable, found: Executable, sign: int = 1) -> list[WrongRecord]:
    says: dict[Any, Decimal] = dict(session.execute(told).all())
    is_so: dict[Any, Decimal] = {key: sign * amount for key, amount in session.execute(found)}
    return [
        WrongRecord(what, str(key), says.get(key, ZERO), is_so.get(key, ZERO))
        for key in sorted(says.keys() | is_so.keys(), key=str)
        if says.get(key, ZERO) != is_so.get(key, ZERO)
    ]
