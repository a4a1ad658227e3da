"""Use case of dispatch: a job is changed, and bound anew to its tail and task while it is planned."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from fieldops.dispatch.binding import bound, refuse_no_inspection
from fieldops.dispatch.crew.engagements import UNDER_WAY
from fieldops.dispatch.crew.service import judge_anew, prolong, refuse_kept, touch
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.recording import refold, step
from fieldops.dispatch.models import Job, JobAlternate, JobPart, JobSeat, JobStatus, JobTool
from fieldops.dispatch.precedence import set_before
from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobChange, NewJob
from fieldops.dispatch.service import job_to_change, needs_of
from fieldops.dispatch.tasks.models import Task
from inventory.kernel.actor import Actor
from inventory.kernel.base import Base
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import site_ids

_BINDING = frozenset({"tail", "task", "place", "duration_min"})
_NEEDS: dict[str, tuple[type[Base], ...]] = {
    "seats": (JobSeat,),
    "tools": (JobTool,),
    "parts": (JobPart, JobAlternate),
}
_PLANNED_ONLY = _BINDING | _NEEDS.keys() | {"system"}
_WHEN = frozenset({"window_start", "window_end", "after"})
_DATA = frozenset({"data_reference", "data_revision"})
_FOLLOWS = {
    "tail": ("place", "window_start", "window_end", "due_at"),
    "task": ("duration_min", "data_reference", "data_revision", "inspection"),
}
"""What a new job takes from its tail and its task, and one that is changed takes anew."""
_SIGNED = frozenset({JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED})


def change_job(session: Session, actor: Actor, number: str, change: JobChange, version: int) -> Job:
    """Change what the request names of a job, and return it; closing and opening it again are steps of its own.

    Another tail or task is bound as for a new job, and the crew that the job has is judged anew. One that is under way
    may be told to take longer: the seats of its crew end later by as much.

    Raises NotFound for an unknown number, Stale for another version, Invalid for a window that ends before it starts,
    for jobs that would wait for each other, for an inspection that the task asks for and for what a new job would be
    refused for; Conflict where the job cannot be closed from where it is, where its crew may not stay, and for what is
    not changed any more once it is dispatched.
    """
    job = job_to_change(session, number, version)
    _refuse_terms(session, job, change)
    told, stood_at = change.model_fields_set, job.place_id
    if longer := _longer(job, change):
        prolong(session, job, longer)
        told = told - {"duration_min"}
        tell(session, "job.prolonged", {job.place_id: [number]})
    for name in told - _PLANNED_ONLY - {"status", "after"} | told & {"system"}:
        setattr(job, name, getattr(change, name))
    if told & (_BINDING | _NEEDS.keys()):
        _bind_anew(session, job, change, present(session))
    if job.window_end < job.window_start:
        raise Invalid(
            _("The window of job {number} would end before it starts; correct window_start or window_end").format(
                number=number
            ),
            code="wrong_window",
            field="window_end",
        )
    if change.after is not None:
        set_before(session, {number: change.after}, {number: job.id})
    if told & {"inspection", *_BINDING}:
        refold(session, job)
    if told & _PLANNED_ONLY:
        touch(session, job)
        judge_anew(session, job, present(session))
    if change.status is not None and change.status is not job.status:
        _close_or_open(session, actor, job, change.status, present(session))
    session.flush()
    tell(session, "job.changed", {key: [number] for key in (stood_at, job.place_id)})
    return job


def _bind_anew(session: Session, job: Job, change: JobChange, now: datetime) -> None:
    """Let a job take from its tail and its task what the change does not name, as a new job does; keep its needs."""
    session.flush()
    new = _as_new(session, job, change)
    told = change.model_fields_set
    if told & _BINDING:
        (known,) = bound(session, [new], now)
        job.place_id, job.task = site_ids(session, [known.place])[known.place], new.task
        for name, value in asdict(known).items():
            if name != "place" and (name != "checklist" or "task" in told):
                setattr(job, name, value)
    changed = {table for name in told & _NEEDS.keys() for table in _NEEDS[name]}
    for table, rows in needs_of(session, [new], {job.number: job.id}) if changed else ():
        if table in changed:
            # every table of needs has a job; what they have in common is no type
            session.execute(delete(table).where(table.job_id == job.id))  # type: ignore[attr-defined]
            if rows:
                session.execute(insert(table), rows)


def _as_new(session: Session, job: Job, change: JobChange) -> NewJob:
    """Return a job as it would be added with a change; what it would take from another tail or task is left out."""
    told = job_by_number(session, job.number)
    stands: dict[str, Any] = {name: getattr(told, name) for name in NewJob.model_fields}
    stands["tail"] = None if job.aircraft_id is None else job.aircraft
    named = {name: getattr(change, name) for name in change.model_fields_set & NewJob.model_fields.keys()}
    fields = stands | named
    if fields["tail"] is not None:
        fields["aircraft"] = None
    for name, follow in _FOLLOWS.items():
        if fields[name] not in (None, stands[name]):
            fields |= dict.fromkeys(set(follow) - named.keys())
    return NewJob.model_construct(**fields)


def _refuse_terms(session: Session, job: Job, change: JobChange) -> None:
    """Refuse to take away what a crew was sent off under, and an inspection that the task asks for."""
    off = change.inspection is False and job.inspection
    told = change.model_fields_set
    if told & (_PLANNED_ONLY | _WHEN):
        refuse_kept(job)
    if off and job.task is not None and "task" not in told:
        refuse_no_inspection(job.number, session.get(Task, job.task), change.inspection)
    if job.state is JobState.PLANNED:
        return
    fixed = sorted((told - {"duration_min"} if _longer(job, change) else told) & _PLANNED_ONLY)
    fixed += [name for name in sorted(told & _DATA) if getattr(change, name) != getattr(job, name)]
    if off or (change.inspection is True and not job.inspection and job.state in _SIGNED):
        fixed.append("inspection")
    if fixed:
        raise Conflict(
            _(
                "Job {number} is {state}: its aircraft, task, place, duration, seats, tools, parts, inspection and "
                "data stay as they are; recall the job first, or add another job for what is left to do"
            ).format(number=job.number, state=job.state),
            code="job_dispatched",
            field=fixed[0],
        )


def _longer(job: Job, change: JobChange) -> timedelta:
    """Return by how much a job under way is told to take longer; nothing for one that is not."""
    if job.state not in UNDER_WAY or change.duration_min is None:
        return timedelta()
    return max(timedelta(), timedelta(minutes=change.duration_min, seconds=-job.duration_s))


def _close_or_open(session: Session, actor: Actor, job: Job, wanted: JobStatus, now: datetime) -> None:
    reason = {"reason": _("By change of its status")}
    if wanted is JobStatus.OPEN:
        step(session, actor, job, EventKind.REOPEN, reason, now)
    else:
        step(session, actor, job, EventKind.CANCEL if job.state is JobState.PLANNED else EventKind.CLOSE, reason, now)
