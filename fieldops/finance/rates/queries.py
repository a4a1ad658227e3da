"""Reads of the exchange rates."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from fieldops.finance.rates.models import ExchangeRate
from fieldops.finance.rates.rules import Rates
from fieldops.finance.rates.schemas import RateOut
from inventory.kernel.errors import NotReady
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.texts import gettext as _

RateKey = tuple[str, date]
"""What rates are ordered by: currency, first day."""

FIRST_RATE: RateKey = ("", date.min)


def reporting_currency(session: Session) -> str:
    """Return the currency that all others are converted into; raises NotReady while no amount was ever kept."""
    own = fact(session, CURRENCY)
    if own is None:
        raise NotReady(
            _("There is no reporting currency yet; the first price, lane or budget that is entered sets it"),
            code="no_currency",
        )
    return own


def load_rates(session: Session) -> Rates:
    """Return all rates there are; raises NotReady without a reporting currency."""
    dated: defaultdict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    rows = select(ExchangeRate.currency, ExchangeRate.valid_from, ExchangeRate.rate).order_by(
        ExchangeRate.currency, ExchangeRate.valid_from
    )
    for currency, day, rate in session.execute(rows):
        dated[currency].append((day, rate))
    return Rates(reporting_currency(session), dated)


def rate_page(
    session: Session, *, after: RateKey = FIRST_RATE, limit: int | None = None, currency: str | None = None
) -> list[RateOut]:
    """Return the rates after `after`, by currency and day."""
    place = (ExchangeRate.currency, ExchangeRate.valid_from)
    query = select(ExchangeRate).where(tuple_(*place) > tuple_(*after)).order_by(*place).limit(limit)
    if currency is not None:
        query = query.where(ExchangeRate.currency == currency)
    rows = session.scalars(query).all()
    own = reporting_currency(session) if rows else ""
    return [
        RateOut(currency=row.currency, valid_from=row.valid_from, rate=row.rate, source=row.source, reporting=own)
        for row in rows
    ]
