"""Use cases of the stock ledger: post and reverse moves, close periods. Here alone moves are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Bundle, Session
from uuid_utils.compat import uuid7

from inventory.catalogue.link_queries import require_replacement
from inventory.catalogue.models import Part
from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import unlisted_part
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.installation import fact, set_fact
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.lookup import keys_by_code, portions
from inventory.kernel.rows import insert_rows
from inventory.kernel.scope import check_rows, unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import apply, never_short
from inventory.ledger.batch import Batch, Line
from inventory.ledger.costs import prices, receive
from inventory.ledger.models import NO_LOT, OWN, Cell, StockMove
from inventory.ledger.refusals import OUTSIDE, Counted, Told, refuse_lifting, refuse_twice, refuse_wrong
from inventory.ledger.schemas import NewMove
from inventory.ledger.serials import send
from inventory.ledger.waiting import refuse_uninspected
from inventory.network.events import tell
from inventory.network.models import VIRTUAL_TIERS, Place, Tier
from inventory.network.service import places_by_code
from inventory.traceability.condition import Hold
from inventory.traceability.judging import Stock, require_issuable
from inventory.traceability.models import Lot
from inventory.traceability.queries import known_lots

CLOSED_THROUGH = "stock_closed_through"
"""Name of the installation's fact: the last day, in UTC, on which nothing is posted any more."""


def post(
    session: Session,
    actor: Actor,
    moves: Sequence[NewMove],
    now: datetime,
    *,
    lifting: frozenset[Hold] = frozenset(),
) -> None:
    """Post moves, all or none, and keep the balances; the net of a batch decides, not its order.

    `lifting` are the holds that only an inspection lifts, and that this batch may lift since it is one. Raises Invalid
    for an unknown part, place or lot and a move that changes nothing, Conflict for a move posted before, for stock that
    is not there or reserved, a serial number that is elsewhere, what may not be issued or not stand in for the part
    asked for, or waits for an inspection.
    """
    if not moves:
        return
    refuse_twice(moves)
    parts = _counted(session, {move.part for move in moves})
    places = places_by_code(session, {code for move in moves for code in (move.origin, move.destination)})
    lots = _lots(session, {(parts[move.part].id, move.lot): move.part for move in moves if move.lot})
    open_from = _open_from(session)
    batch = Batch(actor.id, now, {place.id: place for place in places.values()})
    posted: list[Told] = []
    issues: defaultdict[tuple[Aircraft | None, datetime], list[Stock]] = defaultdict(list)
    stand_ins: dict[tuple[str, str, Aircraft, date], None] = {}  # each asked once, in the order of the moves
    for move in moves:
        part, origin, destination = parts[move.part], places[move.origin], places[move.destination]
        told = _told(move, part, lots[part.id, move.lot] if move.lot else None, origin, destination, now)
        refuse_wrong(told, now, open_from, lifting)
        posted.append(told)
        batch.add(
            move.move_id, move.part, told.lot, told.taken, told.given, move.quantity, move.document, told.moved_at
        )
        if move.reservation is not None:
            batch.use(move.reservation)
        if told.receipt and told.given.owner == OWN and (move.unit_cost is not None or told.lot is not None):
            batch.receive(move.unit_cost)
        if destination.tier is Tier.CUSTOMER:
            aircraft = None if move.aircraft is None else move.aircraft.value()
            batch.issue(aircraft, move.replaces, move.without_aircraft)
            if aircraft is not None and move.replaces is not None:
                stand_ins[move.replaces, move.part, aircraft, told.moved_at.astimezone(UTC).date()] = None
            numbered = None if told.lot is None else told.lot.id
            issues[aircraft, told.moved_at].append(Stock(part.id, move.condition, numbered))
    for replaced, number, plane, day in stand_ins:
        require_replacement(session, replaced, number, plane, day)
    for (aircraft, at), stocks in issues.items():
        if aircraft is None:
            actor.require("stock.sell")
        require_issuable(session, stocks, aircraft, at)
    _book(session, batch)
    with unscoped(session):
        refuse_uninspected(session, posted)


def _told(move: NewMove, part: Counted, lot: Lot | None, origin: Place, destination: Place, now: datetime) -> Told:
    """Return a move with the cells that it means; what comes from outside goes on hold until it is inspected."""
    arrives = origin.tier in OUTSIDE and destination.tier not in VIRTUAL_TIERS and move.hold is Hold.NONE
    numbered = NO_LOT if lot is None else lot.id
    return Told(
        move,
        part,
        lot,
        origin,
        destination,
        Cell(part.id, origin.id, move.condition, move.hold, move.owner, numbered),
        Cell(
            part.id,
            destination.id,
            move.to_condition or move.condition,
            move.to_hold or (Hold.RECEIVING if arrives else move.hold),
            move.to_owner or move.owner,
            numbered,
        ),
        move.moved_at or now,
    )


