"""A plan becomes assignments, job by job, through `assign`: what the one decision refuses by now is told and left."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.queries import lock_crew
from fieldops.dispatch.crew.schemas import PublishedJob
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.rules import seats_by_hand, working_seat
from fieldops.workforce.models import Technician
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import DomainError
from inventory.kernel.locks import Lock, locked


def publish(session: Session, actor: Actor, plan_id: UUID) -> list[PublishedJob]:
    """Give the technicians of a plan their seats, and return for each job whether that was possible, by number.

    What waits for its money, is done by somebody already or is not planned any more is left out. The jobs are locked
    first, then the people. The other seats of a job, `by_hand`, are given by a person.
    """
    wanted = select(PlanAssignment, func.coalesce(Technician.code, "")).outerjoin(
        Technician, Technician.id == PlanAssignment.technician_id
    )
    lines = {
        line.job_id: (line, person)
        for line, person in session.execute(
            wanted.where(
                PlanAssignment.plan_id == plan_id,
                PlanAssignment.held.is_(False),
            )
        )
    }
    jobs = select(Job).where(Job.id.in_(list(lines)), Job.state == JobState.PLANNED).order_by(Job.id)
    held: list[Job] = locked(session, Lock.JOB, jobs)
    lock_crew(session, {person for _line, person in lines.values() if person})
    return [
        told
        for job in sorted(held, key=lambda one: one.number)
        if (told := _published(session, actor, job, *lines[job.id])) is not None
    ]


def _published(session: Session, actor: Actor, job: Job, line: PlanAssignment, person: str) -> PublishedJob | None:
    # a plan that leaves time for long jobs may go on beyond the latest end of the usual ones
    latest = job.window_end + timedelta(seconds=job.duration_s)
    span = (line.starts_at, min(line.ends_at, latest))
    (work,) = works_of(session, Job.id == job.id)
    seat, crew = working_seat(work.seats), [one.seat for one in crew_of(session, [job.id])[job.id]]
    if seat in crew:
        return None
    told = {"job": job.number, "technician": person, "seat": seat, "by_hand": seats_by_hand(work.seats, crew)}
    try:
        with session.begin_nested():
            assign(session, actor, job, seat, person, span, present(session))
    except DomainError as refusal:
        return PublishedJob.model_validate(told | {"assigned": False, "code": refusal.code, "detail": refusal.message})
    return PublishedJob.model_validate(told | {"assigned": True})
