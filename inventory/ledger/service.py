"""Use cases of the stock ledger: post and reverse moves, add lots, close periods. Here alone moves are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import fact, set_fact
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import Cell, apply, never_short
from inventory.ledger.models import NO_LOT, StockMove, cell_key
from inventory.ledger.schemas import NewLot, NewMove
from inventory.ledger.serials import send
from inventory.network.events import tell
from inventory.network.models import VIRTUAL_TIERS, Place, Tier
from inventory.network.service import places_by_code
from inventory.traceability.condition import Hold
from inventory.traceability.models import Lot, LotKind

CLOSED_THROUGH = "stock_closed_through"
"""Name of the installation's fact: the last day, in UTC, on which nothing is posted any more."""


@dataclass(slots=True)
class _Batch:
    """What is posted together: rows of moves, and their net by cell."""

    now: datetime
    places: Mapping[UUID, Place]
    rows: list[dict[str, Any]] = field(default_factory=list)
    cells: dict[UUID, Cell] = field(default_factory=dict)
    deltas: defaultdict[UUID, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    moved: defaultdict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    serials: dict[UUID, Lot] = field(default_factory=dict)
    taken_since: datetime | None = None
    taken: dict[UUID, Cell] = field(default_factory=dict)

    @property
    def virtual(self) -> set[UUID]:
        return {key for key, place in self.places.items() if place.tier in VIRTUAL_TIERS}

    def add(self, number: str, lot: Lot | None, origin: Cell, destination: Cell, told: dict[str, Any]) -> None:
        """Add a move: `told` is what the row says beside its cells."""
        ends = []
        for cell, delta in ((origin, -told["quantity"]), (destination, told["quantity"])):
            key = cell_key(cell.part_id, cell.place_id, cell.condition, cell.hold, cell.owner, cell.lot_id)
            self.cells[key] = cell
            self.deltas[key] += delta
            ends.append(key)
            if self.places[cell.place_id].tier not in VIRTUAL_TIERS:
                self.moved[cell.place_id].append(number)
        if lot is not None and lot.kind is LotKind.SERIAL:
            self.serials[lot.id] = lot
        if told["moved_at"] < self.now and self.places[origin.place_id].tier not in VIRTUAL_TIERS:
            self.taken[ends[0]] = origin
            self.taken_since = min(self.taken_since or self.now, told["moved_at"])
        self.rows.append(
            told
            | {
                "part_id": origin.part_id,
                "lot_id": None if lot is None else lot.id,
                "from_cell": ends[0],
                "to_cell": ends[1],
                "from_place_id": origin.place_id,
                "to_place_id": destination.place_id,
                "condition": origin.condition,
                "to_condition": destination.condition,
                "hold": origin.hold,
                "to_hold": destination.hold,
                "owner": origin.owner,
                "to_owner": destination.owner,
                "recorded_at": self.now,
            }
        )


def post(session: Session, actor: Actor, moves: Sequence[NewMove], now: datetime) -> None:
    """Post moves, all or none, and keep the balances; the net of a batch decides, not its order.

    Raises Invalid for an unknown part, place or lot and a move that changes nothing, Conflict for a move posted before,
    for stock that is not there, a serial number that is elsewhere, and what may not be issued.
    """
    if not moves:
        return
    _refuse_twice(moves)
    parts = part_ids(session, (move.part for move in moves))
    places = places_by_code(session, {code for move in moves for code in (move.origin, move.destination)})
    lots = _lots(session, {(parts[move.part], move.lot): move.part for move in moves if move.lot})
    open_from = _open_from(session)
    _refuse_units(session, moves, parts)
    batch = _Batch(now, {place.id: place for place in places.values()})
    for move in moves:
        part, origin, destination = parts[move.part], places[move.origin], places[move.destination]
        lot = lots[part, move.lot] if move.lot else None
        taken = Cell(part, origin.id, move.condition, move.hold, move.owner, lot.id if lot else NO_LOT)
        given = Cell(
            part,
            destination.id,
            move.to_condition or move.condition,
            move.to_hold or move.hold,
            move.to_owner or move.owner,
            taken.lot_id,
        )
        moved_at = move.moved_at or now
        _refuse_senseless(move, taken, given)
        _refuse_time(moved_at, now, open_from)
        _refuse_quantity(move, lot)
        if destination.tier is Tier.CUSTOMER:
            _refuse_issue(move, lot, moved_at)
        told = {"move_id": move.move_id, "quantity": move.quantity, "document": move.document}
        batch.add(move.part, lot, taken, given, told | {"actor": actor.id, "moved_at": moved_at, "reverses": None})
    _book(session, batch)


def reverse(session: Session, actor: Actor, moves: Sequence[UUID], document: str, now: datetime) -> list[UUID]:
    """Take moves back by moves the other way, dated now, all or none; returns the new moves' ids in the same order.

    Raises NotFound for a move that there is not, Conflict where one is reversed already or its stock went on.
    """
    wanted = list(dict.fromkeys(moves))
    rows = session.execute(
        select(StockMove, Part.part_number, Lot)
        .join(Part, Part.id == StockMove.part_id)
        .outerjoin(Lot, Lot.id == StockMove.lot_id)
        .where(StockMove.move_id.in_(wanted))
    )
    found = {move.move_id: (move, number, lot) for move, number, lot in rows}
    for key in wanted:
        if key not in found:
            raise NotFound(
                _("There is no move {move} that you could reverse; the list of moves shows those there are").format(
                    move=key
                ),
                code="unknown_move",
                field="moves",
            )
    ends = {place for move, _number, _lot in found.values() for place in (move.from_place_id, move.to_place_id)}
    batch = _Batch(now, {place.id: place for place in session.scalars(select(Place).where(Place.id.in_(ends)))})
    ids: list[UUID] = []
    for key in wanted:
        move, number, lot = found[key]
        numbered = move.lot_id or NO_LOT
        taken = Cell(move.part_id, move.to_place_id, move.to_condition, move.to_hold, move.to_owner, numbered)
        given = Cell(move.part_id, move.from_place_id, move.condition, move.hold, move.owner, numbered)
        ids.append(uuid7())
        told = {"move_id": ids[-1], "quantity": move.quantity, "document": document, "actor": actor.id}
        batch.add(number, lot, taken, given, told | {"moved_at": now, "reverses": key})
    _book(session, batch)
    return ids


def add_lots(session: Session, _actor: Actor, lots: Sequence[NewLot]) -> None:
    """Add serial and lot numbers; raises Conflict for one that exists, Invalid for an unknown part."""
    parts = part_ids(session, (lot.part for lot in lots))
    keys = [(parts[lot.part], lot.number) for lot in lots]
    with unscoped(session):  # a number of another region is taken, too
        taken = set(_known(session, keys))
    for lot, key in zip(lots, keys, strict=True):
        if key in taken:
            raise Conflict(
                _("Number {lot} of part {part} is known already; correct the number").format(
                    lot=lot.number, part=lot.part
                ),
                code="lot_exists",
                field="number",
            )
        taken.add(key)
        session.add(
            Lot(
                part_id=key[0],
                number=lot.number,
                kind=lot.kind,
                made_on=lot.made_on,
                expires_on=lot.expires_on,
            )
        )
    session.flush()


def close_through(session: Session, _actor: Actor, day: date | None, now: datetime) -> None:
    """Close the days up to `day`, or open them again; raises Invalid for a day that is not over yet."""
    if day is not None and day >= now.astimezone(UTC).date():
        raise Invalid(
            _("{day} is not over yet; close a day before today").format(day=day),
            code="day_not_over",
            field="closed_through",
        )
    before = fact(session, CLOSED_THROUGH)
    set_fact(session, CLOSED_THROUGH, day.isoformat() if day else "")
    record(session, "closed", "stock", CLOSED_THROUGH, before={"through": before}, after={"through": str(day)})


def closed_through(session: Session) -> date | None:
    """Return the last closed day, in UTC; None where none is closed."""
    told = fact(session, CLOSED_THROUGH)
    return date.fromisoformat(told) if told else None


def _book(session: Session, batch: _Batch) -> None:
    """Write the moves; then, beyond the scope, which they have passed, the balances and where serial numbers are."""
    in_order(session, Lock.STOCK)
    _write(session, batch.rows)
    with unscoped(session):
        send(session, batch.serials, batch.cells, batch.deltas, batch.virtual)
        apply(session, batch.cells, batch.deltas, batch.virtual)
        if batch.taken_since is not None:
            never_short(session, batch.taken, batch.taken_since)
    tell(session, "stock.moved", batch.moved)


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    # raw: as one executemany, which tells how many rows it wrote
    kept = (
        dialect_insert(session, StockMove)
        .on_conflict_do_nothing()
        .execution_options(dml_strategy="raw", preserve_rowcount=True)
    )
    with session.begin_nested() as attempt:
        if session.execute(kept, rows).rowcount == len(rows):  # type: ignore[attr-defined]  # a cursor's result
            return
        attempt.rollback()
    with unscoped(session):
        row = _in_the_way(session, rows)
    if row["reverses"] is not None:
        raise Conflict(
            _("Move {move} is reversed already; nothing was changed").format(move=row["reverses"]),
            code="move_reversed",
            field="moves",
        )
    raise Conflict(
        _("Move {move} is posted already; nothing was posted again").format(move=row["move_id"]),
        code="move_posted",
        field="move_id",
    )


def _in_the_way(session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the first row whose move is posted already, or whose reversal is."""
    posted: set[UUID] = set()
    reversed_: set[UUID | None] = set()
    for some in portions(rows):
        found = select(StockMove.move_id, StockMove.reverses).where(
            or_(
                StockMove.move_id.in_([row["move_id"] for row in some]),
                StockMove.reverses.in_([row["reverses"] for row in some if row["reverses"] is not None]),
            )
        )
        for move, reverses in session.execute(found):
            posted.add(move)
            reversed_.add(reverses)
    reversed_.discard(None)
    return next(row for row in rows if row["move_id"] in posted or row["reverses"] in reversed_)


def _lots(session: Session, wanted: Mapping[tuple[UUID, str], str]) -> dict[tuple[UUID, str], Lot]:
    found = _known(session, list(wanted))
    for key, part in wanted.items():
        if key not in found:
            raise Invalid(
                _("Number {lot} of part {part} is not known; add it to the serial and lot numbers first").format(
                    lot=key[1], part=part
                ),
                code="unknown_lot",
                field="lot",
            )
    return found


def _known(session: Session, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], Lot]:
    found: dict[tuple[UUID, str], Lot] = {}
    for some in portions(keys):
        numbered = select(Lot).where(tuple_(Lot.part_id, Lot.number).in_(some))
        found.update(((lot.part_id, lot.number), lot) for lot in session.scalars(numbered))
    return found


def _open_from(session: Session) -> datetime | None:
    closed = closed_through(session)
    return None if closed is None else datetime.combine(closed + timedelta(days=1), time(), UTC)


def _refuse_twice(moves: Sequence[NewMove]) -> None:
    if len({move.move_id for move in moves}) < len(moves):
        raise Invalid(_("The same move stands twice in this batch; send it once"), code="move_twice", field="move_id")


def _refuse_units(session: Session, moves: Sequence[NewMove], parts: Mapping[str, UUID]) -> None:
    told = {move.part: move.unit for move in moves if move.unit is not None}
    for number in sorted(told):
        unit = session.get_one(Part, parts[number]).unit
        if unit != told[number]:
            raise Invalid(
                _("Part {part} is counted in {unit}, not in {told}; convert the quantity").format(
                    part=number, unit=unit, told=told[number]
                ),
                code="unit_mismatch",
                field="unit",
            )


def _refuse_senseless(move: NewMove, taken: Cell, given: Cell) -> None:
    if taken == given:
        raise Invalid(
            _("A move from {place} to itself moves nothing; name another destination").format(place=move.origin),
            code="same_place",
            field="destination",
        )


def _refuse_time(moved_at: datetime, now: datetime, open_from: datetime | None) -> None:
    if moved_at > now:
        raise Invalid(
            _("A move cannot happen in the future; leave moved_at out for now, or give an instant before"),
            code="moved_ahead",
            field="moved_at",
        )
    if open_from is not None and moved_at < open_from:
        raise Conflict(
            _("The days before {day} are closed; date the move later, or have the period opened").format(
                day=open_from.date()
            ),
            code="period_closed",
            field="moved_at",
        )


def _refuse_quantity(move: NewMove, lot: Lot | None) -> None:
    if lot is not None and lot.kind is LotKind.SERIAL and move.quantity != 1:
        raise Invalid(
            _("Serial number {lot} is one piece; move a quantity of 1").format(lot=lot.number),
            code="serial_quantity",
            field="quantity",
        )


def _refuse_issue(move: NewMove, lot: Lot | None, moved_at: datetime) -> None:
    if move.hold is not Hold.NONE:
        raise Conflict(
            _("Part {part} at {place} is on hold ({hold}); have the hold lifted before it is issued").format(
                part=move.part, place=move.origin, hold=move.hold
            ),
            code="on_hold",
            field="hold",
        )
    if lot is not None and lot.expires_on is not None and lot.expires_on < moved_at.date():
        raise Conflict(
            _("Number {lot} of part {part} expired on {day}; issue another one, and quarantine this").format(
                lot=lot.number, part=move.part, day=lot.expires_on
            ),
            code="lot_expired",
            field="lot",
        )
