"""Tables of the day plans."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, select, text, true
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import Rule, declare, within
from inventory.kernel.types import text_enum
from inventory.network.scope import region_codes_within, regions_around


class PlanStatus(StrEnum):
    """A plan holds reservations in a region while it is current there; a later plan of the region supersedes it."""

    CURRENT = "current"
    SUPERSEDED = "superseded"


def _of_regions(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those of one's regions; an AOG controller's every plan, of which only the AOG jobs are told."""
    if actor.scope.aog_everywhere:
        return true()
    plans = PlanRegion.__table__.c
    mine = select(plans.plan_id).where(plans.region.in_(regions_around(actor.scope)))
    return table.id.in_(mine)  # type: ignore[no-any-return]


@declare(Rule(_of_regions), audited=False)
class DayPlan(Identified, Base):
    """One day plan; `document` is the plan as it was told, in the words of the JSON contract."""

    __tablename__ = "day_plan"

    number: Mapped[str] = mapped_column(String(24), unique=True)
    plan_date: Mapped[date]
    seed: Mapped[int]
    plan_hash: Mapped[str] = mapped_column(String(64))
    input_hash: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


@declare(within("region", region_codes_within, reading=regions_around), audited=False)
class PlanRegion(Base):
    """Whether a plan still holds in one of the regions that it was made for; one plan a region is in force."""

    __tablename__ = "plan_region"
    __table_args__ = (
        Index(
            "uq_plan_region_in_force",
            "region",
            unique=True,
            sqlite_where=text("status = 'current'"),
            postgresql_where=text("status = 'current'"),
        ),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("day_plan.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(48), primary_key=True)
    status: Mapped[PlanStatus] = mapped_column(text_enum(PlanStatus))
