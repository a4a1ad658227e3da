"""What a person makes of an event that waits: it is applied, corrected where needed, or discarded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.queries import lock_crew
from fieldops.dispatch.crew.service import touch
from fieldops.dispatch.execution.bookings import following, withdraw
from fieldops.dispatch.execution.lifecycle import OFFICE, SIGNATURES, EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.queries import quarantined
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.execution.schemas import EventDecision, NewEvent
from fieldops.dispatch.execution.service import EFFECTS, against, against_all, bring_up, row_of, signing_of
from fieldops.dispatch.execution.unbooking import unbook_debt, unbook_money, unbook_stock
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import job_to_change
from fieldops.workforce.models import Technician
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.locks import Lock, locked
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell


def resolve(
    session: Session, actor: Actor, key: UUID, wanted: EventDecision, now: datetime, *, version: int
) -> QuarantinedEvent:
    """Apply or discard an event that waits. What a discarded one booked is taken back.

    Raises NotFound, Stale, Conflict where it was decided already or does not fit still, with the reason.
    """
    found = quarantined(session, key)
    require_version(found.version, version)
    if found.state in (Decision.APPLIED, Decision.DISCARDED):
        raise Conflict(
            _("This event is {state} already; nothing is left to decide").format(state=found.state),
            code="decided_already",
        )
    number = wanted.job or found.job
    event = session.get(JobEvent, key)
    if event is not None and wanted.job not in (None, found.job):
        raise Invalid(
            _("This event is of job {job}; discard it, and send another for the right one").format(job=found.job),
            code="other_job",
            field="job",
        )
    found.resolved_by, found.resolved_at, found.note = actor.id, now, wanted.note
    if not wanted.apply:
        found.state = Decision.DISCARDED
        session.flush()
        if event is not None:
            job = job_to_change(session, found.job)
            unbook(session, actor, job, event, now)
            bring_up(session, actor, {job.id: job}, (), now, booking=False)
            _require_steps(session, job)
        return found
    job = job_to_change(session, number)
    if event is None:
        event = _take_in(session, actor, found, job, wanted.happened_at)
    elif event.person is not None:
        lock_crew(session, [event.person])
    found.job, found.place_id = job.number, job.place_id
    found.state, found.happened_at = Decision.APPLIED, wanted.happened_at
    signing = signing_of(event, wanted.happened_at) if wanted.happened_at is not None else None
    found.refused = None if signing is None else [list(one) for one in against(session, job, [signing])[0]]
    session.flush()
    bring_up(session, actor, {job.id: job}, {event.id}, now)
    session.refresh(found)
    if found.state is not Decision.APPLIED:
        raise Conflict(_("It does not fit still: {why}").format(why=found.detail), code=found.reason)
    return found


def _require_steps(session: Session, job: Job) -> None:
    """Raise Conflict where a step of the office is possible no more without the event that is discarded."""
    waiting = select(JobEvent).join(QuarantinedEvent, QuarantinedEvent.id == JobEvent.id)
    step = session.scalars(
        waiting.where(JobEvent.job_id == job.id, JobEvent.kind.in_(OFFICE), QuarantinedEvent.state == Decision.OPEN)
    ).first()
    if step is not None:
        raise Conflict(
            _("The office took the step {kind} of job {job} on it; that stands, and so does the event").format(
                kind=step.kind, job=job.number
            ),
            code="step_stands",
        )


def _take_in(session: Session, actor: Actor, found: QuarantinedEvent, job: Job, corrected: datetime | None) -> JobEvent:
    """Take in an event whose job was not known when it came."""
    try:
        told = NewEvent.model_validate(found.event | {"job": job.number})
    except ValidationError as wrong:  # the rules of input became stricter meanwhile
        raise Conflict(_("The event cannot be read any more; discard it"), code="unreadable") from wrong
    person = told.technician
    if person is None:
        with unscoped(session):
            person = session.scalar(select(Technician.code).where(Technician.user_name == found.recorded_by))
    if person is None:
        raise Conflict(
            _("No technician has the login {name}; enter it with the technician first").format(name=found.recorded_by),
            code="no_technician",
        )
    found_people = lock_crew(session, [person])
    if not found_people:
        raise Conflict(
            _("There is no technician {person}; discard the event, and send it for the right one").format(
                person=person
            ),
            code="unknown_technician",
        )
    (technician,) = found_people
    if told.kind in SIGNATURES and technician.user_name != found.recorded_by:
        raise Conflict(
            _("{sender} cannot sign for {person}; discard the event, and let {person} sign").format(
                sender=found.recorded_by, person=person
            ),
            code="not_own_signature",
        )
    at = told if corrected is None else told.model_copy(update={"happened_at": corrected})
    refused = against_all(session, [at], {job.number: job}, {at.id: person})
    row = row_of(actor, at, job, (technician.id, technician.code), refused.get(at.id), found.recorded_at)
    session.execute(insert(JobEvent), [row | {"recorded_by": found.recorded_by}])
    return session.get_one(JobEvent, told.id)


def unbook(session: Session, actor: Actor, job: Job, event: JobEvent, now: datetime) -> None:
    """Take back what an event booked: stock by moves the other way, expenses by reversals.

    Nothing is owed any more for a unit that was never removed, the certificate of a release is withdrawn, and a job
    that follows is cancelled while it is planned.
    """
    if event.kind not in EFFECTS:
        return
    if event.kind is EventKind.FOLLOW_UP:
        _cancel(session, actor, following(job, event.id), now)
    unbook_stock(session, actor, event, now)
    unbook_money(session, actor, job, event, now)
    unbook_debt(session, actor, event, now)
    withdraw(session, [event.id], now)


def _cancel(session: Session, actor: Actor, number: str, now: datetime) -> None:
    query = select(Job).where(Job.number == number, Job.state == JobState.PLANNED)
    for job in locked(session, Lock.JOB, query.execution_options(populate_existing=True)):
        step(session, actor, job, EventKind.CANCEL, {"reason": _("The event was discarded")}, now)
        touch(session, job)
        tell(session, "job.changed", {job.place_id: [number]})
