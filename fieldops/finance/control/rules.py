"""Whether money may be taken: the bands of a line, who may approve, and who gets the money of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

from fieldops.finance.categories import Category

AOG_RANK = 0
"""Rank of documents that serve an aircraft on ground."""

_HUNDRED = Decimal(100)


class Outcome(IntEnum):
    """What the control says of a document, the mildest first."""

    PASS = 0
    WARN = 1
    APPROVE = 2
    BLOCK = 3


class Action(StrEnum):
    """What happens above the limit of a band."""

    WARN = "warn"
    APPROVE = "approve"
    BLOCK = "block"


_OUTCOME = {Action.WARN: Outcome.WARN, Action.APPROVE: Outcome.APPROVE, Action.BLOCK: Outcome.BLOCK}


@dataclass(frozen=True, slots=True)
class Band:
    """A limit of what may be taken of a line: in percent of its budget, and in money beyond it; the lower one holds.

    `category` and `document_kind` None hold for all of them. `excess` is in the currency of the line.
    """

    action: Action
    percent: Decimal | None = None
    excess: Decimal | None = None
    category: Category | None = None
    document_kind: str | None = None

    def limit(self, budget: Decimal) -> Decimal:
        """Return the amount up to which the band lets pass."""
        limits = []
        if self.percent is not None:
            limits.append(budget * self.percent / _HUNDRED)
        if self.excess is not None:
            limits.append(budget + self.excess)
        return min(limits)


USUAL: tuple[Band, ...] = (Band(Action.WARN, percent=Decimal(90)), Band(Action.APPROVE, percent=_HUNDRED))
"""The bands while none are set: a warning from 90%, an approval beyond the budget."""


def limits(budget: Decimal, bands: Collection[Band], category: Category, document_kind: str) -> dict[Outcome, Decimal]:
    """Return {outcome: amount above which it holds} for a line and a kind of document.

    Of each action the most specific band holds: category and kind, category, kind, then the general one; of several
    the lower. Without a band that approves or blocks, what is beyond the budget needs an approval.
    """
    found: dict[Outcome, Decimal] = {}
    for action, outcome in _OUTCOME.items():
        fitting = [
            band
            for band in bands
            if band.action is action
            and band.category in (None, category)
            and band.document_kind in (None, document_kind)
        ]
        if fitting:
            best = max(_specificity(band) for band in fitting)
            found[outcome] = min(band.limit(budget) for band in fitting if _specificity(band) == best)
    if Outcome.APPROVE not in found and Outcome.BLOCK not in found:
        found[Outcome.APPROVE] = budget
    return found


def _specificity(band: Band) -> int:
    return 2 * (band.category is not None) + (band.document_kind is not None)


def judge(taken: Decimal, found: Mapping[Outcome, Decimal]) -> Outcome:
    """Return the gravest outcome whose limit `taken`, after what is asked for, is above."""
    return max((outcome for outcome, limit in found.items() if taken > limit), default=Outcome.PASS)


def free(budget: Decimal, taken: Decimal, found: Mapping[Outcome, Decimal]) -> Decimal:
    """Return what may be taken without anybody's leave; negative where more is taken already."""
    return min((limit for outcome, limit in found.items() if outcome >= Outcome.APPROVE), default=budget) - taken


@dataclass(frozen=True, slots=True)
class Request:
    """What one document would take of each line, in the currency of the line. It passes whole or is held whole.

    `rank` is its priority (0 first); `cost_avoided`, the lateness cost that it avoids, and `total`, the money of the
    whole document, are in the plan's currency.
    """

    document: str
    kind: str
    priority: str
    rank: int
    cost_avoided: Decimal
    amounts: Mapping[UUID, Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Shortage:
    """A line that cannot carry a document: what it wants, what is there without an approval."""

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

    A shortage of the cap names the document's largest line. What is `stopped` by trade compliance passes by no means.
    """

    passed: tuple[Request, ...]
    held: tuple[Shortage, ...]
    overridden: tuple[Shortage, ...]
    beyond_cap: tuple[Shortage, ...]
    stopped: tuple[Shortage, ...] = ()


def decide(
    requests: Sequence[Request],
    available: Mapping[tuple[UUID, str], Decimal],
    *,
    cap: Decimal | None = None,
    aog_override: bool = False,
    stopped: Collection[str] = (),
) -> Decision:
    """Give the money of the lines to the documents by rank, then by lateness cost avoided per money.

    So the lowest priority is held first, and within it what avoids the least. A held document leaves the line
    to smaller ones after it; none of those could have made room for it. `available` is what each kind of document may
    take of a line at most. `cap` bounds all lines together. With `aog_override`, AOG documents pass always, but those
    that are `stopped`, by number.
    """
    used: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    left_in_all = cap
    passed: list[Request] = []
    held: list[Shortage] = []
    overridden: list[Shortage] = []
    beyond_cap: list[Shortage] = []
    out: list[Shortage] = []
    for request in sorted(requests, key=_order):
        if request.document in stopped and request.amounts:
            out.append(Shortage(request, _largest(request), request.amounts[_largest(request)], Decimal(0)))
            continue
        left = {line: max(available[line, request.kind] - used[line], Decimal(0)) for line in sorted(request.amounts)}
        short = [
            Shortage(request, line, request.amounts[line], room)
            for line, room in left.items()
            if request.amounts[line] > room
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
            used[line] += amount
        if left_in_all is not None:
            left_in_all -= request.total
    return Decision(tuple(passed), tuple(held), tuple(overridden), tuple(beyond_cap), tuple(out))


def _largest(request: Request) -> UUID:
    return max(sorted(request.amounts), key=lambda line: request.amounts[line])


def _order(request: Request) -> tuple[int, Decimal, str]:
    worth = request.cost_avoided / request.total if request.total else Decimal("Infinity")
    return request.rank, -worth, request.document


_UNLIMITED = Decimal("Infinity")


def approver(amount: Decimal, limits: Mapping[str, Decimal | None]) -> str:
    """Return the role with the smallest limit that covers `amount`; a limit of None covers everything."""
    able = [(_UNLIMITED if limit is None else limit, role) for role, limit in limits.items()]
    covering = [pair for pair in able if pair[0] >= amount]
    return min(covering or [max(able)])[1]


def covers(roles: Collection[str], amount: Decimal, limits: Mapping[str, Decimal | None]) -> bool:
    """Tell whether one of the roles may approve an amount."""
    return any(limits[role] is None or amount <= limits[role] for role in roles if role in limits)  # type: ignore[operator]


def next_approver(role: str, limits: Mapping[str, Decimal | None]) -> str:
    """Return the role with the next larger limit, the same role where there is none."""
    sizes = {name: _UNLIMITED if limit is None else limit for name, limit in limits.items()}
    above = sorted((size, name) for name, size in sizes.items() if size > sizes.get(role, Decimal(-1)))
    return above[0][1] if above else role
