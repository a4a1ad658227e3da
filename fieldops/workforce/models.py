"""Tables of the workforce."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import SHARED, Keys, declare, within
from inventory.kernel.types import Money
from inventory.network.scope import places_seen, places_within


@declare(SHARED)
class Qualification(Base):
    """A licence, rating, authorisation or pass that work can require."""

    __tablename__ = "qualification"

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


@declare(within("base_id", places_within, reading=places_seen))
class Technician(Identified, Base):
    """A person who does jobs, starting from a base; shifts are kept in the person's own time zone."""

    __tablename__ = "technician"
    __table_args__ = (CheckConstraint("cost_per_h >= 0", name="cost"),)

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    base_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    cost_per_h: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))


def _people(places: Keys) -> Keys:
    people = Technician.__table__.c
    return lambda scope: select(people.id).where(people.base_id.in_(places(scope)))


_OF_TECHNICIAN = within("technician_id", _people(places_within), reading=_people(places_seen))


@declare(_OF_TECHNICIAN)
class HeldQualification(Base):
    """A technician holds a qualification from one date until another, both included, in the technician's time zone."""

    __tablename__ = "held_qualification"
    __table_args__ = (CheckConstraint("valid_from <= valid_until", name="validity"),)

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    qualification_code: Mapped[str] = mapped_column(ForeignKey("qualification.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_until: Mapped[date]


@declare(_OF_TECHNICIAN)
class Shift(Base):
    """One duty, in local wall-clock time of the technician; `ends` at or before `starts` means the next day."""

    __tablename__ = "shift"

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    work_date: Mapped[date] = mapped_column(primary_key=True, index=True)
    starts: Mapped[time] = mapped_column(primary_key=True)
    ends: Mapped[time]
