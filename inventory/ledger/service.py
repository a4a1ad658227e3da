"""Use cases of the stock ledger. This module alone writes moves and balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.engine import dialect_insert
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import Condition, StockBalance, StockMove
from inventory.ledger.schemas import NewMove
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.network.service import place_ids

Cell = tuple[UUID, UUID, Condition]
"""Part, place and condition: what a balance is kept for. Sorted cells are the lock order of stock."""


def post(session: Session, actor: Actor, moves: Sequence[NewMove], now: datetime) -> None:
    """Post moves, all or none, and keep the balances; the net of a batch decides, not its order.

    Raises Invalid for an unknown part or place or a move that goes nowhere, Conflict for a move posted before
    and for stock that is not there.
    """
    if not moves:
        return
    parts = part_ids(session, (move.part for move in moves))
    places = place_ids(session, {code for move in moves for code in (move.origin, move.destination)})
    _refuse_posted(session, moves)
    rows: list[dict[str, Any]] = []
    deltas: defaultdict[Cell, Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.origin == move.destination:
            raise Invalid(
                _("A move from {place} to itself moves nothing; name another destination").format(place=move.origin),
                code="same_place",
                field="destination",
            )
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
    session.execute(insert(StockMove), rows)
    _apply(session, deltas, _virtual(session, places.values()))


def _refuse_posted(session: Session, moves: Sequence[NewMove]) -> None:
    wanted = {move.move_id for move in moves}
    if len(wanted) < len(moves):
        raise Invalid(_("The same move stands twice in this batch; send it once"), code="move_twice", field="move_id")
    for start in range(0, len(moves), 5_000):
        chunk = [move.move_id for move in moves[start : start + 5_000]]
        posted = session.scalar(select(StockMove.move_id).where(StockMove.move_id.in_(chunk)).limit(1))
        if posted is not None:
            raise Conflict(
                _("Move {move} is posted already; nothing was posted again").format(move=posted),
                code="move_posted",
                field="move_id",
            )


def _virtual(session: Session, places: Any) -> set[UUID]:
    virtual = session.scalars(select(Place.id).where(Place.tier.in_(VIRTUAL_TIERS)))
    return set(virtual) & set(places)


def _apply(session: Session, deltas: dict[Cell, Decimal], virtual: set[UUID]) -> None:
    taken = sorted((cell, delta) for cell, delta in deltas.items() if delta < 0 and cell[1] not in virtual)
    for (part, place, condition), delta in taken:
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
    added = sorted((cell, delta) for cell, delta in deltas.items() if delta > 0 or cell[1] in virtual)
    if not added:
        return
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
            for (part, place, condition), delta in added
        ],
    )


def _too_little(session: Session, part: UUID, place: UUID, condition: Condition, wanted: Decimal) -> Conflict:
    held = session.scalar(
        select(StockBalance.quantity).where(
            StockBalance.part_id == part, StockBalance.place_id == place, StockBalance.condition == condition
        )
    )
    code = session.scalar(select(Place.code).where(Place.id == place))
    return Conflict(
        _("{place} holds {held} of it, {wanted} are wanted; move less, or bring stock in first").format(
            place=code, held=(held or Decimal(0)).normalize(), wanted=wanted.normalize()
        ),
        code="too_little_stock",
        field="quantity",
    )
