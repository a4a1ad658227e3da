"""A worker that leads: schedules and chores get done, also when one of them fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from fieldops.events.delivering import deliver_webhooks
from fieldops.events.schemas import NewWebhook
from fieldops.events.service import add_webhook
from fieldops.operations import leader, worker
from fieldops.operations.lifecycle import claim, recover
from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import emit
from tests.conftest import NOW
from tests.faults.kinds import kinds
from tests.faults.working import as_submitted, ask, ended, settings_of, until
from tests.integrations.notify.receiver import receiving


def test_a_worker_runs_what_was_missed_and_does_its_chores(any_engine: Engine) -> None:
    nightly = NewSchedule(
        name="nightly", kind="double", parameters={"number": 4}, cron="0 3 * * *", time_zone="Asia/Shanghai"
    )
    with writing(any_engine, SYSTEM) as session:
        add_schedules(session, SYSTEM, [nightly], system_clock() - timedelta(days=3))
    done = Event()

    def fails(_session: Session, _now: datetime) -> None:
        raise ZeroDivisionError

    leading = worker.Worker(
        any_engine, settings_of(any_engine), kinds(), as_submitted, chores=[fails, lambda _session, _now: done.set()]
    )
    leading.start()
    try:
        assert done.wait(60)
        (operation,) = until(lambda: _ended(any_engine))
    finally:
        leading.stop()
    assert operation.result is not None
    assert (operation.state, operation.result["twice"]) == (OperationState.DONE, 8)


def _ended(engine: Engine) -> list[Operation]:
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(Operation).where(Operation.ended_at.is_not(None))))
        session.expunge_all()
        return found


def test_whatever_fails_the_leader_and_the_queue_go_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: set[str] = set()

    def once(name: str, works: Callable[..., Any]) -> Callable[..., Any]:
        def fails_first(*told: Any) -> Any:
            if name not in failed:
                failed.add(name)
                raise ZeroDivisionError
            return works(*told)

        return fails_first

    monkeypatch.setattr(leader, "recover", once("leader", recover))
    monkeypatch.setattr(worker, "claim", once("queue", claim))
    done = Event()
    with capture_logs() as log:
        working = worker.Worker(
            engine, settings_of(engine), kinds(), as_submitted, chores=[lambda _session, _now: done.set()]
        )
        working.start()
        try:
            assert ended(engine, ask(engine, "double", number=2)).state is OperationState.DONE
            assert done.wait(60)
        finally:
            working.stop()
    assert {one["event"] for one in log if one["log_level"] == "error"} == {"leader failed", "queue failed"}


def test_errands_go_on_beside_each_other_and_a_worker_that_ends_waits_for_none(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_ERRANDS_S", 0.01)
    begun, beside, stopped = Event(), Event(), Event()

    def endless(stopping: Callable[[], bool]) -> None:
        begun.set()
        until(stopping)
        stopped.set()

    def other(_stopping: Callable[[], bool]) -> None:
        begun.wait(60)
        beside.set()

    working = worker.Worker(engine, settings_of(engine), kinds(), as_submitted, errands=[endless, other])
    working.start()
    try:
        assert beside.wait(60)
        assert not stopped.is_set()
    finally:
        working.stop()
    assert stopped.is_set()


def test_no_delivery_is_begun_once_a_worker_ends(engine: Engine) -> None:
    with receiving() as receiver:
        with writing(engine, SYSTEM) as session:
            add_webhook(session, SYSTEM, NewWebhook(url=receiver.url), NOW)
            for _number in range(20):
                emit(session, "place.changed", {}, NOW)
        arrived = deliver_webhooks(engine, lambda: NOW, lambda: len(receiver.got) >= 3, private=True)
    assert arrived == len(receiver.got) == 3
