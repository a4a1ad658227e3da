"""Reads of the schedules."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.operations.models import Schedule
from fieldops.operations.schemas import ScheduleOut


def schedule_page(session: Session, *, after: str, limit: int) -> list[ScheduleOut]:
    """Return up to `limit` schedules with a name after `after`, by name."""
    query = select(Schedule).where(Schedule.name > after).order_by(Schedule.name).limit(limit)
    return [ScheduleOut.model_validate(one) for one in session.scalars(query)]
