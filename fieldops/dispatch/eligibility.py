"""Loads jobs and people for the one decision, and asks it of everybody for every job of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import OtherSystem, crew_of, engagements, on_other_systems
from fieldops.dispatch.demands import Work
from fieldops.dispatch.rules import Seats
from fieldops.fleet.queries import Tail, tails
from fieldops.workforce.facts import (
    CrewMember,
    CriticalTask,
    Engagement,
    JobFacts,
    PersonFacts,
    RuleBook,
    SeatDemand,
)
from fieldops.workforce.kinds import Seat
from fieldops.workforce.people import AROUND, people_facts
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.releasing.queries import rule_book
from fieldops.workforce.rest import Span
from fieldops.workforce.rights import permitted_spans, refusals
from fieldops.workforce.rules import without
from inventory.kernel.lookup import portions
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the decision looks at, for some jobs and people at once."""

    people: Mapping[str, PersonFacts]
    jobs: Mapping[str, JobFacts]
    book: RuleBook


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
        return Inputs({}, {}, RuleBook())
    known = tails(session, {one.aircraft for one in works if one.aircraft})
    where = _places(session, {one.place for one in works})
    jobs = {one.number: _job(one, spans[one.number], where, known.get(one.aircraft or "")) for one in works}
    start, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    return Inputs(
        people=people_facts(session, start, end, codes=people, around=around),
        jobs=jobs,
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


def _job(one: Work, span: Span, where: Mapping[str, tuple[str | None, str | None]], tail: Tail | None) -> JobFacts:
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
        level=one.level,
        tasks=(CriticalTask(one.critical.task, one.critical.system),) if one.critical else (),
        for_aircraft=one.for_aircraft,
        mechanics=Seat.MECHANIC in one.seats,
    )


Allowed = dict[str, tuple[Span, ...]]
"""{technician: when the technician may take a seat}; who never may is left out."""
Permissions = dict[str, dict[Seat, Allowed]]
"""{job: {seat: who may take it when}}."""
Rules = tuple[tuple[str, str, frozenset[str]], ...]
"""(code of a rule, what it names, whom it keeps from a seat), those that keep most people from it first."""
Failing = dict[str, dict[Seat, Rules]]
"""{job: {seat: the rules that keep people from it}}."""
_SUPERVISED_BY = (Seat.MECHANIC, Seat.RELEASE_SIGNATORY)


@dataclass(frozen=True, slots=True)
class Judged:
    """Who may take which seat when, what keeps others from it, what they are assigned to, and when they are away.

    `inputs` are what the decision looked at.
    """

    inputs: Inputs
    permitted: Permissions
    failing: Failing
    engaged: Mapping[str, Sequence[Engagement]]
    away: Mapping[str, Sequence[Span]]


def judgements(
    session: Session,
    works: Sequence[Work],
    people: Collection[str],
    within: Span,
    *,
    anew: bool = False,
    now: datetime | None = None,
) -> Judged:
    """Return who may take which seat of which job when, and what keeps others from it.

    With `anew` the jobs are judged as if nobody sat on them. Who is at work past the told end at `now`, is there still.

    The one decision is asked, as for an assignment, of those who hold what a seat asks for, beside the crew that the
    job has; a trainee counts with the supervisor who has another seat to take. The optimizer finds the time within
    that. Whoever is assigned somewhere is not there meanwhile, and does not do the same critical task on another
    system of an aircraft in one visit.

    Seats that ask the same of people are judged once: O(different demands x people who hold what is asked for).
    """
    inputs = inputs_for(session, works, dict.fromkeys((one.number for one in works), within), people=people)
    engaged = engagements(session, people, *within, now=now)
    left = {one.number for one in works} if anew else set()
    busy = {code: [(one.starts, one.ends) for one in known if one.job not in left] for code, known in engaged.items()}
    crews = crew_of(session, () if anew else {one.key for one in works})
    others = on_other_systems(session, works, within)
    holders = _holders(inputs.people)
    judged: dict[_Asked, tuple[Allowed, Rules]] = {}
    permitted: Permissions = {}
    failing: Failing = {}
    for one in works:
        permitted[one.number], failing[one.number] = {}, {}
        crew = tuple(CrewMember(each.person, each.seat) for each in crews[one.key])
        for seat, wanted in one.seats.items():
            job = replace(inputs.jobs[one.number], number="", crew=crew + _supervisor(seat, one.seats))
            asked = _Asked(job, wanted.demand, tuple(others.get(one.number, ())))
            if asked not in judged:
                able = {code for code, person in inputs.people.items() if _may_work_in(person, job.region)}
                for code in asked.demand.qualifications if seat is not Seat.TRAINEE else ():
                    able &= holders[code]
                judged[asked] = _judged(inputs, asked, sorted(able), within, busy)
            permitted[one.number][seat], failing[one.number][seat] = judged[asked]
    away = {code: [(one.starts, one.ends) for one in person.absences] for code, person in inputs.people.items()}
    return Judged(inputs, permitted, failing, engaged, away)


