"""What tests of availability share: who acts, and reservations of the small world."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.service import reserve
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import writing
from inventory.kernel.priority import Priority
from inventory.ledger.models import Reservation, StockBalance
from inventory.ledger.reserved import in_force
from tests.conftest import NOW

SEA = Actor("sea", scope=Scope(regions=frozenset({"SEA"})))
CN = Actor("cn", scope=Scope(regions=frozenset({"CN"})))
DAY = timedelta(days=1)


def wish(part: str, place: str, quantity: Decimal | int = 1, **more: Any) -> NewReservation:
    """A hard reservation for routine job J-9 at the outlet of the shelf's region, for a day."""
    told: dict[str, Any] = {
        "destination": {"XIY": "TSN", "TSN": "TSN"}.get(place, "UTH"),
        "demand": "J-9",
        "kind": "hard",
    }
    told |= {"priority": Priority.ROUTINE, "expires_at": NOW + DAY}
    return NewReservation.model_validate(told | {"part": part, "place": place, "quantity": quantity} | more)


def kept(engine: Engine, wanted: NewReservation, actor: Actor = SYSTEM) -> UUID:
    """Reserve, and return the key of the one reservation."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        (key,) = reserve(session, actor, wanted, NOW)
    return key


def disagreeing(session: Session) -> list[UUID]:
    """Return the cells of which more or less is kept than reservations in force say, or more than there is."""
    wanted = dict(
        session.execute(
            select(Reservation.cell, func.sum(Reservation.quantity)).where(*in_force()).group_by(Reservation.cell)
        ).all()
    )
    cells = session.execute(select(StockBalance.cell, StockBalance.quantity, StockBalance.reserved))
    return [
        cell
        for cell, quantity, reserved in cells
        if reserved != wanted.get(cell, 0) or (reserved and reserved > quantity)
    ]
