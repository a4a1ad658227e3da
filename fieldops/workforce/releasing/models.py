"""Tables of the rules by which people may work and sign."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.workforce.kinds import CertificateKind, Seat
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, declare
from inventory.kernel.types import Quantity, text_enum


class _Sourced:
    """Where a rule stands, and from when to when it holds (empty: no limit)."""

    source: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


@declare(SHARED)
class ReleaseRule(Identified, Versioned, _Sourced, Base):
    """What the holder of a seat needs on an aircraft of a registry; several rules for the same are alternatives.

    A licence by one of `standards` counts, in one of `categories` where some are named, or any other that the registry
    has validated. `scope` is the word that the company authorisation must cover; empty: the level of the job.
    """

    __tablename__ = "release_rule"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("experience_months >= 0 AND experience_months <= within_months", name="experience"),
        CheckConstraint("margin_days >= 0", name="margin"),
        Index("ix_release_rule_authority_seat", "authority", "seat"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    authority: Mapped[str] = mapped_column(String(48))
    seat: Mapped[Seat] = mapped_column(text_enum(Seat))
    standards: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    validation: Mapped[bool]
    rating: Mapped[bool]
    authorisation: Mapped[bool]
    scope: Mapped[str | None] = mapped_column(String(48))
    approval: Mapped[bool]
    experience_months: Mapped[int]
    within_months: Mapped[int]
    trainings: Mapped[list[str]] = mapped_column(JSON)
    margin_days: Mapped[int]


@declare(SHARED)
class OrganisationApproval(Base):
    """An authority lets our organisation maintain aircraft of some types; no type at all is every type."""

    __tablename__ = "organisation_approval"
    __table_args__ = (CheckConstraint("valid_from <= valid_until", name="validity"),)

    number: Mapped[str] = mapped_column(String(48), primary_key=True)
    authority: Mapped[str] = mapped_column(String(48))
    aircraft_types: Mapped[list[str]] = mapped_column(JSON)
    levels: Mapped[list[str]] = mapped_column(JSON)
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class AccessRule(Identified, Versioned, _Sourced, Base):
    """What everybody who works at a place, or in a country, must hold; in a country only those from elsewhere."""

    __tablename__ = "access_rule"
    __table_args__ = (
        CheckConstraint("(place IS NULL) <> (country IS NULL)", name="where"),
        CheckConstraint("security_level >= 0", name="security"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    place: Mapped[str | None] = mapped_column(String(48), index=True)
    country: Mapped[str | None] = mapped_column(String(2), index=True)
    kinds: Mapped[list[CertificateKind]] = mapped_column(JSON)
    security_level: Mapped[int]


@declare(SHARED)
class RestRule(Identified, Versioned, _Sourced, Base):
    """How long people may work and must rest in a country (empty: where no rule of the country holds); hours.

    Duties that are at most `break_h` apart are one. Night is from `night_from_h` to `night_to_h` by the person's clock.
    """

    __tablename__ = "rest_rule"
    __table_args__ = (
        CheckConstraint("duty_max_h > 0 AND rest_min_h > 0 AND weekly_rest_h > 0", name="hours"),
        CheckConstraint("break_h >= 0 AND break_h < rest_min_h", name="break"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    country: Mapped[str | None] = mapped_column(String(2))
    authority: Mapped[str] = mapped_column(String(48))
    duty_max_h: Mapped[Decimal] = mapped_column(Quantity)
    break_h: Mapped[Decimal] = mapped_column(Quantity)
    rest_min_h: Mapped[Decimal] = mapped_column(Quantity)
    night_from_h: Mapped[int]
    night_to_h: Mapped[int]
    night_rest_h: Mapped[Decimal] = mapped_column(Quantity)
    weekly_rest_h: Mapped[Decimal] = mapped_column(Quantity)
    travel_counts: Mapped[bool]
    regular_day_h: Mapped[Decimal] = mapped_column(Quantity)
    overtime_month_h: Mapped[Decimal | None] = mapped_column(Quantity)
