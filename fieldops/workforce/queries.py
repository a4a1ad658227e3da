"""Reads of the workforce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fieldops.workforce.models import CostRate, HeldQualification, Qualification, Shift, Technician
from fieldops.workforce.people import rest_of
from fieldops.workforce.releasing.queries import rest_rules
from fieldops.workforce.rest import RestRule, Span, rested
from fieldops.workforce.rules import local_midnight, merged, shift_span, validity_span
from fieldops.workforce.schemas import Held, QualificationOut, TechnicianOut
from fieldops.workforce.service import unknown_technician
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.network.models import Place, Region


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
    """Return every technician with the duties that touch the days, by code.

    Duties that would break the rest rule of the country are left out. An hour costs what the dated rate says that holds
    on the first day.
    """
    rows = session.execute(
        select(
            Technician.id,
            Technician.code,
            Technician.name,
            Place.code,
            Technician.time_zone,
            Technician.cost_per_h,
            Technician.currency,
            Place.country,
        )
        .join(Place, Place.id == Technician.base_id)
        .order_by(Technician.code)
    ).all()
    zones = {key: ZoneInfo(zone) for key, _, _, _, zone, *_ in rows}
    rates = rates_on(session, first)
    duties = _duties(session, first, days, {key: (zones[key], country) for key, *_, country in rows})
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
            cost_per_h=rates[key].per_h if key in rates else cost_per_h,
            currency=rates[key].currency if key in rates else currency,
            duties=duties[key],
            qualifications={what: tuple(merged(spans)) for what, spans in sorted(held[key].items())},
        )
        for key, code, name, base, _, cost_per_h, currency, _country in rows
    ]


def duties_for_plan(session: Session, first: date, days: int, codes: Collection[str]) -> dict[str, tuple[Span, ...]]:
    """Return {technician: duties that touch the days} of some, as `technicians_for_plan` tells them."""
    query = select(Technician.id, Technician.code, Technician.time_zone, Place.country)
    query = query.join(Place, Place.id == Technician.base_id).where(Technician.code.in_(sorted(codes)))
    rows = session.execute(query).all()
    homes = {key: (ZoneInfo(zone), country) for key, _code, zone, country in rows}
    duties = _duties(session, first, days, homes, Shift.technician_id.in_(homes))
    return {code: duties[key] for key, code, *_ in rows}


def _duties(
    session: Session,
    first: date,
    days: int,
    homes: Mapping[UUID, tuple[ZoneInfo, str | None]],
    *of: ColumnElement[bool],
) -> dict[UUID, tuple[Span, ...]]:
    """Return the duties of people that touch days, without those that break the rest rule of the country."""
    rules = rest_rules(session, first)
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    shifts = select(Shift.technician_id, Shift.work_date, Shift.starts, Shift.ends).where(
        # a local day begins up to a day before or after the UTC day; rest is reckoned from a week before
        Shift.work_date.between(first - timedelta(days=9), first + timedelta(days=days + 1)),
        *of,
    )
    for key, work_date, starts, ends in session.execute(shifts):
        found[key].append(shift_span(work_date, starts, ends, homes[key][0]))
    return {key: _rested(found[key], rest_of(rules, country), zone, first) for key, (zone, country) in homes.items()}


def _rested(duties: list[Span], rule: RestRule | None, zone: ZoneInfo, first: date) -> tuple[Span, ...]:
    allowed = merged(duties if rule is None else rested(merged(duties), rule, zone))
    since = local_midnight(first - timedelta(days=2), zone)
    return tuple(span for span in allowed if span[1] > since)


def rates_on(session: Session, day: date) -> dict[UUID, CostRate]:
    """Return {key of a technician: the rate that holds on a day}, of those who have dated rates."""
    query = select(CostRate).where(CostRate.valid_from <= day).order_by(CostRate.valid_from)
    return {one.technician_id: one for one in session.scalars(query)}


def technician_heads(session: Session, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return {code: (name, code of the base)} of technicians."""
    rows = session.execute(
        select(Technician.code, Technician.name, Place.code)
        .join(Place, Place.id == Technician.base_id)
        .where(Technician.code.in_(codes))
    )
    return {code: (name, base) for code, name, base in rows}


def find_technicians(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (code, name) of technicians whose code or name holds a text, the nearest first."""
    query = select(Technician.code, Technician.name).where(named_like(text, Technician.code, Technician.name))
    return [
        (code, name) for code, name in session.execute(query.order_by(*nearest(text, Technician.code)).limit(limit))
    ]


def technician_codes(session: Session) -> set[str]:
    """Return the codes of all technicians."""
    return set(session.scalars(select(Technician.code)))


def count_technicians(session: Session) -> int:
    """Return the number of technicians."""
    return session.scalar(select(func.count()).select_from(Technician)) or 0


def qualification_page(session: Session, *, after: str, limit: int) -> list[QualificationOut]:
    """Return up to `limit` qualifications with a code after `after`, by code."""
    query = select(Qualification).where(Qualification.code > after).order_by(Qualification.code).limit(limit)
    return [QualificationOut.model_validate(one) for one in session.scalars(query)]


def qualifications_by_code(session: Session, codes: Collection[str]) -> dict[str, QualificationOut]:
    """Return {code: qualification} of those among some that there are."""
    found = (
        one
        for some in portions(sorted(codes))
        for one in session.scalars(select(Qualification).where(Qualification.code.in_(some)))
    )
    return {one.code: QualificationOut.model_validate(one) for one in found}


def technician_by_code(session: Session, code: str) -> TechnicianOut:
    """Return a technician; raises NotFound for an unknown code."""
    found = technician_page(session, code=code)
    if not found:
        raise unknown_technician(code)
    return found[0]


def technician_page(
    session: Session, *, after: str = "", limit: int = 1, code: str | None = None, region: str | None = None
) -> list[TechnicianOut]:
    """Return up to `limit` technicians with a code after `after`, by code."""
    # columns, not entities: a page has hundreds of qualifications
    query = (
        select(
            Technician.id,
            Technician.version,
            Technician.code,
            Technician.name,
            Place.code.label("base"),
            Region.code.label("region"),
            Technician.time_zone,
            Technician.cost_per_h,
            Technician.currency,
            Technician.employment,
            Technician.home_country,
            Technician.languages,
            Technician.security_level,
            Technician.advisory_only,
            Technician.user_name,
        )
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
    rows = session.execute(query).mappings().all()
    held: defaultdict[UUID, list[Held]] = defaultdict(list)
    names = [name for name in Held.model_fields if name != "code"]
    columns = [getattr(HeldQualification, name) for name in names]
    validity = (
        select(HeldQualification.technician_id, HeldQualification.qualification_code, *columns)
        .where(HeldQualification.technician_id.in_([row["id"] for row in rows]))
        .order_by(HeldQualification.qualification_code, HeldQualification.valid_from)
    )
    for key, what, *values in session.execute(validity):
        # the values come from columns that hold what the schema wants
        held[key].append(Held.model_construct(code=what, **dict(zip(names, values, strict=True))))
    return [TechnicianOut(**row, qualifications=held[row["id"]]) for row in rows]
