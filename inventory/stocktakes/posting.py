"""From the variances of a stocktake to entries of the ledger, and what keeps them from being posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, StockBalance
from inventory.ledger.service import post
from inventory.network.models import Place, Tier
from inventory.network.service import first_of
from inventory.stocktakes.models import CountLine, Stocktake
from inventory.stocktakes.queries import books
from inventory.stocktakes.rules import corrections
from inventory.traceability.models import Lot, LotKind

_NOT_THEN = frozenset({"period_closed", "too_little_then"})
"""Refusals of an entry dated back that may be posted now."""
Lines = Sequence[tuple[CountLine, str]]
"""Lines with their part numbers."""


def post_variances(session: Session, actor: Actor, stocktake: Stocktake, lines: Lines, now: datetime) -> None:
    """Post what differs, dated when it was counted where the ledger lets it, else now."""
    held = _held(session, [line.cell for line, _part in lines])
    _refuse_changed(session, stocktake, lines)
    differing = [(line, part) for line, part in lines if line.variance]
    place = session.get_one(Place, stocktake.place_id)
    adjustment = _adjustment(session)
    _refuse_reserved(session, differing, held, now)
    _refuse_elsewhere(session, differing, place, adjustment)
    counted = corrections(differing, place.code, adjustment.code, stocktake.number)
    try:
        with session.begin_nested():
            post(session, actor, counted, now)
    except Conflict as refused:
        if refused.code not in _NOT_THEN:
            raise
        post(session, actor, corrections(differing, place.code, adjustment.code, stocktake.number, now), now)


def _held(session: Session, cells: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return what the cells hold now, their rows locked in the order of their keys."""
    in_order(session, Lock.STOCK)
    held: dict[UUID, Decimal] = {}
    for some in portions(sorted(cells)):
        query = select(StockBalance.cell, StockBalance.quantity).where(StockBalance.cell.in_(some))
        held.update(session.execute(query.order_by(StockBalance.cell).with_for_update()).all())
    return held


def _adjustment(session: Session) -> Place:
    found = first_of(session, Tier.ADJUSTMENT)
    if found is None:
        raise Conflict(
            _("There is no place that variances go to; add a place of the tier adjustment first"),
            code="no_adjustment",
        )
    return found


def _refuse_changed(session: Session, stocktake: Stocktake, lines: Lines) -> None:
    told = books(session, {line.cell: line.counted_at for line, _part in lines if line.counted_at is not None})
    for line, part in lines:
        if told[line.cell] != line.book:
            raise Conflict(
                _(
                    "An entry dated back changed what the book held of part {part} when it was counted; "
                    "send {number} back and count it again"
                ).format(part=part, number=stocktake.number),
                code="book_changed",
            )


def _refuse_reserved(session: Session, lines: Lines, held: dict[UUID, Decimal], now: datetime) -> None:
    """Raise Conflict where the stock that is really there is less than hard reservations keep of it."""
    short = {line.cell: (line, part) for line, part in lines if line.variance < 0}
    kept: defaultdict[UUID, list[Reservation]] = defaultdict(list)
    for some in portions(sorted(short)):
        query = select(Reservation).where(
            Reservation.cell.in_(some),
            Reservation.kind == ReservationKind.HARD,
            Reservation.state == ReservationState.HELD,
            Reservation.expires_at > now,
        )
        for one in session.scalars(query):
            kept[one.cell].append(one)
    for cell, reservations in kept.items():
        line, part = short[cell]
        left = held.get(cell, Decimal(0)) + line.variance
        if left < sum(one.quantity for one in reservations):
            raise Conflict(
                _(
                    "Only {left} of part {part} are there, and more is reserved for {demands}; release that first"
                ).format(
                    left=f"{left.normalize():f}",
                    part=part,
                    demands=", ".join(sorted({one.demand for one in reservations})),
                ),
                code="stock_reserved",
            )


def _refuse_elsewhere(session: Session, lines: Lines, place: Place, adjustment: Place) -> None:
    """Raise Conflict for a piece that was found here while the book has it at another place.

    Only a move from there tells what became of it; a correction would hide that it left without one.
    """
    found = {line.lot_id: part for line, part in lines if line.variance > 0 and line.lot is not None}
    missed = {line.lot_id for line, _part in lines if line.variance < 0}
    for some in portions(sorted(found.keys() - missed)):
        query = (
            select(Lot, Place.code)
            .join(Place, Place.id == Lot.place_id)
            .where(Lot.id.in_(some), Lot.kind == LotKind.SERIAL, Lot.place_id != adjustment.id)
            .order_by(Lot.number)
        )
        for lot, at in session.execute(query):
            if lot.place_id == place.id:
                raise Conflict(
                    _(
                        "The book has {part} {lot} in another condition, hold or ownership; count it there as 0, too"
                    ).format(part=found[lot.id], lot=lot.number),
                    code="found_elsewhere",
                )
            raise Conflict(
                _("The book has {part} {lot} at {at}; move it from there to {place}, then count it again").format(
                    part=found[lot.id], lot=lot.number, at=at, place=place.code
                ),
                code="found_elsewhere",
            )
