"""The events of a job: loaded, written down, and folded into the state in which the job is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.execution.lifecycle import EventKind, Folded, Happening, fold
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.models import Job
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _

Resolved = Mapping[UUID, tuple[Decision, datetime | None]]
"""What persons made of events, with the time as they corrected it."""


def happenings(session: Session, jobs: Collection[UUID]) -> dict[UUID, list[Happening]]:
    """Return {job: its events as the fold takes them}: those discarded are left out. Two queries a portion of jobs."""
    found: defaultdict[UUID, list[Happening]] = defaultdict(list)
    for some in portions(sorted(jobs)):
        query = select(JobEvent).where(JobEvent.job_id.in_(some))
        events = session.scalars(query.order_by(JobEvent.happened_at, JobEvent.id)).all()
        resolved = _resolved(session, [one.id for one in events])
        for one in events:
            state, corrected = resolved.get(one.id, (Decision.OPEN, None))
            if state is not Decision.DISCARDED:
                found[one.job_id].append(_happening(one, corrected, waived=state is Decision.APPLIED))
    return found


def _resolved(session: Session, keys: Collection[UUID]) -> Resolved:
    found: dict[UUID, tuple[Decision, datetime | None]] = {}
    for some in portions(sorted(keys)):
        query = select(QuarantinedEvent.id, QuarantinedEvent.state, QuarantinedEvent.happened_at)
        for key, state, corrected in session.execute(query.where(QuarantinedEvent.id.in_(some))):
            found[key] = (state, corrected)
    return found


def _happening(one: JobEvent, corrected: datetime | None, *, waived: bool) -> Happening:
    return Happening(
        one.id,
        one.kind,
        corrected or one.happened_at,
        one.recorded_at,
        one.person,
        one.told,
        one.device,
        one.sequence,
        waived,
    )


def refold(session: Session, job: Job) -> Folded:
    """Bring a job to the state that its events lead to, and return the fold."""
    session.flush()
    folded = fold(job.terms, happenings(session, [job.id])[job.id])
    job.state = folded.state
    session.flush()
    return folded


def step(session: Session, actor: Actor, job: Job, kind: EventKind, told: Mapping[str, Any], now: datetime) -> JobEvent:
    """Let the office take a step now; raises Conflict where the table has none from where the job is."""
    event = JobEvent(
        id=uuid7(),
        job_id=job.id,
        kind=kind,
        happened_at=now,
        recorded_at=now,
        recorded_by=actor.id,
        technician_id=None,
        person=None,
        device="",
        sequence=None,
        told=dict(told),
    )
    session.add(event)
    before = job.state
    folded = refold(session, job)
    if event.id in folded.faults:
        raise Conflict(
            _("Job {number} is {state}; {event} is not possible from there").format(
                number=job.number, state=before, event=kind
            ),
            code="step_not_allowed",
        )
    return event
