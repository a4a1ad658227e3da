"""Use cases of unattended work: keep schedules and what became of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.operations.models import Schedule
from fieldops.operations.schemas import NewSchedule
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.texts import gettext as _


def add_schedules(session: Session, schedules: Sequence[NewSchedule]) -> None:
    """Add schedules; raises Conflict for a name that exists."""
    refuse_taken(session, Schedule.name, (one.name for one in schedules), _name_exists)
    session.add_all(Schedule(**one.model_dump()) for one in schedules)
    session.flush()


def all_schedules(session: Session) -> list[Schedule]:
    """Return the schedules, by name."""
    return list(session.scalars(select(Schedule).order_by(Schedule.name)))


def record_start(session: Session, schedule_id: UUID, now: datetime) -> None:
    """Note that a schedule's command was started."""
    schedule = session.get_one(Schedule, schedule_id)
    schedule.last_started_at, schedule.last_exit_status = now, None


def record_end(session: Session, schedule_id: UUID, exit_status: int) -> None:
    """Note how a schedule's command ended."""
    session.get_one(Schedule, schedule_id).last_exit_status = exit_status


def _name_exists(name: str) -> Conflict:
    return Conflict(
        _("A schedule {name} exists already; choose another name").format(name=name), code="schedule_exists"
    )
