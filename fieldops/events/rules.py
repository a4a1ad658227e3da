"""Rules of events and deliveries, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from inventory.kernel.actor import Actor, Scope
from inventory.kernel.outbox import NETWORK_ONLY

ATTEMPTS_MAX = 10
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=12)


def is_of_kinds(kind: str, prefixes: Sequence[str]) -> bool:
    """Tell whether a kind begins with one of the prefixes; without any, every kind is wanted."""
    return not prefixes or kind.startswith(tuple(prefixes))


_RIGHTS = {
    "aircraft.": "fleet.read",
    "approval.": "budget.read",
    "budget.": "budget.read",
    "compliance.": "compliance.read",
    "cost.": "budget.read",
    "grant.": "grants.read",
    "job.": "dispatch.read",
    "operation.": "operations.read",
    "order.": "stock.read",
    "part.": "catalogue.read",
    "place.": "network.read",
    "plan.": "plan.read",
    "region.": "network.read",
    "reservation.": "stock.read",
    "stock.": "stock.read",
    "target.": "targets.read",
    "technician.": "workforce.read",
    "unit.": "stock.read",
}
"""The right to read what events of a kind tell of; the right to hear events gives no right to their content."""


def untold(actor: Actor) -> tuple[str, ...]:
    """Return how the kinds begin that an actor may not hear of."""
    return tuple(prefix for prefix, right in _RIGHTS.items() if not actor.may(right))


def retry_delay(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many failed attempts: three times as long each time, 1 minute to 12 hours.

    `chance`, from 0 to 1, moves it by up to a fifth, so that what failed together does not come back together.
    """
    delay: timedelta = min(_FIRST_DELAY * 3 ** (attempts - 1), _LONGEST_DELAY)
    return min(delay * (0.8 + 0.4 * chance), _LONGEST_DELAY)


def narrowed(scope: Scope, region: str) -> Scope:
    """Return what of a scope a webhook of a region hears: the region's events, whatever else its owner hears.

    A region's staff see and change its webhooks, so that more would be told to people who may not know it.
    """
    return scope if region == NETWORK_ONLY else Scope(regions=frozenset({region}))
