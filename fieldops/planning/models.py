"""Tables of the plans."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, select, text, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified
from inventory.kernel.scope import Rule, declare, within
from inventory.kernel.types import text_enum
from inventory.network.scope import region_codes_within, regions_around


class PlanKind(StrEnum):
    """What a plan decides: all of a day, or its technicians alone."""

    DAY = "day"
    DISPATCH = "dispatch"


class PlanMode(StrEnum):
    """How a plan of dispatch ends: kept to be looked at, or put in force at once where that can be."""

    PROPOSE = "propose"
    APPLY = "apply"


class PlanStatus(StrEnum):
    """What a plan is in a region.

    It is made and kept, in force with its reservations, followed by another, or undone; one that nobody put in force
    in time has expired.
    """

    PROPOSED = "proposed"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def _of_regions(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those of one's regions; an AOG controller's every plan, of which only the AOG jobs are told."""
    if actor.scope.aog_everywhere:
        return true()
    plans = PlanRegion.__table__.c
    mine = select(plans.plan_id).where(plans.region.in_(regions_around(actor.scope)))
    return table.id.in_(mine)  # type: ignore[no-any-return]


@declare(Rule(_of_regions), audited=False)
class DayPlan(Identified, Base):
    """One plan; `document` is the plan as it was told, in the words of the JSON contract.

    `basis` is what is looked at again before it comes into force; plans of before versions have none. `revision` counts
    the changes and is the ETag; `version` is that of the software.
    """

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
    kind: Mapped[PlanKind] = mapped_column(text_enum(PlanKind), default=PlanKind.DAY, server_default="day")
    basis: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a directive of the class
        return {"version_id_col": cls.revision}


@declare(within("region", region_codes_within, reading=regions_around), audited=False)
class PlanRegion(Base):
    """What a plan is in one of the regions that it was made for; one plan a region is in force.

    `base_id` is the plan that was in force there when it was made, which it follows; `published_by` put it in force.
    """

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
    base_id: Mapped[UUID | None] = mapped_column(ForeignKey("day_plan.id"))
    published_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None]
