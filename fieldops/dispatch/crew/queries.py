"""Reads of crews, and the facts by which the one decision judges a job as it stands in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import engagements
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.schemas import AssignmentOut
from fieldops.dispatch.crew.seats import SeatsWanted, seats_of
from fieldops.dispatch.eligibility import Inputs, Work, inputs_for
from fieldops.dispatch.execution.lifecycle import Ending
from fieldops.dispatch.models import Job, JobQualification, JobSeat
from fieldops.dispatch.tasks.models import Task
from fieldops.workforce.facts import CrewMember, CriticalTask, SeatDemand, TaskDone
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.people import AROUND
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.rights import hands, refusals
from fieldops.workforce.roster.models import Secondment
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.network.models import Place

VISIT = timedelta(days=1)
"""Work on an aircraft that lies no further apart than this is one visit."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody has a seat for a span."""

    person: str
    seat: Seat
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A job with its seats, its crew and all that the one decision looks at, of the people who are asked about."""

    job: Job
    place: str
    seats: Mapping[Seat, SeatsWanted]
    crew: tuple[Sitting, ...]
    inputs: Inputs
    critical: tuple[CriticalTask, ...]
    visit: tuple[TaskDone, ...]

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
            level=self.job.release_level or self.inputs.jobs[self.job.number].level,
            crew=members,
            tasks=self.critical,
            visit=self.visit,
            for_aircraft=self.job.aircraft is not None or self.job.terms.ending is Ending.RELEASE,
            mechanics=Seat.MECHANIC in self.seats,
        )
        wanted = self.seats.get(one.seat)
        demand = wanted.demand if wanted is not None else SeatDemand(one.seat)
        return refusals(self.inputs.people[one.person], demand, facts, self.inputs.book, timed=timed)


def case_of(session: Session, job: Job, sitting: Collection[Sitting], people: Collection[str]) -> Case:
    """Load what the decision about a job's crew, and those who would join it, looks at; people are technician codes.

    What they do elsewhere counts, wherever it is: the people must be locked, where somebody is to take a seat.
    """
    place = session.scalars(select(Place.code).where(Place.id == job.place_id)).one()
    asked = frozenset(
        session.scalars(select(JobQualification.qualification_code).where(JobQualification.job_id == job.id))
    )
    crew = crew_of(session, [job.id])[job.id]
    everybody = {*people, *(one.person for one in crew)}
    spans = [(one.starts_at, one.ends_at) for one in (*sitting, *crew)]
    spans = spans or [(job.window_start, job.window_end + timedelta(seconds=job.duration_s))]
    span = (min(start for start, _end in spans), max(end for _start, end in spans))
    work = Work(job.number, job.kind, place, job.aircraft, asked)
    with unscoped(session):
        inputs = inputs_for(session, [work], {job.number: span}, people=everybody)
    known = engagements(session, inputs.people, span[0] - AROUND, span[1] + AROUND)
    people_now = {code: replace(person, engagements=tuple(known[code])) for code, person in inputs.people.items()}
    typed = [
        SeatsWanted(SeatDemand(one.seat, frozenset(one.qualifications), one.security_level), one.count)
        for one in session.scalars(select(JobSeat).where(JobSeat.job_id == job.id).order_by(JobSeat.seat))
    ]
    critical, visit = _critical(session, job, span)
    return Case(
        job=job,
        place=place,
        seats=seats_of(typed, inputs.demands[job.number], job.terms),
        crew=tuple(crew),
        inputs=replace(inputs, people=people_now),
        critical=critical,
        visit=visit,
    )


def person_of(session: Session, key: UUID) -> str:
    """Return the code of a technician who sits on a job that the actor sees."""
    with unscoped(session):
        return session.scalars(select(Technician.code).where(Technician.id == key)).one()


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


def crew_of(session: Session, jobs: Collection[UUID]) -> defaultdict[UUID, list[Sitting]]:
    """Return {job: who sits there now}, in the order in which they were assigned."""
    found: defaultdict[UUID, list[Sitting]] = defaultdict(list)
    with unscoped(session):  # whoever sits there, wherever they are based
        for some in portions(sorted(jobs)):
            query = (
                select(Assignment.job_id, Technician.code, Assignment.seat, Assignment.starts_at, Assignment.ends_at)
                .join(Technician, Technician.id == Assignment.technician_id)
                .where(Assignment.job_id.in_(some), Assignment.ended_at.is_(None))
                .order_by(Assignment.id)
            )
            for key, person, seat, starts_at, ends_at in session.execute(query):
                found[key].append(Sitting(person, seat, starts_at, ends_at))
    return found


def _critical(
    session: Session, job: Job, span: tuple[datetime, datetime]
) -> tuple[tuple[CriticalTask, ...], tuple[TaskDone, ...]]:
    """Return the critical task of a job, and who does critical tasks on the same aircraft in the same visit."""
    if job.aircraft_id is None or job.task is None or job.system is None:
        return (), ()
    if not session.scalar(select(Task.critical).where(Task.code == job.task)):
        return (), ()
    query = (
        select(Job.id, Technician.code, Assignment.seat, Job.system, JobSeat.seat)
        .select_from(Assignment)
        .join(Job, Job.id == Assignment.job_id)
        .join(Technician, Technician.id == Assignment.technician_id)
        .outerjoin(JobSeat, (JobSeat.job_id == Job.id) & (JobSeat.seat == Seat.MECHANIC))
        .where(
            Job.aircraft_id == job.aircraft_id,
            Job.id != job.id,
            Job.task == job.task,
            Job.system.is_not(None),
            Assignment.ended_at.is_(None),
            Assignment.ends_at > span[0] - VISIT,
            Assignment.starts_at < span[1] + VISIT,
        )
    )
    crews: defaultdict[tuple[UUID, str, bool], list[tuple[str, Seat]]] = defaultdict(list)
    with unscoped(session):
        for key, person, seat, system, mechanic in session.execute(query):
            crews[key, system or "", mechanic is not None].append((person, seat))
    done = tuple(
        TaskDone(person, job.task, system)
        for (_job, system, mechanics), crew in crews.items()
        for person in sorted(hands(crew, mechanics=mechanics))
    )
    return (CriticalTask(job.task, job.system),), done


def assignments_of(session: Session, number: str, version: int) -> list[AssignmentOut]:
    """Return who sits on a job, in the order in which they were assigned; `version` is the job's.

    Who sees a job but not the base of a technician gets "" for code and name.
    """
    query = (
        select(Assignment, func.coalesce(Technician.code, ""), func.coalesce(Technician.name, ""))
        .join(Job, Job.id == Assignment.job_id)
        .outerjoin(Technician, Technician.id == Assignment.technician_id)
        .where(Job.number == number, Assignment.ended_at.is_(None))
        .order_by(Assignment.id)
    )
    return [
        AssignmentOut(
            id=one.id,
            job=number,
            job_version=version,
            technician=code,
            name=name,
            seat=one.seat,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            made_by=one.made_by,
            made_at=one.made_at,
        )
        for one, code, name in session.execute(query)
    ]
