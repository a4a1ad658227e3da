"""Reads of execution: events, those that wait, certificates, a technician's own jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent, ReleaseCertificate
from fieldops.dispatch.execution.schemas import CertificateOut, JobEventOut, OwnJob, QuarantinedEventOut
from fieldops.dispatch.models import Job
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place

FIRST_KEY = UUID(int=0)
FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def event_page(
    session: Session, number: str, *, after: tuple[datetime, UUID] = (FIRST_TIME, FIRST_KEY), limit: int
) -> list[JobEventOut]:
    """Return up to `limit` events of a job after an instant and id, by when they happened."""
    then, key = after
    query = (
        select(JobEvent, QuarantinedEvent.state)
        .join(Job, Job.id == JobEvent.job_id)
        .outerjoin(QuarantinedEvent, QuarantinedEvent.id == JobEvent.id)
        .where(Job.number == number)
        .where((JobEvent.happened_at > then) | (JobEvent.happened_at == then) & (JobEvent.id > key))
        .order_by(JobEvent.happened_at, JobEvent.id)
        .limit(limit)
    )
    return [
        JobEventOut(
            id=one.id,
            job=number,
            kind=one.kind,
            happened_at=one.happened_at,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
            technician=one.person,
            in_force=state not in (Decision.OPEN, Decision.DISCARDED),
            told=one.told,
        )
        for one, state in session.execute(query)
    ]


def quarantine_page(
    session: Session, *, after: UUID = FIRST_KEY, limit: int, state: Decision = Decision.OPEN, job: str | None = None
) -> list[QuarantinedEventOut]:
    """Return up to `limit` events that wait, or were decided about, with an id after `after`, by id."""
    query = select(QuarantinedEvent).where(QuarantinedEvent.id > after, QuarantinedEvent.state == state)
    if job is not None:
        query = query.where(QuarantinedEvent.job == job)
    return [quarantined_out(one) for one in session.scalars(query.order_by(QuarantinedEvent.id).limit(limit))]


def quarantined(session: Session, key: UUID) -> QuarantinedEvent:
    """Return an event that waits, or waited; raises NotFound."""
    found = session.scalar(select(QuarantinedEvent).where(QuarantinedEvent.id == key))
    if found is None:
        raise NotFound(_("No such event waits; the list of waiting events shows yours"), code="unknown_event")
    return found


def quarantined_out(one: QuarantinedEvent) -> QuarantinedEventOut:
    """Return an event that waits as it goes out."""
    return QuarantinedEventOut.model_validate(one, from_attributes=True)


def certificate_page(
    session: Session, *, after: str = "", limit: int = 1, number: str | None = None, job: str | None = None
) -> list[CertificateOut]:
    """Return up to `limit` certificates of release with a number after `after`, by number."""
    query = (
        select(
            ReleaseCertificate.number,
            Job.number.label("job"),
            Aircraft.registration.label("tail"),
            ReleaseCertificate.approval,
            ReleaseCertificate.signatory,
            ReleaseCertificate.name,
            ReleaseCertificate.data_reference,
            ReleaseCertificate.data_revision,
            ReleaseCertificate.limitations,
            ReleaseCertificate.deferrals,
            ReleaseCertificate.released_at,
            ReleaseCertificate.withdrawn_at,
        )
        .join(Job, Job.id == ReleaseCertificate.job_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .where(ReleaseCertificate.number > after)
        .order_by(ReleaseCertificate.number)
        .limit(limit)
    )
    if number is not None:
        query = query.where(ReleaseCertificate.number == number)
    if job is not None:
        query = query.where(Job.number == job)
    return [CertificateOut.model_validate(dict(row)) for row in session.execute(query).mappings()]


def certificate_told(session: Session, number: str) -> CertificateOut:
    """Return a certificate of release; raises NotFound for an unknown number."""
    found = certificate_page(session, number=number)
    if not found:
        raise NotFound(
            _("There is no certificate of release {number}; the list of certificates shows yours").format(
                number=number
            ),
            code="unknown_certificate",
            field="number",
        )
    return found[0]


def own_jobs(session: Session, user: str, *, after: tuple[datetime, str], limit: int) -> list[OwnJob]:
    """Return up to `limit` jobs that a user sits on and that are not closed, after a start and number, by start."""
    then, number = after
    query = (
        select(Assignment, Job, Place.code)
        .join(Job, Job.id == Assignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Technician, Technician.id == Assignment.technician_id)
        .where(Technician.user_name == user, Assignment.ended_at.is_(None), Job.state != JobState.CLOSED)
        .where((Assignment.starts_at > then) | (Assignment.starts_at == then) & (Job.number > number))
        .order_by(Assignment.starts_at, Job.number)
        .limit(limit)
    )
    return [
        OwnJob(
            job=job.number,
            version=job.version,
            title=job.title,
            title_zh=job.title_zh,
            state=job.state,
            place=place,
            tail=None if job.aircraft_id is None else job.aircraft,
            seat=seat.seat,
            starts_at=seat.starts_at,
            ends_at=seat.ends_at,
            day=seat.starts_at.date(),
        )
        for seat, job, place in session.execute(query)
    ]
