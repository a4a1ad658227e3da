"""Routes of the exchange rates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from fieldops.finance.rates.queries import FIRST_RATE, rate_page
from fieldops.finance.rates.schemas import NewRate, RateOut
from fieldops.finance.rates.service import add_rates
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs

RATES_MAX = 1_000

router = APIRouter(prefix="/exchange-rates", tags=["exchange rates"], route_class=Route)


@router.get("", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def exchange_rates(session: Reading, paging: Paged, currency: str | None = None) -> Page[RateOut]:
    """List the dated rates by currency and day; a rate holds until the next one begins."""
    rows = rate_page(session, after=paging.after(FIRST_RATE), limit=paging.rows, currency=currency)
    return paging.page(rows, lambda one: (one.currency, one.valid_from))


@router.post("", status_code=201, dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def add_exchange_rates(
    session: Writing, actor: Acting, rates: Annotated[list[NewRate], Body(min_length=1, max_length=RATES_MAX)]
) -> list[NewRate]:
    """Add dated rates, all or none. A rate is never changed; a later one follows it."""
    add_rates(session, actor, rates)
    return rates
