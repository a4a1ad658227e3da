"""What the office does with a job: dispatch it with its money and its tools, recall, cancel, close or reopen it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.queries import Case, case_of, lock_crew
from fieldops.dispatch.crew.service import judge, touch
from fieldops.dispatch.execution.keeping import (
    commitment,
    give_back_money,
    give_back_tools,
    gives_back,
    keep_tools,
)
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.models import Job
from fieldops.dispatch.precedence import unfinished_before
from fieldops.dispatch.rules import empty_seats
from fieldops.dispatch.service import job_to_change
from fieldops.dispatch.tasks.service import learn
from fieldops.finance.approvals.service import spend
from fieldops.finance.control.schemas import VerdictOut
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell

DOCUMENT = "job"
"""The kind of document that a job's money is held for."""


def dispatch(
    session: Session, actor: Actor, number: str, now: datetime, today: date, *, version: int
) -> tuple[Job, VerdictOut | None]:
    """Send the crew of a job off; return the job and what the budget says of its cost, None where it costs nothing.

    The cost is committed; where it needs an approval that is asked for, and the job stays planned. Raises NotFound,
    Stale, CrewRefused where somebody may not sit there any more, Conflict for an empty seat, a job before that is not
    done, a tool that is not there, and a budget that blocks.
    """
    job = job_to_change(session, number, version)
    if job.state is not JobState.PLANNED:
        raise Conflict(
            _("Job {number} is {state}; only a planned job is dispatched").format(number=number, state=job.state),
            code="step_not_allowed",
        )
    technicians = lock_crew(session, {one.person for one in crew_of(session, [job.id])[job.id]})
    case = case_of(session, job, (), ())
    _require_ready(session, case)
    judge(case, case.crew)
    bookings = keep_tools(session, actor, case)
    wanted = commitment(session, case, technicians)
    verdict = None if wanted is None else spend(session, actor, wanted, now, today)
    if verdict is not None and not verdict.held:
        for one in bookings:
            session.delete(one)
        session.flush()
        return job, verdict
    step(session, actor, job, EventKind.DISPATCH, {}, now)
    tell(session, "job.dispatched", {job.place_id: [number]})
    return job, verdict


def office_step(
    session: Session, actor: Actor, number: str, kind: EventKind, reason: str | None, now: datetime, *, version: int
) -> Job:
    """Recall, cancel, close or reopen a job; raises NotFound, Stale, Conflict where the table has no such step.

    One that is not on its way any more gives back its tools, and what it has left of its money.
    """
    job = job_to_change(session, number, version)
    step(session, actor, job, kind, {} if reason is None else {"reason": reason}, now)
    touch(session, job)
    give_back(session, actor, job, now)
    tell(session, "job.changed", {job.place_id: [number]})
    return job


def give_back(session: Session, actor: Actor, job: Job, now: datetime) -> None:
    """Give back the tools and the money that a planned or closed job has left; a closed one teaches its task."""
    if not gives_back(job):
        return
    if job.state is JobState.CLOSED and job.task is not None:
        learn(session, job.task)
    give_back_tools(session, [job], now)
    give_back_money(session, actor, job, now)


def _require_ready(session: Session, case: Case) -> None:
    job = case.job
    if empty := empty_seats(case.seats, (one.seat for one in case.crew)):
        raise Conflict(
            _("Job {job} has empty seats: {seats}; assign somebody first").format(
                job=job.number, seats=", ".join(empty)
            ),
            code="seats_empty",
        )
    if before := unfinished_before(session, job):
        raise Conflict(
            _("Job {job} comes after {before}, which is not done; wait for it, or change after").format(
                job=job.number, before=", ".join(before)
            ),
            code="job_before_unfinished",
        )
