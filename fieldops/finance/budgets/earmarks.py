"""What documents hold: found, kept from others while it changes, and taken over by another line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import BudgetLine, Earmark, Stage
from inventory.kernel.actor import Actor
from inventory.kernel.locks import Lock, locked_names
from inventory.kernel.lookup import portions


def lock_documents(session: Session, documents: Collection[tuple[str, str]]) -> None:
    """Keep others from what documents, told by kind and number, hold until the transaction ends: before their lines."""
    locked_names(session, Lock.BUDGET_LINE, {f"{kind}/{number}" for kind, number in documents})


def earmarks_of(session: Session, document_kind: str, document: str, *, region: UUID | None = None) -> list[Earmark]:
    """Return what the items of a document hold, or held, fresh, by line; `region` keeps the lines of one region."""
    query = (
        select(Earmark)
        .where(Earmark.document == document, Earmark.document_kind == document_kind)
        .order_by(Earmark.line_id, Earmark.id)
        .execution_options(populate_existing=True)
    )
    if region is not None:
        query = query.join(BudgetLine, BudgetLine.id == Earmark.line_id).where(BudgetLine.region_id == region)
    return list(session.scalars(query))


def earmark_row(
    line: UUID, stage: Stage, document: tuple[str, str], amount: Decimal, actor: Actor, now: datetime, holder: str = ""
) -> dict[str, object]:
    """Return the row of what a document, told by kind and number, holds of a line as a whole, for an insert."""
    zero = Decimal(0)
    return {
        "id": uuid7(),
        "line_id": line,
        "stage": stage,
        "document_kind": document[0],
        "document": document[1],
        "item": "",
        "holder": holder,
        "amount": amount,
        "consumed": zero,
        "recovery": zero,
        "recovered": zero,
        "moved": zero,
        "came": zero,
        "closed": False,
        "held_by": actor.id,
        "held_at": now,
    }


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Part of a commitment (`taken`, in its line's currency) that another line takes over (`amount`, in its own)."""

    earmark: Earmark
    line: UUID
    taken: Decimal
    taken_recovery: Decimal
    amount: Decimal
    recovery: Decimal


def take_over(session: Session, wanted: Sequence[TakeOver]) -> list[Earmark]:
    """Commit on the lines of a later period, locked by the caller; returns the commitment of each, new or grown.

    What is taken over leaves the commitment that it came from. Nothing changes where the line is the same.
    """
    standing: dict[tuple[UUID, str, str, str], Earmark] = {}
    for some in portions(sorted({one.earmark.document for one in wanted})):
        query = select(Earmark).where(
            Earmark.document.in_(some),
            Earmark.line_id.in_({one.line for one in wanted}),
            Earmark.stage == Stage.COMMITMENT,
            Earmark.holder == "",
        )
        for held in session.scalars(query):
            standing[held.line_id, held.document_kind, held.document, held.item] = held
    found = []
    for one in wanted:
        if one.line == one.earmark.line_id:
            found.append(one.earmark)
            continue
        one.earmark.amount -= one.taken
        one.earmark.recovery -= one.taken_recovery
        one.earmark.moved += one.taken
        key = (one.line, one.earmark.document_kind, one.earmark.document, one.earmark.item)
        if key not in standing:
            standing[key] = _empty(one.earmark, one.line)
            session.add(standing[key])
        kept = standing[key]
        kept.amount += one.amount
        kept.recovery += one.recovery
        kept.came += one.amount
        found.append(kept)
    return found


def _empty(like: Earmark, line: UUID) -> Earmark:
    return Earmark(
        id=uuid7(),
        line_id=line,
        stage=Stage.COMMITMENT,
        document_kind=like.document_kind,
        document=like.document,
        item=like.item,
        holder="",
        amount=Decimal(0),
        consumed=Decimal(0),
        recovery=Decimal(0),
        recovered=Decimal(0),
        moved=Decimal(0),
        came=Decimal(0),
        closed=False,
        held_by=like.held_by,
        held_at=like.held_at,
    )
