"""Loads jobs and people for the one decision, and asks it: of one seat, or of everybody for every job of a plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import engagements
from fieldops.dispatch.models import JobKind
from fieldops.dispatch.rules import level_of, seat_of
from fieldops.fleet.queries import Tail, tails
from fieldops.workforce.facts import CrewMember, JobFacts, PersonFacts, RuleBook, SeatDemand
from fieldops.workforce.kinds import CertificateKind, Seat
from fieldops.workforce.models import Qualification
from fieldops.workforce.people import AROUND, people_facts
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.releasing.queries import rule_book
from fieldops.workforce.rest import Span
from fieldops.workforce.rights import permitted_spans, refusals
from inventory.kernel.lookup import portions
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class Work:
    """What decides who may do a job: its number, kind, place, tail, and what it asks for."""

    number: str
    kind: JobKind
    place: str
    aircraft: str | None
    qualifications: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the decision looks at, for some jobs and people at once."""

    people: Mapping[str, PersonFacts]
    jobs: Mapping[str, JobFacts]
    demands: Mapping[str, SeatDemand]
    book: RuleBook

    def refusals(self, person: str, job: str, seat: Seat, *, crew: Iterable[CrewMember] = ()) -> tuple[Refusal, ...]:
        """Return what stands against a person in a seat of a job, with the rest of its crew; raises KeyError."""
        facts, others = self.jobs[job], tuple(crew)
        judged = tuple(replace(one, permitted=self._stands(one, facts, others)) for one in others)
        demand = replace(self.demands[job], seat=seat)
        return refusals(self.people[person], demand, replace(facts, crew=judged), self.book)

    def _stands(self, one: CrewMember, job: JobFacts, crew: tuple[CrewMember, ...]) -> bool:
        demand = replace(self.demands[job.number], seat=one.seat)
        found = refusals(self.people[one.person], demand, replace(job, crew=crew), self.book, timed=False)
        return not any(refusal.hard for refusal in found)


def inputs_for(
    session: Session,
    works: Sequence[Work],
    spans: Mapping[str, Span],
    *,
    people: Collection[str] | None = None,
    around: timedelta = AROUND,
) -> Inputs:
    """Load what the decision looks at for jobs at their spans, {number: start and end}, and some people or all.

    The number of queries does not depend on the number of jobs and people.
    """
    if not works:
        return Inputs({}, {}, {}, RuleBook())
    terms = {
        code: (kind, scope)
        for code, kind, scope in session.execute(select(Qualification.code, Qualification.kind, Qualification.scope))
    }
    known = tails(session, {one.aircraft for one in works if one.aircraft})
    where = _places(session, {one.place for one in works})
    jobs, demands = {}, {}
    for one in works:
        asked = (terms[code] for code in one.qualifications if code in terms)
        scopes = {word for kind, scope in asked if kind is CertificateKind.AUTHORISATION for word in scope}
        jobs[one.number] = _job(one, spans[one.number], where, known.get(one.aircraft or ""), level_of(scopes))
        demands[one.number] = SeatDemand(seat_of(one.kind, scopes), one.qualifications)
    start, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    return Inputs(
        people=people_facts(session, start, end, codes=people, around=around),
        jobs=jobs,
        demands=demands,
        book=rule_book(
            session,
            places={one.place for one in works},
            countries={country for country, _region in where.values() if country},
        ),
    )


