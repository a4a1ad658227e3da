"""Use cases of long and unattended work: cancel an operation, keep schedules, run one now, forget old results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, aliased

from fieldops.operations.ends import End
from fieldops.operations.lifecycle import ended
from fieldops.operations.schemas import NewSchedule, ScheduleChange
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.operations import Operation, OperationState, Schedule, ScheduleRun, Urgency, submit
from inventory.kernel.outbox import NETWORK_ONLY
from inventory.kernel.texts import gettext as _

KEPT = timedelta(days=30)
"""How long the result of an operation is kept."""

_OPEN = (OperationState.QUEUED, OperationState.RUNNING)


def cancel(session: Session, actor: Actor, operation: Operation, now: datetime) -> None:
    """End a queued operation, or ask a running one to stop; one that was cancelled before stays so.

    Raises Forbidden for another's operation outside the actor's regions, Conflict for one that has ended otherwise.
    """
    if operation.actor != actor.id:
        actor.require_region(operation.region)
    session.refresh(operation, with_for_update=True)
    if operation.state is OperationState.QUEUED:
        ended(session, operation, End(OperationState.CANCELLED, code="cancelled"), now)
    elif operation.state is OperationState.RUNNING:
        operation.cancel_requested = True
    elif operation.state is not OperationState.CANCELLED:
        raise Conflict(_("The operation has ended already; there is nothing to cancel"), code="operation_ended")
    session.flush()


def add_schedules(session: Session, actor: Actor, schedules: Sequence[NewSchedule], now: datetime) -> list[Schedule]:
    """Add schedules of the actor's, in force from now on; raises Conflict for a name that exists."""
    refuse_taken(session, Schedule.name, (one.name for one in schedules), _name_exists)
    added = [Schedule(**one.model_dump(), owner=actor.id, effective_from=now) for one in schedules]
    session.add_all(added)
    session.flush()
    return added


def change_schedule(session: Session, actor: Actor, schedule: Schedule, change: ScheduleChange, now: datetime) -> None:
    """Change a schedule, which is the actor's from now on; slots that passed before are not missed by it."""
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(schedule, name, value)
    schedule.owner = actor.id
    schedule.effective_from = now
    session.flush()


def region_of(schedule: Schedule) -> str:
    """Return the region that a schedule's work is for."""
    return schedule.parameters.get("region") or NETWORK_ONLY


def run_now(session: Session, actor: Actor, schedule: Schedule, now: datetime) -> Operation:
    """Submit the work of a schedule at once, beside its slots; raises Conflict for the second at the same instant."""
    taken = select(ScheduleRun.id).where(ScheduleRun.schedule_id == schedule.id, ScheduleRun.slot == now)
    if session.scalar(taken) is not None:
        raise Conflict(_("The schedule was run at this very moment; look at its runs"), code="already_run")
    run = ScheduleRun(schedule_id=schedule.id, slot=now, fired_at=now, manual=True)
    session.add(run)
    session.flush()
    return submit(
        session,
        actor,
        schedule.kind,
        schedule.parameters,
        now,
        region=region_of(schedule),
        urgency=Urgency.SCHEDULED,
        run_id=run.id,
    )


def prune_operations(session: Session, now: datetime) -> None:
    """Forget operations that ended longer than KEPT ago, and runs of schedules but the last of each."""
    old = delete(Operation).where(Operation.state.not_in(_OPEN), Operation.ended_at < now - KEPT)
    session.execute(old.execution_options(synchronize_session=False))
    later = aliased(ScheduleRun)
    followed = exists().where(
        later.schedule_id == ScheduleRun.schedule_id, later.slot > ScheduleRun.slot, later.manual.is_(False)
    )
    kept = exists().where(Operation.run_id == ScheduleRun.id)
    runs = delete(ScheduleRun).where(ScheduleRun.fired_at < now - KEPT, followed, ~kept)
    session.execute(runs.execution_options(synchronize_session=False))


def _name_exists(name: str) -> Conflict:
    return Conflict(
        _("A schedule {name} exists already; choose another name").format(name=name), code="schedule_exists"
    )
