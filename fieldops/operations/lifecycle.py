"""From queued to an end: how workers take operations, keep what they tell, and follow one that was lost.

Every change is guarded by who runs the operation, so that two workers never both believe that it is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from fieldops.operations.ends import End
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import emit

ATTEMPTS = 3
"""How many workers may be lost with an operation before it is given up."""
LOST_AFTER = timedelta(seconds=30)
"""A worker that was not heard of for so long is lost."""


Admit = Callable[[Session, Operation], Actor | None]
"""Tells who an operation runs as, None where nobody may have it done any more."""


class Lost(Exception):
    """The operation is not this worker's any more."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An operation that a worker has taken."""

    id: UUID
    kind: str
    acting: dict[str, Any]
    parameters: dict[str, Any]
    urgency: int
    region: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a running operation told last."""

    stage: str | None = None
    done: int = 0
    total: int = 0
    incumbent: dict[str, Any] | None = None


def claim(
    engine: Engine, worker: str, kinds: Collection[str], urgency_max: int, clock: Clock, admit: Admit
) -> Claimed | None:
    """Take the most urgent queued operation of the kinds, the oldest first; None where there is none.

    Those that are not admitted end on the way.
    """
    waiting = (
        select(Operation)
        .where(Operation.state == OperationState.QUEUED, Operation.kind.in_(kinds), Operation.urgency <= urgency_max)
        .order_by(Operation.urgency, Operation.submitted_at, Operation.id)
        .limit(1)
    )
    with reading(engine, SYSTEM) as session:  # asking takes no lock; most of the time there is nothing
        if session.scalar(waiting) is None:
            return None

    def take(session: Session) -> Claimed | None:
        while (operation := session.scalar(waiting.with_for_update(skip_locked=True))) is not None:
            now = clock()
            actor = admit(session, operation)
            if actor is not None:
                break
            ended(session, operation, End(OperationState.FAILED, code="rights_withdrawn"), now)
            session.flush()
        else:
            return None
        operation.state = OperationState.RUNNING
        operation.worker, operation.heartbeat_at = worker, now
        operation.started_at = now
        operation.attempts += 1
        told_of(session, operation, now)
        return Claimed(
            operation.id, operation.kind, actor.as_json(), operation.parameters, operation.urgency, operation.region
        )

    return unit_of_work(engine, SYSTEM, take, clock=clock)


def cancel_wanted(engine: Engine, worker: str, key: UUID) -> bool:
    """Tell whether somebody wants a running operation cancelled; raises Lost."""
    with reading(engine, SYSTEM) as session:
        return _own(session, _running(worker, key)).cancel_requested


def keep(engine: Engine, worker: str, key: UUID, told: Told, clock: Clock, *, tell: bool) -> bool:
    """Write down what an operation told, and that its worker lives; returns `cancel_wanted`, raises Lost.

    With `tell` open pages and other systems hear of it, too.
    """

    def write(session: Session) -> bool:
        operation = _own(session, _running(worker, key).with_for_update())
        now = clock()
        operation.heartbeat_at = now
        _take_over(operation, told)
        if tell:
            told_of(session, operation, now)
        return operation.cancel_requested

    return unit_of_work(engine, SYSTEM, write, clock=clock)


def finish(engine: Engine, worker: str, key: UUID, told: Told, end: End, clock: Clock) -> None:
    """Write down how an operation ended; raises Lost."""

    def write(session: Session) -> None:
        operation = _own(session, _running(worker, key).with_for_update())
        _take_over(operation, told)
        operation.result = end.result
        ended(session, operation, end, clock())

    unit_of_work(engine, SYSTEM, write, clock=clock)


def release(engine: Engine, worker: str, key: UUID, told: Told, clock: Clock) -> None:
    """Give an operation back to the queue, because its worker has to end; raises Lost."""

    def write(session: Session) -> None:
        operation = _own(session, _running(worker, key).with_for_update())
        _take_over(operation, told)
        operation.attempts -= 1
        _queue(session, operation, clock())

    unit_of_work(engine, SYSTEM, write, clock=clock)


def recover(engine: Engine, clock: Clock) -> int:
    """Queue the operations of lost workers again, or end those that lost too many; returns how many there were."""
    silent = select(Operation).where(
        Operation.state == OperationState.RUNNING, Operation.heartbeat_at < clock() - LOST_AFTER
    )
    with reading(engine, SYSTEM) as session:
        if session.scalar(silent.limit(1)) is None:
            return 0

    def write(session: Session) -> int:
        lost = list(session.scalars(silent.with_for_update(skip_locked=True)))
        now = clock()
        for operation in lost:
            if operation.cancel_requested:
                ended(session, operation, End(OperationState.CANCELLED, code="cancelled"), now)
            elif operation.attempts >= ATTEMPTS:
                values = {"attempts": operation.attempts}
                ended(session, operation, End(OperationState.FAILED, code="worker_lost", values=values), now)
            else:
                _queue(session, operation, now)
        return len(lost)

    return unit_of_work(engine, SYSTEM, write, clock=clock)


def ended(session: Session, operation: Operation, end: End, now: datetime) -> None:
    """Write down how an operation ended, and tell it."""
    operation.state, operation.ended_at = end.state, now
    operation.code, operation.text, operation.values = end.code, end.text, end.values
    told_of(session, operation, now)


def told_of(session: Session, operation: Operation, now: datetime) -> None:
    """Tell open pages and other systems where an operation stands."""
    payload = {
        "operation": str(operation.id),
        "kind": operation.kind,
        "state": operation.state,
        "stage": operation.stage,
        "done": operation.done,
        "total": operation.total,
    }
    emit(session, "operation.changed", payload, now, audience=operation.region)


def _running(worker: str, key: UUID) -> Select[Operation]:
    return select(Operation).where(
        Operation.id == key, Operation.worker == worker, Operation.state == OperationState.RUNNING
    )


def _own(session: Session, query: Select[Operation]) -> Operation:
    operation = session.scalar(query)
    if operation is None:
        raise Lost
    return operation


def _take_over(operation: Operation, told: Told) -> None:
    operation.stage, operation.done, operation.total = told.stage, told.done, told.total
    # what an earlier worker found stays until there is something newer
    operation.incumbent = told.incumbent or operation.incumbent


def _queue(session: Session, operation: Operation, now: datetime) -> None:
    operation.state = OperationState.QUEUED
    operation.worker = operation.heartbeat_at = None
    told_of(session, operation, now)
