"""What moves do to reservations: they use up those that they name; those that have expired keep nothing any more.

Whoever changes a reservation holds the lock of its cell, so that balance and reservations always agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage

_LOCKED = select(Reservation).order_by(Reservation.id).with_for_update().execution_options(populate_existing=True)
_EXPIRING = (Stage.RESERVED, Stage.PICKED)
"""The stages in which a reservation expires; what is packed or cleared is on its way."""


def in_force() -> list[ColumnElement[bool]]:
    """Return the criteria of the reservations that keep stock from everybody else."""
    return [Reservation.state == ReservationState.HELD, Reservation.kind == ReservationKind.HARD]


@dataclass(frozen=True, slots=True)
class Use:
    """What the moves of a batch take of one cell for one reservation."""

    cell: UUID
    quantity: Decimal


def use_up(session: Session, uses: Mapping[UUID, Use], actor: str, now: datetime) -> dict[UUID, Decimal]:
    """Take quantities off the reservations that moves name; returns how much of each cell is no longer kept for them.

    Raises NotFound for an unknown one, Conflict for one that has ended, of another cell, or of less.
    """
    known = {
        one.id: one
        for keys in portions(sorted(uses))
        for one in session.scalars(_LOCKED.where(Reservation.id.in_(keys)))
    }
    freed: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for key, use in uses.items():
        one = known.get(key)
        if one is None:
            raise NotFound(
                _("There is no reservation {key}; the list of reservations shows those there are").format(key=key),
                code="unknown_reservation",
                field="reservation",
            )
        _refuse_other(one, use, now)
        one.quantity -= use.quantity
        if one.kind is ReservationKind.HARD:
            freed[one.cell] += use.quantity
        if not one.quantity:
            one.state, one.ended_by, one.ended_at = ReservationState.FULFILLED, actor, now
    return freed


def expire(session: Session, cells: Collection[UUID] | None, now: datetime) -> dict[UUID, Decimal]:
    """End the reservations of cells, all cells for None, whose time is over; returns how much each cell kept for them.

    What is packed or cleared does not expire: it is on its way. The caller holds the locks of the cells, and takes
    what is returned off what they keep.
    """
    over = _LOCKED.where(
        Reservation.state == ReservationState.HELD,
        Reservation.stage.in_(_EXPIRING),
        Reservation.expires_at <= now,
    )
    freed: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for keys in [None] if cells is None else portions(sorted(cells)):
        for one in session.scalars(over if keys is None else over.where(Reservation.cell.in_(keys))):
            one.state, one.ended_by, one.ended_at = ReservationState.EXPIRED, SYSTEM.id, now
            if one.kind is ReservationKind.HARD:
                freed[one.cell] += one.quantity
    session.flush()
    return freed


def _refuse_other(one: Reservation, use: Use, now: datetime) -> None:
    over = one.expires_at <= now and one.stage in _EXPIRING
    if one.state is not ReservationState.HELD or over:
        raise Conflict(
            _("Reservation {key} has ended; reserve again, or leave the reservation out").format(key=one.id),
            code="reservation_ended",
            field="reservation",
        )
    if one.cell != use.cell:
        raise Conflict(
            _("Reservation {key} is of other stock than the move takes; move what is reserved").format(key=one.id),
            code="reservation_elsewhere",
            field="reservation",
        )
    if one.quantity < use.quantity:
        raise Conflict(
            _("Reservation {key} keeps {quantity} only; move the rest without it").format(
                key=one.id, quantity=f"{one.quantity.normalize():f}"
            ),
            code="reservation_exceeded",
            field="quantity",
        )
