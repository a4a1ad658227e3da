"""Reads of operations and schedules."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from fieldops.operations.ends import text_of
from fieldops.operations.schemas import OperationOut, RunOut, ScheduleOut
from inventory.kernel.errors import NotFound
from inventory.kernel.operations import Operation, OperationState, Schedule, ScheduleRun
from inventory.kernel.texts import gettext as _

NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
"""The key before the first of a list that begins with the newest."""


def operation_page(
    session: Session,
    *,
    before: tuple[datetime, UUID],
    limit: int,
    state: OperationState | None = None,
    kind: str | None = None,
) -> list[OperationOut]:
    """Return up to `limit` operations submitted before a key, the newest first."""
    place = (Operation.submitted_at, Operation.id)
    query = select(Operation).where(tuple_(*place) < tuple_(*before))
    if state is not None:
        query = query.where(Operation.state == state)
    if kind is not None:
        query = query.where(Operation.kind == kind)
    newest = query.order_by(Operation.submitted_at.desc(), Operation.id.desc()).limit(limit)
    return [OperationOut.of(one) for one in session.scalars(newest)]


def operation_by_id(session: Session, key: UUID) -> Operation:
    """Return an operation; raises NotFound for an unknown one."""
    operation = session.scalar(select(Operation).where(Operation.id == key))
    if operation is None:
        raise NotFound(
            _("There is no operation {key}; the list of operations shows those of the last 30 days").format(key=key),
            code="unknown_operation",
        )
    return operation


def schedule_by_name(session: Session, name: str) -> Schedule:
    """Return a schedule; raises NotFound for an unknown one."""
    schedule = session.scalar(select(Schedule).where(Schedule.name == name))
    if schedule is None:
        raise NotFound(
            _("There is no schedule {name}; the list of schedules shows those there are").format(name=name),
            code="unknown_schedule",
        )
    return schedule


def schedule_page(session: Session, *, after: str, limit: int) -> list[ScheduleOut]:
    """Return up to `limit` schedules with a name after `after`, by name."""
    query = select(Schedule).where(Schedule.name > after).order_by(Schedule.name).limit(limit)
    schedules = list(session.scalars(query))
    runs = _last_runs(session, [one.id for one in schedules])
    return [ScheduleOut.of(one, runs.get(one.id)) for one in schedules]


def schedule_out(session: Session, schedule: Schedule) -> ScheduleOut:
    """Return a schedule with its last run."""
    return ScheduleOut.of(schedule, _last_runs(session, [schedule.id]).get(schedule.id))


def run_page(
    session: Session, schedule: Schedule, *, before: tuple[datetime, UUID], limit: int
) -> list[tuple[UUID, RunOut]]:
    """Return up to `limit` runs of a schedule before a key of slot and run, the newest first, with their keys."""
    rows = session.execute(
        select(ScheduleRun, Operation)
        .outerjoin(Operation, Operation.run_id == ScheduleRun.id)
        .where(ScheduleRun.schedule_id == schedule.id, tuple_(ScheduleRun.slot, ScheduleRun.id) < tuple_(*before))
        .order_by(ScheduleRun.slot.desc(), ScheduleRun.id.desc())
        .limit(limit)
    )
    return [(run.id, _run_out(run, operation)) for run, operation in rows]


def _last_runs(session: Session, schedules: Collection[UUID]) -> dict[UUID, RunOut]:
    number = func.row_number().over(partition_by=ScheduleRun.schedule_id, order_by=ScheduleRun.slot.desc())
    ranked = select(ScheduleRun, number.label("number")).where(ScheduleRun.schedule_id.in_(schedules)).subquery()
    last = aliased(ScheduleRun, ranked)
    rows = session.execute(
        select(last, Operation).outerjoin(Operation, Operation.run_id == last.id).where(ranked.c.number == 1)
    )
    return {run.schedule_id: _run_out(run, operation) for run, operation in rows}


def _run_out(run: ScheduleRun, operation: Operation | None) -> RunOut:
    return RunOut(
        slot=run.slot,
        fired_at=run.fired_at,
        manual=run.manual,
        operation=None if operation is None else operation.id,
        state=None if operation is None else operation.state,
        code=None if operation is None else operation.code,
        text=None if operation is None else text_of(operation),
    )
