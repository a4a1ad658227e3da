"""What ledger tests share: reading the balances, and moves of the small world."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.ledger.models import StockBalance
from inventory.ledger.schemas import NewMove
from inventory.network.models import Place
from inventory.traceability.condition import Condition

Cell = tuple[str, str, Condition]
"""Part number, place code, condition."""


def balances(session: Session) -> dict[Cell, Decimal]:
    """Return {cell: balance} of every cell that holds something, or owes it, whatever its hold, owner and number."""
    rows = session.execute(
        select(Part.part_number, Place.code, StockBalance.condition, StockBalance.quantity)
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
    )
    held: defaultdict[Cell, Decimal] = defaultdict(Decimal)
    for part, place, condition, quantity in rows:
        held[part, place, condition] += quantity
    return {cell: quantity for cell, quantity in held.items() if quantity}


def sold(destination: str) -> dict[str, str]:
    """What an issue to a customer that is for no aircraft says; nothing for other moves."""
    return {"without_aircraft": "Sold"} if destination == "CUSTOMER" else {}


def move(
    part: str,
    origin: str,
    destination: str,
    quantity: Decimal | int | str,
    *,
    condition: Condition = Condition.SERVICEABLE,
    move_id: UUID | None = None,
) -> NewMove:
    """A move on the document TEST."""
    return NewMove(
        move_id=move_id or uuid7(),
        part=part,
        origin=origin,
        destination=destination,
        condition=condition,
        quantity=Decimal(quantity),
        document="TEST",
        without_aircraft=sold(destination).get("without_aircraft"),
    )
