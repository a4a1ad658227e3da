"""Counting: what somebody found in cells, beside what the ledger held of them at that instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.consistency import require_countable
from inventory.catalogue.models import Part, Tracking
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.locks import Lock, locked
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.kernel.types import Money
from inventory.ledger.costs import unit_costs
from inventory.ledger.models import NO_LOT, OWN, cell_key
from inventory.stocktakes.models import CountLine, Stocktake, StocktakeState
from inventory.stocktakes.queries import books
from inventory.stocktakes.schemas import Count
from inventory.traceability.models import Lot, LotKind

_CENT = Decimal(1).scaleb(-Money.digits)


def locked_in(session: Session, stocktake: Stocktake, *states: StocktakeState, version: int | None = None) -> Stocktake:
    """Return a stocktake as it is now, with nobody else changing it.

    Raises Stale where it is of another version than the one given, Conflict where it is in another state.
    """
    query = select(Stocktake).where(Stocktake.id == stocktake.id).execution_options(populate_existing=True)
    (held,) = locked(session, Lock.STOCK, query)
    if version is not None:
        require_version(held.version, version)
    if held.state not in states:
        raise Conflict(
            _("Stocktake {number} is {state}; read it again").format(number=held.number, state=held.state),
            code="stocktake_state",
        )
    return held  # type: ignore[no-any-return]  # what the query asks for


def count(session: Session, actor: Actor, stocktake: Stocktake, counts: Sequence[Count], now: datetime) -> None:
    """Write down what was counted, in the place of what was counted of a cell before.

    A cell that has no line gets one: found stock. One that waits for its approval is open again. Raises Invalid for an
    unknown part or number, for what is beyond the stocktake, and for an instant before it was opened or in the future;
    Conflict where it is posted or cancelled.
    """
    held = locked_in(session, stocktake, StocktakeState.COUNTING, StocktakeState.TO_APPROVE)
    parts = _parts(session, held, counts)
    lots = _lots(session, parts, counts)
    lines = _lines(session, held)
    counted: set[UUID] = set()
    for one in counts:
        part = parts[one.part]
        lot = lots[part.id, one.lot] if one.lot is not None else None
        _refuse_wrong(held, one, part, lot, now)
        numbered = NO_LOT if lot is None else lot.id
        cell = cell_key(part.id, held.place_id, one.condition, one.hold, one.owner, numbered)
        if cell in counted:
            raise Invalid(
                _("Part {part} is counted twice in the same way; add both counts up").format(part=one.part),
                code="counted_twice",
                field="part",
            )
        counted.add(cell)
        line = lines.get(cell)
        if line is None:
            line = lines[cell] = _found(held, cell, one, part, numbered)
            session.add(line)
        line.counted, line.counted_at, line.counted_by = one.quantity, one.counted_at or now, actor.id
        line.recount = False
    refresh(session, [lines[cell] for cell in counted])
    held.counters = sorted({*held.counters, actor.id})
    held.state, held.counted_at = StocktakeState.COUNTING, now
    session.flush()


def refresh(session: Session, lines: Sequence[CountLine]) -> None:
    """Bring counted lines up to what the ledger knows now of the instants of their counts."""
    told = books(session, {line.cell: line.counted_at for line in lines if line.counted_at is not None})
    costs = unit_costs(session, {(line.part_id, line.lot_id) for line in lines})
    for line in lines:
        if line.counted is None:
            continue
        line.book = told[line.cell]
        line.variance = line.counted - line.book
        cost = costs[line.part_id, line.lot_id] if line.owner == OWN else Decimal(0)
        line.value = (line.variance * cost).quantize(_CENT)


def _parts(session: Session, stocktake: Stocktake, counts: Sequence[Count]) -> dict[str, Part]:
    keys = sorted(part_ids(session, (one.part for one in counts)).values())
    found = [part for some in portions(keys) for part in session.scalars(select(Part).where(Part.id.in_(some)))]
    for part in sorted(found, key=lambda one: one.part_number):
        listed = stocktake.parts is None or part.part_number in stocktake.parts
        if not listed or not part.ata_chapter.startswith(stocktake.chapter or ""):
            raise Invalid(
                _("Part {part} is not counted in {number}; open a stocktake for it").format(
                    part=part.part_number, number=stocktake.number
                ),
                code="beyond_stocktake",
                field="part",
            )
    return {part.part_number: part for part in found}


def _lots(session: Session, parts: Mapping[str, Part], counts: Sequence[Count]) -> dict[tuple[UUID, str], Lot]:
    keys = sorted({(parts[one.part].id, one.lot) for one in counts if one.lot is not None})
    found: dict[tuple[UUID, str], Lot] = {}
    for some in portions(keys):
        for lot in session.scalars(select(Lot).where(tuple_(Lot.part_id, Lot.number).in_(some))):
            found[lot.part_id, lot.number] = lot
    for one in counts:
        if one.lot is not None and (parts[one.part].id, one.lot) not in found:
            raise Invalid(
                _("Number {lot} of part {part} is not known; add it to the serial and lot numbers first").format(
                    lot=one.lot, part=one.part
                ),
                code="unknown_lot",
                field="lot",
            )
    return found


def _lines(session: Session, stocktake: Stocktake) -> dict[UUID, CountLine]:
    query = select(CountLine).where(CountLine.stocktake_id == stocktake.id)
    return {line.cell: line for line in session.scalars(query)}


def _found(stocktake: Stocktake, cell: UUID, one: Count, part: Part, lot: UUID) -> CountLine:
    return CountLine(
        id=uuid7(),
        stocktake_id=stocktake.id,
        cell=cell,
        part_id=part.id,
        place_id=stocktake.place_id,
        condition=one.condition,
        hold=one.hold,
        owner=one.owner,
        lot_id=lot,
        lot=one.lot,
        book=Decimal(0),
        variance=Decimal(0),
        value=Decimal(0),
    )


def _refuse_wrong(stocktake: Stocktake, one: Count, part: Part, lot: Lot | None, now: datetime) -> None:
    require_countable(one.part, part.unit, one.quantity)
    if lot is None and part.tracking is not Tracking.NONE and one.quantity:
        raise Invalid(
            _("Part {part} is followed by {tracking} number; count each number by itself").format(
                part=one.part, tracking=part.tracking
            ),
            code="number_needed",
            field="lot",
        )
    if lot is not None and lot.kind is LotKind.SERIAL and one.quantity not in (0, 1):
        raise Invalid(
            _("Serial number {lot} is one piece; count 1, or 0 where it is not there").format(lot=lot.number),
            code="serial_quantity",
            field="quantity",
        )
    if one.counted_at is not None and not stocktake.opened_at <= one.counted_at <= now:
        raise Invalid(
            _(
                "Stocktake {number} was opened at {opened:%Y-%m-%d %H:%M} UTC; date the count after that, up to now"
            ).format(number=stocktake.number, opened=stocktake.opened_at),
            code="counted_outside",
            field="counted_at",
        )
