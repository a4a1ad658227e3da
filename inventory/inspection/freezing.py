"""Use cases about parts that may be unapproved: freeze what an entry of the watch list is about, and release it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.inspection.queries import evidence
from inventory.inspection.schemas import EvidenceOut
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.lookup import portions
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.ledger.balances import keep, lock
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, StockBalance
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place
from inventory.traceability.condition import Hold
from inventory.traceability.models import Lot, WatchEntry
from inventory.traceability.rule_schemas import NewEntry
from inventory.traceability.watch import close_entry, concerned, described, met, open_entry, papers_of

NAMED_MAX = 50
"""How many numbers an event names; of more it tells the count."""


def freeze(session: Session, actor: Actor, new: NewEntry, now: datetime) -> EvidenceOut:
    """Open an entry of the watch list and freeze all that it is about, on every shelf of the network.

    Reservations of what is frozen end. Raises Forbidden short of the whole network, Invalid for an unknown part,
    Conflict for what is watched already. Returns where the stock lies, where it was used, and its papers.
    """
    actor.require_network()
    entry = open_entry(session, actor, new, now)
    cells = _held(session, concerned(session, entry), StockBalance.hold != Hold.SUSPECTED_UNAPPROVED)
    demands = _end_reservations(session, actor, entry, sorted(cells), now)
    moves = _into(session, cells, Hold.SUSPECTED_UNAPPROVED, entry)
    post(session, actor, moves, now)
    _tell(session, "frozen", entry, moves, now)
    return evidence(session, entry).model_copy(update={"demands": demands})


def release(session: Session, actor: Actor, key: UUID, reason: str, now: datetime) -> EvidenceOut:
    """Close an entry; what no other entry is about waits for an inspection again.

    Raises NotFound, Conflict for an entry that is closed, Forbidden for whoever opened it, and short of the network.
    """
    actor.require_network()
    entry = close_entry(session, actor, key, reason, now)
    lots = concerned(session, entry)
    still = met(session, lots, papers_of(session, [lot.id for lot in lots]))
    free = [lot for lot in lots if lot.id not in still]
    cells = _held(session, free, StockBalance.hold == Hold.SUSPECTED_UNAPPROVED)
    moves = _into(session, cells, Hold.RECEIVING, entry)
    post(session, actor, moves, now, lifting=frozenset({Hold.SUSPECTED_UNAPPROVED}))
    _tell(session, "released", entry, moves, now)
    return evidence(session, entry)


def _held(session: Session, lots: Sequence[Lot], which: ColumnElement[bool]) -> dict[UUID, Lot]:
    """Return {cell: its number} of what shelves hold of some numbers, the cells locked."""
    numbers = {lot.id: lot for lot in lots}
    cells: dict[UUID, Lot] = {}
    for some in portions(sorted(numbers)):
        rows = select(StockBalance.cell, StockBalance.lot_id).where(
            StockBalance.lot_id.in_(some), StockBalance.is_virtual.is_(False), StockBalance.quantity > 0, which
        )
        cells.update((cell, numbers[lot]) for cell, lot in session.execute(rows))
    lock(session, sorted(cells))
    return cells


def _into(session: Session, cells: dict[UUID, Lot], hold: Hold, entry: WatchEntry) -> list[NewMove]:
    """Return the moves of all that locked cells hold into another hold."""
    moves = []
    for some in portions(sorted(cells)):
        rows = (
            select(StockBalance, Part.part_number, Place.code)
            .join(Part, Part.id == StockBalance.part_id)
            .join(Place, Place.id == StockBalance.place_id)
            .where(StockBalance.cell.in_(some), StockBalance.quantity > 0)
            .execution_options(populate_existing=True)
        )
        moves += [
            NewMove(
                part=part,
                origin=place,
                destination=place,
                lot=cells[held.cell].number,
                condition=held.condition,
                hold=held.hold,
                to_hold=hold,
                owner=held.owner,
                quantity=held.quantity,
                document=f"WATCH-{entry.id}",
            )
            for held, part, place in session.execute(rows)
        ]
    return moves


def _end_reservations(
    session: Session, actor: Actor, entry: WatchEntry, cells: Sequence[UUID], now: datetime
) -> list[str]:
    """End the reservations of locked cells; returns the demands that they were for."""
    given_back: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    demands = set()
    for some in portions(cells):
        held = select(Reservation).where(Reservation.cell.in_(some), Reservation.state == ReservationState.HELD)
        for one in session.scalars(held.order_by(Reservation.id).with_for_update()):
            one.state, one.ended_by, one.ended_at = ReservationState.RELEASED, actor.id, now
            one.reason = described(entry)[:400]
            demands.add(one.demand)
            if one.kind is ReservationKind.HARD:
                given_back[one.cell] -= one.quantity
    session.flush()
    if given_back:
        keep(session, given_back, now)
    return sorted(demands)


def _tell(session: Session, action: str, entry: WatchEntry, moves: Sequence[NewMove], now: datetime) -> None:
    told = sorted({f"{move.part} {move.lot} {move.origin}" for move in moves})
    record(session, action, "watch_entry", str(entry.id), after={"entry": described(entry), "stock": told})
    payload = {"entry": str(entry.id), "what": told[:NAMED_MAX], "count": len(told)}
    emit(session, f"stock.{action}", payload, now, audience=NETWORK_ONLY)
