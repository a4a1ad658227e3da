"""The hub: one thread a process that reads new events once and hands each to the open streams that may hear it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine

from fieldops.events.queries import events_after, last_number
from fieldops.events.relay import relay
from fieldops.events.rules import is_of_kinds, untold
from fieldops.events.schemas import EventOut
from fieldops.events.wakeups import commits
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading
from inventory.kernel.outbox import hears

QUEUE_MAX = 256
"""How many events wait for one reader; a reader that falls further behind is dropped, and resumes by number."""
_PAGE = 100
"""Events read at once: fewer than a queue holds, so that a burst drops nobody who keeps reading."""
_AGAIN_S = 1.0
_DATABASE_CALLS = 4
"""How many streams may use the database at once, to resume or to see whether their login still holds."""

Outcome = TypeVar("Outcome")

_log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Subscription:
    """What one reader hears and what waits for it; None in `waiting` is the end."""

    scope: Scope
    kinds: tuple[str, ...]
    without: tuple[str, ...]
    room: int
    waiting: asyncio.Queue[EventOut | None] = field(default_factory=asyncio.Queue)
    ended: bool = False

    def offer(self, event: EventOut) -> None:
        """Let an event wait if the reader may hear it and wants it; without room the reader is dropped."""
        if self.ended or not is_of_kinds(event.kind, self.kinds) or event.kind.startswith(self.without):
            return
        if not hears(self.scope, event.audience, event.area, event.place):
            return
        if self.waiting.qsize() >= self.room:
            self.end()
        else:
            self.waiting.put_nowait(event)

    def end(self) -> None:
        """End the stream after what waits already."""
        if not self.ended:
            self.ended = True
            self.waiting.put_nowait(None)


class Hub:
    """Numbers and reads new events in a thread of its own; the subscriptions belong to the event loop of `start`.

    It ends by `stop`, or once `stopping` is set; then every stream ends.
    """

    def __init__(self, engine: Engine, *, stopping: Event, queue_max: int = QUEUE_MAX) -> None:
        self.engine = engine
        self.told = 0
        """The number of the last event that was handed out; it belongs to the loop as well."""
        self._stopping = stopping
        self._queue_max = queue_max
        self._stopped = Event()
        self._subscriptions: set[Subscription] = set()
        self._thread = Thread(target=self._run, name="event hub", daemon=True)

    def start(self) -> None:
        """Begin with the events that come from now on; called in the event loop that serves the streams."""
        self._loop = asyncio.get_running_loop()
        self._limiter = CapacityLimiter(_DATABASE_CALLS)
        with reading(self.engine, SYSTEM) as session:
            self.told = last_number(session)
        self._thread.start()

    async def stop(self) -> None:
        """End every stream and the thread; returns when both have ended."""
        self._stopped.set()
        await to_thread.run_sync(self._thread.join)

    @contextmanager
    def subscribed(self, actor: Actor, kinds: Sequence[str]) -> Iterator[Subscription]:
        """Keep what an actor may hear for it inside the block: every event after `told`, as it is at the entry."""
        subscription = Subscription(actor.scope, tuple(kinds), untold(actor), self._queue_max)
        self._subscriptions.add(subscription)
        if self._ends():
            subscription.end()
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def in_thread(self, work: Callable[[], Outcome]) -> Outcome:
        """Return what a call to the database returns, made in a thread; few at a time, whatever the streams."""
        return await to_thread.run_sync(work, limiter=self._limiter)

    def _ends(self) -> bool:
        return self._stopped.is_set() or self._stopping.is_set()

    def _run(self) -> None:
        read = self.told
        while not self._ends():
            try:
                with commits(self.engine, self._stopped) as wait:
                    while not self._ends():
                        read = self._pass_on(read)
                        wait()
            except Exception as error:  # the streams outlive whatever happens to the database
                _log.warning("events cannot be read, trying again", why=str(error))
                self._stopped.wait(_AGAIN_S)
        self._loop.call_soon_threadsafe(self._end_all)

    def _pass_on(self, read: int) -> int:
        """Hand out every event after number `read`; returns the number of the last one."""
        relay(self.engine)
        while True:
            with reading(self.engine, SYSTEM) as session:
                events = events_after(session, read, limit=_PAGE)
            if not events:
                return read
            # waited for: the loop lets the streams take what they have before it says that this is done
            asyncio.run_coroutine_threadsafe(self._hand_out(events), self._loop).result()
            read = events[-1].number

    async def _hand_out(self, events: Sequence[EventOut]) -> None:
        for subscription in self._subscriptions:
            for event in events:
                subscription.offer(event)
        self.told = events[-1].number

    def _end_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.end()
