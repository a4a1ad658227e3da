"""The one order in which rows are locked, so that no two transactions wait for each other."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

_TAKEN = "locks_taken"


class Lock(IntEnum):
    """What is locked, in the order in which it must be."""

    REGION = 0
    JOB = 1
    TECHNICIAN_DAY = 2
    STOCK = 3
    BUDGET_LINE = 4
    NUMBER = 5


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
