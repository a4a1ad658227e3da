"""Reads of certificates: what people hold, what runs out, and what they lack for an authorisation."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from fieldops.workforce.certificates.schemas import (
    Gap,
    Missing,
    NeedOut,
    NewCertificate,
    NewCostRate,
    NewExperience,
    Standard,
)
from fieldops.workforce.certificates.service import known_authorisation
from fieldops.workforce.facts import PersonFacts
from fieldops.workforce.models import (
    AuthorisationNeed,
    CostRate,
    Experience,
    HeldQualification,
    LicenceStandard,
    Technician,
)
from fieldops.workforce.people import people_facts
from fieldops.workforce.schemas import Held
from fieldops.workforce.service import unknown_technician

FIRST_KEY = UUID(int=0)
FIRST_HELD = ("", "", date(1900, 1, 1))
FIRST_RATE = ("", date(1900, 1, 1))
_DAYS_A_MONTH = 30.4375


def standard_page(session: Session, *, after: str = "", limit: int) -> list[Standard]:
    """Return up to `limit` licence standards after a code, in that order."""
    query = select(LicenceStandard).where(LicenceStandard.code > after).order_by(LicenceStandard.code).limit(limit)
    return [Standard.model_validate(one) for one in session.scalars(query)]


def certificate_page(
    session: Session,
    *,
    after: tuple[str, str, date] = FIRST_HELD,
    limit: int,
    technician: str | None = None,
    expires_by: date | None = None,
) -> list[NewCertificate]:
    """Return up to `limit` certificates by holder, code and first day; some run out by a day."""
    names = [name for name in Held.model_fields if name != "code"]
    key = tuple_(Technician.code, HeldQualification.qualification_code, HeldQualification.valid_from)
    query = (
        select(
            Technician.code,
            HeldQualification.qualification_code,
            *(getattr(HeldQualification, name) for name in names),
        )
        .select_from(HeldQualification)
        .join(Technician, Technician.id == HeldQualification.technician_id)
        .where(key > tuple_(*after))
        .order_by(Technician.code, HeldQualification.qualification_code, HeldQualification.valid_from)
        .limit(limit)
    )
    if technician is not None:
        query = query.where(Technician.code == technician)
    if expires_by is not None:
        query = query.where(HeldQualification.valid_until <= expires_by)
    # the values come from columns that hold what the schema wants
    return [
        NewCertificate.model_construct(technician=who, code=code, **dict(zip(names, values, strict=True)))
        for who, code, *values in session.execute(query)
    ]


def certificate_key(one: NewCertificate) -> tuple[str, str, date]:
    """Return what a certificate is found again by."""
    return one.technician, one.code, one.valid_from


def experience_page(session: Session, *, after: tuple[str, str, date] = FIRST_HELD, limit: int) -> list[NewExperience]:
    """Return up to `limit` spans of experience by technician, type and first day."""
    query = (
        select(Technician.code.label("technician"), Experience.aircraft_type, Experience.starts_on, Experience.ends_on)
        .select_from(Experience)
        .join(Technician, Technician.id == Experience.technician_id)
        .where(tuple_(Technician.code, Experience.aircraft_type, Experience.starts_on) > tuple_(*after))
        .order_by(Technician.code, Experience.aircraft_type, Experience.starts_on)
        .limit(limit)
    )
    return [NewExperience.model_construct(**row) for row in session.execute(query).mappings()]


def experience_key(one: NewExperience) -> tuple[str, str, date]:
    """Return what a span of experience is found again by."""
    return one.technician, one.aircraft_type, one.starts_on


def rate_page(session: Session, *, after: tuple[str, date] = FIRST_RATE, limit: int) -> list[NewCostRate]:
    """Return up to `limit` cost rates by technician and first day."""
    names = [name for name in NewCostRate.model_fields if name != "technician"]
    columns: list[Any] = [getattr(CostRate, name) for name in names]
    query = (
        select(Technician.code, *columns)
        .select_from(CostRate)
        .join(Technician, Technician.id == CostRate.technician_id)
        .where(tuple_(Technician.code, CostRate.valid_from) > tuple_(*after))
        .order_by(Technician.code, CostRate.valid_from)
        .limit(limit)
    )
    return [
        NewCostRate.model_construct(technician=who, **dict(zip(names, values, strict=True)))
        for who, *values in session.execute(query)
    ]


def rate_key(one: NewCostRate) -> tuple[str, date]:
    """Return what a cost rate is found again by."""
    return one.technician, one.valid_from


def need_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, authorisation: str | None = None
) -> list[NeedOut]:
    """Return up to `limit` needs of authorisations, in the order in which they were added."""
    query = select(AuthorisationNeed).where(AuthorisationNeed.id > after).order_by(AuthorisationNeed.id).limit(limit)
    if authorisation is not None:
        query = query.where(AuthorisationNeed.authorisation == authorisation)
    return [NeedOut.model_validate(one) for one in session.scalars(query)]


def gap(session: Session, technician: str, authorisation: str, on: date) -> Gap:
    """Return what a technician lacks on a day for an authorisation; raises NotFound, Invalid."""
    known_authorisation(session, authorisation)
    zone = session.scalar(select(Technician.time_zone).where(Technician.code == technician))
    if zone is None:
        raise unknown_technician(technician)
    start = datetime.combine(on, time(), ZoneInfo(zone))
    person = people_facts(session, start, start + timedelta(days=1), codes=[technician])[technician]
    needs = session.scalars(
        select(AuthorisationNeed).where(AuthorisationNeed.authorisation == authorisation).order_by(AuthorisationNeed.id)
    )
    missing = [lack for one in needs if (lack := _missing(person, one, start)) is not None]
    return Gap(technician=technician, authorisation=authorisation, on=on, missing=missing)


def _missing(person: PersonFacts, need: AuthorisationNeed, start: datetime) -> Missing | None:
    if need.experience_months is not None and need.within_months is not None:
        since = start - timedelta(days=need.within_months * _DAYS_A_MONTH)
        worked = sum(
            (
                max(min(one.ends, start) - max(one.starts, since), timedelta())
                for one in person.practice
                if one.aircraft_type == need.aircraft_type
            ),
            timedelta(),
        )
        needed = int(need.experience_months * _DAYS_A_MONTH)
        if worked.days >= needed:
            return None
        what = need.aircraft_type or ""
        return Missing(what=what, held_until=None, experience_days=worked.days, needed_days=needed, source=need.source)
    held = [
        one
        for one in person.certificates
        if (one.code == need.qualification if need.qualification else one.kind is need.kind)
        and (need.aircraft_type is None or one.aircraft_type in (None, need.aircraft_type))
    ]
    if any(one.starts <= start < one.ends for one in held):
        return None
    ended = max((one.ends for one in held if one.ends <= start), default=None)
    last = None if ended is None else (ended.astimezone(person.zone) - timedelta(days=1)).date()
    what = need.qualification or " ".join(part for part in (need.kind, need.aircraft_type) if part)
    return Missing(what=what, held_until=last, experience_days=None, needed_days=None, source=need.source)
