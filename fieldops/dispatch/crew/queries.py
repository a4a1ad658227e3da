"""Reads of crews, and the facts by which the one decision judges a job as it stands in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting, crew_of, engagements, on_other_systems
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.schemas import AssignmentOut
from fieldops.dispatch.crew.ways import Ways, booked_by, ways_between
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import Inputs, inputs_for
from fieldops.dispatch.models import Job
from fieldops.dispatch.rules import Seats
from fieldops.workforce.facts import CrewMember, SeatDemand, TaskDone
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.people import AROUND
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.rest import Span
from fieldops.workforce.rights import refusals
from fieldops.workforce.roster.models import Secondment
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions
from inventory.kernel.scope import actor_of, unscoped
from inventory.network.models import Place
from inventory.network.scope import places_seen


@dataclass(frozen=True, slots=True)
class Case:
    """A job with its seats, its crew and all that the one decision looks at, of the people who are asked about."""

    job: Job
    seats: Seats
    crew: tuple[Sitting, ...]
    inputs: Inputs
    visit: tuple[TaskDone, ...]
    ways: Ways

    def refusals(self, one: Sitting, crew: Iterable[Sitting]) -> tuple[Refusal, ...]:
        """Return what stands against somebody in a seat beside the rest of a crew."""
        others = [other for other in crew if other != one]
        members = tuple(CrewMember(other.person, other.seat, self._stands(other, crew)) for other in others)
        return self._judged(one, members, timed=True)

    def forbids(self, one: Sitting, crew: Iterable[Sitting]) -> tuple[Refusal, ...]:
        """Return what forbids somebody a seat beside the rest of a crew, whatever else there is to do at the time."""
        members = tuple(
            CrewMember(other.person, other.seat, self._stands(other, crew)) for other in crew if other != one
        )
        return tuple(refusal for refusal in self._judged(one, members, timed=False) if refusal.hard)

    def rights(self, one: Sitting) -> tuple[Refusal, ...]:
        """Return what stands against somebody's signature in a seat, whatever else there is to do at the time."""
        members = tuple(CrewMember(other.person, other.seat) for other in self.crew if other.person != one.person)
        return self._judged(one, members, timed=False)

    def _stands(self, one: Sitting, crew: Iterable[Sitting]) -> bool:
        members = tuple(CrewMember(other.person, other.seat) for other in crew if other != one)
        return not any(refusal.hard for refusal in self._judged(one, members, timed=False))

    def _judged(self, one: Sitting, members: tuple[CrewMember, ...], *, timed: bool) -> tuple[Refusal, ...]:
        facts = replace(
            self.inputs.jobs[self.job.number],
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            crew=members,
            visit=self.visit,
        )
        wanted = self.seats.get(one.seat)
        demand = wanted.demand if wanted is not None else SeatDemand(one.seat)
        person = self.inputs.people[one.person]
        if timed:
            person, facts = self.ways.travelling(person, facts)
        return refusals(person, demand, facts, self.inputs.book, timed=timed)


