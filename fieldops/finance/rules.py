"""Which documents the money is for: the order in which they get it, and what each line can still carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

AOG_RANK = 0
"""Rank of documents that serve an aircraft on ground."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one document would take of each line. It passes whole or is held whole.

    `rank` is its priority (0 first); `cost_avoided` is the lateness cost that it avoids, in the plan's currency.
    """

    document: str
    kind: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: Mapping[UUID, Decimal]

    @property
    def total(self) -> Decimal:
        """The money of the whole document."""
        return sum(self.amounts.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class Shortage:
    """A line that cannot carry a document: what it wants, what is there."""

    request: Request
    line: UUID
    amount: Decimal
    available: Decimal

    @property
    def shortfall(self) -> Decimal:
        """How much is missing."""
        return self.amount - self.available


@dataclass(frozen=True, slots=True)
class Decision:
    """What passed, what is held for want of money, and what passed by an override: beyond its line, or beyond the cap.

    A shortage of the cap names the document's largest line.
    """

    passed: tuple[Request, ...]
    held: tuple[Shortage, ...]
    overridden: tuple[Shortage, ...]
    beyond_cap: tuple[Shortage, ...]


def decide(
    requests: Sequence[Request],
    available: Mapping[UUID, Decimal],
    *,
    cap: Decimal | None = None,
    aog_override: bool = False,
) -> Decision:
    """Give the money of the lines to the documents by rank, then by lateness cost avoided per money.

    So the lowest priority is held first, and within it what avoids the least. A held document leaves the line
    to smaller ones after it; none of those could have made room for it. `cap` bounds all lines together. With
    `aog_override`, AOG documents pass always.
    """
    left = dict(available)
    left_in_all = cap
    passed: list[Request] = []
    held: list[Shortage] = []
    overridden: list[Shortage] = []
    beyond_cap: list[Shortage] = []
    for request in sorted(requests, key=_order):
        short = [
            Shortage(request, line, amount, max(left[line], Decimal(0)))
            for line, amount in sorted(request.amounts.items())
            if amount > max(left[line], Decimal(0))
        ]
        capped = []
        if left_in_all is not None and request.total > max(left_in_all, Decimal(0)):
            capped.append(Shortage(request, _largest(request), request.total, max(left_in_all, Decimal(0))))
        if aog_override and request.rank == AOG_RANK:
            overridden += short
            beyond_cap += capped
        elif short or capped:
            held += short or capped
            continue
        passed.append(request)
        for line, amount in request.amounts.items():
            left[line] -= amount
        if left_in_all is not None:
            left_in_all -= request.total
    return Decision(tuple(passed), tuple(held), tuple(overridden), tuple(beyond_cap))


def _largest(request: Request) -> UUID:
    return max(sorted(request.amounts), key=lambda line: request.amounts[line])


def _order(request: Request) -> tuple[int, Decimal, str]:
    worth = request.cost_avoided / request.total if request.total else Decimal("Infinity")
    return request.rank, -worth, request.document


def approver(amount: Decimal, limits: Mapping[str, Decimal | None]) -> str:
    """Return the role with the smallest limit that covers `amount`; a limit of None covers everything."""
    unlimited = Decimal("Infinity")
    able = [(unlimited if limit is None else limit, role) for role, limit in limits.items()]
    covering = [pair for pair in able if pair[0] >= amount]
    return min(covering or [max(able)])[1]
