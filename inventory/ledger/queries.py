"""Reads of the ledger: balances, and the proof that they are the sum of the moves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import String, func, literal, select, tuple_, type_coerce, union_all
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.types import Quantity
from inventory.ledger.models import Condition, StockBalance, StockMove
from inventory.ledger.schemas import BalanceOut
from inventory.network.models import Place


def serviceable_stock(session: Session) -> list[tuple[str, str, Decimal]]:
    """Return (part number, place code, quantity) of all serviceable stock on physical shelves, in that order."""
    rows = session.execute(
        select(Part.part_number, Place.code, StockBalance.quantity)
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .where(
            StockBalance.condition == Condition.SERVICEABLE,
            StockBalance.is_virtual.is_(False),
            StockBalance.quantity > 0,
        )
        .order_by(Part.part_number, Place.code)
    )
    return list(rows)


def balance_page(
    session: Session,
    *,
    after: tuple[str, str, str] = ("", "", ""),
    limit: int,
    place: str | None = None,
    part: str | None = None,
) -> list[BalanceOut]:
    """Return up to `limit` physical balances after (place code, part number, condition), in that order."""
    query = (
        select(Part.part_number, Place.code, StockBalance.condition, StockBalance.quantity)
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .where(
            StockBalance.is_virtual.is_(False),
            tuple_(Place.code, Part.part_number, type_coerce(StockBalance.condition, String)) > tuple_(*after),
        )
        .order_by(Place.code, Part.part_number, StockBalance.condition)
        .limit(limit)
    )
    if place is not None:
        query = query.where(Place.code == place)
    if part is not None:
        query = query.where(Part.part_number == part)
    return [
        BalanceOut(part=number, place=code, condition=condition, quantity=quantity)
        for number, code, condition, quantity in session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell whose balance is not the sum of its moves."""

    part: str
    place: str
    condition: Condition
    balance: Decimal
    moves: Decimal


def disagreements(session: Session) -> list[Disagreement]:
    """Return every cell where balance and moves differ; empty when the ledger is sound."""
    nothing = literal(Decimal(0), Quantity)
    signed = union_all(
        select(
            StockMove.part_id,
            StockMove.to_place_id.label("place_id"),
            StockMove.condition,
            StockMove.quantity.label("moved"),
            nothing.label("held"),
        ),
        select(
            StockMove.part_id,
            StockMove.from_place_id.label("place_id"),
            StockMove.condition,
            (-StockMove.quantity).label("moved"),
            nothing.label("held"),
        ),
        select(
            StockBalance.part_id,
            StockBalance.place_id,
            StockBalance.condition,
            nothing.label("moved"),
            StockBalance.quantity.label("held"),
        ),
    ).subquery()
    moved, held = func.sum(signed.c.moved), func.sum(signed.c.held)
    rows = session.execute(
        select(Part.part_number, Place.code, signed.c.condition, held, moved)
        .join(Part, Part.id == signed.c.part_id)
        .join(Place, Place.id == signed.c.place_id)
        .group_by(Part.part_number, Place.code, signed.c.condition)
        .having(moved != held)
        .order_by(Part.part_number, Place.code)
    )
    return [Disagreement(*row) for row in rows]
