"""How a process notices that another one committed: NOTIFY on PostgreSQL, the version of the data on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from sqlalchemy import Engine

from inventory.kernel.outbox import CHANNEL

LONGEST_WAIT_S = 0.5
"""After which a wait ends by itself: a wake-up that was lost costs no more."""
_POLL_S = 0.1

Wait = Callable[[], None]


@contextmanager
def commits(engine: Engine, stop: Event) -> Iterator[Wait]:
    """Open a connection of its own outside the pool; yields what waits for a commit, or until `stop` is set.

    Raises the driver's own errors when the connection breaks.
    """
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        connection.detach()
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
            driver.execute(f"LISTEN {CHANNEL}")
            yield _notifications(driver)
        else:
            yield _versions(driver, stop)
    finally:
        connection.close()


def _notifications(driver: Any) -> Wait:
    def wait() -> None:
        for _heard in driver.notifies(timeout=LONGEST_WAIT_S, stop_after=1):
            pass

    return wait


def _versions(driver: Any, stop: Event) -> Wait:
    def version() -> int:
        return int(driver.execute("PRAGMA data_version").fetchone()[0])

    seen = version()

    def wait() -> None:
        nonlocal seen
        for _poll in range(round(LONGEST_WAIT_S / _POLL_S)):
            if stop.wait(_POLL_S):
                return
            if (now := version()) != seen:
                seen = now
                return

    return wait
