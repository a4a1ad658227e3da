"""A worker that leads: schedules and chores get done, also when one of them fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules
from fieldops.operations.worker import Worker
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState
from tests.faults.kinds import kinds
from tests.faults.working import settings_of, until


def test_a_worker_runs_what_was_missed_and_does_its_chores(any_engine: Engine) -> None:
    nightly = NewSchedule(
        name="nightly", kind="double", parameters={"number": 4}, cron="0 3 * * *", time_zone="Asia/Shanghai"
    )
    with writing(any_engine, SYSTEM) as session:
        add_schedules(session, SYSTEM, [nightly], system_clock() - timedelta(days=3))
    done = Event()

    def fails(_session: Session, _now: datetime) -> None:
        raise ZeroDivisionError

    worker = Worker(any_engine, settings_of(any_engine), kinds(), chores=[fails, lambda _session, _now: done.set()])
    worker.start()
    try:
        assert done.wait(60)
        (operation,) = until(lambda: _ended(any_engine))
    finally:
        worker.stop()
    assert operation.result is not None
    assert (operation.state, operation.result["twice"]) == (OperationState.DONE, 8)


def _ended(engine: Engine) -> list[Operation]:
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(Operation).where(Operation.ended_at.is_not(None))))
        session.expunge_all()
        return found
