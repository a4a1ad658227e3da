"""The table of what aircraft were used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.fleet.models import Aircraft
from inventory.kernel.actor import Actor
from inventory.kernel.base import Base
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import Quantity
from inventory.network.scope import places_seen, places_within

WHOLE_TYPE = ""
"""Stands for the registration where the whole type at a place is told; a NULL could not be part of the key."""


def _of_place_or_own_aircraft(table: Any, actor: Actor) -> ColumnElement[bool]:
    """What is told of one's places; for the people of an operator what is told of its own aircraft."""
    at_own_places: ColumnElement[bool] = table.place_id.in_(places_seen(actor.scope))
    if actor.scope.operator is None:
        return at_own_places
    aircraft = Aircraft.__table__.c
    own = select(aircraft.registration).where(aircraft.operator_id == actor.scope.operator)
    return or_(at_own_places, table.tail.in_(own))


@declare(Rule(_of_place_or_own_aircraft, {"place_id": places_within}))
class Utilisation(Base):
    """What one aircraft (`tail`, its registration), or all of a type, were used at a place in a month.

    `month` is its first day. Where the whole type is told, its aircraft told beside it are parts of that.
    """

    __tablename__ = "utilisation"
    __table_args__ = (
        CheckConstraint(
            "flight_hours >= 0 AND cycles >= 0 AND landings >= 0 AND apu_hours >= 0", name="never_negative"
        ),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    aircraft_type: Mapped[str] = mapped_column(String(48), primary_key=True)
    tail: Mapped[str] = mapped_column(String(48), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True, index=True)
    flight_hours: Mapped[Decimal] = mapped_column(Quantity)
    cycles: Mapped[Decimal] = mapped_column(Quantity)
    landings: Mapped[Decimal] = mapped_column(Quantity)
    apu_hours: Mapped[Decimal] = mapped_column(Quantity)
