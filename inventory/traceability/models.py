"""Tables of serial and lot numbers, and of the papers that tell their lives."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from inventory.catalogue.models import UsageDriver
from inventory.kernel.actor import Actor, Scope
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.scope import SHARED, Rule, declare, within
from inventory.kernel.types import Quantity, text_enum
from inventory.network.scope import move_ends, pieces_seen
from inventory.traceability.kinds import (
    Form,
    LinkKind,
    PartGroup,
    PeriodStatus,
    Usage,
    WatchKind,
    WorkStatus,
)


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


_lot: Any = Lot.__table__


def lots_seen(scope: Scope) -> Select[Any]:
    """Return the keys of the numbers whose papers a scope may read."""
    return select(_lot.c.id).where(or_(_lot.c.place_id.is_(None), _lot.c.place_id.in_(pieces_seen(scope))))


def lots_within(scope: Scope) -> Select[Any]:
    """Return the keys of the numbers whose papers a scope may write: at its places, or not on another's shelf."""
    return select(_lot.c.id).where(or_(_lot.c.place_id.is_(None), _lot.c.place_id.in_(move_ends(scope))))


_OF_LOT = within("lot_id", lots_within, reading=lots_seen)
"""The rule of papers of one number."""


@declare(_OF_LOT)
class LotReading(Identified, Base):
    """How much a piece was used, by one driver, as a document told it for an instant; hours, or a count of cycles."""

    __tablename__ = "lot_reading"
    __table_args__ = (
        UniqueConstraint("lot_id", "driver", "read_at"),
        CheckConstraint("0 <= since_overhaul AND since_overhaul <= since_new", name="since"),
        CheckConstraint("since_new >= 0", name="not_negative"),
    )

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    driver: Mapped[UsageDriver] = mapped_column(text_enum(UsageDriver))
    read_at: Mapped[datetime]
    since_new: Mapped[Decimal] = mapped_column(Quantity)
    since_overhaul: Mapped[Decimal | None] = mapped_column(Quantity)
    document: Mapped[str] = mapped_column(String(64))


@declare(_OF_LOT)
class LotDocument(Base):
    """A document is one of a number's papers."""

    __tablename__ = "lot_document"

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("release_document.id"), primary_key=True, index=True)


_attached: Any = LotDocument.__table__


def _of_a_lot_seen(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = select(_attached.c.document_id).where(_attached.c.lot_id.in_(lots_seen(actor.scope)))
    return table.id.in_(seen)  # type: ignore[no-any-return]  # the mapped class


@declare(Rule(_of_a_lot_seen))
class ReleaseDocument(Identified, Base):
    """A release or conformity document of one or more numbers; seen by whoever sees one of them.

    `authority` is the one under whose approval it is signed, `releases_under` every authority that it releases under,
    `batch` the maker's batch or heat that it names, `file_sha256` the hash of the scanned file.
    """

    __tablename__ = "release_document"
    __table_args__ = (UniqueConstraint("form", "tracking_number", "approval"),)

    form: Mapped[Form] = mapped_column(text_enum(Form))
    tracking_number: Mapped[str] = mapped_column(String(48))
    dated: Mapped[date]
    authority: Mapped[str] = mapped_column(String(48))
    organisation: Mapped[str] = mapped_column(String(200))
    approval: Mapped[str] = mapped_column(String(48))
    signatory: Mapped[str] = mapped_column(String(200))
    releases_under: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[WorkStatus] = mapped_column(text_enum(WorkStatus))
    batch: Mapped[str | None] = mapped_column(String(48))
    remarks: Mapped[str] = mapped_column(String(2000))
    limitations: Mapped[str] = mapped_column(String(2000))
    file_sha256: Mapped[str | None] = mapped_column(String(64))


@declare(_OF_LOT)
class OperatorPeriod(Identified, Base):
    """What a piece did in a time of its life, by day, both ends included; an open end is still running."""

    __tablename__ = "operator_period"
    __table_args__ = (
        UniqueConstraint("lot_id", "starts_on"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("hours >= 0 AND cycles >= 0", name="not_negative"),
    )

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    operator: Mapped[str] = mapped_column(String(48))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    hours: Mapped[Decimal] = mapped_column(Quantity)
    cycles: Mapped[Decimal] = mapped_column(Quantity)
    status: Mapped[PeriodStatus] = mapped_column(text_enum(PeriodStatus))
    document: Mapped[str] = mapped_column(String(64))


@declare(SHARED)
class LifeLimit(Identified, Versioned, Base):
    """A part may not be used beyond `most`: flight hours, landings (cycles), APU hours, or days since it was made."""

    __tablename__ = "life_limit"
    __table_args__ = (UniqueConstraint("part_id", "driver"), CheckConstraint("most > 0", name="most"))

    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    driver: Mapped[UsageDriver] = mapped_column(text_enum(UsageDriver))
    most: Mapped[Decimal] = mapped_column(Quantity)
    source: Mapped[str] = mapped_column(String(200))


@declare(SHARED)
class AcceptanceRule(Identified, Versioned, Base):
    """Which papers make a part fit for aircraft under an authority, from a day to a day (empty: no limit).

    `forms` are accepted as they are, `dual_forms` if they release under the authority too; no form at all asks for no
    paper. Every rule in force for the authority, group and usage must be met.
    """

    __tablename__ = "acceptance_rule"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        Index("ix_acceptance_rule_authority_part_group_usage", "authority", "part_group", "usage"),
    )

    code: Mapped[str] = mapped_column(String(48), unique=True)
    authority: Mapped[str] = mapped_column(String(48))
    part_group: Mapped[PartGroup] = mapped_column(text_enum(PartGroup))
    usage: Mapped[Usage] = mapped_column(text_enum(Usage))
    forms: Mapped[list[str]] = mapped_column(JSON)
    dual_forms: Mapped[list[str]] = mapped_column(JSON)
    batch_trace: Mapped[bool]
    excluded_remarks: Mapped[list[str]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(200))
    edition: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


@declare(SHARED)
class WatchEntry(Identified, Versioned, Base):
    """What must not be issued anywhere while the entry is open; `sought` is its value in lower case.

    With a part, a serial or batch number is meant of that part only.
    """

    __tablename__ = "watch_entry"
    __table_args__ = (Index("ix_watch_entry_kind_sought", "kind", "sought"),)

    kind: Mapped[WatchKind] = mapped_column(text_enum(WatchKind))
    value: Mapped[str] = mapped_column(String(200))
    sought: Mapped[str] = mapped_column(String(200))
    part_id: Mapped[UUID | None] = mapped_column(ForeignKey("part.id"))
    reason: Mapped[str] = mapped_column(String(400))
    source: Mapped[str] = mapped_column(String(200))
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None] = mapped_column(String(400))


@declare(_OF_LOT)
class LotLink(Identified, Base):
    """An edge of the genealogy of numbers: what became of a piece or lot, and with which other."""

    __tablename__ = "lot_link"
    __table_args__ = (
        UniqueConstraint("lot_id", "other_id", "kind", "linked_at"),
        CheckConstraint("lot_id <> other_id", name="other"),
    )

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(text_enum(LinkKind))
    linked_at: Mapped[datetime]
    document: Mapped[str] = mapped_column(String(64))
