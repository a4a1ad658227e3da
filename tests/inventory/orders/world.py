"""What tests of orders share: the small world with a place in transit, who acts, orders, and a purse of money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.finance.spending import BudgetSpend
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.network.models import Tier
from inventory.network.schemas import NewLane, NewPlace
from inventory.network.service import add_lanes, add_places
from inventory.orders import releasing, service, shipping
from inventory.orders.models import StockOrder
from inventory.orders.queries import order_by_number, order_page
from inventory.orders.schemas import NewOrder, OrderChange, Receipt, Shipment, StockOrderOut
from inventory.ports import Spend
from tests.conftest import NOW
from tests.worlds import load_tiny

SPEND: Spend = BudgetSpend()


def person(name: str, region: str) -> Actor:
    """Return somebody who may do everything in a region."""
    return Actor(name, permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({region})))


CN, SEA = person("chen", "CN"), person("noi", "SEA")


def build(engine: Engine) -> None:
    """Load the small world, with a way on from VTE and ways back, and places for what is on its way and who sells."""
    load_tiny(engine)
    ways = (("VTE", "TSN"), ("UTH", "VTE"), ("TSN", "VTE"))
    way: dict[str, Any] = {"mode": "routine", "lead_h": 10, "cost_per_kg": 4, "cost_per_piece": 5, "currency": "USD"}
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        virtual = {"TRANSIT": Tier.IN_TRANSIT, "MAKER": Tier.SUPPLIER, "SHOP": Tier.REPAIR_SHOP}
        add_places(session, SYSTEM, [NewPlace(code=code, name=code, tier=tier) for code, tier in virtual.items()])
        lanes = [NewLane.model_validate(way | {"origin": one, "destination": other}) for one, other in ways]
        add_lanes(session, SYSTEM, lanes)


def wanted(origin: str | None, destination: str, part: str = "LAMP-1", quantity: Any = 2, **more: Any) -> NewOrder:
    """Return an order of one line, a transfer by the routine lane that costs nothing unless told otherwise."""
    told: dict[str, Any] = {"origin": origin, "destination": destination, "mode": "routine", "freight": 0}
    told["lines"] = [{"part": part, "quantity": quantity}]
    return NewOrder.model_validate(told | more)


def drafted(engine: Engine, order: NewOrder, actor: Actor = SYSTEM, now: datetime = NOW) -> str:
    """Draft an order and return its number."""
    with writing(engine, actor, clock=lambda: now) as session:
        return service.draft(session, actor, order, now).number


def step(engine: Engine, actor: Actor, number: str, act: Callable[[Session, StockOrder], None]) -> StockOrderOut:
    """Do something with an order in a transaction of its own, and return it."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        act(session, order_by_number(session, number))
    return told(engine, number)


def released(engine: Engine, number: str, actor: Actor = SYSTEM, now: datetime = NOW) -> StockOrderOut:
    """Release an order."""
    return step(engine, actor, number, lambda session, one: releasing.release(session, actor, SPEND, one, now))


def shipped(engine: Engine, number: str, actor: Actor = SYSTEM, now: datetime = NOW, **what: Any) -> StockOrderOut:
    """Ship an order."""
    shipment = Shipment.model_validate(what)
    return step(engine, actor, number, lambda session, one: shipping.ship(session, actor, one, shipment, now))


def received(engine: Engine, number: str, actor: Actor = SYSTEM, now: datetime = NOW, **what: Any) -> StockOrderOut:
    """Receive an order."""
    receipt = Receipt.model_validate(what)
    return step(engine, actor, number, lambda session, one: shipping.receive(session, actor, one, receipt, now))


def cancelled(engine: Engine, number: str, actor: Actor = SYSTEM, reason: str = "not needed") -> StockOrderOut:
    """Give an order up."""
    return step(engine, actor, number, lambda session, one: service.cancel(session, actor, SPEND, one, reason, NOW))


def changed(engine: Engine, number: str, actor: Actor = SYSTEM, **what: Any) -> StockOrderOut:
    """Change a draft."""
    change = OrderChange.model_validate(what)
    return step(engine, actor, number, lambda session, one: service.change(session, actor, SPEND, one, change, NOW))


def told(engine: Engine, number: str) -> StockOrderOut:
    """Return an order as it is told."""
    with reading(engine, SYSTEM) as session:
        (found,) = order_page(session, numbers=[number])
    return found


def line(**more: Any) -> dict[str, Any]:
    """Return a line of an order as a request carries it."""
    return {"part": "LAMP-1", "quantity": Decimal(2)} | more
