"""One stream of server-sent events: first what its reader missed, then what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from anyio import sleep
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from fieldops.events.hub import Hub, Subscription
from fieldops.events.queries import events_after, last_number
from fieldops.events.rules import untold
from fieldops.events.schemas import EventOut
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading

HEARTBEAT_S = 15
RECHECK_S = 60.0
"""How often a stream sees whether its reader is still signed in, with the same rights."""
_STUCK_S = 60.0
"""How long a reader may take nothing at all before its connection is cut."""
_PAGE = 200


@dataclass
class Stream:
    """The events that an actor hears, of the kinds that begin with one of `kinds` (any, without), after a number.

    `still` tells whether the reader is still signed in with the same rights; it is called in a thread.
    """

    hub: Hub
    actor: Actor
    kinds: Sequence[str]
    after: int | None
    still: Callable[[], bool]
    _live: Subscription | None = field(default=None, init=False)

    def response(self) -> EventSourceResponse:
        """Return the answer that carries the stream."""
        return _Response(
            self._frames(),
            ping=HEARTBEAT_S,
            ping_message_factory=lambda: ServerSentEvent(comment="still here"),
            data_sender_callable=self._watch,
            send_timeout=_STUCK_S,
        )

    async def _frames(self) -> AsyncIterator[bytes]:
        with self.hub.subscribed(self.actor, self.kinds) as live:
            self._live = live
            seen = self.hub.told if self.after is None else await self.hub.in_thread(self._resumed)
            # an id without data: whoever reconnects before its first event misses nothing either
            yield ServerSentEvent(id=str(seen)).encode()
            if self.after is not None:
                while missed := await self.hub.in_thread(partial(self._missed, seen)):
                    for event in missed:
                        yield _frame(event)
                    seen = missed[-1].number
            while (told := await live.waiting.get()) is not None:
                if told.number > seen:
                    yield _frame(told)

    async def _watch(self) -> None:
        while True:
            await sleep(RECHECK_S)
            if self._live is not None and not await self.hub.in_thread(self.still):
                self._live.end()
                return

    def _resumed(self) -> int:
        """Return the number to go on from; one that was never given, as after a restore, would hide what comes."""
        with reading(self.hub.engine, SYSTEM) as session:
            return min(self.after or 0, last_number(session))

    def _missed(self, seen: int) -> list[EventOut]:
        with reading(self.hub.engine, self.actor) as session:
            return events_after(session, seen, kinds=self.kinds, without=untold(self.actor), limit=_PAGE)


class _Response(EventSourceResponse):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(SendTimeoutError):  # the server closes the connection of a response that was not finished
            await super().__call__(scope, receive, send)


def _frame(event: EventOut) -> bytes:
    return ServerSentEvent(event.model_dump_json(), event=event.kind, id=str(event.number)).encode()
