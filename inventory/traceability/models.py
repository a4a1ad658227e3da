"""Tables of serial and lot numbers."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, or_
from sqlalchemy.orm import Mapped, mapped_column

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import Rule, declare
from inventory.kernel.types import text_enum
from inventory.network.scope import pieces_seen


class LotKind(StrEnum):
    """Whether a number is of one piece or of a batch."""

    SERIAL = "serial"
    LOT = "lot"


def _somewhere_seen(table: Any, actor: Actor) -> ColumnElement[bool]:
    return or_(table.place_id.is_(None), table.place_id.in_(pieces_seen(actor.scope)))


@declare(Rule(_somewhere_seen))
class Lot(Identified, Versioned, Base):
    """A serial number, or the number of a lot. `place_id` is where a serial number is, NULL before its first receipt.

    Only the ledger changes where it is.
    """

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("part_id", "number"),)

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    number: Mapped[str] = mapped_column(String(48), index=True)
    kind: Mapped[LotKind] = mapped_column(text_enum(LotKind))
    made_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
