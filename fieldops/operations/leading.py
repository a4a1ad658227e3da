"""Which one of the workers leads: it fires the schedules and tidies up. A lock of the database decides.

Two leaders for a moment do no harm: what a schedule does is guarded by its unique slot.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from fieldops.operations.models import WorkerLease
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work

LEASE = timedelta(seconds=15)
_LOCK = 0x6669656C646F7073
"""The number of the advisory lock: “fieldops” in ASCII."""
_NAME = "leader"


class AdvisoryLeadership:
    """Leads while a PostgreSQL connection of its own holds the lock, which goes when the worker goes.

    A connection pooler that hands connections on between transactions would lose it; connect the worker directly.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Tell whether this worker leads, trying to if nobody does."""
        if self._connection is not None:
            try:
                self._connection.execute(select(1))
            except DBAPIError:
                self.give_up()
        if self._connection is None:
            self._try()
        return self._connection is not None

    def give_up(self) -> None:
        """Let another worker lead."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self) -> None:
        connection = self._engine.connect()
        try:
            if connection.execute(select(func.pg_try_advisory_lock(_LOCK))).scalar_one():
                connection.detach()  # back in the pool the session would keep the lock
                self._connection = connection
        finally:
            if self._connection is None:
                connection.close()


class LeaseLeadership:
    """Leads while a row says so, which must be renewed: for SQLite."""

    def __init__(self, engine: Engine, worker: str, clock: Clock) -> None:
        self._engine = engine
        self._worker = worker
        self._clock = clock

    def held(self) -> bool:
        """Tell whether this worker leads, trying to if nobody does."""
        with reading(self._engine, SYSTEM) as session:
            lease = session.get(WorkerLease, _NAME)
            now = self._clock()
            if lease is not None and lease.until > now:
                if lease.worker != self._worker:
                    return False
                if lease.until - now > LEASE / 2:
                    return True
        return unit_of_work(self._engine, SYSTEM, self._take, clock=self._clock)

    def give_up(self) -> None:
        """Let another worker lead."""
        unit_of_work(self._engine, SYSTEM, self._drop, clock=self._clock)

    def _take(self, session: Session) -> bool:
        lease, now = session.get(WorkerLease, _NAME), self._clock()
        if lease is not None and lease.worker != self._worker and lease.until > now:
            return False
        session.merge(WorkerLease(name=_NAME, worker=self._worker, until=now + LEASE))
        return True

    def _drop(self, session: Session) -> None:
        lease = session.get(WorkerLease, _NAME)
        if lease is not None and lease.worker == self._worker:
            session.delete(lease)


Leadership = AdvisoryLeadership | LeaseLeadership


def leadership(engine: Engine, worker: str, clock: Clock) -> Leadership:
    """Return the kind of leadership that the database can keep."""
    if engine.dialect.name == "postgresql":
        return AdvisoryLeadership(engine)
    return LeaseLeadership(engine, worker, clock)
