"""Where two plans of stock targets, or a plan and the present targets, say different things."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, func, literal, select, true, tuple_, type_coerce
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.types import Quantity
from inventory.network.models import Place
from inventory.planning.models import StockTarget
from inventory.planning.stock_plans.models import TargetPlanLine
from inventory.planning.stock_plans.queries import decided
from inventory.planning.stock_plans.schemas import LineDifference


def differences(
    session: Session, plan: UUID, other: UUID | None, *, after: tuple[str, str] = ("", ""), limit: int
) -> list[LineDifference]:
    """Return up to `limit` lines where a plan says otherwise than another, or than the targets that stand now.

    Lines of the present targets that the plan has none of are left out: it says nothing of them.
    """
    keys = _keys(plan) if other is None else _keys(plan, other)
    line = aliased(TargetPlanLine)
    beside, was, its = _beside(other)
    nothing = literal(0, Quantity)
    this, that = func.coalesce(decided(line), nothing), func.coalesce(was, nothing)
    order = (Part.part_number, Place.code)
    query = (
        select(*order, that.label("other"), this.label("this"), Part.standard_cost)
        .select_from(keys)
        .join(Part, Part.id == keys.c.part_id)
        .join(Place, Place.id == keys.c.place_id)
        # of the tables themselves, which are looked up by their keys, not of what was selected from them
        .outerjoin(line, (line.plan_id == plan) & _same(line, keys))
        .outerjoin(beside, its & _same(beside, keys))
        .where(this != that, tuple_(*order) > tuple_(*after))
        .order_by(*order)
        .limit(limit)
    )
    return [
        LineDifference(part=part, place=place, other=was, this=is_now, price=price)
        for part, place, was, is_now, price in session.execute(query)
    ]


def _beside(other: UUID | None) -> tuple[Any, ColumnElement[Decimal], ColumnElement[bool]]:
    """Return the table that a plan is compared with, the quantity that it says, and which of its rows are meant."""
    if other is None:
        stands = aliased(StockTarget)
        return stands, type_coerce(stands.quantity, Quantity), true()
    line = aliased(TargetPlanLine)
    return line, decided(line), line.plan_id == other


def _keys(*plans: UUID) -> Subquery:
    """The parts and places that plans have lines of, each once."""
    query = select(TargetPlanLine.part_id, TargetPlanLine.place_id).where(TargetPlanLine.plan_id.in_(plans))
    return query.distinct().subquery()


def _same(table: type[StockTarget] | type[TargetPlanLine], keys: Subquery) -> ColumnElement[bool]:
    return and_(table.part_id == keys.c.part_id, table.place_id == keys.c.place_id)
