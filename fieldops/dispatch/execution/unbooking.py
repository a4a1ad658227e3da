"""What events booked is taken back when they are discarded, or do not fit any more: stock, then money, then debts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.expenses import source_of
from fieldops.dispatch.execution.keeping import day_at
from fieldops.dispatch.execution.material import debt_of, move_of, turn_of
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job
from fieldops.finance.control.actual_schemas import Reversal
from fieldops.finance.control.actuals import posted_sources, reverse_actual
from fieldops.finance.control.models import BudgetActual
from inventory.cores.models import ObligationState, RemovedUnit
from inventory.cores.service import settle
from inventory.kernel.actor import Actor
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.service import reverse


def unbook_stock(session: Session, actor: Actor, event: JobEvent, now: datetime) -> None:
    """Take back the move that an event posted, by one the other way; raises Conflict where its stock went on."""
    turn, stands = turn_of(session, event.id)
    if stands:
        reverse(session, actor, [move_of(event.id, turn)], f"taken-back/{event.id}"[:48], now)


def unbook_money(session: Session, actor: Actor, job: Job, event: JobEvent, now: datetime) -> None:
    """Reverse what an event cost, today at the place of its job; raises Conflict for a closed period."""
    query = select(BudgetActual.source).where(
        BudgetActual.document == job.number, BudgetActual.source.startswith(source_of(event.id, ""))
    )
    with unscoped(session):
        sources: Sequence[str] = session.scalars(query.where(BudgetActual.reverses.is_(None))).all()
        for source in sorted(posted_sources(session, sources)):
            why = _("The event was discarded, or does not fit any more")
            reverse_actual(session, actor, Reversal(source=source, day=day_at(session, job, now), reason=why), now)


def unbook_debt(session: Session, actor: Actor, event: JobEvent, now: datetime) -> None:
    """Have nothing owed any more for a unit that was never removed."""
    turns = range(1, turn_of(session, event.id)[0] + 1)
    query = select(RemovedUnit).where(
        RemovedUnit.source.in_([debt_of(event.id, turn) for turn in turns]), RemovedUnit.state == ObligationState.OPEN
    )
    with unscoped(session):
        for owed in session.scalars(query).all():
            note = _("Reversed: the event was discarded, or does not fit any more")
            settle(session, actor, owed.number, note, now, version=owed.version)
