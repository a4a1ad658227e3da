"""However an operation ends, its state is right, its text says what to do, and what it had found is kept."""

from __future__ import annotations

import os
from contextlib import suppress
from gettext import NullTranslations
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fieldops.operations import processes, supervising
from fieldops.operations.ends import stage_of, text_of
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import OutboxEvent
from inventory.kernel.texts import speaking
from tests.faults.kinds import kinds
from tests.faults.working import ask, cancel, ended, incumbent, told, until, working

FAILED, OUT_OF_MEMORY = OperationState.FAILED, OperationState.OUT_OF_MEMORY


class Shouting(NullTranslations):
    """A language of capital letters, in which values keep their names."""

    def gettext(self, message: str) -> str:
        """Return the text in that language."""
        return "".join(part if part.startswith("{") else part.upper() for part in _parts(message))


def _parts(message: str) -> list[str]:
    return message.replace("{", "\0{").replace("}", "}\0").split("\0")


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE_S", 1.0)


def _shouted(operation: Operation) -> str | None:
    with speaking(Shouting()):
        return text_of(operation)


def test_a_result_comes_back_as_its_actor_asked_for_it(any_engine: Engine) -> None:
    with working(any_engine):
        key = ask(any_engine, "double", number=21)
        operation = ended(any_engine, key)
    assert (operation.state, operation.code) == (OperationState.DONE, None)
    assert operation.result == {"twice": 42, "by": "system", "id": str(key)}
    assert (operation.stage, operation.done, operation.total) == ("Doubling", 1, 1)
    assert text_of(operation) is None


def test_start_and_end_are_told_as_events(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "double", number=1)
        ended(engine, key)
    with reading(engine, SYSTEM) as session:
        events = session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
    assert {(event.kind, event.audience, event.payload["operation"]) for event in events} == {
        ("operation.changed", "-", str(key))
    }
    states = [event.payload["state"] for event in events]
    assert (states[0], states[-1]) == ("running", "done")


@pytest.mark.parametrize(
    ("kind", "state", "code", "text", "found"),
    [
        ("refuse", FAILED, "plan_stale", "Stock of P-1 at XIY was taken", None),
        ("refuse_oddly", FAILED, "costs", "It costs 1,234.50", None),
        ("greedy", OUT_OF_MEMORY, "out_of_memory", "more memory than the 1024 MiB", {"objective": 2}),
        ("abort_for_memory", OUT_OF_MEMORY, "out_of_memory", "have an administrator raise the limit", None),
        ("killed", OUT_OF_MEMORY, "out_of_memory", "or than the machine has", {"objective": 3}),
        ("vanish", FAILED, "crashed", "fault in the program (exit status 3)", None),
        ("hang_up", FAILED, "crashed", "fault in the program (SIGKILL)", None),
        ("break_off", FAILED, "crashed", "fault in the program (ZeroDivisionError)", None),
    ],
)
def test_an_end_by_itself(
    engine: Engine, kind: str, state: OperationState, code: str, text: str, found: dict[str, Any] | None
) -> None:
    with working(engine):
        operation = ended(engine, ask(engine, kind))
    assert (operation.state, operation.code, operation.result) == (state, code, None)
    assert text in (text_of(operation) or "")
    assert operation.incumbent == found


def test_texts_are_in_the_language_of_the_reader(engine: Engine) -> None:
    with working(engine):
        stale, lost = ask(engine, "refuse"), ask(engine, "vanish")
        assert _shouted(ended(engine, stale)) == (
            "STOCK OF P-1 AT XIY WAS TAKEN WHILE THE PLAN WAS MADE; MAKE THE PLAN AGAIN"
        )
        assert "FAULT IN THE PROGRAM (exit status 3)" in (_shouted(ended(engine, lost)) or "")
        double = ended(engine, ask(engine, "double", number=1))
    with speaking(Shouting()):
        assert stage_of(double) == "DOUBLING"


def test_what_is_cancelled_stops_by_itself_and_keeps_what_it_found(any_engine: Engine) -> None:
    with working(any_engine):
        key = ask(any_engine, "wait")
        assert incumbent(any_engine, key) == {"objective": 7.5, "bound": 5}
        cancel(any_engine, key)
        operation = ended(any_engine, key)
    assert (operation.state, operation.code) == (OperationState.CANCELLED, "cancelled")
    assert operation.incumbent == {"objective": 7.5, "bound": 5}
    assert "submit it again" in (text_of(operation) or "")


def test_progress_is_told_every_few_seconds_at_most(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "wait")
        incumbent(engine, key)
        cancel(engine, key)
        ended(engine, key)
    with reading(engine, SYSTEM) as session:
        events = session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
    assert [event.payload["state"] for event in events] == ["running", "cancelled"]


def test_progress_is_told_while_it_runs(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_TELL_S", 0.0)
    with working(engine):
        key = ask(engine, "wait")
        incumbent(engine, key)
        cancel(engine, key)
        ended(engine, key)
    with reading(engine, SYSTEM) as session:
        events = session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
    stages = [(event.payload["state"], event.payload["stage"]) for event in events]
    assert stages == [("running", None), ("running", "Waiting"), ("cancelled", "Waiting")]


def test_what_was_done_is_done_although_somebody_cancelled_it_meanwhile(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "finish_although_asked")
        until(lambda: told(engine, key).stage)
        cancel(engine, key)
        operation = ended(engine, key)
    assert (operation.state, operation.result) == (OperationState.DONE, {"best": 3})


@pytest.mark.parametrize("kind", ["wait", "deaf"])
def test_what_takes_too_long_is_ended_and_keeps_what_it_found(engine: Engine, kind: str) -> None:
    with working(engine, kinds(limit_s=6.0)):  # within which a busy machine starts a process
        operation = ended(engine, ask(engine, kind))
    assert (operation.state, operation.code) == (OperationState.TIMED_OUT, "timed_out")
    assert "longer than 6 seconds" in (text_of(operation) or "")
    assert operation.incumbent is not None


def test_what_does_not_stop_is_killed_with_all_that_it_started(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "deaf")
        group = incumbent(engine, key)["group"]
        cancel(engine, key)
        assert ended(engine, key).state is OperationState.CANCELLED
    for process in group:
        until(lambda process=process: not alive(process))  # type: ignore[misc]


def test_of_a_stream_of_results_the_row_gets_the_last_and_few_between(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "stream")
        operation = ended(engine, key)
    assert operation.incumbent == {"objective": 1}
    with reading(engine, SYSTEM) as session:
        assert len(session.scalars(select(OutboxEvent)).all()) < 20


def test_a_worker_that_ends_gives_back_what_it_runs_and_the_next_one_goes_on(engine: Engine) -> None:
    with working(engine):
        key = ask(engine, "wait")
        incumbent(engine, key)
    operation = told(engine, key)
    assert (operation.state, operation.worker, operation.attempts) == (OperationState.QUEUED, None, 0)
    assert operation.incumbent is not None
    with working(engine):
        until(lambda: told(engine, key).state is OperationState.RUNNING)
        cancel(engine, key)
        assert ended(engine, key).state is OperationState.CANCELLED


def alive(process: int) -> bool:
    """Tell whether a process is there."""
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False
