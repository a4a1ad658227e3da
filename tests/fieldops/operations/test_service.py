"""Keeping schedules, and what became of their runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from fieldops.operations.schemas import NewSchedule, ScheduleOut
from fieldops.operations.service import add_schedules, all_schedules, record_end, record_start
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from tests.conftest import NOW


def _schedule(name: str) -> NewSchedule:
    return NewSchedule(name=name, arguments=["plan", "day"], cron="0 5 * * 1-5", time_zone="Asia/Shanghai")


def _told(engine: Engine) -> list[ScheduleOut]:
    with reading(engine) as session:
        return [ScheduleOut.model_validate(one) for one in all_schedules(session)]


def test_schedules_are_read_by_name_with_their_last_run(any_engine: Engine) -> None:
    with writing(any_engine) as session:
        add_schedules(session, [_schedule("b"), _schedule("a")])
    assert [(one.name, one.enabled, one.last_started_at, one.last_exit_status) for one in _told(any_engine)] == [
        ("a", True, None, None),
        ("b", True, None, None),
    ]
    with reading(any_engine) as session:
        key = all_schedules(session)[1].id
    with writing(any_engine) as session:
        record_start(session, key, NOW)
        record_end(session, key, 1)
    assert [(one.last_started_at, one.last_exit_status) for one in _told(any_engine)] == [(None, None), (NOW, 1)]
    with writing(any_engine) as session:
        record_start(session, key, NOW + timedelta(days=1))
    assert (_told(any_engine)[1].last_started_at, _told(any_engine)[1].last_exit_status) == (
        NOW + timedelta(days=1),
        None,
    )


def test_a_name_is_taken_once(engine: Engine) -> None:
    with writing(engine) as session:
        add_schedules(session, [_schedule("a")])
    for names in ("ba", "bb"):
        with writing(engine) as session, pytest.raises(Conflict, match="exists already; choose another name"):
            add_schedules(session, [_schedule(name) for name in names])
    assert [one.name for one in _told(engine)] == ["a"]
