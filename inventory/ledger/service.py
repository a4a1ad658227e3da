"""Use cases of the stock ledger. This module alone writes moves and balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.locks import Lock, in_order
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Condition, StockBalance, StockMove
from inventory.ledger.schemas import NewMove
from inventory.network.events import tell
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.network.service import place_ids

Cell = tuple[UUID, UUID, Condition]
"""Part, place and condition: what a balance is kept for. Sorted cells are the lock order of stock."""

Change = tuple[Cell, Decimal]
"""What is added to the balance of a cell, or taken from it where negative."""


def post(session: Session, actor: Actor, moves: Sequence[NewMove], now: datetime) -> None:
    """Post moves, all or none, and keep the balances; the net of a batch decides, not its order.

    Raises Invalid for an unknown part or place or a move that goes nowhere, Conflict for a move posted before
    and for stock that is not there.
    """
    if not moves:
        return
    _refuse_senseless(moves)
    parts = part_ids(session, (move.part for move in moves))
    places = place_ids(session, {code for move in moves for code in (move.origin, move.destination)})
    rows: list[dict[str, Any]] = []
    deltas: defaultdict[Cell, Decimal] = defaultdict(Decimal)
    for move in moves:
        part, origin, destination = parts[move.part], places[move.origin], places[move.destination]
        deltas[part, origin, move.condition] -= move.quantity
        deltas[part, destination, move.condition] += move.quantity
        rows.append(
            {
                "move_id": move.move_id,
                "part_id": part,
                "from_place_id": origin,
                "to_place_id": destination,
                "condition": move.condition,
                "quantity": move.quantity,
                "document": move.document,
                "actor": actor.id,
                "moved_at": now,
            }
        )
    in_order(session, Lock.STOCK)
    _write(session, rows)
    virtual = _virtual(session, places.values())
    _apply(session, deltas, virtual)
    moved: defaultdict[UUID, list[str]] = defaultdict(list)
    for move in moves:
        for place in {places[move.origin], places[move.destination]} - virtual:
            moved[place].append(move.part)
    tell(session, "stock.moved", moved)


def _refuse_senseless(moves: Sequence[NewMove]) -> None:
    if len({move.move_id for move in moves}) < len(moves):
        raise Invalid(_("The same move stands twice in this batch; send it once"), code="move_twice", field="move_id")
    for move in moves:
        if move.origin == move.destination:
            raise Invalid(
                _("A move from {place} to itself moves nothing; name another destination").format(place=move.origin),
                code="same_place",
                field="destination",
            )


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    write = dialect_insert(session, StockMove).on_conflict_do_nothing(index_elements=["move_id"])
    written = set(session.scalars(write.returning(StockMove.move_id), rows))
    for row in rows:
        if row["move_id"] not in written:
            raise Conflict(
                _("Move {move} is posted already; nothing was posted again").format(move=row["move_id"]),
                code="move_posted",
                field="move_id",
            )


def _virtual(session: Session, places: Iterable[UUID]) -> set[UUID]:
    return set(session.scalars(select(Place.id).where(Place.tier.in_(VIRTUAL_TIERS)))).intersection(places)


def _apply(session: Session, deltas: Mapping[Cell, Decimal], virtual: Collection[UUID]) -> None:
    """Change the balances cell by cell in the lock order of stock, else two batches could wait for each other."""

    def takes_from_a_shelf(change: Change) -> bool:
        (_part, place, _condition), delta = change
        return delta < 0 and place not in virtual

    changes = sorted(change for change in deltas.items() if change[1])
    for takes, run in groupby(changes, takes_from_a_shelf):
        if takes:
            for change in run:
                _take(session, change)
        else:
            _add(session, run, virtual)


def _take(session: Session, change: Change) -> None:
    (part, place, condition), delta = change
    guarded = (
        update(StockBalance)
        .where(
            StockBalance.part_id == part,
            StockBalance.place_id == place,
            StockBalance.condition == condition,
            StockBalance.quantity >= -delta,
        )
        .values(quantity=StockBalance.quantity + delta)
        .execution_options(synchronize_session=False)
    )
    if session.execute(guarded).rowcount != 1:  # type: ignore[attr-defined]
        raise _too_little(session, part, place, condition, -delta)


def _add(session: Session, changes: Iterable[Change], virtual: Collection[UUID]) -> None:
    upsert = dialect_insert(session, StockBalance)
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=["part_id", "place_id", "condition"],
            set_={"quantity": StockBalance.quantity + upsert.excluded.quantity},
        ),
        [
            {
                "part_id": part,
                "place_id": place,
                "condition": condition,
                "quantity": delta,
                "is_virtual": place in virtual,
            }
            for (part, place, condition), delta in changes
        ],
    )


def _too_little(session: Session, part: UUID, place: UUID, condition: Condition, wanted: Decimal) -> Conflict:
    held = session.scalar(
        select(StockBalance.quantity).where(
            StockBalance.part_id == part, StockBalance.place_id == place, StockBalance.condition == condition
        )
    )
    return Conflict(
        _("{place} holds {held} of part {part}, {wanted} are wanted; move less, or bring stock in first").format(
            place=session.get_one(Place, place).code,
            held=_plain(held or Decimal(0)),
            part=session.get_one(Part, part).part_number,
            wanted=_plain(wanted),
        ),
        code="too_little_stock",
        field="quantity",
    )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
