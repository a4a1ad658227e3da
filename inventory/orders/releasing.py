"""Release of orders: what vanished since the draft is named, the pieces are kept, the money is committed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from inventory.availability.holdings import holdings
from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.service import LONGEST, is_among, require_among, take
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.balances import lock
from inventory.network.models import Place
from inventory.network.scope import places_within, reservable
from inventory.orders import money
from inventory.orders.models import StockOrder, StockOrderLine
from inventory.orders.rules import Act, OrderState
from inventory.orders.service import Lines, announce, begun, ends_of, lines_of
from inventory.orders.ways import Ends, lane_of, refused_by
from inventory.ports import Spend

KEPT = timedelta(days=7)
"""How long after the planned departure the pieces of an order stay kept for it."""


def release(
    session: Session, actor: Actor, spend: Spend, order: StockOrder, now: datetime, *, version: int | None = None
) -> None:
    """Release a draft: keep its pieces and commit its money, all or nothing.

    Where the money needs an approval the order stays a draft, and `approval` names the request; its pieces are not
    kept meanwhile. Raises Forbidden for a shelf of others, but for the central depot on the way to one's own place;
    Conflict where something vanished, all of it named, where the budget blocks it, and in another state; Stale for
    another version.
    """
    held = begun(session, order, Act.RELEASE, version)
    ends = ends_of(session, held)
    if not is_among(session, actor, ends.shelf.id, places_within):
        require_among(session, actor, ends.shelf.id, reservable)
        require_among(session, actor, ends.destination.id, places_within)
    lines = lines_of(session, held)
    waiting = money.waits(session, actor, spend, held, now)
    with session.begin_nested() as attempt:
        lost = _vanished(session, actor, held, ends, lines, now)
        if lost:
            raise Vanished(held.number, lost)
        if waiting:
            attempt.rollback()
    answer = money.take(session, actor, spend, held, now)
    if answer is not None and not answer.held:
        if not waiting:
            raise Conflict(
                _("The budget that pays for {number} was used at this moment; try again").format(number=held.number),
                code="budget_changed",
            )
        held.approval = answer.approval
        session.flush()
        return
    if waiting:
        raise Conflict(
            _("The budget that pays for {number} was changed at this moment; try again").format(number=held.number),
            code="budget_changed",
        )
    held.state, held.released_by, held.released_at = OrderState.RELEASED, actor.id, now
    session.flush()
    announce(session, held, "released")


class Vanished(Conflict):
    """What an order counted on is there no more; `details` name each part or way, and why."""

    def __init__(self, number: str, lost: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            _("{number} cannot be released: {first}").format(number=number, first=lost[0][1]), code="order_vanished"
        )
        self.details = lost


def _vanished(
    session: Session, actor: Actor, order: StockOrder, ends: Ends, lines: Lines, now: datetime
) -> list[tuple[str, str]]:
    """Keep the pieces of every line; return what could not be, and the lane where it is gone: (what, why)."""
    origin, destination = ends.shelf, ends.destination
    lane = lane_of(session, origin.code, destination.code, order.mode)
    way = _("{part} cannot go from {origin} to {destination} by {mode} any more")
    lost = [
        (
            part.part_number,
            way.format(part=part.part_number, origin=origin.code, destination=destination.code, mode=order.mode),
        )
        for part in refused_by(lane, [part for _line, part in lines])
    ]
    lock_shelf(session, origin, lines, now)
    for line, part in lines:
        try:
            keep_line(session, actor, order, ends, line, part.part_number, line.quantity, now)
        except DomainError as refusal:
            lost.append((part.part_number, refusal.message))
    return lost


def lock_shelf(session: Session, shelf: Place, lines: Lines, now: datetime) -> None:
    """Lock every cell that lines could take from, in the order of their keys, before one after the other is."""
    found = holdings(session, sorted({part.id for _line, part in lines}), now)
    with unscoped(session):
        lock(session, sorted(one.cell for one in found if one.place == shelf.code))


def keep_line(
    session: Session,
    actor: Actor,
    order: StockOrder,
    ends: Ends,
    line: StockOrderLine,
    part: str,
    quantity: Decimal,
    now: datetime,
) -> None:
    """Keep a quantity of a line for its order; raises Conflict where too little is free or may be issued."""
    wanted = NewReservation(
        part=part,
        place=ends.shelf.code,
        destination=ends.destination.code,
        quantity=quantity,
        demand=order.number,
        priority=order.priority,
        lot=line.lot,
        condition=line.condition,
        needed_at=order.arrives_at,
        expires_at=min(max(order.departs_at, now) + KEPT, now + LONGEST),
    )
    places = {ends.shelf.code: ends.shelf.id, ends.destination.code: ends.destination.id}
    take(session, actor, wanted, line.part_id, places, now)
