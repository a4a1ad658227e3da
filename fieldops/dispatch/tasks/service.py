"""Use cases of tasks: add them, learn how long they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import Decision, JobEvent, QuarantinedEvent
from fieldops.dispatch.models import Job
from fieldops.dispatch.tasks.durations import Duration, learned
from fieldops.dispatch.tasks.models import Task
from fieldops.dispatch.tasks.schemas import NewTask
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _

HISTORY_MAX = 200
"""How many of the jobs that closed last are learned from."""


def add_tasks(session: Session, _actor: Actor, tasks: Sequence[NewTask]) -> None:
    """Add tasks; raises Conflict for a code that exists."""
    refuse_taken(session, Task.code, (one.code for one in tasks), _taken)
    rows = [
        one.model_dump() | {"learned_min": one.estimate_min, "learned_p90_min": one.estimate_p90_min, "learned_from": 0}
        for one in tasks
    ]
    if rows:
        session.execute(insert(Task), rows)


def learn(session: Session, code: str) -> None:
    """Bring what is known of a task's duration up to date with the hours booked on its closed jobs, of all regions."""
    session.flush()
    with unscoped(session):
        booked = _booked_h(session, code)
        task = session.scalars(select(Task).where(Task.code == code)).one()
        found = learned(Duration(task.estimate_min / 60, task.estimate_p90_min / 60), booked)
        task.learned_min = max(1, round(found.median_h * 60))
        task.learned_p90_min = max(task.learned_min, round(found.p90_h * 60))
        task.learned_from = len(booked)


def _booked_h(session: Session, code: str) -> list[float]:
    jobs = select(Job.id).where(Job.task == code, Job.state == JobState.CLOSED).order_by(Job.id.desc())
    keys = session.scalars(jobs.limit(HISTORY_MAX)).all()
    out = select(QuarantinedEvent.id).where(QuarantinedEvent.state.in_((Decision.OPEN, Decision.DISCARDED)))
    query = select(JobEvent.job_id, JobEvent.told).where(
        JobEvent.job_id.in_(keys), JobEvent.kind == EventKind.LABOUR, JobEvent.id.not_in(out)
    )
    hours: defaultdict[UUID, float] = defaultdict(float)
    for key, told in session.execute(query):
        work = told["work"]
        lasted = datetime.fromisoformat(work["end"]) - datetime.fromisoformat(work["start"])
        hours[key] += lasted.total_seconds() / 3600
    return sorted(hours.values())


def _taken(code: str) -> Conflict:
    return Conflict(
        _("Task {code} exists already; choose another code").format(code=code), code="code_exists", field="code"
    )
