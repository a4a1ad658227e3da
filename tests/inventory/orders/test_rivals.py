"""Two who release at once: the same order once, the last pieces to one."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.checking import check_ledgers
from fieldops.finance.categories import Category
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import unit_of_work
from inventory.kernel.errors import DomainError
from inventory.orders import releasing
from inventory.orders.queries import order_by_number
from tests.conftest import NOW
from tests.fieldops.finance.spending import line as budget_line
from tests.inventory.orders.world import SPEND, build, drafted, told, wanted
from tests.rivals import at_once


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with ways for orders."""
    build(any_engine)
    return any_engine


def outcome(engine: Engine, number: str) -> str:
    """Release an order in a unit of work; return "done", or the code of the refusal."""

    def release(session: Session) -> None:
        releasing.release(session, SYSTEM, SPEND, order_by_number(session, number), NOW, version=1)

    try:
        unit_of_work(engine, SYSTEM, release, clock=lambda: NOW)
    except DomainError as refusal:
        return refusal.code
    return "done"


def test_an_order_is_released_once(world: Engine) -> None:
    number = drafted(world, wanted("XIY", "TSN", freight="30"))
    told_apart = at_once(4, lambda _rival: outcome(world, number))
    assert sorted(told_apart) == ["done", "stale", "stale", "stale"]
    assert budget_line(world, Category.FREIGHT, "CN").committed == 30
    assert check_ledgers(world).sound


def test_the_last_pieces_go_with_one_order(world: Engine) -> None:
    """Of two parts each order takes the other first; no two wait for each other."""
    lines = [{"part": "LAMP-1", "quantity": 30}, {"part": "FILTER-1", "quantity": 6}]
    numbers = [drafted(world, wanted("XIY", "TSN", lines=lines[:: 1 if rival % 2 else -1])) for rival in range(4)]
    outcomes = at_once(4, lambda rival: outcome(world, numbers[rival]))
    assert sorted(outcomes) == ["done", "order_vanished", "order_vanished", "order_vanished"]
    assert sorted(str(told(world, number).state) for number in numbers) == ["draft", "draft", "draft", "released"]
    assert check_ledgers(world).sound
