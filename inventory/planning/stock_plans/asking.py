"""All that comes before a plan of stock targets is sought, step by step: from the picture to what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from inventory.planning.stock_plans.figure_schemas import ALL
from inventory.planning.stock_plans.ordering import with_orders
from inventory.planning.stock_plans.picture import Picture
from inventory.planning.stock_plans.repairing import with_benches, with_loads, with_needs
from inventory.planning.stock_plans.schemas import Document, MakeTargets
from inventory.planning.stock_plans.sharing import with_interchange
from inventory.planning.stock_plans.shelf_lives import with_shelf_lives
from inventory.planning.stock_plans.stated import Load, Stated
from inventory.planning.stock_plans.stating import CANDIDATE_PER_DAY, state


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is asked for with, as far as the scenario depends on it: see `MakeTargets` and `stating.state`.

    `loads` tell how long pieces wait for a bench, where only some parts are looked at.
    """

    region: str | None
    assumed_days: int
    one_budget: bool
    order_cost: Decimal
    holding_share: Decimal
    candidate_per_day: float = CANDIDATE_PER_DAY
    loads: Sequence[Load] | None = None


def terms_of(wanted: MakeTargets) -> Terms:
    """Return the terms of a plan to be made."""
    one_budget = wanted.capital_budget is None
    return Terms(wanted.region, wanted.assumed_days, one_budget, wanted.order_cost, wanted.holding_share)


def terms_told(region: str | None, document: Document) -> Terms:
    """Return the terms of a plan that is kept, for some of its parts."""
    ordering = document.ordering
    return Terms(
        region,
        document.assumed_days,
        {one.budget for one in document.spending} <= {ALL},
        ordering.order_cost,
        ordering.holding_share,
        loads=[Load(**one.model_dump()) for one in document.benches],
    )


def asked(picture: Picture, terms: Terms) -> Stated | None:
    """Return what is asked of the optimizer, None where there is nothing to plan."""
    stated = _flowing(picture, terms)
    if stated is None:
        return None
    stated = with_orders(with_shelf_lives(stated), terms.order_cost, terms.holding_share)
    if terms.loads is not None:
        return with_loads(stated, terms.loads)
    if not picture.benches:
        return stated
    # benches work for all regions
    whole = stated if terms.region is None else _flowing(picture, replace(terms, region=None))
    return with_benches(stated, whole or stated, picture.benches)


def _flowing(picture: Picture, terms: Terms) -> Stated | None:
    """Return what is asked for where, of parts that stand in for each other and by what repairs need."""
    stated = state(
        picture,
        region=terms.region,
        assumed_days=terms.assumed_days,
        one_budget=terms.one_budget,
        candidate_per_day=terms.candidate_per_day,
    )
    return None if stated is None else with_needs(with_interchange(stated, picture), picture)
