"""What tests of the budget ledger share: requests on the lines of the small world, and what the lines say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.categories import Category
from fieldops.finance.control.plans import COST_EVENT, PlanRef, announce, reserve
from fieldops.finance.control.rules import Request
from inventory.kernel.actor import SYSTEM
from inventory.kernel.outbox import OutboxEvent
from inventory.network.queries import region_codes
from tests.conftest import NOW
from tests.worlds import TINY_DATE

Account = tuple[str, Category]
"""Region code and category: the name of a line in the world's one period."""


def line_ids(session: Session) -> dict[Account, UUID]:
    """Return {account: key of its line}."""
    return {account: line.id for account, line in lines_on(session, TINY_DATE, ("CN", "SEA")).items()}


def request(
    session: Session, document: str, amounts: Mapping[Account, Decimal | int], *, rank: int = 2, avoided: int = 0
) -> Request:
    """Return a request of a document on the lines of the small world."""
    lines = line_ids(session)
    wanted = {lines[account]: Decimal(amount) for account, amount in amounts.items()}
    return Request(
        document,
        "job",
        ("AOG", "CRITICAL")[rank] if rank < 2 else "ROUTINE",
        rank,
        Decimal(avoided),
        wanted,
        sum(wanted.values(), Decimal(0)),
    )


def reserve_all(session: Session, plan: PlanRef, amounts: Mapping[Account, Decimal | int]) -> None:
    """Reserve amounts that fit, for a plan, and tell of it."""
    wanted = [
        request(session, f"{plan.number}-{region}", {(region, what): amount})
        for (region, what), amount in amounts.items()
    ]
    decision = reserve(session, SYSTEM, plan.id, wanted, override=None, cap=None, now=NOW)
    assert not decision.held
    announce(session, plan, NOW)


def lines(session: Session) -> dict[Account, BudgetLine]:
    """Return {account: line} of every line."""
    regions = region_codes(session)
    return {(regions[line.region_id], line.category): line for line in session.scalars(select(BudgetLine))}


def told(session: Session) -> dict[Account, Decimal]:
    """Return what the events in the outbox add up to, by account."""
    sums: dict[Account, Decimal] = {}
    for event in session.scalars(select(OutboxEvent).where(OutboxEvent.kind == COST_EVENT)):
        account = (event.payload["region"], Category(event.payload["category"]))
        sums[account] = sums.get(account, Decimal(0)) + Decimal(event.payload["amount"])
    return {account: amount for account, amount in sums.items() if amount}
