"""Table of the grants between regions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, false, or_
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import Quantity, text_enum


class GrantKind(StrEnum):
    """What is asked for: pieces of a part, or to read the region's data for a while."""

    STOCK = "stock"
    ACCESS = "access"


class GrantState(StrEnum):
    """Where a request stands; `taken` is granted by the network AOG controller after the wait."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKEN = "taken"


IN_FORCE = (GrantState.GRANTED, GrantState.TAKEN)


def _of_either_region(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those that one's region asks or is asked for; for an AOG controller every urgent one."""
    own = sorted(actor.scope.regions or ())
    return or_(
        table.asking_region.in_(own),
        table.granting_region.in_(own),
        table.aog if actor.scope.aog_everywhere else false(),
    )


@declare(Rule(_of_either_region))
class Grant(Identified, Versioned, Base):
    """One region asks another for help, for a period and a purpose; what it costs is charged to the asking region.

    An AOG request may be taken by the network AOG controller from `takeable_at` on; the granting region reviews that
    until `review_by`, also when the grant was withdrawn meanwhile.
    """

    __tablename__ = "region_grant"
    __table_args__ = (
        CheckConstraint("asking_region <> granting_region", name="regions_differ"),
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("(kind = 'stock') = (part_id IS NOT NULL)", name="part"),
        CheckConstraint("(kind = 'stock') = (quantity IS NOT NULL)", name="quantity"),
    )

    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[GrantKind] = mapped_column(text_enum(GrantKind))
    asking_region: Mapped[str] = mapped_column(String(48), index=True)
    granting_region: Mapped[str] = mapped_column(String(48), index=True)
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"))
    quantity: Mapped[Decimal | None] = mapped_column(Quantity)
    destination_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    purpose: Mapped[str] = mapped_column(String(400))
    aog: Mapped[bool]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[GrantState] = mapped_column(text_enum(GrantState), index=True)
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    takeable_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(400))
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None]
    review_by: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]
    review: Mapped[str | None] = mapped_column(String(400))
