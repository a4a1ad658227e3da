"""The proof that the ledger is sound: no line was changed, and the balances are the sums of the lines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Row, Uuid, and_, func, inspect, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.types import Quantity
from inventory.ledger.models import CHECK_BITS, NO_LOT, Reservation, StockBalance, StockMove, cell_key, digest
from inventory.ledger.reserved import in_force
from inventory.network.models import Place
from inventory.traceability.condition import Condition, Hold
from inventory.traceability.models import Lot

_LINES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """The number of a line that is not as it was posted, and the document that it was posted on."""

    line: int
    move_id: str
    document: str


def first_changed_line(session: Session) -> ChangedLine | None:
    """Return the first line that somebody changed after it was posted, None where there is none. O(lines)."""
    columns = [one.class_attribute for one in inspect(StockMove).column_attrs]
    lines = select(*columns).order_by(StockMove.id).execution_options(yield_per=_LINES_AT_ONCE)
    with session.execute(lines) as found:
        return next((ChangedLine(line.id, str(line.move_id), line.document) for line in found if _changed(line)), None)


def _changed(line: Row[Any]) -> bool:
    numbered = line.lot_id or NO_LOT
    cells = (
        cell_key(line.part_id, line.from_place_id, line.condition, line.hold, line.owner, numbered),
        cell_key(line.part_id, line.to_place_id, line.to_condition, line.to_hold, line.to_owner, numbered),
    )
    told = (line.quantity, line.document, line.actor, line.moved_at, line.recorded_at, line.reverses)
    return line.digest != digest(line.move_id, *cells, *told) or cells != (line.from_cell, line.to_cell)


@dataclass(frozen=True, slots=True)
class WrongReservation:
    """A cell that keeps another quantity than its hard reservations in force add up to."""

    part: str
    place: str
    reserved: Decimal
    reservations: Decimal


def wrong_reservations(session: Session) -> list[WrongReservation]:
    """Return every cell whose reserved quantity is not the sum of its reservations; empty when all is sound."""
    kept = (
        select(Reservation.cell, func.sum(Reservation.quantity).label("kept"))
        .where(*in_force())
        .group_by(Reservation.cell)
        .subquery()
    )
    found = type_coerce(func.coalesce(kept.c.kept, literal(Decimal(0), Quantity)), Quantity)
    rows = session.execute(
        select(Part.part_number, Place.code, StockBalance.reserved, found)
        .join(Part, Part.id == StockBalance.part_id)
        .join(Place, Place.id == StockBalance.place_id)
        .outerjoin(kept, kept.c.cell == StockBalance.cell)
        .where(StockBalance.reserved != found)
        .order_by(Part.part_number, Place.code)
    )
    return [WrongReservation(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell whose balance is not the sum of its moves, or whose moves are not those that were posted.

    The latter is `lines_differ`: one was taken away, added or changed, by what the balance that there is adds up to.
    `line` is the newest one there is.
    """

    part: str
    place: str
    condition: Condition
    hold: Hold
    owner: str
    lot: str | None
    balance: Decimal
    moves: Decimal
    lines_differ: bool
    line: int | None


def disagreements(session: Session) -> list[Disagreement]:
    """Return every cell where balance and moves differ; empty when the ledger is sound."""
    nothing = literal(Decimal(0), Quantity)
    no_line = literal(None, Integer)
    sides = [
        select(
            StockMove.part_id,
            getattr(StockMove, f"{end}_place_id").label("place_id"),
            getattr(StockMove, f"{prefix}condition").label("condition"),
            getattr(StockMove, f"{prefix}hold").label("hold"),
            getattr(StockMove, f"{prefix}owner").label("owner"),
            func.coalesce(StockMove.lot_id, literal(NO_LOT, Uuid)).label("lot_id"),
            (StockMove.quantity if end == "to" else -StockMove.quantity).label("moved"),
            nothing.label("held"),
            StockMove.digest.bitwise_and(CHECK_BITS).label("bits"),
            literal(0).label("kept"),
            StockMove.id.label("line"),
        )
        for end, prefix in (("from", ""), ("to", "to_"))
    ]
    held_now = select(
        StockBalance.part_id,
        StockBalance.place_id,
        StockBalance.condition,
        StockBalance.hold,
        StockBalance.owner,
        StockBalance.lot_id,
        nothing.label("moved"),
        StockBalance.quantity.label("held"),
        (-StockBalance.checksum).label("bits"),
        literal(1).label("kept"),
        no_line.label("line"),
    )
    signed = union_all(*sides, held_now).subquery()
    moved, held = func.sum(signed.c.moved), func.sum(signed.c.held)
    lines_differ = and_(func.sum(signed.c.bits) != 0, func.max(signed.c.kept) == 1)
    cell = [signed.c.condition, signed.c.hold, signed.c.owner]
    rows = session.execute(
        select(Part.part_number, Place.code, *cell, Lot.number, held, moved, lines_differ, func.max(signed.c.line))
        .join(Part, Part.id == signed.c.part_id)
        .join(Place, Place.id == signed.c.place_id)
        .outerjoin(Lot, Lot.id == signed.c.lot_id)
        .group_by(Part.part_number, Place.code, *cell, Lot.number)
        .having(or_(moved != held, lines_differ))
        .order_by(Part.part_number, Place.code, *cell)
    )
    return [Disagreement(*row) for row in rows]
