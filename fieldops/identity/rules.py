"""Rules of identity without a database: how long a session lasts, who is slowed down, what memberships open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from fieldops.identity.models import MemberKind
from fieldops.identity.roles import AOG_CONTROLLER, FINANCE
from inventory.kernel.actor import Scope

SESSION_MAX = timedelta(hours=12)
IDLE_MAX = timedelta(minutes=30)
IDLE_MAX_FINANCE = timedelta(minutes=15)
LINK_MAX = timedelta(minutes=10)
TOKEN_DAYS_MAX = 90

ATTEMPTS_OF_ACCOUNT = 5
ATTEMPTS_OF_ADDRESS = 20
"""Failed attempts to sign in within the window; one more, and the next must wait."""
ATTEMPT_WINDOW = timedelta(minutes=1)
BLOCK_MAX = timedelta(minutes=15)
STRIKES_FORGOTTEN = timedelta(hours=1)
_STRIKES_MAX = 4


def idle_max(roles: Collection[str]) -> timedelta:
    """Return after how long without a request a session ends."""
    return IDLE_MAX_FINANCE if FINANCE in roles else IDLE_MAX


def scope_of(roles: Collection[str], memberships: Iterable[tuple[MemberKind, str]], operator: UUID | None) -> Scope:
    """Return what roles and memberships open."""
    codes: dict[MemberKind, set[str]] = {kind: set() for kind in MemberKind}
    for kind, code in memberships:
        codes[kind].add(code)
    return Scope(
        regions=None if codes[MemberKind.NETWORK] else frozenset(codes[MemberKind.REGION]),
        areas=frozenset(codes[MemberKind.AREA]),
        places=frozenset(codes[MemberKind.PLACE]),
        operator=operator,
        aog_everywhere=AOG_CONTROLLER in roles,
    )


@dataclass(frozen=True, slots=True)
class Throttle:
    """Attempts since the beginning of a window, how often the limit was passed lately, and until when to wait."""

    since: datetime
    attempts: int
    strikes: int
    blocked_until: datetime


def wait_s(throttle: Throttle, now: datetime) -> int:
    """Return for how many whole seconds nothing is let through; 0 when the next attempt is."""
    return max(0, ceil((throttle.blocked_until - now).total_seconds()))


def fresh(now: datetime) -> Throttle:
    """Return the state of somebody who has not tried yet."""
    return Throttle(now, 0, 0, now)


def attempted(before: Throttle, limit: int, now: datetime) -> Throttle:
    """Return the state after one more attempt; the one beyond the limit is blocked itself, each time for longer."""
    if now - max(before.since, before.blocked_until) > STRIKES_FORGOTTEN:
        return replace(fresh(now), attempts=1)
    if now - before.since >= ATTEMPT_WINDOW or before.attempts > limit:
        return Throttle(now, 1, before.strikes, now)
    attempts = before.attempts + 1
    if attempts <= limit:
        return replace(before, attempts=attempts)
    delay = min(ATTEMPT_WINDOW * 2**before.strikes, BLOCK_MAX)
    return Throttle(before.since, attempts, min(before.strikes + 1, _STRIKES_MAX), now + delay)
