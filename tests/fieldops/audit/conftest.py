"""A database whose audit trail is sealed, and the ways of somebody with every right on it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from fieldops.audit.queries import verify
from fieldops.audit.schemas import Head, Verdict
from fieldops.audit.service import seal
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import record
from inventory.kernel.engine import reading, unit_of_work, writing
from tests.conftest import NOW


@pytest.fixture
def trail(any_engine: Engine) -> Engine:
    """Ten sealed rows."""
    add_rows(any_engine, 10)
    assert sealed_now(any_engine) == 10
    return any_engine


def add_rows(engine: Engine, count: int) -> None:
    """Write rows to the trail, by use."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        for number in range(count):
            record(session, "tested", "thing", f"T-{number}", before={"n": number}, after={"n": number + 0.5})


def sealed_now(engine: Engine) -> int:
    """Seal what is not sealed."""
    return unit_of_work(engine, SYSTEM, lambda session: seal(session, NOW))


def verdict(engine: Engine, head: Head | None = None) -> Verdict:
    """Verify the chain."""
    with reading(engine, SYSTEM) as session:
        return verify(session, head)
