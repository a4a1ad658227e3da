"""What inventory needs from above, as protocols; the composition root passes in who fulfils them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy.orm import Session

from inventory.kernel.actor import Actor
from inventory.kernel.priority import Priority


@dataclass(frozen=True, slots=True)
class Cost:
    """What one item of a document costs; `recovery` is what payers give back of it. `category` is a word of finance."""

    item: str
    category: str
    amount: Decimal
    currency: str
    recovery: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Document:
    """A transfer, purchase, repair, exchange or loan that spends money of a region on a day."""

    kind: str
    number: str
    region: str
    day: date
    priority: Priority
    costs: Sequence[Cost]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What finance says: `outcome` is pass, warn, approve or block; `approval` the request that waits, if one does."""

    held: bool
    outcome: str
    approver_role: str | None
    approval: str | None


@dataclass(frozen=True, slots=True)
class Expense:
    """What was paid for an item of a document, from a source that is posted once; `final` gives back what is left."""

    source: str
    document: Document
    cost: Cost
    final: bool = False


class Spend(Protocol):
    """Money of the budgets, in the session of the caller: what is held, and why not, is decided in its transaction.

    A document holds exactly the costs that it named last. All of them raise Conflict where a band of the budget blocks
    or trade compliance stops the document, Invalid where no budget line pays, and change nothing then.
    """

    def quote(self, session: Session, actor: Actor, document: Document) -> Answer:
        """Say what finance would say; nothing is held."""
        ...

    def hold(self, session: Session, actor: Actor, document: Document, now: datetime) -> Answer:
        """Reserve what a document costs, or ask for the approval that it needs."""
        ...

    def commit(self, session: Session, actor: Actor, document: Document, now: datetime) -> Answer:
        """Commit what a released document costs, in place of what it reserved, or ask for an approval."""
        ...

    def actual(self, session: Session, actor: Actor, expenses: Sequence[Expense], now: datetime) -> int:
        """Post what was paid, each source once; returns how many were new. Each takes its commitment's money."""
        ...

    def release(self, session: Session, actor: Actor, document: Document, now: datetime) -> None:
        """Give back what a document holds or waits for; `reason` says why. Raises NotFound where there is neither."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What the aircraft of a type were used at a place in a month, which is named by its first day.

    `aircraft_days` are days of the calendar times aircraft: what wears out what ages on the shelf and in the air alike.
    """

    aircraft_type: str
    place: str
    month: date
    flight_hours: Decimal
    cycles: Decimal
    landings: Decimal
    apu_hours: Decimal
    aircraft_days: Decimal


class Exposure(Protocol):
    """What the fleet is used, which removals are expected from."""

    def usage(self, session: Session, start: date, end: date) -> Sequence[Usage]:
        """Return what aircraft were used in the months from the one of `start` to the one before `end`'s, in order."""
        ...
