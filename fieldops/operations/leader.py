"""What the one worker that leads does beside its work: fires schedules, follows up lost workers, tidies up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Event
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fieldops.operations.firing import Alarms
from fieldops.operations.leading import leadership
from fieldops.operations.lifecycle import recover
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import unit_of_work

Chore = Callable[[Session, datetime], Any]
"""Something to do each minute, in a transaction of its own."""

_EVERY_S = 1.0
_CHORES_S = 60.0

_log = structlog.get_logger()


class Leader:
    """Leads whenever no other worker does; `submitted` is called when there is something new in the queue."""

    def __init__(
        self, engine: Engine, worker: str, clock: Clock, chores: Sequence[Chore], submitted: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._chores = chores
        self._submitted = submitted
        self._leadership = leadership(engine, worker, clock)
        self._alarms: Alarms | None = None
        self._chores_at = float("-inf")

    def run(self, ending: Event) -> None:
        """Do the duties, or wait for the right to, until `ending` is set."""
        while not ending.is_set():
            try:
                if self._leadership.held():
                    self._duties()
                else:
                    self._silence()
            except SQLAlchemyError as error:
                _log.warning("database unavailable", why=str(error.__cause__ or error))
            except Exception:  # whatever it is, the duties are tried again
                _log.exception("leader failed")
            ending.wait(_EVERY_S)
        self._silence()
        with suppress(SQLAlchemyError):  # then it ends by itself
            self._leadership.give_up()

    def _duties(self) -> None:
        if self._alarms is None:
            _log.info("this worker leads")
            self._alarms = Alarms(self._engine, self._clock, self._submitted)
        self._alarms.refresh()
        if recover(self._engine, self._clock):
            self._submitted()
        if time.monotonic() - self._chores_at >= _CHORES_S:
            self._chores_at = time.monotonic()
            self._alarms.fire_all()
            for chore in self._chores:
                self._do(chore)

    def _do(self, chore: Chore) -> None:
        try:
            unit_of_work(self._engine, SYSTEM, lambda session: chore(session, self._clock()), clock=self._clock)
        except Exception:  # one chore's fault must not keep the others, nor the schedules, from being done
            _log.exception("chore failed", chore=getattr(chore, "__qualname__", repr(chore)))

    def _silence(self) -> None:
        if self._alarms is not None:
            self._alarms.stop()
            self._alarms = None
