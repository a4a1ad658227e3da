"""Reads of what parts cost, and of how assets are written off."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.types import Money
from inventory.ledger.cost_models import CostChange, PartCost
from inventory.valuation.models import DepreciationPolicy
from inventory.valuation.schemas import CostChangeOut, CostOut, Policy


def cost_page(session: Session, *, after: str = "", limit: int, part: str | None = None) -> list[CostOut]:
    """Return up to `limit` parts with what a unit is worth, by part number."""
    average = type_coerce(func.coalesce(PartCost.average, Part.standard_cost), Money).label("average")
    query = (
        select(Part.part_number.label("part"), average, Part.standard_cost, Part.currency)
        .outerjoin(PartCost, PartCost.part_id == Part.id)
        .where(Part.part_number > after)
        .order_by(Part.part_number)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    return [CostOut(**row) for row in session.execute(query).mappings()]


def change_page(session: Session, *, after: int = 0, limit: int, part: str | None = None) -> list[CostChangeOut]:
    """Return up to `limit` changes of averages in the order in which they were recorded."""
    columns: list[Any] = [getattr(CostChange, name) for name in CostChangeOut.model_fields if name != "part"]
    query = (
        select(Part.part_number.label("part"), *columns)
        .join(Part, Part.id == CostChange.part_id)
        .where(CostChange.id > after)
        .order_by(CostChange.id)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    return [CostChangeOut(**row) for row in session.execute(query).mappings()]


def policy_page(session: Session, *, after: tuple[str, str] = ("", ""), limit: int) -> list[Policy]:
    """Return up to `limit` policies after (part number, class), those of classes first."""
    number = func.coalesce(Part.part_number, "")
    query = (
        select(Part.part_number, DepreciationPolicy)
        .outerjoin(Part, Part.id == DepreciationPolicy.part_id)
        .order_by(number, DepreciationPolicy.part_class)
        .limit(limit)
    )
    of = func.coalesce(type_coerce(DepreciationPolicy.part_class, String), "")
    part, part_class = after
    query = query.where((number > part) | ((number == part) & (of > part_class)))
    return [
        Policy(
            part=part,
            part_class=one.part_class,
            life_months=one.life_months,
            residual_share=one.residual_share,
            starts=one.starts,
        )
        for part, one in session.execute(query)
    ]
