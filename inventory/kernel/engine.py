"""One engine per database URL, SQLite (embedded) or PostgreSQL, and the only two ways to open a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inventory.kernel.base import Base
from inventory.kernel.errors import NotReady
from inventory.kernel.texts import gettext as _

_BUSY_TIMEOUT_MS = 30_000
_WRITES = "fieldops_writes"


def open_engine(url: str) -> Engine:
    """Return an engine for `url`; creates the folder of a SQLite file, but not the schema.

    Raises NotReady when that folder cannot be made, or the driver of PostgreSQL is not installed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_folder(Path(parsed.database).parent)
        engine = create_engine(parsed)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(parsed, pool_pre_ping=True)
    except ImportError:
        raise NotReady(
            _("The driver of PostgreSQL is missing; install fieldops with the extra “postgres”"), code="no_driver"
        ) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session on one consistent snapshot; nothing that it does is kept."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open the unit of work of one request, command or operation: committed once at its end, or not at all."""
    with Session(engine.execution_options(**{_WRITES: True})) as session, session.begin():
        yield session


def dialect_insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT into `table` that knows ON CONFLICT, which both databases spell alike."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise NotReady(
            _("The folder of the database cannot be made ({why}); choose another in FIELDOPS_DATABASE_URL").format(
                why=why.strerror
            ),
            code="no_folder",
        ) from None


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that starts to write later fails at once when another writer came first, whatever
    # the busy timeout; taking the write lock at the start waits for it instead.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
