"""Tables of the workforce."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.workforce.kinds import CertificateKind, Employment
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, Keys, declare, within
from inventory.kernel.types import Money, Rate, text_enum
from inventory.network.scope import places_seen, places_within


@declare(SHARED)
class LicenceStandard(Base):
    """A standard by which an authority licenses people, in one edition."""

    __tablename__ = "licence_standard"

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    authority: Mapped[str] = mapped_column(String(48))
    name: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class Qualification(Base):
    """A licence, rating, authorisation or pass that work can require, and what it is good for.

    Empty fields set no limit: an authorisation without an authority counts for every registry. `places` are those that
    a pass opens, `scope` the words of what an authorisation covers.
    """

    __tablename__ = "qualification"

    code: Mapped[str] = mapped_column(String(48), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[CertificateKind] = mapped_column(
        text_enum(CertificateKind), default=CertificateKind.OTHER, server_default="other"
    )
    standard: Mapped[str | None] = mapped_column(ForeignKey("licence_standard.code"))
    authority: Mapped[str | None] = mapped_column(String(48))
    category: Mapped[str | None] = mapped_column(String(48))
    aircraft_type: Mapped[str | None] = mapped_column(String(48))
    country: Mapped[str | None] = mapped_column(String(2))
    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    scope: Mapped[list[str]] = mapped_column(JSON, default=list)


@declare(SHARED)
class AuthorisationNeed(Identified, Base):
    """One thing that must be in place before a company authorisation is given.

    It is a certain qualification, or any certificate of a kind, of an aircraft type where one is named, or so many
    months of experience on a type within so many months.
    """

    __tablename__ = "authorisation_need"
    __table_args__ = (
        CheckConstraint("experience_months > 0 AND experience_months <= within_months", name="experience"),
        Index("ix_authorisation_need_authorisation", "authorisation"),
    )

    authorisation: Mapped[str] = mapped_column(ForeignKey("qualification.code"))
    qualification: Mapped[str | None] = mapped_column(ForeignKey("qualification.code"))
    kind: Mapped[CertificateKind | None] = mapped_column(text_enum(CertificateKind))
    aircraft_type: Mapped[str | None] = mapped_column(String(48))
    experience_months: Mapped[int | None]
    within_months: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(200))


@declare(within("base_id", places_within, reading=places_seen))
class Technician(Identified, Versioned, Base):
    """A person who does jobs, starting from a base; shifts are kept in the person's own time zone.

    `cost_per_h` holds where no dated rate does. Who is `advisory_only`, such as a maker's representative, never signs.
    `user_name` is the login by which the person sees own jobs and tells of them.
    """

    __tablename__ = "technician"
    __table_args__ = (
        CheckConstraint("cost_per_h >= 0", name="cost"),
        CheckConstraint("security_level >= 0", name="security"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    base_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    cost_per_h: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    employment: Mapped[Employment] = mapped_column(text_enum(Employment), default=Employment.OWN, server_default="own")
    home_country: Mapped[str | None] = mapped_column(String(2))
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    security_level: Mapped[int] = mapped_column(default=0, server_default="0")
    advisory_only: Mapped[bool] = mapped_column(default=False, server_default="0")
    user_name: Mapped[str | None] = mapped_column(String(64), unique=True)


def _people(places: Keys) -> Keys:
    people = Technician.__table__.c
    return lambda scope: select(people.id).where(people.base_id.in_(places(scope)))


OF_TECHNICIAN = within("technician_id", _people(places_within), reading=_people(places_seen))
"""The rule of rows that belong to one technician."""


@declare(OF_TECHNICIAN)
class HeldQualification(Base):
    """A technician holds a qualification from one date until another, both included, in the technician's time zone."""

    __tablename__ = "held_qualification"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_until", name="validity"),
        CheckConstraint("issued_on <= valid_until", name="issue"),
        Index("ix_held_qualification_qualification_code_valid_until", "qualification_code", "valid_until"),
    )

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    qualification_code: Mapped[str] = mapped_column(ForeignKey("qualification.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_until: Mapped[date]
    issued_on: Mapped[date | None]
    issuer: Mapped[str | None] = mapped_column(String(200))
    reference: Mapped[str | None] = mapped_column(String(200))
    evidence: Mapped[str | None] = mapped_column(String(200))
    limits: Mapped[str | None] = mapped_column(String(200))


@declare(OF_TECHNICIAN)
class Experience(Base):
    """A technician worked on an aircraft type from one date to another, both included."""

    __tablename__ = "experience"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="dates"),)

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    aircraft_type: Mapped[str] = mapped_column(String(48), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date]


@declare(OF_TECHNICIAN)
class CostRate(Base):
    """What an hour of a technician costs from a day on; overtime and other hours cost a multiple of it."""

    __tablename__ = "cost_rate"
    __table_args__ = (
        CheckConstraint("per_h >= 0", name="per_h"),
        CheckConstraint("overtime > 0 AND rest_day > 0 AND holiday > 0", name="factors"),
    )

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    per_h: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    overtime: Mapped[Decimal] = mapped_column(Rate)
    rest_day: Mapped[Decimal] = mapped_column(Rate)
    holiday: Mapped[Decimal] = mapped_column(Rate)


@declare(OF_TECHNICIAN)
class Shift(Base):
    """One duty, in local wall-clock time of the technician; `ends` at or before `starts` means the next day."""

    __tablename__ = "shift"

    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    work_date: Mapped[date] = mapped_column(primary_key=True, index=True)
    starts: Mapped[time] = mapped_column(primary_key=True)
    ends: Mapped[time]
