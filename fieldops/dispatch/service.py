"""Use cases of dispatch: add jobs, keep the assignments of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.models import Job, JobPart, JobQualification, JobStatus, PlanAssignment
from fieldops.dispatch.schemas import JobChange, NewJob
from fieldops.workforce.models import Technician
from fieldops.workforce.service import check_qualifications
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import require_currency
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import keys_by_code, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import site_ids

_NUMBERS_PER_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """One job of a plan: who does it when; costs in `currency`, travel in seconds before the start.

    `parts_ready_at` is the earliest that its parts could be there, None for a job without parts.
    """

    job: str
    technician: str
    starts_at: datetime
    ends_at: datetime
    parts_ready_at: datetime | None
    travel_s: int
    labour_cost: Decimal
    travel_cost: Decimal
    lateness_cost: Decimal
    currency: str
    held: bool


def add_jobs(session: Session, _actor: Actor, jobs: Sequence[NewJob]) -> None:
    """Add jobs; raises Invalid for an unknown place, part or qualification, Conflict for a number that exists."""
    require_currency(session, (job.currency for job in jobs))
    refuse_taken(session, Job.number, (job.number for job in jobs), _job_exists)
    places = site_ids(session, (job.place for job in jobs))
    parts = part_ids(session, (need.part for job in jobs for need in job.parts))
    check_qualifications(session, (code for job in jobs for code in job.qualifications))
    keys = {job.number: uuid7() for job in jobs}
    plain = {"place", "duration_min", "qualifications", "parts"}
    rows = [
        job.model_dump(exclude=plain)
        | {
            "id": keys[job.number],
            "place_id": places[job.place],
            "duration_s": job.duration_min * 60,
            "status": JobStatus.OPEN,
        }
        for job in jobs
    ]
    qualifications = [
        {"job_id": keys[job.number], "qualification_code": code} for job in jobs for code in job.qualifications
    ]
    needs = [
        {"job_id": keys[job.number], "part_id": parts[need.part], "quantity": need.quantity}
        for job in jobs
        for need in job.parts
    ]
    for table, lines in ((Job, rows), (JobQualification, qualifications), (JobPart, needs)):
        if lines:
            session.execute(insert(table), lines)
    added: defaultdict[UUID, list[str]] = defaultdict(list)
    for job in jobs:
        added[places[job.place]].append(job.number)
    tell(session, "job.added", added)


def change_job(session: Session, _actor: Actor, number: str, change: JobChange, version: int) -> None:
    """Change what the request names of a job.

    Raises NotFound for an unknown number, Stale for another version, Invalid for a window that ends before it starts.
    """
    job = session.scalar(select(Job).where(Job.number == number))
    if job is None:
        raise unknown_job(number)
    require_version(job.version, version)
    for name in change.model_fields_set:
        setattr(job, name, getattr(change, name))
    if job.window_end < job.window_start:
        raise Invalid(
            _("The window of job {number} would end before it starts; correct window_start or window_end").format(
                number=number
            ),
            code="wrong_window",
            field="window_end",
        )
    session.flush()
    tell(session, "job.changed", {job.place_id: [number]})


def unknown_job(number: str) -> NotFound:
    """Return the refusal of a job that does not exist, or not for the actor."""
    return NotFound(
        _("There is no job {number}; the list of jobs shows yours").format(number=number),
        code="unknown_job",
        field="number",
    )


def require_unchanged(session: Session, versions: Mapping[str, int]) -> None:
    """Raise Conflict when one of the jobs, {number: version}, was changed; until the commit they stay as they are."""
    in_order(session, Lock.JOB)
    now: dict[str, int] = {}
    numbers = sorted(versions)
    for start in range(0, len(numbers), _NUMBERS_PER_QUERY):
        some = numbers[start : start + _NUMBERS_PER_QUERY]
        held = select(Job.number, Job.version).where(Job.number.in_(some)).order_by(Job.id).with_for_update(read=True)
        now.update(dict(session.execute(held).all()))
    for number in numbers:
        if now.get(number) != versions[number]:
            raise _gone(number)


def keep_assignments(session: Session, plan_id: UUID, lines: Sequence[AssignmentLine]) -> None:
    """Keep the assignments of a plan; raises Conflict when a job or a technician changed under the plan."""
    open_jobs = select(Job.number, Job.id).where(Job.status == JobStatus.OPEN)
    jobs = dict(session.execute(open_jobs).all())
    for line in lines:
        if line.job not in jobs:
            raise _gone(line.job)
    technicians = keys_by_code(session, Technician.code, Technician.id, (line.technician for line in lines), _gone)
    rows = [
        {
            "id": uuid7(),
            "plan_id": plan_id,
            "job_id": jobs[line.job],
            "technician_id": technicians[line.technician],
            "starts_at": line.starts_at,
            "ends_at": line.ends_at,
            "parts_ready_at": line.parts_ready_at,
            "travel_s": line.travel_s,
            "labour_cost": line.labour_cost,
            "travel_cost": line.travel_cost,
            "lateness_cost": line.lateness_cost,
            "currency": line.currency,
            "held": line.held,
        }
        for line in lines
    ]
    if rows:
        session.execute(insert(PlanAssignment), rows)


def _job_exists(number: str) -> Conflict:
    return Conflict(
        _("Job {number} exists already; choose another number").format(number=number), code="job_exists", field="number"
    )


def _gone(code: str) -> Conflict:
    return Conflict(
        _("{code} was changed, closed or removed while the plan was made; make the plan again").format(code=code),
        code="plan_stale",
    )


def let_go(session: Session, plan_id: UUID, job: str) -> None:
    """Mark a job of a plan as no longer held for its money."""
    held = select(PlanAssignment).join(Job, Job.id == PlanAssignment.job_id)
    for one in session.scalars(held.where(PlanAssignment.plan_id == plan_id, Job.number == job)):
        one.held = False
    session.flush()
