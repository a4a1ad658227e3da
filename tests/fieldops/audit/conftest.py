"""A database whose audit trail is sealed, and the ways of somebody with every right on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine

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


@contextmanager
def attacking(engine: Engine) -> Iterator[Connection]:
    """Open a transaction of somebody who may take every protection away, and does."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
            yield connection
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        else:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for table in ("audit_row", "audit_seal"):
                for what in ("UPDATE", "DELETE", "replace"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{what}")
            yield connection
        connection.commit()
