"""The contract that inventory spends money by, fulfilled by the budgets."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.approvals.queries import approval_page
from fieldops.finance.categories import Category
from fieldops.finance.spending import BudgetSpend
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError
from inventory.kernel.priority import Priority
from inventory.ports import Answer, Cost, Document, Expense, Spend
from tests.conftest import NOW
from tests.fieldops.finance.spending import CHIEF, DAY, LI, line
from tests.worlds import load_tiny

SPEND: Spend = BudgetSpend()
ORDER = Document(
    kind="purchase",
    number="PO-1",
    region="SEA",
    day=DAY,
    priority=Priority.ROUTINE,
    costs=(
        Cost("repair", "labour", Decimal(300), "USD", Decimal(60)),
        Cost("freight", "freight", Decimal(8), "USD"),
    ),
)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: 50,000 for labour in SEA, 10 for freight."""
    load_tiny(any_engine)
    return any_engine


def refused(code: str) -> Any:
    """Expect a refusal."""
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_a_purchase_from_quote_to_invoice(world: Engine) -> None:
    with reading(world, LI) as session:
        assert SPEND.quote(session, LI, ORDER) == Answer(False, "pass", None, None)
    with writing(world, LI) as session:
        assert SPEND.hold(session, LI, ORDER, NOW).held
    assert [line(world).reserved, line(world).committed, line(world).recovery] == [300, 0, 60]
    with writing(world, LI) as session:
        assert SPEND.commit(session, LI, ORDER, NOW).held
    assert [line(world).reserved, line(world).committed] == [0, 300]
    paid = [
        Expense("invoice/7/1", ORDER, Cost("repair", "labour", Decimal(290), "USD", Decimal(58)), final=True),
        Expense("invoice/7/2", ORDER, Cost("freight", "freight", Decimal(8), "USD"), final=True),
    ]
    for new in (2, 0):
        with writing(world, CHIEF) as session:
            assert SPEND.actual(session, CHIEF, paid, NOW) == new
    labour, freight = line(world), line(world, Category.FREIGHT)
    assert [labour.committed, labour.actual, labour.recovered, freight.actual] == [0, 290, 58, 8]


def test_what_does_not_fit_waits_and_is_let_go_with_the_order(world: Engine) -> None:
    dear = replace(ORDER, costs=(*ORDER.costs, Cost("duty", "freight", Decimal(5), "USD")))
    with writing(world, LI) as session:
        told = SPEND.commit(session, LI, dear, NOW)
    assert (told.held, told.outcome, told.approval) == (False, "approve", "AR-000001")
    assert line(world).committed == 0
    with writing(world, LI) as session:
        SPEND.release(session, LI, replace(dear, reason="cancelled while it waits"), NOW)
    with writing(world, LI) as session:
        assert SPEND.commit(session, LI, ORDER, NOW).held
    with writing(world, LI) as session:
        SPEND.release(session, LI, replace(ORDER, reason="cancelled"), NOW)
    with refused("nothing_held"), writing(world, LI) as session:
        SPEND.release(session, LI, ORDER, NOW)
    assert line(world).available == 50_000
    with reading(world, LI) as session:
        assert [one.state for one in approval_page(session)] == [ApprovalState.WITHDRAWN]


def test_what_costs_less_than_a_cent_holds_a_cent(world: Engine) -> None:
    small = replace(ORDER, costs=(Cost("freight", "freight", Decimal("0.0004"), "USD"),))
    with writing(world, LI) as session:
        assert SPEND.commit(session, LI, small, NOW).held
    assert line(world, Category.FREIGHT).committed == Decimal("0.01")
