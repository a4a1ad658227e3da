"""Reads of the desk: the plan in force, whether what it depends on was changed, kept answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.workforce.models import Technician
from inventory.kernel.audit import AuditRow
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
    query = (
        select(Place.code, Region.code, Place.area, Place.time_zone)
        .select_from(Job)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(Job.number == number)
    )
    place, region, area, time_zone = session.execute(query).one()
    return Spot(place, region, area or "", time_zone or "UTC")


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


def latest_change(session: Session) -> int:
    """Return the number of the latest change that is written down."""
    return session.scalar(select(func.max(AuditRow.id))) or 0


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
