"""The one order in which rows are locked, so that no two transactions wait for each other."""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

_TAKEN = "locks_taken"


class Lock(IntEnum):
    """What is locked, in the order in which it must be."""

    REGION = 0
    JOB = 1
    TECHNICIAN_DAY = 2
    AIRCRAFT = 3
    STOCK = 4
    BUDGET_LINE = 5
    NUMBER = 6


def in_order(session: Session, lock: Lock) -> None:
    """Say that the transaction takes locks of a kind now; raises RuntimeError after a later kind was taken."""
    transaction = session.get_transaction()
    taken, during = session.info.get(_TAKEN, (Lock.REGION, None))
    if during is transaction and lock < taken:
        raise RuntimeError(f"{lock.name} is locked before {taken.name}, never after it")
    session.info[_TAKEN] = (lock, transaction)


def locked(session: Session, lock: Lock, query: Select[Any], **options: Any) -> list[Any]:
    """Return the rows of an ordered query, locked until the transaction ends."""
    in_order(session, lock)
    return list(session.scalars(query.with_for_update(**options)))


def locked_names(session: Session, lock: Lock, names: Collection[str]) -> None:
    """Keep others from what has one of these names until the transaction ends, also where no row of it exists yet.

    On SQLite writers wait for each other anyway.
    """
    in_order(session, lock)
    if not names or session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(
        int.from_bytes(sha256(f"{lock.name}\n{name}".encode()).digest()[:8], signed=True) for name in set(names)
    )
    key = func.unnest(cast(keys, ARRAY(BigInteger))).column_valued("key")
    # no rows are read, which is all that a session with a scope lets through
    session.connection().execute(select(func.pg_advisory_xact_lock(key)))