def case_of(
    session: Session, job: Job, sitting: Collection[Sitting], people: Collection[str], known: Inputs | None = None
) -> Case:
    """Load what the decision about a job's crew, and those who would join it, looks at; people are technician codes.

    What they do elsewhere counts, wherever it is: the people must be locked, where somebody is to take a seat. What is
    `known` of the job and of people for longer is not loaded again.
    """
    return cases_of(session, [Wanted(job, sitting, people)], known)[job.number]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job about whose crew, and those who would join it, is to be decided; people are technician codes."""

    job: Job
    sitting: Collection[Sitting]
    people: Collection[str]


def cases_of(session: Session, wanted: Sequence[Wanted], inputs: Inputs | None = None) -> dict[str, Case]:
    """Load what `case_of` does for jobs, {number: case}, in as many statements as for one."""
    keys = [one.job.id for one in wanted]
    works = {work.number: work for some in portions(keys) for work in works_of(session, Job.id.in_(some))}
    crews = crew_of(session, keys)
    spans = {one.job.number: _span(one, crews[one.job.id]) for one in wanted}
    span = (min(start for start, _end in spans.values()), max(end for _start, end in spans.values()))
    everybody = {code for one in wanted for code in one.people}
    everybody |= {sitting.person for one in wanted for sitting in crews[one.job.id]}
    if inputs is None or not everybody <= inputs.people.keys():
        with unscoped(session):
            inputs = inputs_for(session, list(works.values()), spans, people=everybody)
    people = {code: inputs.people[code] for code in everybody if code in inputs.people}
    around = (span[0] - AROUND, span[1] + AROUND)
    known = engagements(session, people, *around)
    people_now = {code: replace(person, engagements=tuple(known[code])) for code, person in people.items()}
    others = on_other_systems(session, list(works.values()), span)
    places = {work.place for work in works.values()} | {one.base for one in people_now.values()}
    places |= {one.place for told in known.values() for one in told}
    ways = ways_between(session, places, booked_by(session, people, *around))
    return {
        number: Case(
            job=one.job,
            seats=works[number].seats,
            crew=tuple(crews[one.job.id]),
            inputs=replace(inputs, people=people_now),
            visit=tuple(
                other.done
                for other in others.get(number, ())
                if other.visit[0] < spans[number][1] and spans[number][0] < other.visit[1]
            ),
            ways=ways,
        )
        for one in wanted
        for number in [one.job.number]
    }


def _span(one: Wanted, crew: Iterable[Sitting]) -> Span:
    spans = [(sitting.starts_at, sitting.ends_at) for sitting in (*one.sitting, *crew)]
    spans = spans or [(one.job.window_start, one.job.window_end + timedelta(seconds=one.job.duration_s))]
    return min(start for start, _end in spans), max(end for _start, end in spans)


def person_of(session: Session, key: UUID) -> str:
    """Return the code of a technician who sits on a job that the actor sees."""
    with unscoped(session):
        return session.scalars(select(Technician.code).where(Technician.id == key)).one()


def seats_of(session: Session, job: UUID) -> list[tuple[UUID, str, Seat]]:
    """Return (key, technician, seat) of each seat of a job that somebody has."""
    query = select(Assignment.id, Technician.code, Assignment.seat)
    query = query.join(Technician, Technician.id == Assignment.technician_id)
    query = query.where(Assignment.job_id == job, Assignment.ended_at.is_(None)).order_by(Assignment.id)
    with unscoped(session):
        return [(key, person, seat) for key, person, seat in session.execute(query)]


def lock_crew(session: Session, codes: Collection[str]) -> list[Technician]:
    """Return technicians, locked until the transaction ends, so that nobody else gives them work meanwhile."""
    with unscoped(session):
        query = select(Technician).where(Technician.code.in_(sorted(codes))).order_by(Technician.id)
        found = locked(session, Lock.TECHNICIAN_DAY, query)
        for one in found:
            session.expunge(one)
    return found


def is_known(session: Session, person: str, job: Job, span: tuple[datetime, datetime]) -> bool:
    """Tell whether the actor sees a technician: one's own, or one who is lent to the region of a job at its time."""
    if session.scalar(select(Technician.id).where(Technician.code == person)) is not None:
        return True
    with unscoped(session):
        lent = (
            select(Secondment.id)
            .join(Technician, Technician.id == Secondment.technician_id)
            .join(Place, Place.region_id == Secondment.region_id)
            .where(Technician.code == person, Place.id == job.place_id)
            .where(Secondment.starts_at <= span[0], Secondment.ends_at >= span[1])
        )
        return session.scalar(lent.limit(1)) is not None


def assignments_of(session: Session, number: str, version: int) -> list[AssignmentOut]:
    """Return who sits on a job, in the order in which they were assigned; `version` is the job's.

    Who sees a job but not the base of a technician gets "" for code and name, unless the technician is lent there, or
    the actor is lent to the same job.
    """
    query = (
        select(Assignment, func.coalesce(Technician.code, ""), func.coalesce(Technician.name, ""))
        .join(Job, Job.id == Assignment.job_id)
        .outerjoin(Technician, Technician.id == Assignment.technician_id)
        .where(Job.number == number, Assignment.ended_at.is_(None))
        .order_by(Assignment.id)
    )
    rows = session.execute(query).all()
    lent = _lent_to(session, number) if any(not code for _one, code, _name in rows) else {}
    return [
        AssignmentOut(
            id=one.id,
            job=number,
            job_version=version,
            technician=code or lent.get(one.id, ("", ""))[0],
            name=name or lent.get(one.id, ("", ""))[1],
            seat=one.seat,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            made_by=one.made_by,
            made_at=one.made_at,
        )
        for one, code, name in rows
    ]


def _lent_to(session: Session, number: str) -> dict[UUID, tuple[str, str]]:
    """Return {assignment: code and name} of who is lent to a job, or of its crew where the actor is lent to it."""
    scope = actor_of(session).scope
    query = (
        select(Assignment.id, Technician.code, Technician.name)
        .join(Job, Job.id == Assignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Technician, Technician.id == Assignment.technician_id)
        .where(Job.number == number)
    )
    if number not in scope.jobs:
        query = query.join(Secondment, Secondment.technician_id == Technician.id).where(
            Place.id.in_(places_seen(scope)),
            Secondment.region_id == Place.region_id,
            Secondment.starts_at <= Assignment.starts_at,
            Secondment.ends_at >= Assignment.ends_at,
        )
    with unscoped(session):
        return {key: (code, name) for key, code, name in session.execute(query)}
