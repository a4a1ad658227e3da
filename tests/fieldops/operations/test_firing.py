"""Schedules: which slot is fired, by whom, and when nobody was there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine, select
from structlog.testing import capture_logs

from fieldops.operations.firing import Alarms, fire_due
from fieldops.operations.leading import LEASE, LeaseLeadership, leadership
from fieldops.operations.schemas import NewSchedule, ScheduleChange
from fieldops.operations.service import add_schedules, change_schedule, prune_operations, run_now
from inventory.kernel.actor import NETWORK, SYSTEM, Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState, Schedule, ScheduleRun, Urgency
from tests.conftest import NOW
from tests.rivals import at_once

MORNING = NewSchedule(
    name="morning", kind="plan.day", parameters={"seed": 4}, cron="0 5 * * *", time_zone="Asia/Shanghai"
)
FIVE = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
"""Five o'clock in Xi'an after NOW."""
DAY = timedelta(days=1)


def _add(engine: Engine, schedule: NewSchedule = MORNING, now: datetime = NOW) -> None:
    with writing(engine, SYSTEM) as session:
        add_schedules(session, SYSTEM, [schedule], now)


def _fire(engine: Engine, now: datetime) -> bool:
    with writing(engine, SYSTEM) as session:
        return fire_due(session, session.scalars(select(Schedule)).one(), now) is not None


def _change(engine: Engine, change: ScheduleChange, now: datetime) -> None:
    with writing(engine, SYSTEM) as session:
        change_schedule(session, SYSTEM, session.scalars(select(Schedule)).one(), change, now)


def _slots(engine: Engine) -> list[datetime]:
    with reading(engine, SYSTEM) as session:
        return list(session.scalars(select(ScheduleRun.slot).order_by(ScheduleRun.slot)))


def test_a_slot_is_fired_once_from_its_instant_on(any_engine: Engine) -> None:
    _add(any_engine)
    assert not _fire(any_engine, FIVE - timedelta(microseconds=1))
    assert _fire(any_engine, FIVE)
    assert not _fire(any_engine, FIVE)
    assert not _fire(any_engine, FIVE + timedelta(hours=23))
    assert _fire(any_engine, FIVE + DAY + timedelta(seconds=7))
    assert _slots(any_engine) == [FIVE, FIVE + DAY]


def test_what_a_schedule_submits_is_the_products_own_work(engine: Engine) -> None:
    _add(engine)
    _fire(engine, FIVE)
    with reading(engine, SYSTEM) as session:
        operation = session.scalars(select(Operation)).one()
        run = session.scalars(select(ScheduleRun)).one()
    assert (operation.kind, operation.parameters, operation.urgency) == ("plan.day", {"seed": 4}, Urgency.SCHEDULED)
    assert (operation.actor, operation.acting["origin"]) == ("system", "schedule morning")
    assert (operation.run_id, run.manual) == (run.id, False)


def test_what_somebodys_schedule_submits_is_his_and_for_its_region(engine: Engine) -> None:
    lin = Actor("lin", permissions=frozenset({"schedules.write", "plan.make"}), scope=NETWORK)
    with writing(engine, lin) as session:
        add_schedules(session, lin, [MORNING.model_copy(update={"parameters": {"region": "CN"}})], NOW)
    _fire(engine, FIVE)
    with reading(engine, SYSTEM) as session:
        operation = session.scalars(select(Operation)).one()
    assert (operation.actor, operation.region, operation.acting["origin"]) == ("lin", "CN", "schedule morning")


def test_of_the_slots_that_were_missed_only_the_latest_runs(any_engine: Engine) -> None:
    _add(any_engine)
    _fire(any_engine, FIVE)
    back = FIVE + 9 * DAY + timedelta(hours=3)
    assert _fire(any_engine, back)
    assert not _fire(any_engine, back)
    assert _slots(any_engine) == [FIVE, FIVE + 9 * DAY]


def test_a_schedule_misses_nothing_before_it_was_made_or_changed(engine: Engine) -> None:
    _add(engine, now=FIVE + timedelta(hours=1))
    assert not _fire(engine, FIVE + timedelta(hours=2))
    later = FIVE + 30 * DAY + timedelta(hours=1)
    _change(engine, ScheduleChange(cron="0 6 * * *"), later)
    assert not _fire(engine, later - timedelta(minutes=1))
    assert not _fire(engine, later)
    assert _fire(engine, later + DAY)


def test_a_run_by_hand_takes_no_slot_away(engine: Engine) -> None:
    _add(engine)
    with writing(engine, SYSTEM) as session:
        run_now(session, SYSTEM, session.scalars(select(Schedule)).one(), FIVE + timedelta(minutes=5))
    assert _fire(engine, FIVE + timedelta(minutes=6))
    assert _slots(engine) == [FIVE, FIVE + timedelta(minutes=5)]


@pytest.mark.postgres
def test_rivals_fire_a_slot_once(postgres_engine: Engine) -> None:
    _add(postgres_engine)
    assert sorted(at_once(8, lambda _number: _fire(postgres_engine, FIVE))) == [False] * 7 + [True]
    assert _slots(postgres_engine) == [FIVE]


@contextmanager
def _alarms(engine: Engine, now: datetime) -> Iterator[tuple[Alarms, Event]]:
    fired = Event()
    alarms = Alarms(engine, lambda: now, fired.set)
    try:
        alarms.refresh()
        yield alarms, fired
    finally:
        alarms.stop()


def test_who_begins_to_lead_fires_what_was_missed(engine: Engine) -> None:
    _add(engine)
    with _alarms(engine, FIVE + DAY) as (alarms, fired):
        assert fired.is_set()
        alarms.refresh()
        alarms.fire_all()
    assert _slots(engine) == [FIVE + DAY]


def test_an_alarm_goes_off_by_itself(engine: Engine) -> None:
    _add(engine)
    with _alarms(engine, NOW) as (alarms, fired):
        assert not fired.is_set()
        alarms._clock = lambda: FIVE
        (job,) = alarms._scheduler.get_jobs()
        alarms._scheduler.modify_job(job.id, next_run_time=system_clock())
        assert fired.wait(30)
    assert _slots(engine) == [FIVE]


def test_changes_are_followed(engine: Engine) -> None:
    _add(engine)
    with _alarms(engine, NOW) as (alarms, _fired):
        (before,) = alarms._scheduler.get_jobs()
        _change(engine, ScheduleChange(cron="30 6 * * *"), NOW)
        alarms.refresh()
        (after,) = alarms._scheduler.get_jobs()
        assert after.next_run_time != before.next_run_time
        _change(engine, ScheduleChange(enabled=False), NOW)
        alarms.refresh()
        assert alarms._scheduler.get_jobs() == []


@pytest.mark.parametrize("wrong", [{"cron": "at dawn"}, {"cron": "0 5 * * 9"}, {"time_zone": "Mars/Olympus"}])
def test_a_schedule_that_cannot_be_followed_is_logged_once_and_the_others_run(
    engine: Engine, wrong: dict[str, str]
) -> None:
    _add(engine)
    _add(engine, MORNING.model_copy(update={"name": "odd"} | wrong))
    with capture_logs() as log, _alarms(engine, FIVE) as (alarms, _fired):
        alarms.refresh()
        alarms.fire_all()
        assert len(alarms._scheduler.get_jobs()) == 1
    assert [one["schedule"] for one in log if one["log_level"] == "warning"] == ["odd"]
    assert _slots(engine) == [FIVE]


def test_one_worker_leads_until_it_gives_up(any_engine: Engine) -> None:
    first, second = (leadership(any_engine, name, lambda: NOW) for name in ("first", "second"))
    assert [first.held(), second.held(), first.held(), second.held()] == [True, False, True, False]
    first.give_up()
    assert [second.held(), first.held()] == [True, False]
    second.give_up()


def test_a_lease_runs_out_unless_it_is_renewed(engine: Engine) -> None:
    now = [NOW]
    first, second = (LeaseLeadership(engine, name, lambda: now[0]) for name in ("first", "second"))
    assert first.held()
    for _time in range(3):
        now[0] += LEASE * 0.7
        assert first.held()
        assert not second.held()
    now[0] += LEASE
    assert second.held()
    assert not first.held()
    first.give_up()
    assert second.held()


@pytest.mark.postgres
def test_a_leader_whose_connection_is_cut_leads_no_more(postgres_engine: Engine) -> None:
    first, second = (leadership(postgres_engine, name, lambda: NOW) for name in ("first", "second"))
    assert first.held()
    with postgres_engine.connect() as connection:
        # waits until the session is gone: until then it keeps the lock; and those of other databases are not ours
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    try:
        assert second.held()
        assert not first.held()
    finally:
        second.give_up()
        first.give_up()


def test_results_are_forgotten_after_thirty_days_but_not_what_ran_last(any_engine: Engine) -> None:
    _add(any_engine)
    for day in range(3):
        _fire(any_engine, FIVE + day * DAY)
    with writing(any_engine, SYSTEM) as session:
        operations = list(session.scalars(select(Operation).order_by(Operation.submitted_at)))
        last = operations[2].id
        for operation in operations[:2]:
            operation.state, operation.ended_at = OperationState.DONE, operation.submitted_at
    with writing(any_engine, SYSTEM) as session:
        prune_operations(session, FIVE + 30 * DAY)
    assert _slots(any_engine) == [FIVE, FIVE + DAY, FIVE + 2 * DAY]
    with writing(any_engine, SYSTEM) as session:
        prune_operations(session, FIVE + 30 * DAY + timedelta(seconds=1))
    assert _slots(any_engine) == [FIVE + DAY, FIVE + 2 * DAY]
    with writing(any_engine, SYSTEM) as session:
        prune_operations(session, FIVE + 400 * DAY)
        left = session.scalars(select(Operation.id)).all()
    # what has not ended stays, and so does the run that tells which slots have been
    assert left == [last]
    assert _slots(any_engine) == [FIVE + 2 * DAY]
