"""Reads of the workforce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.workforce.models import HeldQualification, Qualification, Shift, Technician
from fieldops.workforce.rules import merged, shift_span, validity_span
from fieldops.workforce.schemas import Held, QualificationOut, TechnicianOut
from inventory.network.models import Place, Region

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Person:
    """A technician as plans see one: spans in UTC, ends exclusive."""

    id: UUID
    code: str
    name: str
    base: str
    cost_per_h: Decimal
    currency: str
    duties: tuple[Span, ...]
    qualifications: dict[str, tuple[Span, ...]]


def technicians_for_plan(session: Session, first: date, days: int) -> list[Person]:
    """Return every technician with the duties that touch the days, by code."""
    rows = session.execute(
        select(
            Technician.id,
            Technician.code,
            Technician.name,
            Place.code,
            Technician.time_zone,
            Technician.cost_per_h,
            Technician.currency,
        )
        .join(Place, Place.id == Technician.base_id)
        .order_by(Technician.code)
    ).all()
    zones = {key: ZoneInfo(zone) for key, _, _, _, zone, _, _ in rows}
    duties: defaultdict[UUID, list[Span]] = defaultdict(list)
    shifts = select(Shift.technician_id, Shift.work_date, Shift.starts, Shift.ends).where(
        # a local day begins up to a day before or after the UTC day
        Shift.work_date.between(first - timedelta(days=2), first + timedelta(days=days + 1))
    )
    for key, work_date, starts, ends in session.execute(shifts):
        duties[key].append(shift_span(work_date, starts, ends, zones[key]))
    held: defaultdict[UUID, defaultdict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    validity = select(
        HeldQualification.technician_id,
        HeldQualification.qualification_code,
        HeldQualification.valid_from,
        HeldQualification.valid_until,
    )
    for key, code, valid_from, valid_until in session.execute(validity):
        held[key][code].append(validity_span(valid_from, valid_until, zones[key]))
    return [
        Person(
            id=key,
            code=code,
            name=name,
            base=base,
            cost_per_h=cost_per_h,
            currency=currency,
            duties=tuple(merged(duties[key])),
            qualifications={what: tuple(merged(spans)) for what, spans in sorted(held[key].items())},
        )
        for key, code, name, base, _, cost_per_h, currency in rows
    ]


def technician_heads(session: Session, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return {code: (name, code of the base)} of technicians."""
    rows = session.execute(
        select(Technician.code, Technician.name, Place.code)
        .join(Place, Place.id == Technician.base_id)
        .where(Technician.code.in_(codes))
    )
    return {code: (name, base) for code, name, base in rows}


def count_technicians(session: Session) -> int:
    """Return the number of technicians."""
    return session.scalar(select(func.count()).select_from(Technician)) or 0


def qualification_page(session: Session, *, after: str, limit: int) -> list[QualificationOut]:
    """Return up to `limit` qualifications with a code after `after`, by code."""
    query = select(Qualification).where(Qualification.code > after).order_by(Qualification.code).limit(limit)
    return [QualificationOut(code=one.code, name=one.name) for one in session.scalars(query)]


def technician_page(
    session: Session, *, after: str = "", limit: int = 1, code: str | None = None, region: str | None = None
) -> list[TechnicianOut]:
    """Return up to `limit` technicians with a code after `after`, by code."""
    query = (
        select(Technician, Place.code, Region.code)
        .join(Place, Place.id == Technician.base_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .where(Technician.code > after)
        .order_by(Technician.code)
        .limit(limit)
    )
    if code is not None:
        query = query.where(Technician.code == code)
    if region is not None:
        query = query.where(Region.code == region)
    rows = session.execute(query).all()
    held: defaultdict[UUID, list[Held]] = defaultdict(list)
    for one in session.scalars(
        select(HeldQualification)
        .where(HeldQualification.technician_id.in_([person.id for person, _, _ in rows]))
        .order_by(HeldQualification.qualification_code, HeldQualification.valid_from)
    ):
        held[one.technician_id].append(
            Held(code=one.qualification_code, valid_from=one.valid_from, valid_until=one.valid_until)
        )
    return [
        TechnicianOut(
            code=person.code,
            name=person.name,
            base=base,
            region=region_code,
            time_zone=person.time_zone,
            cost_per_h=person.cost_per_h,
            currency=person.currency,
            qualifications=held[person.id],
        )
        for person, base, region_code in rows
    ]
