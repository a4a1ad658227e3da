"""How what is used up is ordered: its minimum and packs, and more at a time where an order costs money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine, update

from inventory.catalogue.models import Part, PartClass
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.planning.stock_plans.ordering import with_orders
from inventory.planning.stock_plans.past import MONTHS
from inventory.planning.stock_plans.queries import forecast_page, plan_by_number, plan_told
from inventory.planning.stock_plans.schemas import MakeTargets
from tests.inventory.planning.stock_plans.pictures import DEPOT, part, picture, stated
from tests.planned import SEA, load_planned, make

ISSUED = [(0, DEPOT, MONTHS - age, 4) for age in range(1, MONTHS)]


@settings(max_examples=80)
@given(
    cost=st.integers(0, 1_000).map(Decimal),
    least=st.integers(1, 40),
    pack=st.integers(1, 15),
)
def test_no_other_quantity_of_whole_packs_costs_less(cost: Decimal, least: int, pack: int) -> None:
    item = part(0, order_quantity=Decimal(-(-least // pack) * pack), pack_quantity=Decimal(pack))
    asked = stated(picture([item], ISSUED))
    told = with_orders(asked, cost, Decimal("0.25"))
    (found,) = told.orderings
    assert (found.quantity % pack, found.quantity >= least) == (0, True)
    assert told.scenario.parts[0].order_quantity == found.quantity == told.forecasts[0].order_quantity
    yearly = 365 * asked.scenario.lines.rate_per_day.sum()

    def money(pieces: int) -> float:
        return float(yearly / pieces * float(cost) + (pieces - 1) / 2 * 0.25 * 100)

    assert money(found.quantity) == pytest.approx(found.ordering_cost + found.holding_cost)
    others = range(-(-least // pack) * pack, 400, pack)
    assert money(found.quantity) <= min(map(money, others)) + 1e-9


def test_what_is_repaired_is_not_ordered_in_quantities() -> None:
    item = part(0, part_class=PartClass.ROTABLE, order_quantity=Decimal(5), turn_around_days=30)
    told = with_orders(stated(picture([item], ISSUED)), Decimal(500), Decimal("0.2"))
    assert (told.orderings, told.scenario.parts[0].order_quantity, told.forecasts[0].order_quantity) == ((), 1, None)


def test_a_plan_tells_what_its_orders_cost_to_who_sees_its_money(any_engine: Engine) -> None:
    load_planned(any_engine)
    with writing(any_engine, SYSTEM) as session:
        session.execute(
            update(Part).where(Part.part_number == "FILTER-1").values(minimum_order_quantity=5, pack_quantity=4)
        )
    quantities = []
    for cost in ("0", "400"):
        plan = make(any_engine, order_cost=cost, holding_share="0.1")
        with reading(any_engine, SYSTEM) as session:
            key = plan_by_number(session, plan.number).id
            told = {one.part: one.order_quantity for one in forecast_page(session, key, limit=99)}
        assert told["BRAKE-1"] is None
        quantities.append(told["FILTER-1"] or 0)
        ordering = plan.ordering
        assert ordering is not None
        assert (ordering.order_cost, ordering.parts) == (Decimal(cost), 2)
        assert (ordering.ordering_cost > 0) == (cost != "0")
    assert quantities[0] == 8
    assert quantities[1] > 8
    assert quantities[1] % 4 == 0
    with reading(any_engine, SEA) as session:
        assert plan_told(session, plan.number).ordering is None


@pytest.mark.parametrize("wrong", [{"order_cost": "-1"}, {"order_cost": "100001"}, {"holding_share": "0"}])
def test_terms_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MakeTargets.model_validate({"budget": "1"} | wrong)
