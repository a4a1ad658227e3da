"""Use cases of dispatch: add jobs, keep the assignments of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.binding import Bound, bound
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import (
    Job,
    JobAlternate,
    JobPart,
    JobQualification,
    JobSeat,
    JobTool,
    PlanAssignment,
)
from fieldops.dispatch.precedence import set_before
from fieldops.dispatch.schemas import NewJob
from fieldops.equipment.service import check_kinds
from fieldops.workforce.kinds import Seat
from fieldops.workforce.models import Technician
from fieldops.workforce.service import check_qualifications
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, require_version
from inventory.kernel.clock import present
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import require_currency
from inventory.kernel.locks import Lock, in_order, locked
from inventory.kernel.lookup import keys_by_code, portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import site_ids

_NUMBERS_PER_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """One seat of a job of a plan: who takes it when; costs in `currency`, travel in seconds before the start.

    `position` is its place among the seats of the job. What the job costs for being late stands with its first line.
    `parts_ready_at` is the earliest that its parts could be there, None for a job without parts.
    """

    job: str
    position: int
    seat: Seat
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
    """Add jobs; what a tail or a task tells of them need not be given.

    Raises Invalid for an unknown place, part, qualification, aircraft, task, kind of tool or job before, for an
    aircraft that is not on ground and for jobs that would wait for each other, Conflict for a number that exists.
    """
    require_currency(session, (job.currency for job in jobs))
    refuse_taken(session, Job.number, (job.number for job in jobs), _job_exists)
    known = dict(zip((job.number for job in jobs), bound(session, jobs, present(session)), strict=True))
    places = site_ids(session, (one.place for one in known.values()))
    keys = {job.number: uuid7() for job in jobs}
    rows = [_row(job, known[job.number], keys[job.number], places) for job in jobs]
    tables: list[tuple[type[Base], list[dict[str, Any]]]] = [(Job, rows), *needs_of(session, jobs, keys)]
    for table, lines in tables:
        if lines:
            session.execute(insert(table), lines)
    set_before(session, {job.number: job.after for job in jobs if job.after}, keys)
    added: defaultdict[UUID, list[str]] = defaultdict(list)
    for job in jobs:
        added[places[known[job.number].place]].append(job.number)
    tell(session, "job.added", added)


_AS_GIVEN = ("number", "work_order", "title", "title_zh", "kind", "priority", "delay_cost_per_h", "currency", "task")


def _row(job: NewJob, known: Bound, key: UUID, places: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        **{name: getattr(job, name) for name in (*_AS_GIVEN, "system")},
        **{name: value for name, value in asdict(known).items() if name != "place"},
        "id": key,
        "place_id": places[known.place],
        "state": JobState.PLANNED,
    }


def needs_of(
    session: Session, jobs: Sequence[NewJob], keys: Mapping[str, UUID]
) -> list[tuple[type[Base], list[dict[str, Any]]]]:
    """Return the rows of what jobs need, table by table; raises Invalid for a part, qualification or tool unknown."""
    named = {need.part for job in jobs for need in job.parts}
    parts = part_ids(session, named | {code for job in jobs for need in job.parts for code in need.alternates})
    asked = {code for job in jobs for seat in job.seats for code in seat.qualifications}
    check_qualifications(session, asked | {code for job in jobs for code in job.qualifications})
    check_kinds(session, {tool.kind for job in jobs for tool in job.tools})
    return list(_needs(jobs, keys, parts))


def _needs(
    jobs: Sequence[NewJob], keys: Mapping[str, UUID], parts: Mapping[str, UUID]
) -> Iterator[tuple[type[Base], list[dict[str, Any]]]]:
    own = [(keys[job.number], job) for job in jobs]
    yield (
        JobQualification,
        [{"job_id": key, "qualification_code": code} for key, job in own for code in job.qualifications],
    )
    needs = [(key, need) for key, job in own for need in job.parts]
    yield JobPart, [{"job_id": key, "part_id": parts[need.part], "quantity": need.quantity} for key, need in needs]
    yield (
        JobAlternate,
        [
            {"job_id": key, "part_id": parts[need.part], "alternate_id": parts[code]}
            for key, need in needs
            for code in need.alternates
        ],
    )
    yield (
        JobSeat,
        [
            one.model_dump() | {"job_id": key, "qualifications": list(one.qualifications)}
            for key, job in own
            for one in job.seats
        ],
    )
    yield JobTool, [one.model_dump() | {"job_id": key} for key, job in own for one in job.tools]


def refuse_past(jobs: Sequence[NewJob], now: datetime) -> None:
    """Raise Invalid for a job whose window is over already."""
    for job in jobs:
        if job.window_end is not None and job.window_end < now:
            raise Invalid(
                _("The window of job {number} ended at {end}, and it is past; correct window_end").format(
                    number=job.number, end=f"{job.window_end:%Y-%m-%d %H:%MZ}"
                ),
                code="job_past",
                field="window_end",
            )


def job_to_change(session: Session, number: str, version: int | None = None) -> Job:
    """Return a job, locked until the transaction ends; raises NotFound for an unknown number, Stale."""
    found: list[Job] = locked(
        session,
        Lock.JOB,
        select(Job).where(Job.number == number).execution_options(populate_existing=True),
    )
    if not found:
        raise unknown_job(number)
    if version is not None:
        require_version(found[0].version, version)
    return found[0]


def job_to_read(session: Session, number: str) -> Job:
    """Return a job; raises NotFound for an unknown number."""
    found = session.scalar(select(Job).where(Job.number == number))
    if found is None:
        raise unknown_job(number)
    return found


def unknown_job(number: str) -> NotFound:
    """Return the refusal of a job that does not exist, or not for the actor."""
    return NotFound(
        _("There is no job {number}; the list of jobs shows yours").format(number=number),
        code="unknown_job",
        field="number",
    )


def require_unchanged(session: Session, versions: Mapping[str, int]) -> None:
    """Raise Conflict when one of the jobs, {number: version}, was changed; until the commit they stay as they are."""
    for number in changed(session, versions):
        raise _gone(number)


def changed(session: Session, versions: Mapping[str, int]) -> list[str]:
    """Return which of the jobs, {number: version}, were changed, by number; until the commit they stay as they are."""
    in_order(session, Lock.JOB)
    now: dict[str, int] = {}
    numbers = sorted(versions)
    for start in range(0, len(numbers), _NUMBERS_PER_QUERY):
        some = numbers[start : start + _NUMBERS_PER_QUERY]
        held = select(Job.number, Job.version).where(Job.number.in_(some)).order_by(Job.id).with_for_update(read=True)
        now.update(dict(session.execute(held).all()))
    return [number for number in numbers if now.get(number) != versions[number]]


def mark_held(session: Session, plan_id: UUID, held: Collection[str], jobs: Collection[str]) -> None:
    """Mark which of the jobs of a plan are held for their money, and that the others are not."""
    for line, number in session.execute(
        select(PlanAssignment, Job.number)
        .join(Job, Job.id == PlanAssignment.job_id)
        .where(PlanAssignment.plan_id == plan_id)
    ):
        if number in jobs:
            line.held = number in held
    session.flush()


def keep_assignments(session: Session, plan_id: UUID, lines: Sequence[AssignmentLine]) -> None:
    """Keep the assignments of a plan; raises Conflict when a job or a technician changed under the plan."""
    open_jobs = select(Job.number, Job.id).where(Job.state == JobState.PLANNED)
    jobs: dict[str, UUID] = {}
    for some in portions(sorted({line.job for line in lines})):
        jobs |= dict(session.execute(open_jobs.where(Job.number.in_(some))).all())
    for line in lines:
        if line.job not in jobs:
            raise _gone(line.job)
    technicians = keys_by_code(session, Technician.code, Technician.id, (line.technician for line in lines), _gone)
    rows = [
        {
            "id": uuid7(),
            "plan_id": plan_id,
            "job_id": jobs[line.job],
            "position": line.position,
            "seat": line.seat,
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
