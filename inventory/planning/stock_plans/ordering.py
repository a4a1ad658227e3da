"""What is used up, as a plan sees it: ordered in the quantity that costs least, with what orders and shelves cost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import ceil

from inventory.planning.stock_plans.stated import Stated
from optimizer.stocking.orders import Terms, ordered


def with_orders(stated: Stated, order_cost: Decimal, holding_share: Decimal) -> Stated:
    """Return what is asked for with parts that are used up ordered as is cheapest.

    That is in whole packs, the minimum at least. An order costs `order_cost` whatever it is for, a piece on the shelf
    `holding_share` of its price a year.
    """
    terms = {
        item.number: Terms(
            float(order_cost), float(holding_share), max(1, ceil(item.order_quantity)), max(1, ceil(item.pack_quantity))
        )
        for item in stated.items
        if not item.restored
    }
    scenario, orderings = ordered(stated.scenario, terms)
    quantities = {one.part: one.quantity for one in orderings}
    keys = {item.id: quantities[item.number] for item in stated.items if item.number in quantities}
    forecasts = tuple(replace(one, order_quantity=keys.get(one.part_id)) for one in stated.forecasts)
    return replace(stated, scenario=scenario, orderings=orderings, forecasts=forecasts)
