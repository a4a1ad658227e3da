"""The worker: takes operations from the queue, and has each run in a process of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fieldops.operations.child import Task
from fieldops.operations.executors import open_executor
from fieldops.operations.leader import Chore, Leader
from fieldops.operations.lifecycle import Claimed, claim
from fieldops.operations.registry import Kinds, require_allowed
from fieldops.operations.service import prune_operations
from fieldops.operations.supervising import Supervision
from fieldops.settings import Settings
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock, system_clock
from inventory.kernel.errors import Forbidden
from inventory.kernel.idempotency import prune_answers
from inventory.kernel.operations import Operation, Urgency
from inventory.kernel.outbox import NETWORK_ONLY

Errand = Callable[[Callable[[], bool]], Any]
"""Something to do outside any transaction, such as to send what waits; any number of workers may do it at once.

It gets what tells it that the worker ends: then it begins nothing more.
"""
ActingNow = Callable[[Session, Operation], Actor | None]
"""Tells who submitted an operation, as he is now; None where there is no such person any more."""

_POLL_S = 0.5
_ERRANDS_S = 2.0

_log = structlog.get_logger()


class Worker:
    """Runs operations from `start` to `stop`, on an engine that nobody else waits for, and leads if nobody else does.

    One of its slots is kept for what somebody waits for, so that no long plan stands before it. It takes only
    operations of its `kinds`, each for its actor as `acting_now` tells. `chores` are done each minute while it leads,
    `errands` every two seconds whether or not, each in a thread of its own.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        kinds: Kinds,
        acting_now: ActingNow,
        clock: Clock = system_clock,
        chores: Sequence[Chore] = (),
        errands: Sequence[Errand] = (),
    ) -> None:
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid4().hex[:8]}"
        self._engine = engine
        self._slots = settings.workers
        self._network_mb = settings.network_memory_mb
        self._kinds = kinds
        self._acting_now = acting_now
        self._clock = clock
        self._executor = open_executor(settings)
        self._leader = Leader(engine, self.name, clock, (prune_operations, prune_answers, *chores), self.wake)
        self._running: dict[UUID, tuple[int, Thread]] = {}
        self._lock = Lock()
        self._ending = Event()
        self._awake = Event()
        self._threads = [
            *(Thread(target=self._run, args=(errand,), name="errand") for errand in errands),
            Thread(target=self._work, name="worker"),
            Thread(target=self._leader.run, args=(self._ending,), name="leader"),
        ]

    def start(self) -> None:
        """Begin to work, in threads of its own."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Have it look at the queue at once."""
        self._awake.set()

    def stop(self) -> None:
        """Take nothing more, give back to the queue what runs, and return when all of it has ended."""
        self._ending.set()
        self.wake()
        for thread in self._threads:
            thread.join()
        with self._lock:
            supervisors = [thread for _urgency, thread in self._running.values()]
        for thread in supervisors:
            thread.join()
        self._executor.close()

    def _run(self, errand: Errand) -> None:
        while not self._ending.wait(_ERRANDS_S):
            try:
                errand(self._ending.is_set)
            except Exception:  # the outside may answer the next time
                _log.exception("errand failed", errand=getattr(errand, "__qualname__", repr(errand)))

    def _work(self) -> None:
        while not self._ending.is_set():
            self._awake.clear()
            try:
                while not self._ending.is_set() and self._take():
                    pass
            except SQLAlchemyError as error:
                _log.warning("database unavailable", why=str(error.__cause__ or error))
            except Exception:  # whatever it is, the queue is looked at again
                _log.exception("queue failed")
            self._awake.wait(_POLL_S)

    def _take(self) -> bool:
        """Take one operation if there is a slot for it; returns whether there may be another."""
        with self._lock:
            urgencies = [urgency for urgency, _thread in self._running.values()]
        if len(urgencies) >= self._slots:
            return False
        unhurried = sum(urgency > Urgency.INTERACTIVE for urgency in urgencies)
        urgency_max = max(Urgency) if unhurried < self._slots - 1 else Urgency.INTERACTIVE
        claimed = claim(self._engine, self.name, self._kinds.keys(), urgency_max, self._clock, self._admit)
        if claimed is None:
            return False
        # the thread stays as long as its child: the kernel ends the child with the thread that started it
        thread = Thread(target=self._supervise, args=(claimed,), name=f"operation-{claimed.id}")
        with self._lock:
            self._running[claimed.id] = (claimed.urgency, thread)
        thread.start()
        return True

    def _admit(self, session: Session, operation: Operation) -> Actor | None:
        """Return the operation's actor as he is now, None where he may not have it done any more."""
        actor = self._acting_now(session, operation)
        if actor is None:
            return None
        try:
            require_allowed(self._kinds[operation.kind], actor, operation.parameters)
            actor.require_region(operation.region)
        except Forbidden:
            return None
        return actor

    def _supervise(self, claimed: Claimed) -> None:
        kind = self._kinds[claimed.kind]
        task = Task(
            id=str(claimed.id),
            run=kind.path,
            database_url=self._engine.url.render_as_string(hide_password=False),
            acting=claimed.acting,
            parameters=claimed.parameters,
            memory_mb=max(kind.memory_mb, self._network_mb) if claimed.region == NETWORK_ONLY else kind.memory_mb,
        )
        try:
            supervision = Supervision(self._engine, self.name, claimed, kind.limit_s, self._clock, self._ending)
            supervision.run(self._executor.start(task))
        except Exception:  # nobody hears of it any more, so it is queued again as that of a lost worker
            _log.exception("operation was lost", operation=task.id)
        finally:
            with self._lock:
                del self._running[claimed.id]
            self.wake()
