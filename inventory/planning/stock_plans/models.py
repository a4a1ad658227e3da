"""Tables of plans of stock targets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, audience_rule, declare, readable_regions
from inventory.kernel.types import BigIdentity, Money, Quantity
from inventory.network.scope import OF_PLACE, places_seen

NETWORK = "*"
"""The region of a plan of the whole network: everybody sees that it is there, and the lines at his own places."""


@declare(audience_rule("region"))
class TargetPlan(Identified, Versioned, Base):
    """One computed set of stock targets; `document` is what is told of it, `input_hash` names what it was made from.

    `made_with` is the version of the program.
    """

    __tablename__ = "target_plan"

    number: Mapped[str] = mapped_column(String(24), unique=True)
    region: Mapped[str] = mapped_column(String(48), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    input_hash: Mapped[str] = mapped_column(String(64))
    made_with: Mapped[str] = mapped_column(String(32))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]


@declare(OF_PLACE, audited=False)
class TargetPlanLine(Base):
    """A part at a place in a plan: its target before and after, what both leave waiting, and what a person made of it.

    `per_day` are pieces asked for there a day, orders of places below included; `waits_…` mean pieces that those whom
    the place serves itself wait for; `worth` is what one piece more would save, weighted. `acceptance_id` is the
    acceptance that holds.
    """

    __tablename__ = "target_plan_line"
    __table_args__ = (
        CheckConstraint('"before" >= 0 AND "after" >= 0 AND override >= 0', name="never_negative"),
        CheckConstraint("(override IS NULL) = (override_reason IS NULL)", name="override"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("target_plan.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True, index=True)
    before: Mapped[Decimal] = mapped_column(Quantity)
    after: Mapped[Decimal] = mapped_column(Quantity)
    price: Mapped[Decimal] = mapped_column(Money)
    weight: Mapped[float]
    per_day: Mapped[float]
    waits_before: Mapped[float]
    waits_after: Mapped[float]
    fill_before: Mapped[float]
    fill_after: Mapped[float]
    worth: Mapped[float]
    override: Mapped[Decimal | None] = mapped_column(Quantity)
    override_reason: Mapped[str | None] = mapped_column(String(400))
    override_by: Mapped[str | None] = mapped_column(String(64))
    override_at: Mapped[datetime | None]
    override_waits: Mapped[float | None]
    acceptance_id: Mapped[UUID | None] = mapped_column(ForeignKey("target_acceptance.id"))

    @property
    def decided(self) -> Decimal:
        """The target that accepting the line sets."""
        return self.after if self.override is None else self.override


def _of_no_place_or_own(table: Any, actor: Actor) -> ColumnElement[bool]:
    return or_(table.place_id.is_(None), table.place_id.in_(places_seen(actor.scope)))


@declare(Rule(_of_no_place_or_own), audited=False)
class TargetPlanNote(Base):
    """What a plan left out or assumed: why (`reason`), of which part or place, and how many lines that concerns.

    `days` is a time that was assumed, `worth` the money that a change was worth which is left undone, `other_id` a part
    that this one is planned with.
    """

    __tablename__ = "target_plan_note"

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("target_plan.id"), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    lines: Mapped[int]
    days: Mapped[float | None]
    worth: Mapped[Decimal | None] = mapped_column(Money)
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"))


def _of_plan_seen_whole(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = select(TargetPlan.id).where(TargetPlan.region.in_(readable_regions(actor.scope)))
    return table.plan_id.in_(seen)  # type: ignore[no-any-return]  # the rule gets any table


@declare(Rule(_of_plan_seen_whole), audited=False)
class TargetPlanForecast(Base):
    """How a plan forecast the demand of a part at its places: see `forecasts.PartForecast`.

    For who sees the whole of the plan, as it adds up what is asked for at many places.
    """

    __tablename__ = "target_plan_forecast"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("target_plan.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    method: Mapped[str] = mapped_column(String(16))
    months: Mapped[int]
    events: Mapped[int]
    pieces: Mapped[int]
    months_left_out: Mapped[int]
    months_short: Mapped[int]
    pieces_left_out: Mapped[int]
    per_year: Mapped[float]
    deviation: Mapped[float]
    dispersion: Mapped[float]
    replaces: Mapped[list[str]] = mapped_column(JSON)
    driver: Mapped[str | None] = mapped_column(String(16))
    mean_told: Mapped[float | None]
    mean_found: Mapped[float | None]
    order_quantity: Mapped[int | None]
    weighted: Mapped[float]


@declare(Rule(_of_plan_seen_whole), audited=False)
class TargetPlanSimulation(Base):
    """The last simulation of a plan: `document` is what is told of it, `plan_version` the plan that was simulated."""

    __tablename__ = "target_plan_simulation"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("target_plan.id"), primary_key=True)
    plan_version: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


@declare(audience_rule("region"))
class TargetAcceptance(Identified, Base):
    """Lines of a plan that became stock targets together; `reverses` names the acceptance that it takes back.

    `region` is that of its lines, "*" where they lie in several.
    """

    __tablename__ = "target_acceptance"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("target_plan.id"), index=True)
    region: Mapped[str] = mapped_column(String(48))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("target_acceptance.id"), unique=True)
    lines: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(400))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


@declare(OF_PLACE, audited=False)
class TargetAcceptanceLine(Base):
    """A target that an acceptance set, and what it was before."""

    __tablename__ = "target_acceptance_line"

    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("target_acceptance.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), primary_key=True)
    before: Mapped[Decimal] = mapped_column(Quantity)
    after: Mapped[Decimal] = mapped_column(Quantity)
