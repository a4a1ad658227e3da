"""Reads of reservations."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.availability.reservation_schemas import ReservationOut
from inventory.catalogue.models import Part
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Reservation, ReservationState, StockBalance
from inventory.network.models import Place
from inventory.traceability.models import Lot

FIRST = UUID(int=0)


def reservation_page(
    session: Session,
    *,
    after: UUID = FIRST,
    limit: int = 1,
    keys: Collection[UUID] | None = None,
    part: str | None = None,
    place: str | None = None,
    demand: str | None = None,
    demands: Collection[str] | None = None,
    state: ReservationState | None = None,
) -> list[ReservationOut]:
    """Return up to `limit` reservations with a key after `after`, oldest first; each filter keeps those it names."""
    destination = aliased(Place)
    query = (
        select(Reservation, Part.part_number, Place.code, destination.code, Lot.number)
        .join(Part, Part.id == Reservation.part_id)
        .join(Place, Place.id == Reservation.place_id)
        .join(destination, destination.id == Reservation.destination_id)
        .outerjoin(StockBalance, StockBalance.cell == Reservation.cell)
        .outerjoin(Lot, Lot.id == StockBalance.lot_id)
        .where(Reservation.id > after)
        .order_by(Reservation.id)
        .limit(limit)
    )
    if keys is not None:
        query = query.where(Reservation.id.in_(keys))
    if part is not None:
        query = query.where(Part.part_number == part)
    if place is not None:
        query = query.where(or_(Place.code == place, destination.code == place))
    if demand is not None:
        query = query.where(Reservation.demand == demand)
    if demands is not None:
        query = query.where(Reservation.demand.in_(demands))
    if state is not None:
        query = query.where(Reservation.state == state)
    columns = set(ReservationOut.model_fields) - {"part", "place", "destination", "lot"}
    return [
        ReservationOut(
            part=number, place=shelf, destination=home, lot=lot, **{name: getattr(one, name) for name in columns}
        )
        for one, number, shelf, home, lot in session.execute(query)
    ]


def reservation_by_key(session: Session, key: UUID) -> ReservationOut:
    """Return a reservation; raises NotFound for an unknown key."""
    found = reservation_page(session, keys=[key])
    if not found:
        raise unknown_reservation(key)
    return found[0]


def reserved_by_demand(session: Session, demands: Collection[str]) -> dict[tuple[str, str], Decimal]:
    """Return {(demand, part number): quantity} that is reserved for some demands."""
    query = (
        select(Reservation.demand, Part.part_number, func.sum(Reservation.quantity))
        .join(Part, Part.id == Reservation.part_id)
        .where(Reservation.state == ReservationState.HELD, Reservation.demand.in_(sorted(demands)))
        .group_by(Reservation.demand, Part.part_number)
    )
    return {(demand, part): quantity for demand, part, quantity in session.execute(query)}


def unknown_reservation(key: UUID) -> NotFound:
    """Return the refusal of a reservation that does not exist, or not for the actor."""
    return NotFound(
        _("There is no reservation {key}; the list of reservations shows those there are").format(key=key),
        code="unknown_reservation",
    )
