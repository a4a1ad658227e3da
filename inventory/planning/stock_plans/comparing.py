"""Where two plans of stock targets, or a plan and the present targets, say different things."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Subquery, func, literal, select, tuple_, union
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.types import Quantity
from inventory.network.models import Place
from inventory.planning.models import StockTarget
from inventory.planning.stock_plans.models import TargetPlanLine
from inventory.planning.stock_plans.queries import DECIDED
from inventory.planning.stock_plans.schemas import LineDifference


def differences(
    session: Session, plan: UUID, other: UUID | None, *, after: tuple[str, str] = ("", ""), limit: int
) -> list[LineDifference]:
    """Return up to `limit` lines where a plan says otherwise than another, or than the targets that stand now.

    Lines of the present targets that the plan has none of are left out: it says nothing of them.
    """
    mine = _side(plan)
    others = _present(plan) if other is None else _side(other)
    keys = union(select(mine.c.part_id, mine.c.place_id), select(others.c.part_id, others.c.place_id)).subquery()
    nothing = literal(0, Quantity)
    this, that = func.coalesce(mine.c.quantity, nothing), func.coalesce(others.c.quantity, nothing)
    order = (Part.part_number, Place.code)
    query = (
        select(*order, that.label("other"), this.label("this"), Part.standard_cost)
        .select_from(keys)
        .join(Part, Part.id == keys.c.part_id)
        .join(Place, Place.id == keys.c.place_id)
        .outerjoin(mine, (mine.c.part_id == keys.c.part_id) & (mine.c.place_id == keys.c.place_id))
        .outerjoin(others, (others.c.part_id == keys.c.part_id) & (others.c.place_id == keys.c.place_id))
        .where(this != that, tuple_(*order) > tuple_(*after))
        .order_by(*order)
        .limit(limit)
    )
    return [
        LineDifference(part=part, place=place, other=was, this=is_now, price=price)
        for part, place, was, is_now, price in session.execute(query)
    ]


def _side(plan: UUID) -> Subquery:
    return (
        select(TargetPlanLine.part_id, TargetPlanLine.place_id, DECIDED.label("quantity"))
        .where(TargetPlanLine.plan_id == plan)
        .subquery()
    )


def _present(plan: UUID) -> Subquery:
    same = (StockTarget.part_id == TargetPlanLine.part_id) & (StockTarget.place_id == TargetPlanLine.place_id)
    return (
        select(TargetPlanLine.part_id, TargetPlanLine.place_id, StockTarget.quantity)
        .join(StockTarget, same)
        .where(TargetPlanLine.plan_id == plan)
        .subquery()
    )
