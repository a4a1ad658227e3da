"""A plan becomes assignments, job by job, through `assign`: what the one decision refuses by now is told and left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting, crew_of
from fieldops.dispatch.crew.queries import lock_crew
from fieldops.dispatch.crew.schemas import PublishedJob
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.rules import every_seat
from fieldops.workforce.models import Technician
from fieldops.workforce.rest import Span
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.errors import DomainError
from inventory.kernel.locks import Lock, locked


def publish(session: Session, actor: Actor, plan_id: UUID) -> list[PublishedJob]:
    """Give the people of a plan their seats, all of a job or none, and return for each job whether that was possible.

    What waits for its money, has its crew already or is not planned any more is left out. The jobs are locked first,
    then the people. Jobs come by number.
    """
    wanted = select(PlanAssignment, func.coalesce(Technician.code, "")).outerjoin(
        Technician, Technician.id == PlanAssignment.technician_id
    )
    given = wanted.where(PlanAssignment.plan_id == plan_id, PlanAssignment.held.is_(False))
    crews: defaultdict[UUID, list[Sitting]] = defaultdict(list)
    for line, person in session.execute(given.order_by(PlanAssignment.position)):
        crews[line.job_id].append(Sitting(person, line.seat, line.starts_at, line.ends_at))
    jobs = select(Job).where(Job.id.in_(list(crews)), Job.state == JobState.PLANNED).order_by(Job.id)
    held: list[Job] = locked(session, Lock.JOB, jobs)
    lock_crew(session, {one.person for crew in crews.values() for one in crew if one.person})
    by_number = sorted(held, key=lambda one: one.number)
    return [told for job in by_number if (told := _published(session, actor, job, crews[job.id])) is not None]


def _published(session: Session, actor: Actor, job: Job, wanted: Sequence[Sitting]) -> PublishedJob | None:
    (work,) = works_of(session, Job.id == job.id)
    there = crew_of(session, [job.id])[job.id]
    known = {(one.person, one.seat) for one in there}
    new = [one for one in wanted if (one.person, one.seat) not in known]
    if not new:
        return None
    filled = Counter(one.seat for one in (*there, *new))
    told = {
        "job": job.number,
        "crew": [{"technician": one.person, "seat": one.seat} for one in new],
        "by_hand": list((Counter(every_seat(work.seats)) - filled).elements()),
    }
    try:
        with session.begin_nested():
            for one in new:
                span = _within(one, job)
                assign(session, actor, job, one.seat, one.person, span, present(session))
    except DomainError as refusal:
        return PublishedJob.model_validate(told | {"assigned": False, "code": refusal.code, "detail": refusal.message})
    return PublishedJob.model_validate(told | {"assigned": True})


def _within(one: Sitting, job: Job) -> Span:
    """Return the span of a seat within the usual one of its job, beyond which a plan goes that leaves long jobs time.

    Who comes to sign comes earlier then.
    """
    latest = job.window_end + timedelta(seconds=job.duration_s)
    beyond = max(one.ends_at - latest, timedelta())
    starts_at = one.starts_at if one.starts_at <= job.window_end else one.starts_at - beyond
    return starts_at, one.ends_at - beyond
