"""What is on its way: shipment out of a shelf, receipt onto another, and what never comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.availability.holdings import counting
from inventory.availability.service import give_back, require_among
from inventory.catalogue.models import Part
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Reservation, ReservationKind, StockBalance
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.network.models import Place, Tier
from inventory.network.scope import places_within
from inventory.network.service import first_of
from inventory.orders.models import OrderPiece, StockOrder, StockOrderLine
from inventory.orders.releasing import keep_line, lock_shelf
from inventory.orders.rules import Act, OrderState, laid_upon
from inventory.orders.schemas import Receipt, ReceivedLine, Shipment
from inventory.orders.service import Lines, announce, begun, ends_of, lines_of
from inventory.orders.ways import Ends
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.models import Lot


def ship(
    session: Session,
    actor: Actor,
    order: StockOrder,
    shipment: Shipment,
    now: datetime,
    *,
    version: int | None = None,
) -> None:
    """Take the pieces of a released order off their shelf, onto the way; what does not leave is free again.

    What was kept and is no more, for its time was over or something more urgent took it, is taken of what is free.
    Raises Forbidden for a shelf of others, Stale for another version, Conflict in another state, where too little is
    free, and without a place in transit; Invalid for an unknown line and for more than was ordered of one.
    """
    held = begun(session, order, Act.SHIP, version)
    ends = ends_of(session, held)
    require_among(session, actor, ends.shelf.id, places_within)
    transit = _transit(session)
    lines = lines_of(session, held)
    leaving = _leaving(lines, shipment)
    lock_shelf(session, ends.shelf, lines, now)
    _keep_missing(session, actor, held, ends, lines, leaving, now)
    moves: list[NewMove] = []
    pieces: dict[tuple[UUID, str | None, Condition], OrderPiece] = {}
    for line, part in lines:
        for kept, quantity in laid_upon(_kept(session, held, line, now), leaving[line.id]):
            moves.append(
                NewMove(
                    part=part.part_number,
                    origin=ends.shelf.code,
                    destination=transit.code,
                    condition=kept.condition,
                    lot=kept.lot,
                    quantity=quantity,
                    reservation=kept.reservation,
                    document=held.number,
                )
            )
            piece = pieces.setdefault((line.id, kept.lot, kept.condition), _piece(held, line, kept))
            piece.shipped += quantity
    post(session, actor, moves, now)
    give_back(session, actor, held.number, _("Did not leave with {number}").format(number=held.number), now)
    session.add_all(pieces.values())
    held.state, held.shipped_by, held.shipped_at = OrderState.SHIPPED, actor.id, now
    held.carrier, held.waybill, held.transit_id = shipment.carrier, shipment.waybill, transit.id
    session.flush()
    announce(session, held, "shipped")


def receive(
    session: Session,
    actor: Actor,
    order: StockOrder,
    receipt: Receipt,
    now: datetime,
    *,
    version: int | None = None,
) -> None:
    """Put what came onto its shelf; once nothing is on its way any more, the order is received.

    With `short` what is missing is written off. Raises Forbidden for a shelf of others, and to write off without the
    right; Stale for another version, Conflict in another state; Invalid for an unknown line and for more than is on its
    way of one.
    """
    held = begun(session, order, Act.RECEIVE, version)
    ends = ends_of(session, held)
    require_among(session, actor, ends.destination.id, places_within)
    if receipt.short is not None:
        actor.require("stock.approve")
    coming = _coming(session, held)
    way = (session.get_one(Place, held.transit_id), held.number)
    moves = []
    for came, inspect, quantity in _came(coming, receipt):
        came.piece.received += quantity
        moves.append(_onward(came, way, ends.destination, quantity, Hold.RECEIVING if inspect else None))
    if receipt.short is not None:
        adjustment = _adjustment(session)
        for one in coming:
            if missing := one.on_its_way:
                one.piece.lost += missing
                moves.append(_onward(one, way, adjustment, missing))
        held.reason = receipt.short
    post(session, actor, moves, now)
    held.received_by, held.received_at = actor.id, now
    if not any(one.on_its_way for one in coming):
        held.state = OrderState.RECEIVED
    session.flush()
    announce(session, held, "received")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one reservation keeps of a line."""

    reservation: UUID
    lot: str | None
    condition: Condition
    on_its_way: Decimal


@dataclass(frozen=True, slots=True)
class _Coming:
    """A piece with its line and part number."""

    piece: OrderPiece
    line: int
    part: str

    @property
    def on_its_way(self) -> Decimal:
        return self.piece.on_its_way


def _leaving(lines: Lines, shipment: Shipment) -> dict[UUID, Decimal]:
    """Return how much of each line leaves."""
    if not shipment.lines:
        return {line.id: line.quantity for line, _part in lines}
    known = {line.line: line for line, _part in lines}
    leaving: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for one in shipment.lines:
        line = known.get(one.line)
        if line is None:
            raise _unknown_line(one.line)
        leaving[line.id] += one.quantity
        if leaving[line.id] > line.quantity:
            raise Invalid(
                _("Line {line} orders {quantity}; no more of it can leave").format(
                    line=one.line, quantity=f"{line.quantity.normalize():f}"
                ),
                code="more_than_ordered",
                field="lines",
            )
    return leaving