def never_permitted(
    session: Session, work: Work, people: Collection[str], within: Span
) -> dict[Seat, dict[str, tuple[Refusal, ...]]]:
    """Return {seat: {technician: what forbids it}} of who may take a seat of a job at no time within a span.

    It is judged as if nobody sat there; absences and other work are not looked at.
    """
    inputs = inputs_for(session, [work], {work.number: within}, people=people)
    found: dict[Seat, dict[str, tuple[Refusal, ...]]] = {}
    for seat, wanted in work.seats.items():
        asked = _Asked(replace(inputs.jobs[work.number], crew=_supervisor(seat, work.seats)), wanted.demand, ())
        found[seat] = {}
        for code, person in sorted(inputs.people.items()):
            if not permitted_spans(person, asked.demand, asked.between, inputs.book, within):
                against = refusals(person, asked.demand, asked.between(*within), inputs.book, timed=False)
                found[seat][code] = tuple(one for one in against if one.hard)
    return found


def _supervisor(seat: Seat, seats: Seats) -> tuple[CrewMember, ...]:
    """Return who will supervise a trainee: every seat is taken, or none, and each by somebody else."""
    if seat is not Seat.TRAINEE:
        return ()
    return tuple(CrewMember("", one) for one in _SUPERVISED_BY if one in seats)[:1]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of a job decides who may do it; the same for several jobs."""

    job: JobFacts
    demand: SeatDemand
    others: tuple[OtherSystem, ...]

    def between(self, start: datetime, end: datetime) -> JobFacts:
        """Return the job as it would be from a start to an end."""
        return replace(self.job, starts_at=start, ends_at=end)

    def visits_of(self, person: str) -> list[Span]:
        """Return when a person may not do it because of the same task on another system of the aircraft."""
        mine = {one.system for one in self.job.tasks}
        return [one.visit for one in self.others if one.done.person == person and one.done.system not in mine]


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
    inputs: Inputs, asked: _Asked, able: Sequence[str], within: Span, busy: Mapping[str, Sequence[Span]]
) -> tuple[Allowed, Rules]:
    found = {}
    failing: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for code in able:
        person, visits = inputs.people[code], asked.visits_of(code)
        spans = permitted_spans(person, asked.demand, asked.between, inputs.book, within)
        if spans != [within]:
            against = refusals(person, asked.demand, asked.between(*within), inputs.book, timed=False)
            for one in against:
                if one.hard:
                    failing[one.code, str(one.values.get("name", ""))].add(code)
        if visits:
            failing["both_systems", ""].add(code)
        absences = [(away.starts, away.ends) for away in person.absences]
        spans = without(spans, [*absences, *busy.get(code, ()), *visits])
        if spans:
            found[code] = tuple(spans)
    often = sorted(failing.items(), key=lambda item: (-len(item[1]), item[0]))
    return found, tuple((rule, name, frozenset(people)) for (rule, name), people in often)
