"""Stock that an inspection must free, wherever it was moved since: no way round the hold leads by another place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import StockBalance, StockMove
from inventory.ledger.refusals import GUARDED, OUTSIDE, WAITING, Told
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.traceability.condition import Hold
from inventory.traceability.models import LotKind


def refuse_uninspected(session: Session, posted: Sequence[Told]) -> None:
    """Raise Conflict where moves, which are posted, would free stock that waits for an inspection.

    What left a shelf on such a hold, to an adjustment for instance, comes back on one; and what came from outside on
    another hold, such as customs, goes on to receiving. Of stock without serial numbers nobody knows which piece it is:
    there what waits at the other place counts, without a lot number as far as it left from the same shelf.
    """
    free = [told for told in posted if told.given.hold not in WAITING and told.destination.tier not in VIRTUAL_TIERS]
    receipts = [told for told in free if told.receipt]
    for told, hold in (*_pieces(session, receipts), *_quantities(session, receipts)):
        raise Conflict(
            _(
                "Part {part} left to {place} on hold ({hold}); bring it back on that hold, then have it inspected, "
                "or scrap it there if it is lost"
            ).format(part=told.move.part, place=told.move.origin, hold=hold),
            code="hold_needs_inspection",
            field="hold",
        )
    for told in free:
        if told.taken.hold not in GUARDED and told.taken.hold != told.given.hold and _came_from_outside(session, told):
            raise Conflict(
                _(
                    "Part {part} came from outside on hold ({hold}) and waits for its inspection; "
                    "move it to receiving, then have it inspected"
                ).format(part=told.move.part, hold=told.taken.hold),
                code="hold_needs_inspection",
                field="to_hold",
            )


def _pieces(session: Session, receipts: Sequence[Told]) -> Iterator[tuple[Told, Hold]]:
    """Yield the pieces that went to where they come from on such a hold when they last did."""
    pieces = {told.lot.id: told for told in receipts if told.lot is not None and told.lot.kind is LotKind.SERIAL}
    last: dict[UUID, tuple[UUID, Hold]] = {}
    for some in portions(sorted(pieces)):
        went = select(StockMove.lot_id, StockMove.to_place_id, StockMove.to_hold).where(StockMove.lot_id.in_(some))
        virtual = went.join(Place, Place.id == StockMove.to_place_id).where(Place.tier.in_(VIRTUAL_TIERS))
        last |= {lot: (place, hold) for lot, place, hold in session.execute(virtual.order_by(StockMove.id)) if lot}
    for lot, (place, hold) in last.items():
        if hold in WAITING and place == pieces[lot].origin.id:
            yield pieces[lot], hold


def _quantities(session: Session, receipts: Sequence[Told]) -> Iterator[tuple[Told, Hold]]:
    """Yield what has no serial number and may be what waits at the place that it comes from."""
    loose = [told for told in receipts if told.lot is None or told.lot.kind is LotKind.LOT]
    places = {told.origin.id for told in loose}
    left: defaultdict[tuple[UUID, UUID, UUID], list[StockBalance]] = defaultdict(list)
    for some in portions(sorted({told.part.id for told in loose})):
        waiting = select(StockBalance).where(
            StockBalance.place_id.in_(places),
            StockBalance.part_id.in_(some),
            StockBalance.hold.in_(WAITING),
            StockBalance.quantity > 0,
        )
        for one in session.scalars(waiting):
            left[one.part_id, one.place_id, one.lot_id].append(one)
    for told in loose if left else ():
        for one in left.get((told.part.id, told.origin.id, told.given.lot_id), ()):
            if told.lot is not None or _left_from(session, told, one):
                yield told, one.hold


def _left_from(session: Session, told: Told, waiting: StockBalance) -> bool:
    """Tell whether what waits in a cell of a virtual place came from the shelf that a move brings stock to."""
    left = exists().where(StockMove.to_cell == waiting.cell, StockMove.from_place_id == told.destination.id)
    return bool(session.scalar(select(left)))


def _came_from_outside(session: Session, told: Told) -> bool:
    cells = (
        select(StockBalance.cell)
        .join(Place, Place.id == StockBalance.place_id)
        .where(
            StockBalance.part_id == told.part.id,
            StockBalance.lot_id == told.given.lot_id,
            Place.tier.in_(OUTSIDE),
        )
    )
    came = exists().where(StockMove.from_cell.in_(cells), StockMove.to_hold.not_in(WAITING))
    return bool(session.scalar(select(came)))
