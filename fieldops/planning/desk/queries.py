"""Reads of the desk: the plan in force, whether what it depends on was changed, kept answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.workforce.models import Technician
from inventory.kernel.clock import Clock
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.installation import demo_time
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a job is."""

    place: str
    region: str
    area: str
    time_zone: str = "UTC"


def spot_of(session: Session, number: str) -> Spot:
    """Return where a job is that the actor sees; its place belongs to a region."""
    return spots_of(session, [number])[number]


def spots_of(session: Session, numbers: Collection[str]) -> dict[str, Spot]:
    """Return where jobs are that the actor sees, by number."""
    query = (
        select(Job.number, Place.code, Region.code, Place.area, Place.time_zone)
        .select_from(Job)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(Job.number.in_(sorted(numbers)))
    )
    return {
        number: Spot(place, region, area or "", time_zone or "UTC")
        for number, place, region, area, time_zone in session.execute(query)
    }


def plan_in_force(session: Session, region: str) -> DayPlan:
    """Return the plan in force in a region; raises Conflict where there is none."""
    query = (
        select(DayPlan)
        .join(PlanRegion, PlanRegion.plan_id == DayPlan.id)
        .where(PlanRegion.status == PlanStatus.CURRENT, PlanRegion.region == region)
        .options(defer(DayPlan.document))  # large, and needed only where the plan is taken up
    )
    found = session.scalar(query)
    if found is None:
        raise Conflict(
            _("No plan is in force in region {region}; make the plan of its day first").format(region=region),
            code="no_plan_in_force",
        )
    return found


def plans_in_force(session: Session, region: str) -> list[UUID]:
    """Return the key of the plan in force in a region, if there is one."""
    query = select(PlanRegion.plan_id).where(PlanRegion.status == PlanStatus.CURRENT, PlanRegion.region == region)
    return list(session.scalars(query))


def rows_of(
    session: Session, plan_id: UUID, numbers: Collection[str] | None = None, *, area: str | None = None
) -> dict[str, list[PlanAssignment]]:
    """Return {job: its rows in a plan, by position}; of all jobs, of some, or of those in an area."""
    query = select(Job.number, PlanAssignment).join(Job, Job.id == PlanAssignment.job_id)
    query = query.where(PlanAssignment.plan_id == plan_id).order_by(PlanAssignment.position)
    if numbers is not None:
        query = query.where(Job.number.in_(sorted(numbers)))
    if area is not None:
        query = query.join(Place, Place.id == Job.place_id).where(Place.area == area)
    found: dict[str, list[PlanAssignment]] = {}
    for number, row in session.execute(query):
        found.setdefault(number, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class PlannedSeat:
    """A row of a plan: who is somewhere from when to when."""

    key: UUID
    job: str
    technician: str
    starts_at: datetime
    ends_at: datetime


def seats_of_plan(session: Session, plan_id: UUID, people: Collection[str] | None = None) -> list[PlannedSeat]:
    """Return the rows of a plan, of everybody or of some people, wherever these are based."""
    query = select(PlanAssignment.id, Job.number, Technician.code, PlanAssignment.starts_at, PlanAssignment.ends_at)
    query = query.join(Technician, Technician.id == PlanAssignment.technician_id)
    query = query.join(Job, Job.id == PlanAssignment.job_id)
    query = query.where(PlanAssignment.plan_id == plan_id).order_by(PlanAssignment.id)
    if people is not None:
        query = query.where(Technician.code.in_(sorted(people)))
    with unscoped(session):  # who is lent to a region is of another
        return [PlannedSeat(*row) for row in session.execute(query)]


def lines_of(session: Session, plan_id: UUID, numbers: Collection[str]) -> list[AssignmentLine]:
    """Return what a plan tells of some jobs, by job and position, whoever may see its people."""
    with unscoped(session):
        return sorted(assignments(session, plan_id, numbers), key=lambda one: (one.job, one.position))


def last_change(session: Session, number: str) -> DeskAnswer:
    """Return the last answer about a job that was taken and is not undone; raises Conflict where there is none."""
    query = select(DeskAnswer).join(Job, Job.id == DeskAnswer.job_id).where(Job.number == number)
    query = query.where(DeskAnswer.taken_at.is_not(None), DeskAnswer.undone_at.is_(None))
    query = query.order_by(DeskAnswer.taken_at.desc(), DeskAnswer.id.desc()).limit(1)
    found = session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Conflict(
            _("Nothing was changed in the plan for job {job} that could be undone").format(job=number),
            code="nothing_to_undo",
        )
    return found


def standing_changes(session: Session, plan_id: UUID) -> list[DeskAnswer]:
    """Return the changes of a plan that can be undone still, of the jobs that the actor sees."""
    query = select(DeskAnswer).where(DeskAnswer.plan_id == plan_id, DeskAnswer.taken_at.is_not(None))
    query = query.where(DeskAnswer.undone_at.is_(None), DeskAnswer.undo.is_not(None))
    return list(session.scalars(query.order_by(DeskAnswer.id).execution_options(populate_existing=True)))


def names_of(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return {code: name} of technicians."""
    query = select(Technician.code, Technician.name).where(Technician.code.in_(sorted(codes)))
    return dict(session.execute(query).all())


def versions_of(session: Session, numbers: Collection[str]) -> dict[str, int]:
    """Return {job: version}."""
    return dict(session.execute(select(Job.number, Job.version).where(Job.number.in_(sorted(numbers)))).all())


def answer_by_key(session: Session, number: str, key: UUID) -> DeskAnswer:
    """Return a kept answer about a job, fresh; raises NotFound for an unknown one."""
    query = select(DeskAnswer).join(Job, Job.id == DeskAnswer.job_id).where(DeskAnswer.id == key, Job.number == number)
    found: Sequence[DeskAnswer] = session.scalars(query.execution_options(populate_existing=True)).all()
    if not found:
        raise NotFound(
            _("There is no such answer about job {job}; ask for a recommendation again").format(job=number),
            code="unknown_answer",
            field="key",
        )
    return found[0]


def desk_time(session: Session, clock: Clock) -> datetime:
    """Return what time it is at the desk: that of the demonstration, in one."""
    return demo_time(session, clock)


def changed_jobs(session: Session, plan_id: UUID, regions: Collection[str]) -> list[str]:
    """Return the jobs of regions for which a plan was changed at the desk, and not changed back, by number."""
    query = (
        select(Job.number)
        .join(DeskAnswer, DeskAnswer.job_id == Job.id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(DeskAnswer.plan_id == plan_id, DeskAnswer.taken_at.is_not(None), DeskAnswer.undone_at.is_(None))
        .where(Region.code.in_(regions))
    )
    return list(session.scalars(query.distinct().order_by(Job.number)))
