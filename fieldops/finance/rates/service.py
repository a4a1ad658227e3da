"""Use cases of the exchange rates. A rate that amounts may have been converted by is never changed, only followed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fieldops.finance.rates.models import ExchangeRate
from fieldops.finance.rates.queries import reporting_currency
from fieldops.finance.rates.schemas import NewRate
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _


def add_rates(session: Session, _actor: Actor, rates: Sequence[NewRate]) -> None:
    """Add dated rates, all or none; raises Invalid for the reporting currency, Conflict for a day that has a rate."""
    own = reporting_currency(session)
    taken = {(code, day) for code, day in session.execute(select(ExchangeRate.currency, ExchangeRate.valid_from))}
    for rate in rates:
        if rate.currency == own:
            raise Invalid(
                _("{currency} is the reporting currency; its rate is 1").format(currency=own),
                code="own_rate",
                field="currency",
            )
        if (rate.currency, rate.valid_from) in taken:
            raise Conflict(
                _("{currency} has a rate from {day} already; enter a correction from a later day").format(
                    currency=rate.currency, day=rate.valid_from
                ),
                code="rate_exists",
            )
        taken.add((rate.currency, rate.valid_from))
    if rates:
        session.execute(insert(ExchangeRate), [rate.model_dump() for rate in rates])
