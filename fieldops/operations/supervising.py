"""Looks after one running operation: keeps what it tells, has it stopped when it must, says how it ended."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import StrEnum
from threading import Event
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from fieldops.operations.ends import End, Incumbent, Message, Progress
from fieldops.operations.lifecycle import Claimed, Lost, Told, cancel_wanted, finish, keep, release
from fieldops.operations.processes import Execution
from inventory.kernel.clock import Clock
from inventory.kernel.operations import OperationState

_EVERY_S = 0.5
"""How often the row is written at most, and looked at for a wish to cancel."""
_HEARTBEAT_S = 5.0
_TELL_S = 5.0
"""How often open pages and other systems hear of progress at most."""
_RETRY_S = 1.0
_RETRIES = 60

_log = structlog.get_logger()


class Why(StrEnum):
    """Why an operation was asked to stop."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    RELEASED = "released"


class Supervision:
    """One operation from its claim to its end. `ending` is set when the worker has to end."""

    def __init__(
        self, engine: Engine, worker: str, claimed: Claimed, limit_s: float, clock: Clock, ending: Event
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._claimed = claimed
        self._limit_s = limit_s
        self._clock = clock
        self._ending = ending
        self._told = self._kept = self._published = Told()
        self._why: Why | None = None
        self._cancel_wanted = False
        self._began = self._looked_at = self._kept_at = self._published_at = time.monotonic()

    def run(self, execution: Execution) -> None:
        """Look after the execution until it ends, and write its end down."""
        try:
            end = self._watch(execution)
            self._write_end(end)
        except Lost:
            _log.warning("operation was taken over by another worker", operation=str(self._claimed.id))
        finally:
            execution.close()

    def _watch(self, execution: Execution) -> End:
        while True:
            message = execution.receive(_EVERY_S)
            if isinstance(message, End):
                return message
            self._note(message)
            self._look()
            if self._why is None and (why := self._reason()) is not None:
                self._why = why
                execution.stop()

    def _note(self, message: Message | None) -> None:
        if isinstance(message, Progress):
            self._told = replace(self._told, stage=message.stage, done=message.done, total=message.total)
        elif isinstance(message, Incumbent):
            self._told = replace(self._told, incumbent=message.value)

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _EVERY_S:
            return
        self._looked_at = now
        key = self._claimed.id
        try:
            if self._told != self._kept or now - self._kept_at >= _HEARTBEAT_S:
                tell = self._told != self._published and now - self._published_at >= _TELL_S
                self._cancel_wanted = keep(self._engine, self._worker, key, self._told, self._clock, tell=tell)
                self._kept, self._kept_at = self._told, now
                if tell:
                    self._published, self._published_at = self._told, now
            else:
                self._cancel_wanted = cancel_wanted(self._engine, self._worker, key)
        except SQLAlchemyError as error:
            _log.warning("database unavailable", operation=str(key), why=str(error.__cause__ or error))

    def _reason(self) -> Why | None:
        if self._cancel_wanted:
            return Why.CANCELLED
        if time.monotonic() - self._began >= self._limit_s:
            return Why.TIMED_OUT
        return Why.RELEASED if self._ending.is_set() else None

    def _write_end(self, end: End) -> None:
        """Write the end down; what was done is done, even where a wish to stop came meanwhile."""
        done = end.state is OperationState.DONE
        for attempt in range(1, _RETRIES + 1):
            try:
                if self._why is Why.RELEASED and not done:
                    release(self._engine, self._worker, self._claimed.id, self._told, self._clock)
                else:
                    told = end if done else self._stopped(end)
                    finish(self._engine, self._worker, self._claimed.id, self._told, told, self._clock)
            except SQLAlchemyError as error:
                if attempt == _RETRIES:
                    raise
                _log.warning("database unavailable", operation=str(self._claimed.id), why=str(error.__cause__ or error))
                self._ending.wait(_RETRY_S)
            else:
                return

    def _stopped(self, end: End) -> End:
        if self._why is None or self._why is Why.RELEASED:
            return end
        values: dict[str, Any] | None = {"limit_s": round(self._limit_s)} if self._why is Why.TIMED_OUT else None
        return End(OperationState(self._why), code=self._why, values=values)