def reverse(session: Session, actor: Actor, moves: Sequence[UUID], document: str, now: datetime) -> list[UUID]:
    """Take moves back by moves the other way, dated now, all or none; returns the new moves' ids in the same order.

    Raises NotFound for a move that there is not, Conflict where one is reversed already, its stock went on, or it put
    on a hold that only an inspection lifts.
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
    batch = Batch(
        actor.id, now, {place.id: place for place in session.scalars(select(Place).where(Place.id.in_(ends)))}
    )
    with unscoped(session):
        priced = prices(session, wanted)
    ids: list[UUID] = []
    for key in wanted:
        move, number, lot = found[key]
        numbered = move.lot_id or NO_LOT
        taken = Cell(move.part_id, move.to_place_id, move.to_condition, move.to_hold, move.to_owner, numbered)
        given = Cell(move.part_id, move.from_place_id, move.condition, move.hold, move.owner, numbered)
        if move.hold != move.to_hold and move.from_place_id == move.to_place_id:
            refuse_lifting(number, move.to_hold, move.hold, ())
        ids.append(uuid7())
        batch.add(ids[-1], number, lot, taken, given, move.quantity, document, now, reverses=key)
        if key in priced:
            batch.receive(priced[key], back=True)
    _book(session, batch)
    return ids


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


def _book(session: Session, batch: Batch) -> None:
    """Write the moves; then, beyond the scope, which they have passed, the balances and where serial numbers are."""
    in_order(session, Lock.STOCK)
    _write(session, batch.lines)
    session.add_all(batch.issues)
    session.flush()
    with unscoped(session):
        send(session, batch.serials, batch.cells, batch.deltas, batch.virtual)
        apply(session, batch)
        if batch.taken_since is not None:
            never_short(session, batch.taken, batch.taken_since)
        if batch.receipts:
            receive(session, batch.receipts, batch.now)
    tell(session, "stock.moved", batch.moved)


def _write(session: Session, lines: Sequence[Line]) -> None:
    ends = {name: {getattr(line, name) for line in lines} for name in ("from_place_id", "to_place_id")}
    check_rows(session, StockMove, ends)
    if _inserted(session, lines):
        return
    with unscoped(session):
        line = _in_the_way(session, lines)
    if line.reverses is not None:
        raise Conflict(
            _("Move {move} is reversed already; nothing was changed").format(move=line.reverses),
            code="move_reversed",
            field="moves",
        )
    raise Conflict(
        _("Move {move} is posted already; nothing was posted again").format(move=line.move_id),
        code="move_posted",
        field="move_id",
    )


def _inserted(session: Session, lines: Sequence[Line]) -> bool:
    """Insert all lines, or none where another is in the way of one; tell which."""
    try:
        with session.begin_nested() as attempt:
            if insert_rows(session, StockMove, Line._fields, lines) == len(lines):
                return True
            attempt.rollback()
    except IntegrityError as refusal:
        # on SQLite the trigger that lets nothing be replaced comes before ON CONFLICT DO NOTHING
        if getattr(refusal.orig, "sqlite_errorname", None) != "SQLITE_CONSTRAINT_TRIGGER":
            raise
    return False


def _in_the_way(session: Session, lines: Sequence[Line]) -> Line:
    """Return the first line whose move is posted already, or whose reversal is."""
    posted: set[UUID] = set()
    reversed_: set[UUID | None] = set()
    for some in portions(lines):
        found = select(StockMove.move_id, StockMove.reverses).where(
            or_(
                StockMove.move_id.in_([line.move_id for line in some]),
                StockMove.reverses.in_([line.reverses for line in some if line.reverses is not None]),
            )
        )
        for move, reverses in session.execute(found):
            posted.add(move)
            reversed_.add(reverses)
    reversed_.discard(None)
    return next(line for line in lines if line.move_id in posted or line.reverses in reversed_)


def _counted(session: Session, numbers: Collection[str]) -> dict[str, Counted]:
    told: Bundle[Any] = Bundle("counted", Part.id, Part.unit, Part.tracking)
    rows: dict[str, Any] = keys_by_code(session, Part.part_number, told, numbers, unlisted_part)
    return {number: Counted(*row) for number, row in rows.items()}


def _lots(session: Session, wanted: Mapping[tuple[UUID, str], str]) -> dict[tuple[UUID, str], Lot]:
    found = known_lots(session, list(wanted))
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


def _open_from(session: Session) -> datetime | None:
    closed = closed_through(session)
    return None if closed is None else datetime.combine(closed + timedelta(days=1), time(), UTC)
