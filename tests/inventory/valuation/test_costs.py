"""The moving average of a part, and what a numbered piece cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.ledger.cost_models import AssetValue
from inventory.ledger.costs import moving_average
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.valuation.cost_queries import change_page, cost_page
from tests.conftest import NOW
from tests.inventory.valuation.world import HOUR, build, move, opened, person, priced, taken_back

LAMP, PUMP = "LAMP", "PUMP"
money = st.integers(0, 10**9).map(lambda units: Decimal(units).scaleb(-4))
quantities = st.integers(1, 10**12).map(lambda units: Decimal(units).scaleb(-6))


def average(engine: Engine, part: str = LAMP) -> Decimal:
    """Return the average of a part."""
    with reading(engine, SYSTEM) as session:
        (told,) = cost_page(session, limit=1, part=part)
        return told.average


def book(engine: Engine, *moves: tuple[NewMove, str | None]) -> None:
    """Post receipts with their prices."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        priced(session, moves, NOW)


def test_a_worked_example(any_engine: Engine) -> None:
    """100 at 10, 200 more at 11.50, 150 issued, 120 more at 12.25: the perpetual average of any textbook."""
    build(any_engine)
    book(any_engine, (opened(LAMP, "A", 100), "10"))
    assert average(any_engine) == Decimal(10)
    book(any_engine, (opened(LAMP, "B", 200), "11.50"))
    assert average(any_engine) == Decimal("11.0000")  # (1000 + 2300) / 300
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        post(session, SYSTEM, [move(LAMP, "B", "CUSTOMER", 150)], NOW)
    assert average(any_engine) == Decimal("11.0000")
    book(any_engine, (opened(LAMP, "C", 120), "12.25"))
    assert average(any_engine) == Decimal("11.5556")  # (150 × 11 + 1470) / 270 = 11.5555…
    with reading(any_engine, SYSTEM) as session:
        steps: list[Any] = [
            (one.quantity_before, one.received, one.average) for one in change_page(session, limit=9, part=LAMP)
        ]
    assert steps == [(0, 100, Decimal(10)), (100, 200, Decimal(11)), (150, 120, Decimal("11.5556"))]


def test_before_a_priced_receipt_the_average_is_the_standard_cost(engine: Engine) -> None:
    build(engine)
    book(engine, (opened(LAMP, "A", 10), None))
    assert average(engine) == Decimal(6)
    book(engine, (opened(LAMP, "A", 10), "8"))
    assert average(engine) == Decimal(7)


def test_receipts_of_one_batch_count_in_their_order(engine: Engine) -> None:
    build(engine)
    book(engine, (opened(LAMP, "A", 1), "3"), (opened(LAMP, "B", 1), "5"), (opened("OIL", "B", 1), "9"))
    with reading(engine, SYSTEM) as session:
        steps: list[Any] = [(one.part, one.quantity_before, one.average) for one in change_page(session, limit=9)]
    assert sorted(steps) == [("LAMP", 0, Decimal(3)), ("LAMP", 1, Decimal(4)), ("OIL", 0, Decimal(9))]


def test_what_came_and_went_in_one_batch_counts_as_nothing_before(engine: Engine) -> None:
    build(engine)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        priced(session, [(opened(LAMP, "A", 10), "4"), (move(LAMP, "A", "CUSTOMER", 10), None)], NOW)
    assert average(engine) == Decimal(4)


def test_others_stock_and_assets_do_not_weigh(engine: Engine) -> None:
    build(engine)
    book(engine, (opened(LAMP, "A", 90, owner="customer:OP-A"), None), (opened(PUMP, "A", lot="S1"), "700"))
    book(engine, (opened(LAMP, "A", 10), "8"))
    assert average(engine) == Decimal(8)
    assert average(engine, PUMP) == Decimal(1000)


def test_a_receipt_that_is_taken_back_leaves_the_average_as_if_it_had_not_been(any_engine: Engine) -> None:
    build(any_engine)
    first, second = opened(LAMP, "A", 10), opened(LAMP, "B", 30)
    book(any_engine, (first, "5"), (second, "9"))
    assert average(any_engine) == Decimal(8)
    for one, left in ((second, 5), (first, 5)):
        with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
            taken_back(session, one, NOW)
        assert average(any_engine) == left  # where nothing is left, the last average stays


def test_an_asset_keeps_what_it_cost_until_it_is_acquired_anew(engine: Engine) -> None:
    build(engine)
    came = opened(PUMP, "A", lot="S1")
    book(engine, (came, "700"), (opened(PUMP, "A", lot="S2"), None))
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        session.scalars(select(Part).where(Part.part_number == PUMP)).one().standard_cost = Decimal(1500)
        taken_back(session, came, NOW)
        priced(session, [(opened(PUMP, "B", lot="S1"), "650")], NOW + HOUR)
        post(session, SYSTEM, [move(PUMP, "A", "CUSTOMER", lot="S2")], NOW + HOUR)
        priced(session, [(move(PUMP, "CUSTOMER", "B", lot="S2"), None)], NOW + HOUR)
    with reading(engine, SYSTEM) as session:
        kept: Any = session.execute(select(AssetValue.cost, AssetValue.ended_at).order_by(AssetValue.cost)).all()
    assert kept == [(650, None), (700, NOW), (1000, None)]


def test_only_the_whole_networks_people_see_its_receipts(engine: Engine) -> None:
    build(engine)
    book(engine, (opened(LAMP, "A", 10), "5"))
    with reading(engine, person("manager", "R1")) as session:
        assert change_page(session, limit=9) == []
        (told,) = cost_page(session, limit=9, part=LAMP)
    assert told.average == Decimal(5)


@given(st.lists(st.tuples(quantities, money), min_size=1, max_size=20))
def test_with_receipts_only_the_average_lies_between_their_prices(receipts: list[tuple[Decimal, Decimal]]) -> None:
    held, now = Decimal(0), Decimal(99)
    for quantity, cost in receipts:
        now, held = moving_average(held, now, quantity, cost), held + quantity
    costs = [cost for _quantity, cost in receipts]
    assert min(costs) <= now <= max(costs)


@given(held=quantities, average=money, received=quantities, cost=money)
def test_taking_back_is_the_opposite_of_receiving(
    held: Decimal, average: Decimal, received: Decimal, cost: Decimal
) -> None:
    between = moving_average(held, average, received, cost)
    after = moving_average(held + received, between, -received, cost)
    assert after >= 0
    # what the rounding of the average in between can come to on what is left
    assert abs(after - average) <= Decimal("0.0001") * (1 + (held + received) / held)


@pytest.mark.parametrize("quantity", ["-5", "-6"])
def test_the_last_average_stays_where_nothing_is_left(quantity: str) -> None:
    assert moving_average(Decimal(5), Decimal(7), Decimal(quantity), Decimal(9)) == Decimal(7)
    assert moving_average(Decimal(5), Decimal(7), Decimal(-4), Decimal(99)) == Decimal(0)
