"""A process notices at once what another one commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine

from fieldops.events import wakeups
from fieldops.events.wakeups import commits
from tests.fieldops.events.serving import happen, happen_elsewhere


@pytest.mark.parametrize("happens", [happen, happen_elsewhere])
def test_a_commit_ends_the_wait(any_engine: Engine, happens: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "LONGEST_WAIT_S", 600.0)
    stop = Event()
    with ThreadPoolExecutor(1) as threads, commits(any_engine, stop) as wait:
        waiting = threads.submit(wait)
        assert callable(happens)
        happens(any_engine, "a")
        waiting.result(timeout=60)


def test_a_wait_holds_no_connection_of_the_pool(any_engine: Engine) -> None:
    with commits(any_engine, Event()):
        assert any_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_wait_without_news_ends(any_engine: Engine) -> None:
    with commits(any_engine, Event()) as wait:
        wait()
