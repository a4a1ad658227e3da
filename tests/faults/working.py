"""Workers for tests: real ones, with kinds that go wrong, and a way to wait for what they write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.operations.registry import Kinds
from fieldops.operations.worker import Worker
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import system_clock
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.operations import Operation, Urgency, submit
from tests.faults.kinds import kinds

PATIENCE_S = 60

Seen = TypeVar("Seen")


def until(look: Callable[[], Seen | None]) -> Seen:
    """Return the first truth that `look` sees; fails when it sees none in a minute."""
    end = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)  # between two looks
    return seen


def as_submitted(_session: Session, operation: Operation) -> Actor:
    """Admit every operation as it was submitted."""
    return Actor.from_json(operation.acting)


def ask(
    engine: Engine, kind: str, *, urgency: int = Urgency.INTERACTIVE, by: Actor = SYSTEM, **parameters: Any
) -> UUID:
    """Submit an operation and return its key."""
    with writing(engine, SYSTEM) as session:
        return submit(session, by, kind, parameters, system_clock(), urgency=urgency).id


def told(engine: Engine, key: UUID) -> Operation:
    """Return an operation as it stands now."""
    with reading(engine, SYSTEM) as session:
        operation = session.get_one(Operation, key)
        session.expunge(operation)
        return operation


def ended(engine: Engine, key: UUID) -> Operation:
    """Wait for the end of an operation and return it."""
    return until(lambda: found if (found := told(engine, key)).ended_at else None)


def incumbent(engine: Engine, key: UUID) -> dict[str, Any]:
    """Wait for an operation's first result so far and return it."""
    return until(lambda: told(engine, key).incumbent)


def cancel(engine: Engine, key: UUID) -> None:
    """Ask for an operation's end, as the route does."""
    with writing(engine, SYSTEM) as session:
        session.get_one(Operation, key).cancel_requested = True


def settings_of(engine: Engine, **changes: Any) -> Settings:
    """Return the settings of a worker on a database."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings(database_url=url, network_memory_mb=1_024, **changes)


@contextmanager
def working(engine: Engine, registered: Kinds | None = None, **settings: Any) -> Iterator[Worker]:
    """Run a worker with an engine of its own."""
    own = open_engine(engine.url.render_as_string(hide_password=False))
    worker = Worker(own, settings_of(engine, **settings), registered or kinds(), as_submitted)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        own.dispose()


def all_operations(engine: Engine) -> list[Operation]:
    """Return every operation, in the order in which they began."""
    with reading(engine, SYSTEM) as session:
        found = list(session.scalars(select(Operation).order_by(Operation.started_at)))
        session.expunge_all()
        return found
