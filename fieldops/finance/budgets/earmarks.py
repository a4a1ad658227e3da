"""What documents hold, taken over by another line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import Earmark, Stage
from inventory.kernel.lookup import portions


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Part of a commitment that another line takes over; the amounts are in the currency of that line."""

    earmark: Earmark
    line: UUID
    amount: Decimal
    recovery: Decimal


def take_over(session: Session, wanted: Sequence[TakeOver]) -> list[Earmark]:
    """Commit on other lines, locked by the caller; returns the commitment of each, new or grown.

    The commitments that are taken over stay as they are: what of them ends is the caller's to say.
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
        key = (one.line, one.earmark.document_kind, one.earmark.document, one.earmark.item)
        if key not in standing:
            standing[key] = _empty(one.earmark, one.line)
            session.add(standing[key])
        standing[key].amount += one.amount
        standing[key].recovery += one.recovery
        found.append(standing[key])
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
        held_by=like.held_by,
        held_at=like.held_at,
    )
