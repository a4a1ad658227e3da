"""Loads what the decision about a seat looks at of people: all of a region at once, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fieldops.workforce.facts import Away, Certificate, Lent, PersonFacts, Practice
from fieldops.workforce.models import Experience, HeldQualification, Qualification, Shift, Technician
from fieldops.workforce.releasing.queries import rest_rules
from fieldops.workforce.rest import RestRule, Span
from fieldops.workforce.roster.models import Absence, Secondment, Standby
from fieldops.workforce.rules import merged, shift_span, validity_span
from inventory.kernel.lookup import portions
from inventory.network.models import Place, Region

AROUND = timedelta(days=35)
"""How far around a span work counts for its rest: a month, and what is left of the local days at its ends."""


def people_facts(
    session: Session,
    start: datetime,
    end: datetime,
    *,
    codes: Collection[str] | None = None,
    around: timedelta = AROUND,
) -> dict[str, PersonFacts]:
    """Return {code: facts} of technicians for jobs between two instants, of some or of all that the actor sees.

    Duties and absences are those that touch the span or come within `around` of it; engagements are the caller's.
    """
    people = _people(session, codes)
    keys = None if codes is None else [one.id for one in people]
    zones = {one.id: ZoneInfo(one.time_zone) for one in people}
    since, until = start - around, end + around
    certificates = _certificates(session, keys, zones)
    practice = _practice(session, keys, zones)
    duties = _duties(session, keys, zones, since, until)
    absences: defaultdict[UUID, list[Away]] = defaultdict(list)
    columns = Absence.technician_id, Absence.kind, Absence.starts_at, Absence.ends_at
    for key, kind, starts, ends in _touching(session, select(*columns), Absence, keys, since, until):
        absences[key].append(Away(kind, starts, ends))
    standby: defaultdict[UUID, list[Span]] = defaultdict(list)
    ready = select(Standby.technician_id, Standby.starts_at, Standby.ends_at)
    for key, starts, ends in _touching(session, ready, Standby, keys, since, until):
        standby[key].append((starts, ends))
    lent: defaultdict[UUID, list[Lent]] = defaultdict(list)
    loans = select(Secondment.technician_id, Region.code, Secondment.starts_at, Secondment.ends_at)
    loans = loans.select_from(Secondment).join(Region, Region.id == Secondment.region_id)
    for key, region, starts, ends in _touching(session, loans, Secondment, keys, since, until):
        lent[key].append(Lent(region, starts, ends))
    rules = rest_rules(session, start.date())
    return {
        one.code: PersonFacts(
            code=one.code,
            region=one.region,
            base=one.base,
            certificates=tuple(certificates[one.id]),
            practice=tuple(practice[one.id]),
            duties=tuple(merged(duties[one.id])),
            standby=tuple(merged(standby[one.id])),
            absences=tuple(absences[one.id]),
            lent=tuple(lent[one.id]),
            home_country=one.home_country or one.country,
            security_level=one.security_level,
            advisory_only=one.advisory_only,
            rest=rest_of(rules, one.country),
            zone=zones[one.id],
        )
        for one in people
    }


def rest_of(rules: dict[str | None, RestRule], country: str | None) -> RestRule | None:
    """Return the rest rule of a country: its own, or the one for countries without their own."""
    return rules.get(country) or rules.get(None)


def _people(session: Session, codes: Collection[str] | None) -> list[Row[*tuple[Any, ...]]]:
    query = (
        select(
            Technician.id,
            Technician.code,
            Technician.time_zone,
            Technician.home_country,
            Technician.security_level,
            Technician.advisory_only,
            Place.country,
            Place.code.label("base"),
            Region.code.label("region"),
        )
        .join(Place, Place.id == Technician.base_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .order_by(Technician.code)
    )
    if codes is None:
        return list(session.execute(query))
    return [row for some in portions(sorted(codes)) for row in session.execute(query.where(Technician.code.in_(some)))]


def _of(
    session: Session, query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[UUID], keys: Collection[UUID] | None
) -> Iterable[Row[*tuple[Any, ...]]]:
    """Yield the rows of some people, or of all."""
    if keys is None:
        yield from session.execute(query)
        return
    for some in portions(sorted(keys)):
        yield from session.execute(query.where(key.in_(some)))


def _touching(
    session: Session,
    query: Select[*tuple[Any, ...]],
    table: type[Absence] | type[Standby] | type[Secondment],
    keys: Collection[UUID] | None,
    since: datetime,
    until: datetime,
) -> Iterable[Row[*tuple[Any, ...]]]:
    inside = query.where(table.ends_at > since, table.starts_at < until).order_by(table.starts_at)
    return _of(session, inside, table.technician_id, keys)


def _certificates(
    session: Session, keys: Collection[UUID] | None, zones: dict[UUID, ZoneInfo]
) -> defaultdict[UUID, list[Certificate]]:
    terms = {one.code: one for one in session.scalars(select(Qualification))}
    query = select(
        HeldQualification.technician_id,
        HeldQualification.qualification_code,
        HeldQualification.valid_from,
        HeldQualification.valid_until,
    ).order_by(HeldQualification.qualification_code, HeldQualification.valid_from)
    places = {code: frozenset(one.places) for code, one in terms.items()}
    scopes = {code: frozenset(one.scope) for code, one in terms.items()}
    found: defaultdict[UUID, list[Certificate]] = defaultdict(list)
    for key, code, first, last in _of(session, query, HeldQualification.technician_id, keys):
        one = terms[code]
        found[key].append(
            Certificate(
                code,
                one.kind,
                *validity_span(first, last, zones[key]),
                authority=one.authority,
                standard=one.standard,
                category=one.category,
                aircraft_type=one.aircraft_type,
                country=one.country,
                places=places[code],
                scope=scopes[code],
            )
        )
    return found


def _practice(
    session: Session, keys: Collection[UUID] | None, zones: dict[UUID, ZoneInfo]
) -> defaultdict[UUID, list[Practice]]:
    query = select(Experience.technician_id, Experience.aircraft_type, Experience.starts_on, Experience.ends_on)
    found: defaultdict[UUID, list[Practice]] = defaultdict(list)
    for key, kind, first, last in _of(session, query.order_by(Experience.starts_on), Experience.technician_id, keys):
        found[key].append(Practice(kind, *validity_span(first, last, zones[key])))
    return found


def _duties(
    session: Session, keys: Collection[UUID] | None, zones: dict[UUID, ZoneInfo], since: datetime, until: datetime
) -> defaultdict[UUID, list[Span]]:
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    day = timedelta(days=1)
    query = select(Shift.technician_id, Shift.work_date, Shift.starts, Shift.ends).where(
        # a local day begins up to a day before or after the UTC day
        Shift.work_date.between((since.astimezone(UTC) - 2 * day).date(), (until.astimezone(UTC) + day).date())
    )
    for key, work_date, starts, ends in _of(session, query, Shift.technician_id, keys):
        found[key].append(shift_span(work_date, starts, ends, zones[key]))
    return found
