"""Use cases of stock planning: set targets, keep the orders of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.engine import dialect_insert
from inventory.kernel.locks import Lock, locked_names
from inventory.network.events import tell
from inventory.network.service import place_ids
from inventory.planning.models import PlannedOrder, StockTarget
from inventory.planning.schemas import NewTarget

_KEYS_PER_QUERY = 1_000


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One proposed transfer, or purchase where there is no origin; costs in `currency`."""

    number: str
    part: str
    origin: str | None
    destination: str
    quantity: Decimal
    mode: str
    departs_at: datetime
    arrives_at: datetime
    freight_cost: Decimal
    purchase_cost: Decimal
    currency: str
    serves_job: str | None
    held: bool


def set_targets(session: Session, _actor: Actor, targets: Sequence[NewTarget]) -> None:
    """Set stock targets; the last one given for a part and place holds, and replaces the one before.

    The trail shows what was replaced, and nothing of what stays as it was.
    """
    if not targets:
        return
    parts = part_ids(session, (target.part for target in targets))
    places = place_ids(session, (target.place for target in targets))
    last = {(parts[target.part], places[target.place]): target.quantity for target in targets}
    standing = standing_targets(session, last)
    for key, replaced in standing.items():
        replaced.quantity = last[key]
    session.flush()
    new = [
        {"part_id": part, "place_id": place, "quantity": quantity}
        for (part, place), quantity in sorted(last.items())
        if (part, place) not in standing
    ]
    if new:
        # somebody else may have set the same meanwhile
        upsert = dialect_insert(session, StockTarget)
        session.execute(
            upsert.on_conflict_do_update(
                index_elements=["part_id", "place_id"], set_={"quantity": upsert.excluded.quantity}
            ),
            new,
        )
    changed: defaultdict[UUID, list[str]] = defaultdict(list)
    for target in targets:
        changed[places[target.place]].append(target.part)
    tell(session, "target.set", changed)


def standing_targets(
    session: Session, keys: Iterable[tuple[UUID, UUID]], *, locks: bool = True
) -> dict[tuple[UUID, UUID], StockTarget]:
    """Return the targets that stand already, {(part, place): target}.

    With `locks` nobody else sets a target of these parts until the transaction ends, also where none stands yet.
    """
    ordered = sorted(keys)
    if locks:
        locked_names(session, Lock.STOCK, [f"target {part}" for part in {part for part, _place in ordered}])
    cell = (StockTarget.part_id, StockTarget.place_id)
    found = {}
    for start in range(0, len(ordered), _KEYS_PER_QUERY):
        some = tuple_(*cell).in_(ordered[start : start + _KEYS_PER_QUERY])
        for target in session.scalars(select(StockTarget).where(some)):
            found[target.part_id, target.place_id] = target
    return found


def keep_orders(session: Session, plan_id: UUID, orders: Sequence[OrderLine]) -> None:
    """Keep the orders of a plan."""
    parts = part_ids(session, (order.part for order in orders))
    ends = {code for order in orders for code in (order.origin, order.destination) if code is not None}
    places = place_ids(session, ends)
    rows = [
        {
            "id": uuid7(),
            "plan_id": plan_id,
            "number": order.number,
            "part_id": parts[order.part],
            "origin_id": places[order.origin] if order.origin else None,
            "destination_id": places[order.destination],
            "quantity": order.quantity,
            "mode": order.mode,
            "departs_at": order.departs_at,
            "arrives_at": order.arrives_at,
            "freight_cost": order.freight_cost,
            "purchase_cost": order.purchase_cost,
            "currency": order.currency,
            "serves_job": order.serves_job,
            "held": order.held,
        }
        for order in orders
    ]
    if rows:
        session.execute(insert(PlannedOrder), rows)


def let_go(session: Session, plan_id: UUID, document: str) -> None:
    """Mark an order of a plan, or the transfers that serve a job of it, as no longer held for their money."""
    held = select(PlannedOrder).where(
        PlannedOrder.plan_id == plan_id, (PlannedOrder.number == document) | (PlannedOrder.serves_job == document)
    )
    for one in session.scalars(held):
        one.held = False
    session.flush()


def mark_held(session: Session, plan_id: UUID, held: Collection[str], documents: Collection[str]) -> None:
    """Mark which of the documents of a plan are held for their money; a transfer that serves a job waits with it."""
    for one in session.scalars(select(PlannedOrder).where(PlannedOrder.plan_id == plan_id)):
        document = one.serves_job or one.number
        if document in documents:
            one.held = document in held
    session.flush()
