"""What people are assigned to, wherever: who sits on jobs, nobody is in two places, nor works on both engines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, case, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.demands import Work
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job, JobSeat
from fieldops.workforce.facts import Engagement, TaskDone
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.rest import Span
from fieldops.workforce.rights import hands
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.network.models import Place

UNDER_WAY = frozenset({JobState.DISPATCHED, JobState.ACCEPTED, JobState.TRAVELLING, JobState.ON_SITE, JobState.PAUSED})
"""Where a crew was sent off and its work is not done."""
AT_WORK = frozenset({JobState.ON_SITE, JobState.PAUSED})
"""Where a crew began its work and has not ended it."""

OVERTIME = timedelta(minutes=15)
"""Who is at work past the told end stays so long at least from now on."""
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
class OtherSystem:
    """Somebody does a critical task, with a span, on another system of the same aircraft."""

    done: TaskDone
    starts_at: datetime
    ends_at: datetime

    @property
    def visit(self) -> Span:
        """The time during which other work on the aircraft is in the same visit."""
        return self.starts_at - VISIT, self.ends_at + VISIT


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


def move_ends(session: Session, job: UUID, longer: timedelta) -> None:
    """Let everybody who sits on a job sit there longer."""
    with unscoped(session):  # whoever sits there, wherever they are based
        query = select(Assignment).where(Assignment.job_id == job, Assignment.ended_at.is_(None))
        for seat in session.scalars(query):
            seat.ends_at += longer
        session.flush()


def engagements(
    session: Session, people: Collection[str], since: datetime, until: datetime, *, now: datetime | None = None
) -> defaultdict[str, list[Engagement]]:
    """Return {technician: other work that touches a span}, of all regions: nobody is in two places.

    A job that is cancelled keeps nobody busy, one that is closed until it was. Where `now` is told, one that was begun
    and not ended by then does for a while longer, and one whose crew is on the way still, for as long as it takes.
    """
    ends_late = Assignment.ends_at > since
    if now is not None:
        ends_late |= Job.state.in_(AT_WORK | {JobState.TRAVELLING})
    found: defaultdict[str, list[Engagement]] = defaultdict(list)
    with unscoped(session):
        for some in portions(sorted(people)):
            query = (
                select(
                    Technician.code,
                    Job.number,
                    Place.code,
                    Assignment.starts_at,
                    Assignment.ends_at,
                    Job.state,
                    _closed_at(),
                )
                .select_from(Assignment)
                .join(Technician, Technician.id == Assignment.technician_id)
                .join(Job, Job.id == Assignment.job_id)
                .join(Place, Place.id == Job.place_id)
                .where(
                    Technician.code.in_(some),
                    Assignment.ended_at.is_(None),
                    ends_late,
                    Assignment.starts_at < until,
                )
                .order_by(Assignment.starts_at)
            )
            for code, number, place, starts_at, ends_at, state, closed_at in session.execute(query):
                last = _busy_until(ends_at, state, closed_at)
                if now is not None and state in AT_WORK:
                    last = max(ends_at, now + OVERTIME)
                elif now is not None and state is JobState.TRAVELLING:
                    last = ends_at + max(now - starts_at, timedelta())
                if last is not None and max(starts_at, since) < last:
                    found[code].append(Engagement(number, starts_at, last, place))
    return found


def given_since(session: Session, people: Collection[str], since: datetime) -> dict[str, list[Engagement]]:
    """Return {technician: work that is not done yet and was given after an instant}, of all regions."""
    found: defaultdict[str, list[Engagement]] = defaultdict(list)
    query = (
        select(Technician.code, Job.number, Place.code, Assignment.starts_at, Assignment.ends_at)
        .select_from(Assignment)
        .join(Technician, Technician.id == Assignment.technician_id)
        .join(Job, Job.id == Assignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .where(Assignment.made_at > since, Assignment.ended_at.is_(None), Job.state != JobState.CLOSED)
        .order_by(Assignment.starts_at)
    )
    with unscoped(session):
        for some in portions(sorted(people)):
            for code, number, place, starts_at, ends_at in session.execute(query.where(Technician.code.in_(some))):
                found[code].append(Engagement(number, starts_at, ends_at, place))
    return dict(found)


def _closed_at() -> ScalarSelect[datetime | None]:
    """When a job was closed after its work; null where it was cancelled, or never closed."""
    ends = select(case((JobEvent.kind == EventKind.CLOSE, JobEvent.happened_at)))
    ends = ends.where(JobEvent.job_id == Job.id, JobEvent.kind.in_((EventKind.CLOSE, EventKind.CANCEL)))
    return ends.order_by(JobEvent.happened_at.desc(), JobEvent.id.desc()).limit(1).correlate(Job).scalar_subquery()


def _busy_until(ends_at: datetime, state: JobState, closed_at: datetime | None) -> datetime | None:
    """Return until when a seat keeps somebody busy, None for not at all."""
    if state is not JobState.CLOSED:
        return ends_at
    return None if closed_at is None else min(ends_at, closed_at)


def on_other_systems(session: Session, works: Sequence[Work], within: Span) -> dict[str, list[OtherSystem]]:
    """Return {job with a critical task: who does the same on its aircraft in visits that touch a span, and when}."""
    query = (
        select(
            Job.aircraft_id,
            Job.task,
            Job.system,
            Job.number,
            JobSeat.seat.is_not(None),
            Technician.code,
            Assignment.seat,
            Assignment.starts_at,
            Assignment.ends_at,
            Job.state,
            _closed_at(),
        )
        .select_from(Assignment)
        .join(Job, Job.id == Assignment.job_id)
        .join(Technician, Technician.id == Assignment.technician_id)
        .outerjoin(JobSeat, (JobSeat.job_id == Job.id) & (JobSeat.seat == Seat.MECHANIC))
        .where(
            Job.task.is_not(None),
            Job.system.is_not(None),
            Assignment.ended_at.is_(None),
            Assignment.ends_at > within[0] - VISIT,
            Assignment.starts_at < within[1] + VISIT,
        )
    )
    crews: defaultdict[tuple[Any, ...], defaultdict[tuple[Any, ...], list[Sitting]]]
    crews = defaultdict(lambda: defaultdict(list))  # by aircraft and task, then by job
    with unscoped(session):
        for some in portions(sorted({one.critical.aircraft for one in works if one.critical})):
            for aircraft, task, *job, person, seat, starts_at, ends_at, state, closed_at in session.execute(
                query.where(Job.aircraft_id.in_(some))
            ):
                # a critical task that was done counts in its visit still, one that was cancelled was never done
                if (last := _busy_until(ends_at, state, closed_at)) is not None:
                    crews[aircraft, task][tuple(job)].append(Sitting(person, seat, starts_at, max(starts_at, last)))
    return {
        one.number: [
            OtherSystem(TaskDone(sitting.person, one.critical.task, system), sitting.starts_at, sitting.ends_at)
            for (system, number, mechanics), crew in crews[one.critical.aircraft, one.critical.task].items()
            for sitting in _working(crew, mechanics=mechanics)
            if number != one.number
        ]
        for one in works
        if one.critical
    }


def _working(crew: Sequence[Sitting], *, mechanics: bool) -> list[Sitting]:
    working = hands(((one.person, one.seat) for one in crew), mechanics=mechanics)
    return [one for one in crew if one.person in working]