def _keep_missing(
    session: Session,
    actor: Actor,
    order: StockOrder,
    ends: Ends,
    lines: Lines,
    leaving: Mapping[UUID, Decimal],
    now: datetime,
) -> None:
    for line, part in lines:
        kept = sum((one.on_its_way for one in _kept(session, order, line, now)), Decimal(0))
        if missing := max(leaving.get(line.id, Decimal(0)) - kept, Decimal(0)):
            keep_line(session, actor, order, ends, line, part.part_number, missing, now)


def _kept(session: Session, order: StockOrder, line: StockOrderLine, now: datetime) -> list[_Kept]:
    """Return what reservations keep of a line for its order, the oldest first."""
    query = (
        select(Reservation.id, Lot.number, StockBalance.condition, Reservation.quantity)
        .join(StockBalance, StockBalance.cell == Reservation.cell)
        .outerjoin(Lot, Lot.id == StockBalance.lot_id)
        .where(
            Reservation.demand == order.number,
            Reservation.place_id == order.origin_id,
            Reservation.part_id == line.part_id,
            Reservation.kind == ReservationKind.HARD,
            *counting(now),
        )
        .order_by(Reservation.id)
    )
    if line.lot is not None:
        query = query.where(Lot.number == line.lot)
    if line.condition is not None:
        query = query.where(StockBalance.condition == line.condition)
    return [_Kept(*row) for row in session.execute(query)]


def _piece(order: StockOrder, line: StockOrderLine, kept: _Kept) -> OrderPiece:
    nothing = Decimal(0)
    return OrderPiece(
        id=uuid7(),
        order_id=order.id,
        line_id=line.id,
        lot=kept.lot,
        condition=kept.condition,
        shipped=nothing,
        received=nothing,
        lost=nothing,
    )


def _coming(session: Session, order: StockOrder) -> list[_Coming]:
    query = (
        select(OrderPiece, StockOrderLine.line, Part.part_number)
        .join(StockOrderLine, StockOrderLine.id == OrderPiece.line_id)
        .join(Part, Part.id == StockOrderLine.part_id)
        .where(OrderPiece.order_id == order.id)
        .order_by(StockOrderLine.line, OrderPiece.id)
    )
    return [_Coming(*row) for row in session.execute(query.execution_options(populate_existing=True))]


def _came(coming: Sequence[_Coming], receipt: Receipt) -> Iterator[tuple[_Coming, bool, Decimal]]:
    """Yield what came of each piece, and whether it waits for an inspection."""
    if not receipt.lines and receipt.short is None:
        yield from ((one, False, one.on_its_way) for one in coming if one.on_its_way)
        return
    for told in receipt.lines:
        of_line = [one for one in coming if one.line == told.line]
        if not of_line:
            raise _unknown_line(told.line)
        yield from ((one, told.inspect, quantity) for one, quantity in _laid(of_line, told))


def _laid(of_line: Sequence[_Coming], told: ReceivedLine) -> list[tuple[_Coming, Decimal]]:
    able = [one for one in of_line if told.lot in (None, one.piece.lot)]
    laid = list(laid_upon(able, told.quantity))
    most = sum((quantity for _one, quantity in laid), Decimal(0))
    if most < told.quantity:
        raise Invalid(
            _("Of line {line} {most} are on their way, {quantity} cannot have come; count what is too much in").format(
                line=told.line, most=f"{most.normalize():f}", quantity=f"{told.quantity.normalize():f}"
            ),
            code="more_than_shipped",
            field="lines",
        )
    return laid


def _onward(one: _Coming, way: tuple[Place, str], place: Place, quantity: Decimal, hold: Hold | None = None) -> NewMove:
    """Return the move of a piece off its way, which is the place in transit and the order."""
    transit, order = way
    return NewMove(
        part=one.part,
        origin=transit.code,
        destination=place.code,
        condition=one.piece.condition,
        lot=one.piece.lot,
        to_hold=hold,
        quantity=quantity,
        document=order,
    )


def _transit(session: Session) -> Place:
    found = first_of(session, Tier.IN_TRANSIT)
    if found is None:
        raise Conflict(
            _("There is no place for what is on its way; add a place of the tier in_transit first"), code="no_transit"
        )
    return found


def _adjustment(session: Session) -> Place:
    found = first_of(session, Tier.ADJUSTMENT)
    if found is None:
        raise Conflict(
            _("There is no place that variances go to; add a place of the tier adjustment first"),
            code="no_adjustment",
        )
    return found


def _unknown_line(line: int) -> Invalid:
    return Invalid(
        _("There is no line {line} of which something could move; the order shows its lines").format(line=line),
        code="unknown_line",
        field="lines",
    )
