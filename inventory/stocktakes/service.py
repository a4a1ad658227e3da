"""Use cases of stocktakes: open one, count, submit, approve or send back, cancel."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Forbidden, Invalid
from inventory.kernel.numbering import next_number
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import StockBalance
from inventory.network.events import tell
from inventory.network.models import VIRTUAL_TIERS
from inventory.network.service import places_by_code
from inventory.stocktakes.counting import locked_in, refresh
from inventory.stocktakes.models import CountLine, Stocktake, StocktakeState
from inventory.stocktakes.posting import post_variances
from inventory.stocktakes.schemas import NewStocktake, Rejection
from inventory.traceability.models import Lot

NAMED_MAX = 3
"""How many lines a refusal names."""


def open_stocktake(session: Session, actor: Actor, wanted: NewStocktake, now: datetime) -> Stocktake:
    """Open a stocktake with a line for each cell that the ledger says holds something.

    Raises Invalid for an unknown part or place and for a place without shelf, Forbidden for a place of others.
    """
    place = places_by_code(session, [wanted.place])[wanted.place]
    if place.tier in VIRTUAL_TIERS:
        raise Invalid(
            _("{place} has no shelf to count; name a depot, a centre, an outlet or a kit").format(place=wanted.place),
            code="no_shelf",
            field="place",
        )
    part_ids(session, wanted.parts or ())
    stocktake = Stocktake(
        id=uuid7(),
        number=f"ST-{next_number(session, 'stocktake'):06d}",
        place_id=place.id,
        parts=None if wanted.parts is None else sorted(set(wanted.parts)),
        chapter=wanted.chapter,
        blind=wanted.blind,
        state=StocktakeState.COUNTING,
        counters=[],
        opened_by=actor.id,
        opened_at=now,
    )
    session.add(stocktake)
    session.flush()
    _add_lines(session, stocktake)
    _tell(session, stocktake)
    return stocktake


def submit(session: Session, actor: Actor, stocktake: Stocktake, now: datetime, *, version: int | None = None) -> None:
    """End the counting: without a variance the stocktake is done, else it waits for its approval.

    Raises Stale for another version, Conflict in another state, and where lines wait for a count.
    """
    held = locked_in(session, stocktake, StocktakeState.COUNTING, version=version)
    lines = lines_of(session, held)
    waiting = [part for line, part in lines if line.counted is None or line.recount]
    if waiting:
        raise Conflict(
            _("{count} lines wait for a count, such as {parts}; count them, nothing found is zero").format(
                count=len(waiting), parts=", ".join(sorted(set(waiting))[:NAMED_MAX])
            ),
            code="lines_uncounted",
        )
    refresh(session, [line for line, _part in lines])
    differs = any(line.variance for line, _part in lines)
    held.state = StocktakeState.TO_APPROVE if differs else StocktakeState.POSTED
    held.submitted_by, held.submitted_at, held.reason = actor.id, now, None
    _tell(session, held)


def approve(session: Session, actor: Actor, stocktake: Stocktake, now: datetime, *, version: int | None = None) -> None:
    """Post the variances, as somebody who counted nothing of it.

    Raises Stale for another version, Forbidden for a counter, Conflict in another state, where entries dated back have
    changed the book since it was submitted, where hard reservations need the stock, for a piece that the book has
    elsewhere, and without a place of adjustments.
    """
    held = locked_in(session, stocktake, StocktakeState.TO_APPROVE, version=version)
    if actor.id in held.counters:
        raise Forbidden(
            _("You counted in {number}; let somebody else approve it").format(number=held.number), code="own_count"
        )
    post_variances(session, actor, held, lines_of(session, held), now)
    held.state, held.decided_by, held.decided_at = StocktakeState.POSTED, actor.id, now
    _tell(session, held)


def reject(
    session: Session,
    actor: Actor,
    stocktake: Stocktake,
    rejection: Rejection,
    now: datetime,
    *,
    version: int | None = None,
) -> None:
    """Send lines back to be counted again: those named, else those that differ.

    Raises Stale for another version, Conflict in another state, Invalid for a line of another stocktake.
    """
    held = locked_in(session, stocktake, StocktakeState.TO_APPROVE, version=version)
    lines = {line.id: line for line, _part in lines_of(session, held)}
    again = rejection.lines or [key for key, line in lines.items() if line.variance]
    for key in again:
        if key not in lines:
            raise Invalid(
                _("{line} is no line of {number}; its lines show their keys").format(line=key, number=held.number),
                code="unknown_line",
                field="lines",
            )
        lines[key].recount = True
    held.state, held.decided_by, held.decided_at = StocktakeState.COUNTING, actor.id, now
    held.reason = rejection.reason
    _tell(session, held)


def cancel(
    session: Session, actor: Actor, stocktake: Stocktake, reason: str, now: datetime, *, version: int | None = None
) -> None:
    """Give a stocktake up; raises Stale for another version, Conflict for one that is posted or cancelled already."""
    held = locked_in(session, stocktake, StocktakeState.COUNTING, StocktakeState.TO_APPROVE, version=version)
    held.state, held.decided_by, held.decided_at = StocktakeState.CANCELLED, actor.id, now
    held.reason = reason
    _tell(session, held)


def lines_of(session: Session, stocktake: Stocktake) -> list[tuple[CountLine, str]]:
    """Return the lines with their part numbers."""
    query = (
        select(CountLine, Part.part_number)
        .join(Part, Part.id == CountLine.part_id)
        .where(CountLine.stocktake_id == stocktake.id)
        .order_by(CountLine.cell)
    )
    return [(line, part) for line, part in session.execute(query)]


def _add_lines(session: Session, stocktake: Stocktake) -> None:
    query = (
        select(StockBalance, Lot.number)
        .join(Part, Part.id == StockBalance.part_id)
        .outerjoin(Lot, Lot.id == StockBalance.lot_id)
        .where(StockBalance.place_id == stocktake.place_id, StockBalance.quantity != 0)
        .order_by(StockBalance.cell)
    )
    if stocktake.parts is not None:
        query = query.where(Part.part_number.in_(stocktake.parts))
    if stocktake.chapter is not None:
        query = query.where(Part.ata_chapter.startswith(stocktake.chapter))
    rows = [
        {
            "id": uuid7(),
            "stocktake_id": stocktake.id,
            "cell": held.cell,
            "part_id": held.part_id,
            "place_id": held.place_id,
            "condition": held.condition,
            "hold": held.hold,
            "owner": held.owner,
            "lot_id": held.lot_id,
            "lot": number,
            "book": held.quantity,
            "variance": Decimal(0),
            "value": Decimal(0),
            "recount": False,
        }
        for held, number in session.execute(query)
    ]
    if rows:
        session.execute(insert(CountLine), rows)


def _tell(session: Session, stocktake: Stocktake) -> None:
    session.flush()
    tell(session, f"stock.stocktake_{stocktake.state}", {stocktake.place_id: [stocktake.number]})
