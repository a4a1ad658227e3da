"""Reads of orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, exists, or_, select
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.orders.models import OrderPiece, StockOrder, StockOrderLine
from inventory.orders.rules import OrderKind, OrderState
from inventory.orders.schemas import OrderLineOut, OrderPieceOut, StockOrderOut

_Origin, _Destination = aliased(Place), aliased(Place)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which orders a list keeps: those of a state, kind, place at either end, part or job; None is any."""

    state: OrderState | None = None
    kind: OrderKind | None = None
    place: str | None = None
    part: str | None = None
    job: str | None = None

    def criteria(self) -> list[ColumnElement[bool]]:
        """Return the criteria of the orders."""
        found: list[ColumnElement[bool]] = []
        if self.state is not None:
            found.append(StockOrder.state == self.state)
        if self.kind is not None:
            found.append(StockOrder.kind == self.kind)
        if self.place is not None:
            found.append(or_(_Origin.code == self.place, _Destination.code == self.place))
        line = StockOrderLine.order_id == StockOrder.id
        if self.part is not None:
            of_part = select(Part.id).where(Part.part_number == self.part)
            found.append(exists().where(line, StockOrderLine.part_id.in_(of_part)))
        if self.job is not None:
            found.append(exists().where(line, StockOrderLine.serves_job == self.job))
        return found


def order_by_number(session: Session, number: str) -> StockOrder:
    """Return an order; raises NotFound for a number that does not exist, or not for the actor."""
    found = session.scalar(select(StockOrder).where(StockOrder.number == number))
    if found is None:
        raise NotFound(
            _("There is no order {number}; the list of orders shows yours").format(number=number),
            code="unknown_order",
            field="number",
        )
    return found


def order_page(
    session: Session,
    *,
    after: str = "",
    limit: int = 1,
    numbers: Collection[str] | None = None,
    chosen: Chosen | None = None,
    before: str | None = None,
) -> list[StockOrderOut]:
    """Return up to `limit` orders with a number after `after`, by number, each with its lines and pieces; all, or some.

    With `before` they are the newest first, those made before that one; "" is before none.
    """
    query = (
        select(StockOrder, _Origin.code.label("origin"), _Destination.code.label("destination"))
        .outerjoin(_Origin, _Origin.id == StockOrder.origin_id)
        .join(_Destination, _Destination.id == StockOrder.destination_id)
        .limit(limit)
    )
    if before is None:
        query = query.where(StockOrder.number > after).order_by(StockOrder.number)
    else:
        query = query.order_by(StockOrder.id.desc())
        if before:
            query = query.where(StockOrder.id < order_by_number(session, before).id)
    if numbers is not None:
        query = query.where(StockOrder.number.in_(sorted(numbers)))
    rows = session.execute(query.where(*(chosen or Chosen()).criteria())).mappings().all()
    lines = _lines(session, [row["StockOrder"].id for row in rows])
    return [_told(row, lines[row["StockOrder"].id]) for row in rows]


def find_stock_orders(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, its ends) of orders whose number or waybill holds a text, the nearest first."""
    query = (
        select(StockOrder.number, _Origin.code, _Destination.code)
        .outerjoin(_Origin, _Origin.id == StockOrder.origin_id)
        .join(_Destination, _Destination.id == StockOrder.destination_id)
        .where(named_like(text, StockOrder.number, StockOrder.waybill))
        .order_by(*nearest(text, StockOrder.number))
        .limit(limit)
    )
    return [(number, f"{origin or '–'} → {end}") for number, origin, end in session.execute(query)]


def _told(row: RowMapping, lines: Sequence[OrderLineOut]) -> StockOrderOut:
    one: StockOrder = row["StockOrder"]
    columns = StockOrderOut.model_fields.keys() & StockOrder.__mapper__.columns.keys()
    return StockOrderOut(
        origin=row["origin"],
        destination=row["destination"],
        plan=one.plan_id,
        lines=list(lines),
        **{name: getattr(one, name) for name in columns},
    )


def _lines(session: Session, orders: Collection[UUID]) -> defaultdict[UUID, list[OrderLineOut]]:
    pieces: defaultdict[UUID, list[OrderPiece]] = defaultdict(list)
    lines: defaultdict[UUID, list[OrderLineOut]] = defaultdict(list)
    for keys in portions(sorted(orders)):
        for piece in session.scalars(select(OrderPiece).where(OrderPiece.order_id.in_(keys)).order_by(OrderPiece.id)):
            pieces[piece.line_id].append(piece)
    for keys in portions(sorted(orders)):
        query = (
            select(StockOrderLine, Part.part_number)
            .join(Part, Part.id == StockOrderLine.part_id)
            .where(StockOrderLine.order_id.in_(keys))
            .order_by(StockOrderLine.order_id, StockOrderLine.line)
        )
        for line, part in session.execute(query):
            lines[line.order_id].append(_line(line, part, pieces[line.id]))
    return lines


def _line(line: StockOrderLine, part: str, pieces: Sequence[OrderPiece]) -> OrderLineOut:
    sums = ("shipped", "received", "lost")
    same: dict[str, Any] = {
        name: getattr(line, name) for name in OrderLineOut.model_fields.keys() - {"part", "pieces", *sums}
    } | {name: sum((getattr(one, name) for one in pieces), _NOTHING) for name in sums}
    return OrderLineOut(
        part=part,
        pieces=[OrderPieceOut.model_validate(one, from_attributes=True) for one in pieces],
        **same,
    )
