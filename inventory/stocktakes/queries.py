"""Reads of stocktakes: what they came to, their lines, and what the ledger held of a cell when it was counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.errors import NotFound
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import Money
from inventory.ledger.models import StockBalance, StockMove
from inventory.network.models import Place
from inventory.stocktakes.models import CountLine, Stocktake, StocktakeState
from inventory.stocktakes.rules import accuracy_percent
from inventory.stocktakes.schemas import LineOut, StocktakeOut
from inventory.traceability.models import Lot

FIRST_KEY = UUID(int=0)


def stocktake_by_number(session: Session, number: str) -> Stocktake:
    """Return a stocktake; raises NotFound for a number that does not exist, or not for the actor."""
    found = session.scalar(select(Stocktake).where(Stocktake.number == number))
    if found is None:
        raise NotFound(
            _("There is no stocktake {number}; the list of stocktakes shows yours").format(number=number),
            code="unknown_stocktake",
            field="number",
        )
    return found


def stocktake_page(
    session: Session,
    *,
    after: str = "",
    limit: int = 1,
    number: str | None = None,
    place: str | None = None,
    state: StocktakeState | None = None,
    before: str | None = None,
) -> list[StocktakeOut]:
    """Return up to `limit` stocktakes with a number after `after`, by number, each with what its lines come to.

    With `before` they are those with a lower number, the newest first; "" is above every number.
    """
    line = CountLine
    totals = (
        select(
            line.stocktake_id,
            func.count().label("lines"),
            func.count(line.counted).label("counted"),
            func.count().filter(line.variance != 0).label("differing"),
            type_coerce(func.sum(func.abs(line.value)), Money).label("gross"),
            type_coerce(func.sum(line.value), Money).label("net"),
        )
        .group_by(line.stocktake_id)
        .subquery()
    )
    query = (
        select(Stocktake, Place.code.label("place"), *list(totals.c)[1:])
        .join(Place, Place.id == Stocktake.place_id)
        .outerjoin(totals, totals.c.stocktake_id == Stocktake.id)
        .where(Stocktake.number > after)
        .order_by(Stocktake.number if before is None else Stocktake.number.desc())
        .limit(limit)
    )
    if before:
        query = query.where(Stocktake.number < before)
    if number is not None:
        query = query.where(Stocktake.number == number)
    if place is not None:
        query = query.where(Place.code == place)
    if state is not None:
        query = query.where(Stocktake.state == state)
    currency = fact(session, CURRENCY)
    return [_told(row, currency) for row in session.execute(query).mappings()]


def _told(row: RowMapping, currency: str | None) -> StocktakeOut:
    one: Stocktake = row["Stocktake"]
    counted, differing = row["counted"] or 0, row["differing"] or 0
    results: dict[str, Any] = {
        "differing": differing,
        "accuracy_percent": accuracy_percent(counted, differing),
        "gross": row["gross"] or Decimal(0),
        "net": row["net"] or Decimal(0),
    }
    columns = StocktakeOut.model_fields.keys() & Stocktake.__mapper__.columns.keys()
    return StocktakeOut(
        place=row["place"],
        lines=row["lines"] or 0,
        counted=counted,
        currency=currency,
        **(dict.fromkeys(results) if is_hidden(one) else results),
        **{name: getattr(one, name) for name in columns},
    )


def is_hidden(stocktake: Stocktake) -> bool:
    """Tell whether what the ledger expects is kept from everybody."""
    return stocktake.blind and stocktake.state is StocktakeState.COUNTING


def line_page(
    session: Session, stocktake: Stocktake, *, after: tuple[str, UUID] = ("", FIRST_KEY), limit: int
) -> list[LineOut]:
    """Return up to `limit` lines after (part number, key), in that order."""
    at = aliased(Place)
    query = (
        select(CountLine, Part.part_number, at.code)
        .join(Part, Part.id == CountLine.part_id)
        .outerjoin(Lot, Lot.id == CountLine.lot_id)
        .outerjoin(at, at.id == Lot.place_id)
        .where(CountLine.stocktake_id == stocktake.id, tuple_(Part.part_number, CountLine.id) > tuple_(*after))
        .order_by(Part.part_number, CountLine.id)
        .limit(limit)
    )
    hidden = is_hidden(stocktake)
    columns = LineOut.model_fields.keys() - {"part", "book", "variance", "value", "book_place"}
    return [
        LineOut(
            part=part,
            book=None if hidden else line.book,
            variance=None if hidden or line.counted is None else line.variance,
            value=None if hidden or line.counted is None else line.value,
            book_place=None if hidden else book_place,
            **{name: getattr(line, name) for name in columns},
        )
        for line, part, book_place in session.execute(query)
    ]


def books(session: Session, at: Mapping[UUID, datetime]) -> dict[UUID, Decimal]:
    """Return what the ledger held of each cell at its instant, by what is recorded until now."""
    held = dict.fromkeys(at, Decimal(0))
    for cells in portions(sorted(at)):
        balances = select(StockBalance.cell, StockBalance.quantity).where(StockBalance.cell.in_(cells))
        held.update(session.execute(balances).all())
        earliest = min(at[cell] for cell in cells)
        for side, sign in ((StockMove.to_cell, -1), (StockMove.from_cell, 1)):
            since = select(side, StockMove.moved_at, StockMove.quantity).where(
                and_(side.in_(cells), StockMove.moved_at > earliest)
            )
            for cell, moved_at, quantity in session.execute(since):
                if moved_at > at[cell]:
                    held[cell] += sign * quantity
    return held


def find_stocktakes(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, place) of stocktakes whose number or place holds a text, the nearest first."""
    query = select(Stocktake.number, Place.code).join(Place, Place.id == Stocktake.place_id)
    query = query.where(named_like(text, Stocktake.number, Place.code)).order_by(*nearest(text, Stocktake.number))
    return [(number, place) for number, place in session.execute(query.limit(limit))]
