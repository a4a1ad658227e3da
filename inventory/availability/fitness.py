"""Which of the stock on shelves the acceptance rules let go into an aircraft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from inventory.availability.holdings import Holding
from inventory.catalogue.rules import Aircraft
from inventory.kernel.scope import unscoped
from inventory.traceability.judging import Stock, verdicts


def judged(session: Session, found: Sequence[Holding], aircraft: Aircraft | None, at: datetime) -> list[Holding]:
    """Return holdings, each with the first rule that forbids its use at an instant, in few statements.

    Without an aircraft, or one whose registry is not known, only what holds for all aircraft is asked.
    """
    stocks = {one.cell: Stock(one.part_id, one.condition, one.lot_id) for one in found if one.usable}
    asked = list(dict.fromkeys(stocks.values()))
    known = None if aircraft is None or aircraft.registry_authority is None else aircraft
    with unscoped(session):  # what others' papers say decides, and is told to those only who see the stock
        told = verdicts(session, asked, known, at)
    against = {
        stock: verdict.failures[0] for stock, (_unit, verdict) in zip(asked, told, strict=True) if verdict.failures
    }
    return [replace(one, refused=against.get(stocks[one.cell])) if one.cell in stocks else one for one in found]
