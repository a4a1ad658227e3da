"""The one place where budget lines change: entries, and the lines that are their sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from inventory.kernel.actor import Actor
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions

_COLUMN = {
    EntryKind.BUDGET: "budget",
    EntryKind.RESERVATION: "reserved",
    EntryKind.COMMITMENT: "committed",
    EntryKind.ACTUAL: "actual",
    EntryKind.OVERRIDE: "overridden",
    EntryKind.RECOVERY: "recovery",
    EntryKind.RECOVERED: "recovered",
}


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount in the currency of its line, for a document; negative to take it back. `day` is that of the expense."""

    line: UUID
    kind: EntryKind
    amount: Decimal
    document_kind: str
    document: str
    day: date
    plan_id: UUID | None = None


def lock_lines(session: Session, keys: Iterable[UUID]) -> dict[UUID, BudgetLine]:
    """Return the lines, fresh and locked in the order of their keys: who holds money at once waits for the other."""
    found: dict[UUID, BudgetLine] = {}
    for some in portions(sorted(set(keys))):
        query = select(BudgetLine).where(BudgetLine.id.in_(some)).order_by(BudgetLine.id)
        lines = locked(session, Lock.BUDGET_LINE, query.execution_options(populate_existing=True))
        found |= {line.id: line for line in lines}
    return found


@dataclass(frozen=True, slots=True)
class Beyond:
    """How much more a line is beyond its budget than before, since a document was posted."""

    line: UUID
    document_kind: str
    document: str
    amount: Decimal


def post(
    session: Session, actor: Actor, lines: Mapping[UUID, BudgetLine], postings: Sequence[Posting], now: datetime
) -> list[Beyond]:
    """Post to locked lines, the decision being made; returns where a document took more than the budget.

    What a line is beyond its budget is kept as `override` to the last unit, and lapses with what it was allowed for.
    """
    rows = []
    beyond = []
    groups: defaultdict[tuple[str, str, UUID], list[Posting]] = defaultdict(list)
    for one in postings:
        groups[one.document_kind, one.document, one.line].append(one)
    for group in groups.values():
        line, last = lines[group[0].line], group[-1]
        for one in group:
            column = _COLUMN[one.kind]
            setattr(line, column, getattr(line, column) + one.amount)
            if one.amount:
                rows.append(_row(one, actor, now))
        more = max(line.taken - line.budget, Decimal(0)) - line.overridden
        if more:
            line.overridden += more
            rows.append(_row(replace(last, kind=EntryKind.OVERRIDE, amount=more), actor, now))
        if more > 0:
            beyond.append(Beyond(last.line, last.document_kind, last.document, more))
    if rows:
        session.execute(insert(BudgetEntry), rows)
    session.flush()
    return beyond


def _row(one: Posting, actor: Actor, now: datetime) -> dict[str, object]:
    return {
        "line_id": one.line,
        "kind": one.kind,
        "amount": one.amount,
        "document_kind": one.document_kind,
        "document": one.document,
        "day": one.day,
        "plan_id": one.plan_id,
        "actor": actor.id,
        "entered_at": now,
    }
