"""Workers that are killed: what they ran goes on elsewhere, once, and what they started ends with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, func, select

from fieldops.operations.ends import text_of
from fieldops.operations.lifecycle import LOST_AFTER, Lost, Told, claim, keep, recover
from fieldops.operations.models import WorkerLease
from fieldops.operations.schemas import NewSchedule
from fieldops.operations.service import add_schedules
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.operations import Operation, OperationState, ScheduleRun, Urgency
from tests.conftest import NOW
from tests.faults.racer import START
from tests.faults.working import as_submitted, ask, cancel, ended, told, until, working
from tests.rivals import at_once

LATER = NOW + LOST_AFTER + timedelta(seconds=1)


@contextmanager
def program(module: str, engine: Engine, *arguments: str) -> Iterator[Popen[str]]:
    """Run a program of this folder on a database, until it has said that it is ready; it is killed in the end."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", f"tests.faults.{module}", url, *arguments]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline()
            yield running
        finally:
            running.kill()


def _is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_an_operation_of_a_killed_worker_ends_and_is_run_once_more_by_another(
    any_engine: Engine, tmp_path: Path
) -> None:
    mark, file = tmp_path / "mark", tmp_path / "file"
    with program("program", any_engine) as worker:
        key = ask(any_engine, "wait_for_file", mark=str(mark), file=str(file))
        first = until(lambda: mark.read_text().split() if mark.exists() else None)
        until(lambda: told(any_engine, key).stage)
        worker.kill()
        worker.wait()
    until(lambda: _is_gone(int(first[0])))
    assert told(any_engine, key).state is OperationState.RUNNING
    _silent_for(any_engine, key, LOST_AFTER)
    with working(any_engine), working(any_engine):
        until(lambda: len(mark.read_text().split()) == 2)
        file.touch()
        operation = ended(any_engine, key)
    assert (operation.state, operation.attempts, operation.result) == (OperationState.DONE, 2, {"done": True})
    assert len(mark.read_text().split()) == 2


def _silent_for(engine: Engine, key: object, silence: timedelta) -> None:
    """Make it as if the worker of an operation had been silent for so long, instead of waiting."""
    with writing(engine, SYSTEM) as session:
        session.execute(delete(WorkerLease))
        operation = session.get_one(Operation, key)
        operation.heartbeat_at = system_clock() - silence


def test_an_operation_that_loses_worker_after_worker_is_given_up(any_engine: Engine) -> None:
    key = ask(any_engine, "wait")
    for attempt in (1, 2, 3):
        assert claim(any_engine, f"worker-{attempt}", ["wait"], Urgency.NETWORK, lambda: NOW, as_submitted) is not None
        assert recover(any_engine, lambda: NOW + LOST_AFTER) == 0
        assert recover(any_engine, lambda: LATER) == 1
    operation = told(any_engine, key)
    assert (operation.state, operation.code, operation.ended_at) == (OperationState.FAILED, "worker_lost", LATER)
    assert "lost 3 times" in (text_of(operation) or "")


def test_an_operation_that_was_to_be_cancelled_ends_with_its_lost_worker(engine: Engine) -> None:
    key = ask(engine, "wait")
    claim(engine, "lost", ["wait"], Urgency.NETWORK, lambda: NOW, as_submitted)
    cancel(engine, key)
    recover(engine, lambda: LATER)
    assert told(engine, key).state is OperationState.CANCELLED


def test_a_worker_that_was_taken_for_lost_can_write_nothing_more(engine: Engine) -> None:
    key = ask(engine, "wait")
    claim(engine, "slow", ["wait"], Urgency.NETWORK, lambda: NOW, as_submitted)
    recover(engine, lambda: LATER)
    for state in (OperationState.QUEUED, OperationState.RUNNING):
        assert told(engine, key).state is state
        with pytest.raises(Lost):
            keep(engine, "slow", key, Told(incumbent={"objective": 1}), lambda: LATER, tell=False)
        claim(engine, "other", ["wait"], Urgency.NETWORK, lambda: LATER, as_submitted)
    assert told(engine, key).incumbent is None


def test_two_workers_never_take_the_same_operation(any_engine: Engine) -> None:
    asked = {ask(any_engine, "wait") for _number in range(12)}

    def take(number: int) -> list[UUID]:
        mine = []
        while one := claim(any_engine, f"worker-{number}", ["wait"], Urgency.NETWORK, lambda: NOW, as_submitted):
            mine.append(one.id)
        return mine

    taken = [key for keys in at_once(4, take) for key in keys]
    assert (len(taken), set(taken)) == (len(asked), asked)


@pytest.mark.parametrize(
    ("database", "racers", "slots"),
    [
        ("engine", 3, 40),
        pytest.param("postgres_engine", 8, 200, marks=pytest.mark.postgres),
    ],
)
def test_every_slot_runs_once_whoever_races_for_it_and_dies(
    request: pytest.FixtureRequest, database: str, racers: int, slots: int
) -> None:
    engine: Engine = request.getfixturevalue(database)
    schedule = NewSchedule(name="often", kind="double", parameters={}, cron="* * * * *", time_zone="UTC")
    with writing(engine, SYSTEM) as session:
        add_schedules(session, SYSTEM, [schedule], START)
    processes = [program("racer", engine, str(slots)) for _number in range(racers)]
    led = _race(processes, killed_at=slots // 3)
    with reading(engine, SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(ScheduleRun)) == slots
        of_runs = select(func.count(), func.count(Operation.run_id.distinct())).select_from(Operation)
        assert session.execute(of_runs).one() == (slots, slots)
    if database == "postgres_engine":  # a lease runs on for longer than this takes
        assert led


def _race(processes: Sequence[AbstractContextManager[Popen[str]]], killed_at: int) -> bool:
    """Start all at once, kill the first, which leads, when it is part of the way, and let the others arrive.

    Returns whether one of them led in the end.
    """
    with ExitStack() as stack:
        racers = [stack.enter_context(one) for one in processes]
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        assert racers[0].stdout is not None
        passed = next(line for line in racers[0].stdout if line.split()[0] == str(killed_at))
        racers[0].kill()
        assert passed == f"{killed_at} leads\n"
        led = False
        for racer in racers[1:]:
            lines, _errors = racer.communicate()
            assert racer.returncode == 0
            led |= lines.endswith("leads\n")
        return led


def test_the_process_of_an_operation_leads_a_group_of_its_own(engine: Engine, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with working(engine):
        key = ask(engine, "wait", mark=str(mark))
        (process,) = until(lambda: mark.read_text().split() if mark.exists() else None)
        assert os.getpgid(int(process)) == int(process) != os.getpgid(0)
        cancel(engine, key)
        ended(engine, key)
