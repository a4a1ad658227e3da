"""The events of a job: loaded, written down, and folded into the state in which the job is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.execution.lifecycle import (
    OFFICE,
    REFUSED,
    TOLERANCE,
    EventKind,
    Fault,
    Folded,
    Happening,
    fold,
    undoing,
)
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.execution.reasons import named
from fieldops.dispatch.models import Job
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _


def happenings(session: Session, jobs: Collection[UUID]) -> dict[UUID, list[Happening]]:
    """Return {job: its events as the fold takes them}: those discarded are left out. Two queries a portion of jobs."""
    found: defaultdict[UUID, list[Happening]] = defaultdict(list)
    for some in portions(sorted(jobs)):
        query = select(JobEvent).where(JobEvent.job_id.in_(some))
        events = session.scalars(query.order_by(JobEvent.happened_at, JobEvent.id)).all()
        resolved = _resolved(session, [one.id for one in events])
        for one in events:
            waiting = resolved.get(one.id)
            if waiting is None or waiting.state is not Decision.DISCARDED:
                found[one.job_id].append(_happening(one, waiting))
    return found


def _resolved(session: Session, keys: Collection[UUID]) -> dict[UUID, QuarantinedEvent]:
    found: dict[UUID, QuarantinedEvent] = {}
    for some in portions(sorted(keys)):
        found |= {row.id: row for row in session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.id.in_(some)))}
    return found


def _happening(one: JobEvent, waiting: QuarantinedEvent | None) -> Happening:
    """Return an event as the fold takes it: at the time that counts, with what stands against it then."""
    found = Happening(
        one.id, one.kind, one.happened_at, one.recorded_at, one.person, one.told, one.device, one.sequence
    )
    if waiting is None:
        return found
    return replace(
        found,
        happened_at=waiting.happened_at or one.happened_at,
        told=one.told if waiting.refused is None else one.told | {REFUSED: waiting.refused},
        waived=waiting.state is Decision.APPLIED,
        behind=waiting.state is Decision.OPEN and waiting.reason == Fault.BEHIND_SIGNATURE,
        since=waiting.resolved_at if waiting.state is Decision.APPLIED else None,
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
    before = job.state
    session.flush()
    known = happenings(session, [job.id])[job.id]
    event = JobEvent(
        id=uuid7(),
        job_id=job.id,
        kind=kind,
        happened_at=_after(known, fold(job.terms, known), now),
        recorded_at=now,
        recorded_by=actor.id,
        technician_id=None,
        person=None,
        device="",
        sequence=None,
        told=dict(told),
    )
    session.add(event)
    session.flush()
    events = [*known, _happening(event, None)]
    folded = fold(job.terms, events)
    if folded.faults.get(event.id) is Fault.STEPS_OPEN:
        raise Conflict(
            _("Job {number} has mandatory steps that are open: {steps}. Have them answered first").format(
                number=job.number, steps=named(folded.missing[event.id])
            ),
            code="steps_open",
        )
    if event.id in folded.faults or undoing(job.terms, events, {event.id}):
        raise Conflict(
            _("Job {number} is {state}; {event} is not possible from there").format(
                number=job.number, state=before, event=kind
            ),
            code="step_not_allowed",
        )
    job.state = folded.state
    session.flush()
    return event


def _after(known: Sequence[Happening], folded: Folded, now: datetime) -> datetime:
    """Return when a step of the office counts: now, but after all in force that it saw, also by a fast clock."""
    seen = [
        one.happened_at
        for one in known
        if one.id not in folded.faults and (one.kind in OFFICE or one.happened_at <= one.recorded_at + TOLERANCE)
    ]
    last = max(seen, default=None)
    return now if last is None or last < now else last + timedelta(microseconds=1)
