"""How often somebody may ask: a bucket of tokens for each actor, refilled as time passes.

The buckets live in the process. They protect the server from a program that runs wild, they are no quota: a counter in
the database would add a write to every read, and on SQLite a wait for the one writer. Where several processes serve
one database, each gives its share of the limit, so that together they never admit more than it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic

from starlette.requests import Request

from inventory.kernel.actor import Actor
from inventory.kernel.errors import TooMany, Unauthenticated
from inventory.kernel.texts import gettext as _

_BUCKETS_MAX = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """Lets each key pass `per_minute` times a minute, as many at once where it was quiet before.

    `timer` returns seconds that never go back.
    """

    def __init__(self, per_minute: int, *, processes: int = 1, timer: Callable[[], float] = monotonic) -> None:
        self._most = max(1.0, per_minute / processes)
        self._timer = timer
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def take(self, key: str) -> None:
        """Count one request of a key; raises TooMany where it has none left."""
        now, per_second = self._timer(), self._most / 60
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(self._most, now))
            bucket.tokens = min(self._most, bucket.tokens + (now - bucket.filled_at) * per_second)
            bucket.filled_at = now
            missing = 1 - bucket.tokens
            if missing <= 0:
                bucket.tokens -= 1
            if len(self._buckets) > _BUCKETS_MAX:
                self._forget_the_quiet(now)
        if missing > 0:
            wait = ceil(missing / per_second)
            raise TooMany(
                _("Too many requests; try again in {seconds} seconds").format(seconds=wait),
                code="too_many_requests",
                retry_after_s=wait,
            )

    def _forget_the_quiet(self, now: float) -> None:
        """Drop the buckets that are full again, which is all that a minute without a request leaves."""
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket.filled_at < 60}


def limited(authenticate: Callable[[Request], Actor], limit: RateLimit) -> Callable[[Request], Actor]:
    """Return `authenticate` with a limit for each actor, and for each address that fails to say who it is."""

    def admit(request: Request) -> Actor:
        try:
            actor = authenticate(request)
        except Unauthenticated:
            limit.take(f"address {request.client.host if request.client else ''}")
            raise
        request.state.actor_id = actor.id
        limit.take(f"actor {actor.id}")
        return actor

    return admit
