"""Tables of the stock ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ColumnElement, ForeignKey, Index, String, or_, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid5

from inventory.kernel.actor import Actor
from inventory.kernel.base import Base, Identified, Versioned
from inventory.kernel.priority import Priority
from inventory.kernel.scope import Rule, declare, within
from inventory.kernel.types import BigIdentity, Quantity, text_enum
from inventory.network.scope import move_ends, places_seen, places_within, reservable, shelves_seen
from inventory.traceability.condition import Condition, Hold

OWN = "own"
"""The owner of our own stock. Others are a kind and a code: customer:…, consignment:…, pool:…, loaned_in:…."""

NO_LOT = UUID(int=0)
"""Stands in a cell for stock without serial or lot number; a NULL could not be part of what a cell is found by."""


CHECK_BITS = 0xFFFF_FFFF
"""The bits of the lines' digests that a balance adds up: 32, so that 2^31 lines fit its column."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a balance is kept for."""

    part_id: UUID
    place_id: UUID
    condition: str
    hold: str
    owner: str
    lot_id: UUID


def cell_key(part: UUID, place: UUID, condition: str, hold: str, owner: str, lot: UUID) -> UUID:
    """Return the key of the balance of one cell, made of its dimensions (RFC 9562, version 5)."""
    return uuid5(part, f"{place.hex} {condition} {hold} {owner} {lot.hex}")


