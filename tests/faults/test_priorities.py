"""What somebody waits for never waits behind a long plan."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from fieldops.operations.lifecycle import claim
from inventory.kernel.clock import system_clock
from inventory.kernel.operations import OperationState, Urgency
from tests.faults.working import as_submitted, ask, cancel, ended, told, until, working


def test_the_most_urgent_is_taken_first_then_the_oldest(any_engine: Engine) -> None:
    wanted = [Urgency.NETWORK, Urgency.INTERACTIVE, Urgency.AOG, Urgency.INTERACTIVE, Urgency.SCHEDULED]
    keys = [ask(any_engine, "wait", urgency=urgency) for urgency in wanted]
    taken = [claim(any_engine, "w", ["wait"], Urgency.NETWORK, system_clock, as_submitted) for _key in keys]
    assert [one.id for one in taken if one] == [keys[2], keys[1], keys[3], keys[4], keys[0]]


def test_a_worker_leaves_kinds_that_it_does_not_know_to_others(engine: Engine) -> None:
    ask(engine, "of another version")
    assert claim(engine, "w", ["wait"], Urgency.NETWORK, system_clock, as_submitted) is None


def test_network_plans_leave_a_slot_for_an_aircraft_on_ground(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    mark = tmp_path / "mark"
    with working(engine, workers=3):
        plans = [
            ask(engine, "wait_for_file", urgency=Urgency.NETWORK, mark=str(mark), file=str(file))
            for _number in range(4)
        ]
        until(lambda: told(engine, plans[1]).stage)
        assert ended(engine, ask(engine, "double", urgency=Urgency.AOG, number=1)).result is not None
        assert [told(engine, plan).state for plan in plans] == ["running", "running", "queued", "queued"]
        file.touch()
        for plan in plans:
            assert ended(engine, plan).state is OperationState.DONE


def test_what_is_urgent_may_have_every_slot(engine: Engine) -> None:
    with working(engine, workers=2):
        both = [ask(engine, "wait") for _number in range(2)]
        for key in both:
            until(lambda key=key: told(engine, key).stage)  # type: ignore[misc]
        for key in both:
            cancel(engine, key)
            ended(engine, key)
