"""All that comes before a plan of stock targets is sought, step by step: from the picture to what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from inventory.planning.stock_plans.ordering import with_orders
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.schemas import ALL, Document, MakeTargets
from inventory.planning.stock_plans.sharing import with_interchange
from inventory.planning.stock_plans.shelf_lives import with_shelf_lives
from inventory.planning.stock_plans.stated import Stated
from inventory.planning.stock_plans.stating import CANDIDATE_PER_DAY, state


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is asked for with, as far as the scenario depends on it: see `MakeTargets` and `stating.state`."""

    region: str | None
    assumed_days: int
    one_budget: bool
    order_cost: Decimal
    holding_share: Decimal
    candidate_per_day: float = CANDIDATE_PER_DAY


def terms_of(wanted: MakeTargets) -> Terms:
    """Return the terms of a plan to be made."""
    one_budget = wanted.capital_budget is None
    return Terms(wanted.region, wanted.assumed_days, one_budget, wanted.order_cost, wanted.holding_share)


def terms_told(region: str | None, document: Document) -> Terms:
    """Return the terms of a plan that is kept."""
    one_budget = {one.budget for one in document.spending} <= {ALL}
    ordering = document.ordering
    return Terms(region, document.assumed_days, one_budget, ordering.order_cost, ordering.holding_share)


def asked(picture: Picture, terms: Terms) -> Stated | None:
    """Return what is asked of the optimizer, None where there is nothing to plan."""
    stated = state(
        picture,
        region=terms.region,
        assumed_days=terms.assumed_days,
        one_budget=terms.one_budget,
        candidate_per_day=terms.candidate_per_day,
    )
    if stated is None:
        return None
    stated = with_interchange(stated, picture)
    stated = with_shelf_lives(stated)
    return with_orders(stated, terms.order_cost, terms.holding_share)
