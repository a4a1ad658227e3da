"""The one table of an order's steps, and how a receipt is laid upon what was shipped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar


class OrderKind(StrEnum):
    """What an order is."""

    TRANSFER = "transfer"
    PURCHASE = "purchase"
    REPAIR = "repair"


class OrderState(StrEnum):
    """How far an order is."""

    DRAFT = "draft"
    RELEASED = "released"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Act(StrEnum):
    """What is done with an order."""

    CHANGE = "change"
    RELEASE = "release"
    SHIP = "ship"
    RECEIVE = "receive"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: an act takes an order of some kinds from a state to another."""

    origin: OrderState
    act: Act
    target: OrderState
    kinds: frozenset[OrderKind] = frozenset(OrderKind)


_S, _TRANSFER = OrderState, frozenset({OrderKind.TRANSFER})

TABLE: tuple[Step, ...] = (
    Step(_S.DRAFT, Act.CHANGE, _S.DRAFT),
    Step(_S.DRAFT, Act.RELEASE, _S.RELEASED, _TRANSFER),
    Step(_S.DRAFT, Act.CANCEL, _S.CANCELLED),
    Step(_S.RELEASED, Act.CANCEL, _S.CANCELLED),
    Step(_S.RELEASED, Act.SHIP, _S.SHIPPED, _TRANSFER),
    Step(_S.SHIPPED, Act.RECEIVE, _S.RECEIVED, _TRANSFER),
)
"""Every step that there is. A receipt in part leaves an order shipped."""
STEPS: Mapping[tuple[OrderState, Act], Step] = {(one.origin, one.act): one for one in TABLE}

UNDER_WAY = (OrderState.RELEASED, OrderState.SHIPPED)
"""The states in which what was ordered is expected at the destination."""

SERIES: Mapping[OrderKind, str] = {OrderKind.TRANSFER: "TO", OrderKind.PURCHASE: "PO", OrderKind.REPAIR: "RO"}
"""How the numbers of each kind begin."""


def acts_of(kind: OrderKind, state: OrderState) -> frozenset[Act]:
    """Return what can be done with an order."""
    return frozenset(one.act for one in TABLE if one.origin is state and kind in one.kinds)


class Open(Protocol):
    """Something of which a quantity is still open."""

    @property
    def on_its_way(self) -> Decimal:
        """What is open of it."""
        ...


Piece = TypeVar("Piece", bound=Open)


def laid_upon(pieces: Iterable[Piece], quantity: Decimal) -> Iterator[tuple[Piece, Decimal]]:
    """Yield how much of a quantity falls on each piece, in their order; never more than is open of one."""
    for one in pieces:
        taken = min(one.on_its_way, quantity)
        if taken > 0:
            quantity -= taken
            yield one, taken