def digest(
    move_id: UUID,
    from_cell: UUID,
    to_cell: UUID,
    quantity: Decimal,
    document: str,
    actor: str,
    moved_at: datetime,
    recorded_at: datetime,
    reverses: UUID | None,
) -> int:
    """Return 63 bits of the BLAKE2b digest of a line (RFC 7693), which tell a line that was changed afterwards.

    It is a checksum, not a signature: the audit trail, chained and sealed, is what stands against forgery.
    """
    numerator, denominator = quantity.as_integer_ratio()
    told = (
        f"{move_id.hex} {from_cell.hex} {to_cell.hex} {numerator}/{denominator} {document} {actor} "
        f"{_instant(moved_at)} {_instant(recorded_at)} {reverses}"
    )
    return int.from_bytes(blake2b(told.encode(), digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=1_024)
def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _given(column: str) -> dict[str, Any]:
    """Return the options of an index that leaves out the rows where a column is empty, which most are."""
    only = text(f"{column} IS NOT NULL")
    return {"sqlite_where": only, "postgresql_where": only}


def _either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    seen = places_seen(actor.scope)
    return or_(table.from_place_id.in_(seen), table.to_place_id.in_(seen))


@declare(Rule(_either_end, {"from_place_id": move_ends, "to_place_id": move_ends}), audited=False)
class StockMove(Base):
    """One double entry: `quantity` of a part went from one cell to another. Never changed; corrected by a reversal.

    `moved_at` is when it happened, `recorded_at` when it was written down; `digest` shows whether it was changed since.
    """

    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("from_cell <> to_cell", name="cells_differ"),
        CheckConstraint("moved_at <= recorded_at", name="not_ahead"),
        Index("ix_stock_move_from_cell_moved_at", "from_cell", "moved_at"),
        Index("ix_stock_move_to_cell_moved_at", "to_cell", "moved_at"),
        Index("ix_stock_move_lot_id", "lot_id", **_given("lot_id")),
        Index("ix_stock_move_reverses", "reverses", unique=True, **_given("reverses")),
    )

    id: Mapped[int] = mapped_column(BigIdentity, primary_key=True)
    move_id: Mapped[UUID] = mapped_column(unique=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    from_cell: Mapped[UUID]
    to_cell: Mapped[UUID]
    from_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    to_place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    to_condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    to_hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    to_owner: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    document: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    moved_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reverses: Mapped[UUID | None]
    digest: Mapped[int] = mapped_column(BigInteger)


@declare(within("place_id", move_ends, reading=places_seen), audited=False)
class StockIssue(Base):
    """What an issue from a place was for: the aircraft that it was judged for, or why there was none. Never changed.

    `replaces` is the number of the part that the job asked for, where another was issued.
    """

    __tablename__ = "stock_issue"
    __table_args__ = (
        CheckConstraint("(aircraft_type IS NULL) = (without_aircraft IS NOT NULL)", name="aircraft_or_reason"),
        Index("ix_stock_issue_aircraft_serial", "aircraft_serial", **_given("aircraft_serial")),
    )

    move_id: Mapped[UUID] = mapped_column(ForeignKey("stock_move.move_id"), primary_key=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    aircraft_type: Mapped[str | None] = mapped_column(String(48))
    aircraft_serial: Mapped[str | None] = mapped_column(String(48))
    registry_authority: Mapped[str | None] = mapped_column(String(48))
    operator: Mapped[str | None] = mapped_column(String(48))
    modifications: Mapped[list[str]] = mapped_column(JSON)
    replaces: Mapped[str | None] = mapped_column(String(48))
    without_aircraft: Mapped[str | None] = mapped_column(String(200))


PURPOSE = ("aircraft_type", "aircraft_serial", "registry_authority", "operator", "replaces", "without_aircraft")
"""The columns of an issue that tell what it was for."""


@declare(within("place_id", move_ends, reading=shelves_seen), audited=False)
class StockBalance(Base):
    """Projection of the moves: what a cell holds. Physical places never go below zero; virtual ones may.

    `reserved` is the part of it that hard reservations keep: the sum of those in force. `checksum` is the sum of the
    last `CHECK_BITS` of its lines' digests: a line that is taken away leaves it wrong.
    """

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint("is_virtual OR quantity >= 0", name="never_negative"),
        CheckConstraint("0 <= reserved AND (is_virtual OR reserved <= quantity)", name="reserved"),
        Index("ix_stock_balance_place_id_part_id", "place_id", "part_id"),
        Index("ix_stock_balance_part_id", "part_id"),
    )

    cell: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"))
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    condition: Mapped[Condition] = mapped_column(text_enum(Condition))
    hold: Mapped[Hold] = mapped_column(text_enum(Hold))
    owner: Mapped[str] = mapped_column(String(64))
    lot_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    reserved: Mapped[Decimal] = mapped_column(Quantity, default=Decimal(0), server_default="0")
    checksum: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    is_virtual: Mapped[bool]


class ReservationKind(StrEnum):
    """How much a reservation binds."""

    SOFT = "soft"
    """It is counted against what may be promised; the stock may still be moved."""
    HARD = "hard"
    """Nobody else may move the stock."""


class ReservationState(StrEnum):
    """What became of a reservation; only one that is held counts."""

    HELD = "held"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"
    PREEMPTED = "preempted"


class Stage(StrEnum):
    """How far the reserved stock is on its way out of the door."""

    RESERVED = "reserved"
    PICKED = "picked"
    PACKED = "packed"
    CLEARED = "cleared"


def _seen_from_either_end(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Those of and for one's places; for an AOG controller also what is kept for the AOG jobs of the whole network."""
    seen = places_seen(actor.scope)
    at_own_places = or_(table.place_id.in_(seen), table.destination_id.in_(seen))
    return or_(at_own_places, table.priority == Priority.AOG) if actor.scope.aog_everywhere else at_own_places


@declare(Rule(_seen_from_either_end, {"place_id": reservable, "destination_id": places_within}))
class Reservation(Identified, Versioned, Base):
    """A quantity of one cell kept for a demand until `expires_at`; `quantity` is what is still to be taken of it.

    `demand` is the number of the job or order, `contract` that of the contract that the stock is fenced for, `aircraft`
    what was told of the aircraft that it is for.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0 OR state = 'fulfilled'", name="quantity"),
        Index("ix_reservation_cell_state", "cell", "state"),
        Index("ix_reservation_state_expires_at", "state", "expires_at"),
    )

    cell: Mapped[UUID]
    part_id: Mapped[UUID] = mapped_column(ForeignKey("part.id"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    destination_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    kind: Mapped[ReservationKind] = mapped_column(text_enum(ReservationKind))
    state: Mapped[ReservationState] = mapped_column(text_enum(ReservationState))
    stage: Mapped[Stage] = mapped_column(text_enum(Stage))
    demand: Mapped[str] = mapped_column(String(64), index=True)
    priority: Mapped[Priority] = mapped_column(text_enum(Priority))
    contract: Mapped[str | None] = mapped_column(String(48))
    aircraft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reserved_by: Mapped[str] = mapped_column(String(64))
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))
    consent: Mapped[str | None] = mapped_column(String(400))
