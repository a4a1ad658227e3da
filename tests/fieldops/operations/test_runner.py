"""The scheduler, with real child processes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED
from sqlalchemy import Engine
from structlog.testing import capture_logs

from fieldops.operations import runner as running
from fieldops.operations.models import Schedule
from fieldops.operations.runner import Runner
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW


def _schedule(engine: Engine, **changes: object) -> Schedule:
    """Put a schedule into the table, past the checks of the use case."""
    plain = {
        "name": "morning",
        "arguments": ["plan", "day", "--date", "2026-03-02"],
        "cron": "0 5 * * *",
        "time_zone": "Asia/Shanghai",
        "enabled": True,
    }
    schedule = Schedule(**(plain | changes))
    with writing(engine) as session:
        session.add(schedule)
        session.flush()
        session.expunge(schedule)
    return schedule


def _recorded(engine: Engine, schedule: Schedule) -> tuple[datetime | None, int | None]:
    with reading(engine) as session:
        now = session.get_one(Schedule, schedule.id)
        return now.last_started_at, now.last_exit_status


@pytest.fixture
def runner(engine: Engine) -> Iterator[Runner]:
    """A runner that is stopped in the end."""
    runner = Runner(engine, engine.url.render_as_string(hide_password=False), lambda: NOW)
    yield runner
    runner.stop()


def test_a_plan_that_cannot_be_made_is_recorded_as_failed_with_its_reason(engine: Engine, runner: Runner) -> None:
    schedule = _schedule(engine)
    runner.start()
    with capture_logs() as log:
        runner.fire(schedule.id, schedule.name, schedule.arguments)
    assert _recorded(engine, schedule) == (NOW, 1)
    assert "central depot" in log[-1]["said"]


def test_the_scheduler_fires_by_itself_when_a_schedule_is_due(engine: Engine, runner: Runner) -> None:
    schedule = _schedule(engine)
    ended = Event()
    runner.start()
    runner._scheduler.add_listener(lambda _event: ended.set(), EVENT_JOB_EXECUTED)
    runner._scheduler.modify_job("morning", next_run_time=datetime.now(UTC))
    assert ended.wait(60)
    assert _recorded(engine, schedule) == (NOW, 1)


def test_a_schedule_that_is_switched_off_is_never_due(engine: Engine, runner: Runner) -> None:
    _schedule(engine, enabled=False)
    runner.start()
    assert runner.due() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"cron": "at dawn"},
        {"cron": "0 5 * * 9"},
        {"time_zone": "Mars/Olympus"},
        {"arguments": ["demo"]},
        {"arguments": []},
    ],
)
def test_a_schedule_that_cannot_be_followed_is_logged_and_the_others_run(
    engine: Engine, runner: Runner, wrong: dict[str, object]
) -> None:
    _schedule(engine, name="odd", **wrong)
    _schedule(engine)
    with capture_logs() as log:
        runner.start()
    assert runner.due() == ["morning"]
    assert [(one["log_level"], one["schedule"]) for one in log] == [("warning", "odd")]


@pytest.mark.parametrize(
    ("deaf", "ended_by"), [("", signal.SIGTERM), ("trap '' TERM", signal.SIGKILL)], ids=["obedient", "deaf"]
)
def test_a_child_ends_with_the_server(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: str, ended_by: signal.Signals
) -> None:
    pipe, script = tmp_path / "started", tmp_path / "program"
    os.mkfifo(pipe)
    script.write_text(f"#!/bin/sh\n{deaf}\necho started > '{pipe}'\nexec sleep 600\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(running, "_TERMINATE_S", 0.2)
    schedule = _schedule(engine)
    runner = Runner(engine, engine.url.render_as_string(hide_password=False), lambda: NOW)
    runner.start()
    thread = Thread(target=runner.fire, args=(schedule.id, schedule.name, schedule.arguments))
    thread.start()
    pipe.read_text()
    runner.stop()
    thread.join()
    assert _recorded(engine, schedule) == (NOW, -ended_by)
