"""What runs out in the coming months by region, against the jobs that are planned there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.demands import works_of
from fieldops.dispatch.models import Job, JobStatus
from fieldops.dispatch.rights_schemas import Expiring
from fieldops.fleet.models import Aircraft
from fieldops.workforce.facts import ReleaseTerms
from fieldops.workforce.kinds import SIGNING, CertificateKind, Seat
from fieldops.workforce.models import HeldQualification, Qualification, Technician
from fieldops.workforce.releasing.queries import rule_book
from inventory.network.models import Place, Region


def expiry_forecast(session: Session, today: date, months: int) -> list[Expiring]:
    """Return what runs out in each of the coming months, by region, month and code. What is renewed does not."""
    first, end = today.replace(day=1), _later(today.replace(day=1), months)
    held: defaultdict[tuple[str, str, UUID], list[tuple[date, date]]] = defaultdict(list)
    validity = (
        select(
            Region.code,
            HeldQualification.qualification_code,
            HeldQualification.technician_id,
            HeldQualification.valid_from,
            HeldQualification.valid_until,
        )
        .select_from(HeldQualification)
        .join(Technician, Technician.id == HeldQualification.technician_id)
        .join(Place, Place.id == Technician.base_id)
        .join(Region, Region.id == Place.region_id)
    )
    for region, code, key, since, until in session.execute(validity):
        held[region, code, key].append((since, until))
    holders: defaultdict[tuple[str, str], list[list[tuple[date, date]]]] = defaultdict(list)
    for (region, code, _key), spans in held.items():
        holders[region, code].append(spans)
    demand = _demand(session)
    found = []
    for (region, code), people in holders.items():
        ends = [max(until for _since, until in spans) for spans in people]
        month = first
        while month < end:
            following = _later(month, 1)
            since = max(month, today)
            expiring = sum(since <= until < following for until in ends)
            if expiring:
                asked = sum(count for starts, count in demand[region, code].items() if starts >= month)
                there = sum(any(first <= since <= last for first, last in spans) for spans in people)
                found.append(
                    Expiring(
                        region=region, month=f"{month:%Y-%m}", code=code, holders=there, expiring=expiring, jobs=asked
                    )
                )
            month = following
    return sorted(found, key=lambda one: (one.region, one.month, one.code))


def _demand(session: Session) -> defaultdict[tuple[str, str], Counter[date]]:
    """Return {(region, code): {last day of the window: open jobs}} of what jobs, their seats and their release ask."""
    query = (
        select(Job.id, Region.code, Job.window_end, Aircraft.aircraft_type, Aircraft.authority)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .where(Job.status == JobStatus.OPEN)
    )
    works = {one.key: one for one in works_of(session, Job.status == JobStatus.OPEN)}
    releases = rule_book(session, places=(), countries=()).releases
    papers = list(session.scalars(select(Qualification).where(Qualification.kind.in_(_SIGNING))))
    for_release: dict[tuple[str, str, str, frozenset[Seat]], set[str]] = {}
    demand: defaultdict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for key, region, window_end, aircraft_type, authority in session.execute(query):
        work = works[key]
        codes = {code for one in work.seats.values() for code in one.demand.qualifications}
        if aircraft_type is not None:
            terms = (aircraft_type, authority, work.level, SIGNING.intersection(work.seats))
            if terms not in for_release:
                for_release[terms] = set(_of_release(releases, papers, *terms))
            codes |= for_release[terms]
        for code in codes:
            demand[region, code][window_end.date()] += 1
    return demand


_SIGNING = (CertificateKind.TYPE_RATING, CertificateKind.AUTHORISATION)


def _of_release(
    releases: Sequence[ReleaseTerms],
    papers: Sequence[Qualification],
    aircraft_type: str,
    authority: str,
    level: str,
    seats: frozenset[Seat],
) -> Iterator[str]:
    """Yield the type ratings and authorisations with which one may sign for a job on a tail."""
    for rule in releases:
        if rule.seat not in seats or rule.authority != authority:
            continue
        scope = rule.scope or level
        for one in papers:
            if one.kind is CertificateKind.TYPE_RATING:
                fits = rule.rating and one.aircraft_type == aircraft_type
            else:
                covers = one.authority in (None, authority) and one.aircraft_type in (None, aircraft_type)
                fits = rule.authorisation and covers and scope in one.scope
            if fits:
                yield one.code


def _later(month: date, months: int) -> date:
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)
