"""The orders of the world of the matrix."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select

from fieldops.finance.spending import BudgetSpend
from fieldops.planning.models import DayPlan
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace
from inventory.network.service import add_places
from inventory.orders.queries import order_by_number
from inventory.orders.releasing import release
from inventory.orders.schemas import NewOrder, Shipment
from inventory.orders.service import draft
from inventory.orders.shipping import ship
from tests.conftest import NOW

WAYS = (("UTH", "VTE", "FILTER-1"), ("UTH", "VTE", "FILTER-1"), ("VTE", "UTH", "LAMP-1"), ("MUC", "XIY", "LAMP-1"))


def add_orders(engine: Engine) -> dict[str, str]:
    """TO-000001 is a draft, TO-000002 released, TO-000003 shipped to UTH, TO-000004 others'."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_places(session, SYSTEM, [NewPlace(code="TRANSIT", name="On its way", tier=Tier.IN_TRANSIT)])
        for origin, destination, part in WAYS:
            told: dict[str, Any] = {"origin": origin, "destination": destination, "mode": "routine", "freight": 0}
            told["lines"] = [{"part": part, "quantity": Decimal(1)}]
            draft(session, SYSTEM, NewOrder.model_validate(told), NOW)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        leaving, shipped = (order_by_number(session, number) for number in ("TO-000002", "TO-000003"))
        for one in (leaving, shipped):
            release(session, SYSTEM, BudgetSpend(), one, NOW)
        ship(session, SYSTEM, shipped, Shipment(), NOW)
        plan = session.scalars(select(DayPlan.id).where(DayPlan.number == "P-000002")).one()
        return {"day_plan": str(plan)}
