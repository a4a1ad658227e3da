"""Tables of the fleet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor, Scope
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import text_enum
from inventory.network.scope import places_seen, places_within


def _of_place_or_operator(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those at one's places; for the people of an operator its own wherever they are."""
    at_own_places: ColumnElement[bool] = table.base_id.in_(places_seen(actor.scope))
    if actor.scope.operator is None:
        return at_own_places
    return or_(at_own_places, table.operator_id == actor.scope.operator)


@declare(Rule(_of_place_or_operator, {"base_id": places_within}))
class Aircraft(Identified, Versioned, Base):
    """An aircraft; `authority` is that of its registry."""

    __tablename__ = "aircraft"

    registration: Mapped[str] = mapped_column(String(48), unique=True)
    aircraft_type: Mapped[str] = mapped_column(String(48), index=True)
    serial: Mapped[str] = mapped_column(String(48))
    authority: Mapped[str] = mapped_column(String(48))
    operator_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"), index=True)
    base_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)


def _own_aircraft(scope: Scope) -> Select[Any]:
    aircraft = Aircraft.__table__.c
    return select(aircraft.id).where(aircraft.base_id.in_(places_within(scope)))


def _of_seen_aircraft(table: Any, actor: Actor) -> ColumnElement[bool]:
    aircraft = Aircraft.__table__
    seen = select(aircraft.c.id).where(_of_place_or_operator(aircraft.c, actor))
    return table.aircraft_id.in_(seen)  # type: ignore[no-any-return]  # the rule gets any table


@declare(Rule(_of_seen_aircraft, {"aircraft_id": _own_aircraft}))
class Rotation(Identified, Versioned, Base):
    """A stay of an aircraft on ground, until it departs."""

    __tablename__ = "rotation"
    __table_args__ = (
        CheckConstraint("arrives_at < departs_at", name="window"),
        Index("ix_rotation_aircraft_id_departs_at", "aircraft_id", "departs_at"),
    )

    aircraft_id: Mapped[UUID] = mapped_column(ForeignKey("aircraft.id"))
    station_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    arrives_at: Mapped[datetime]
    departs_at: Mapped[datetime]
    flight: Mapped[str | None] = mapped_column(String(48))


class Quarantine(StrEnum):
    """Why a rotation is set aside."""

    UNKNOWN_REGISTRATION = "unknown_registration"
    UNKNOWN_STATION = "unknown_station"
    ENDS_BEFORE_START = "ends_before_start"
    OVERLAPS = "overlaps"


class Resolution(StrEnum):
    """What a person made of a rotation that was set aside."""

    OPEN = "open"
    CORRECTED = "corrected"
    DISCARDED = "discarded"


def _of_finder(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Who brought a record in, and those who see the place that it concerns."""
    own: ColumnElement[bool] = table.found_by == actor.id
    return or_(own, table.base_id.in_(places_seen(actor.scope)))


@declare(Rule(_of_finder))
class QuarantinedRotation(Identified, Versioned, Base):
    """A rotation as it was told, which contradicts itself or what is known; a person corrects or discards it.

    `base_id` is that of its aircraft, where the registration is known; else its station, where that is.
    """

    __tablename__ = "quarantined_rotation"
    __table_args__ = (Index("ix_quarantined_rotation_state", "state"),)

    registration: Mapped[str] = mapped_column(String(48))
    station: Mapped[str] = mapped_column(String(48))
    arrives_at: Mapped[datetime]
    departs_at: Mapped[datetime]
    flight: Mapped[str | None] = mapped_column(String(48))
    reason: Mapped[Quarantine] = mapped_column(text_enum(Quarantine))
    detail: Mapped[str] = mapped_column(String(400))
    state: Mapped[Resolution] = mapped_column(text_enum(Resolution), default=Resolution.OPEN)
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    found_by: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[datetime]
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    resolved_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(400))