def _places(session: Session, codes: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    found: dict[str, tuple[str | None, str | None]] = {}
    for some in portions(sorted(codes)):
        query = select(Place.code, Place.country, Region.code).outerjoin(Region, Region.id == Place.region_id)
        for place, country, region in session.execute(query.where(Place.code.in_(some))):
            found[place] = (country, region)
    return found


def _job(
    one: Work, span: Span, where: Mapping[str, tuple[str | None, str | None]], tail: Tail | None, level: str
) -> JobFacts:
    country, region = where.get(one.place, (None, None))
    return JobFacts(
        number=one.number,
        starts_at=span[0],
        ends_at=span[1],
        place=one.place,
        country=country,
        region=region,
        aircraft_type=tail.aircraft_type if tail else None,
        authority=tail.authority if tail else None,
        level=level,
        for_aircraft=one.aircraft is not None,
    )


Permissions = dict[str, dict[str, tuple[Span, ...]]]
"""{job: {technician: when the technician may do it}}; who never may is left out."""


Failing = dict[str, tuple[tuple[str, str, int], ...]]
"""{job: (code of a rule, what it names, how many people it keeps from the job), the most frequent first}."""
_TOLD = 3
"""How many rules are told of a job."""


def permissions(session: Session, works: Sequence[Work], people: Collection[str], within: Span) -> Permissions:
    """Return who may do which job when; see `judgements`."""
    return judgements(session, works, people, within)[0]


def judgements(
    session: Session, works: Sequence[Work], people: Collection[str], within: Span
) -> tuple[Permissions, Failing]:
    """Return who may do which job when, and what keeps others from it.

    The one decision is asked of those who hold what a job asks for; the optimizer finds the time within that.

    Who is sent to a job that is not planned any more is not there meanwhile.

    Jobs that ask the same of people are judged once: O(different demands x people who hold what is asked for).
    """
    inputs = inputs_for(session, works, dict.fromkeys((one.number for one in works), within), people=people)
    planned = {one.number for one in works}
    busy = {
        code: [(one.starts, one.ends) for one in known if one.job not in planned]
        for code, known in engagements(session, people, *within).items()
    }
    holders = _holders(inputs.people)
    judged: dict[tuple[object, ...], tuple[dict[str, tuple[Span, ...]], tuple[tuple[str, str, int], ...]]] = {}
    found: Permissions = {}
    failing: Failing = {}
    for one in works:
        job, demand = inputs.jobs[one.number], inputs.demands[one.number]
        key = (demand, job.place, job.aircraft_type, job.authority, job.level, job.for_aircraft)
        if key not in judged:
            able = {code for code, person in inputs.people.items() if _may_work_in(person, job.region)}
            for code in demand.qualifications:
                able &= holders[code]
            judged[key] = _judged(inputs, job, demand, sorted(able), within, busy)
        found[one.number], failing[one.number] = judged[key]
    return found, failing


def _may_work_in(person: PersonFacts, region: str | None) -> bool:
    """Tell whether somebody belongs to a region or is lent there; the decision would refuse all others, one by one."""
    return (
        None in (region, person.region) or region == person.region or any(one.region == region for one in person.lent)
    )


def _holders(people: Mapping[str, PersonFacts]) -> defaultdict[str, set[str]]:
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for code, person in people.items():
        for one in person.certificates:
            holders[one.code].add(code)
    return holders


def _judged(
    inputs: Inputs,
    job: JobFacts,
    demand: SeatDemand,
    able: Sequence[str],
    within: Span,
    busy: Mapping[str, Sequence[Span]],
) -> tuple[dict[str, tuple[Span, ...]], tuple[tuple[str, str, int], ...]]:
    def between(start: datetime, end: datetime) -> JobFacts:
        return replace(job, starts_at=start, ends_at=end)

    found = {}
    failing: Counter[tuple[str, str]] = Counter()
    for code in able:
        spans = permitted_spans(inputs.people[code], demand, between, inputs.book, within)
        if spans != [within]:
            against = refusals(inputs.people[code], demand, between(*within), inputs.book, timed=False)
            failing.update({(one.code, str(one.values.get("name", ""))) for one in against if one.hard})
        absences = [(away.starts, away.ends) for away in inputs.people[code].absences]
        spans = _without(spans, [*absences, *busy.get(code, ())])
        if spans:
            found[code] = tuple(spans)
    often = sorted(failing.items(), key=lambda item: (-item[1], item[0]))
    return found, tuple((rule, name, count) for (rule, name), count in often[:_TOLD])


def _without(spans: list[Span], absences: Iterable[Span]) -> list[Span]:
    for away_from, back in absences:
        spans = [
            part
            for start, end in spans
            for part in ((start, min(end, away_from)), (max(start, back), end))
            if part[0] < part[1]
        ]
    return spans
