"""Which of the other jobs an option displaces, and which it only shifts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from fieldops.planning.desk.ranking import become
from optimizer.dispatch.live.answers import Moved, Option


def _moved(job: str, later_s: float) -> Moved:
    return Moved(job, ("T-1",), 0.0, ("T-1",), later_s)


def test_a_job_that_begins_much_later_is_displaced_and_one_that_is_shifted_a_little_is_moved() -> None:
    pushed: Any = SimpleNamespace(
        displaced=(), moved=(_moved("J-1", 90_000.0), _moved("J-2", 600.0), _moved("A-1", 60.0))
    )
    displaced, moved = become(cast(Option, pushed), ["A-1"])
    assert ([one.job for one in displaced], [one.job for one in moved]) == (["J-1"], ["J-2"])
