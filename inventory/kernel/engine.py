"""One engine per database URL, SQLite (embedded) or PostgreSQL, and the only two ways to open a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from random import uniform
from select import POLLIN, poll
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from inventory.kernel.actor import Actor
from inventory.kernel.audit import WritingSession
from inventory.kernel.base import Base
from inventory.kernel.clock import CLOCK, Clock, system_clock
from inventory.kernel.errors import NotReady
from inventory.kernel.scope import ACTOR, ScopedSession
from inventory.kernel.texts import gettext as _

_BUSY_TIMEOUT_MS = 30_000
_REST_S = 30.0
_WRITES = "fieldops_writes"
_DEADLOCK_STATES = ("40P01", "40001")
ATTEMPTS = 6
"""How often a unit of work is tried that meets a deadlock."""
_PAUSE_S = 0.03

Outcome = TypeVar("Outcome")


def open_engine(url: str) -> Engine:
    """Return an engine for `url`; creates the folder of a SQLite file, but not the schema.

    Raises NotReady when that folder cannot be made, or the driver of PostgreSQL is not installed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_folder(Path(parsed.database).parent)
        engine = create_engine(parsed, hide_parameters=True)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(parsed, hide_parameters=True)
    except ImportError:
        raise NotReady(
            _("The driver of PostgreSQL is missing; install fieldops with the extra “postgres”"), code="no_driver"
        ) from None
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ping_doubtful)
    return engine


def reading(engine: Engine, actor: Actor) -> Session:
    """Return a session, to be closed, on one snapshot of what the actor may see; nothing that it does is kept."""
    return ScopedSession(_for_reading(engine), info={ACTOR: actor})


@contextmanager
def writing(engine: Engine, actor: Actor, *, clock: Clock = system_clock) -> Iterator[Session]:
    """Open the actor's unit of work of one request, command or operation: committed once at its end, or not at all.

    What it changes is written to the audit trail in the same transaction, with the instant of `clock`.
    """
    with WritingSession(_for_writing(engine), info={ACTOR: actor, CLOCK: clock}) as session, session.begin():
        yield session


@lru_cache(maxsize=16)
def _for_reading(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


@lru_cache(maxsize=16)
def _for_writing(engine: Engine) -> Engine:
    return engine.execution_options(**{_WRITES: True})


def unit_of_work(
    engine: Engine, actor: Actor, work: Callable[[Session], Outcome], *, clock: Clock = system_clock
) -> Outcome:
    """Do `work` in a unit of work and return its outcome; when the database chose it to break a deadlock, again.

    Six times at most, after ever longer pauses: whoever takes locks in the one order meets a deadlock only by accident,
    and what does two use cases of the same kind in one transaction, in whatever order it was asked, meets several in a
    row where many want the same.
    """
    for attempt in range(ATTEMPTS - 1):
        try:
            with writing(engine, actor, clock=clock) as session:
                return work(session)
        except DBAPIError as error:
            if not is_deadlock(error):
                raise
        sleep(pause_s(attempt))
    with writing(engine, actor, clock=clock) as session:
        return work(session)


def pause_s(attempt: int) -> float:
    """Return how long to wait, in seconds, after the attempt of that number, from 0: by chance, so that rivals part."""
    return uniform(0, _PAUSE_S * 2**attempt)  # noqa: S311 - spreads retries, guards no secret


def is_deadlock(error: DBAPIError) -> bool:
    """Tell whether the database ended the transaction for others' sake, so that the same again may succeed."""
    return getattr(error.orig, "sqlstate", None) in _DEADLOCK_STATES


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


def _note_rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = monotonic()


def _ping_doubtful(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Ask a connection whether it lives where that is in doubt; to ask each time would cost a tenth of a short request.

    In doubt are those that rested for long, and those that the server has said something to meanwhile: its goodbye.
    """
    rested_s = monotonic() - record.info.get("rests_since", monotonic())
    try:
        heard = poll()
        heard.register(connection.fileno(), POLLIN)
        if heard.poll(0) or rested_s > _REST_S:
            connection.execute("")
            connection.rollback()
    except Exception as gone:
        raise DisconnectionError from gone


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that starts to write later fails at once when another writer came first, whatever
    # the busy timeout; taking the write lock at the start waits for it instead.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
