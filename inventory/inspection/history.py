"""The genealogy of one number: all that is known to have happened to it, in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.inspection.models import Inspection
from inventory.inspection.schemas import HistoryKind, HistoryOut
from inventory.ledger.models import PURPOSE, StockIssue, StockMove
from inventory.network.models import Place
from inventory.traceability.models import Lot, LotLink, LotReading, OperatorPeriod
from inventory.traceability.watch import papers_of

BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), "", "")
"""Below the order of every entry."""

Order = tuple[datetime, str, str]
"""When it happened, what it is, and its key."""


def order_of(entry: HistoryOut) -> Order:
    """Return by what the entries of a history are sorted."""
    return (entry.at, entry.kind, entry.key)


def history_page(session: Session, lot: Lot, *, after: Order = BEGINNING, limit: int) -> list[HistoryOut]:
    """Return up to `limit` entries of a number's history after one of them, as far as they are seen.

    What is known by the day only stands at its beginning, in UTC. A page reads the moves after it, not those before.
    """
    entries = (*_made(lot), *_papers(session, lot), *_moves(session, lot, after[0], limit))
    place = None if lot.place_id is None else session.get_one(Place, lot.place_id).code
    found = sorted((one for one in entries if order_of(one) > after), key=order_of)[:limit]
    return [one.model_copy(update={"place": place}) for one in found]


def _entry(at: datetime | date, kind: HistoryKind, key: object, document: str | None, **told: Any) -> HistoryOut:
    instant = at if isinstance(at, datetime) else datetime.combine(at, time(), UTC)
    plain = {name: None if value is None else str(value) for name, value in told.items()}
    return HistoryOut(at=instant, kind=kind, key=str(key), document=document, place=None, told=plain)


def _made(lot: Lot) -> Iterator[HistoryOut]:
    if lot.made_on is not None:
        yield _entry(lot.made_on, HistoryKind.MADE, lot.id, None, expires_on=lot.expires_on)


def _papers(session: Session, lot: Lot) -> Iterator[HistoryOut]:
    for paper in papers_of(session, [lot.id])[lot.id]:
        yield _entry(
            paper.dated,
            HistoryKind.DOCUMENT,
            paper.id,
            paper.tracking_number,
            form=paper.form,
            status=paper.status,
            organisation=paper.organisation,
        )
    for read in session.scalars(select(LotReading).where(LotReading.lot_id == lot.id)):
        yield _entry(
            read.read_at,
            HistoryKind.READING,
            read.id,
            read.document,
            driver=read.driver,
            since_new=read.since_new,
            since_overhaul=read.since_overhaul,
        )
    for period in session.scalars(select(OperatorPeriod).where(OperatorPeriod.lot_id == lot.id)):
        yield _entry(
            period.starts_on,
            HistoryKind.PERIOD,
            period.id,
            period.document,
            operator=period.operator,
            ends_on=period.ends_on,
            hours=period.hours,
            cycles=period.cycles,
            status=period.status,
        )
    inspections = select(Inspection, Place.code).join(Place, Place.id == Inspection.place_id)
    for seen, place in session.execute(inspections.where(Inspection.lot_id == lot.id)):
        yield _entry(
            seen.inspected_at,
            HistoryKind.INSPECTION,
            seen.id,
            seen.document,
            place=place,
            inspector=seen.inspector,
            result="accepted" if seen.accepted else "rejected",
        )
    yield from _links(session, lot)


def _links(session: Session, lot: Lot) -> Iterator[HistoryOut]:
    """Yield the links whose both ends are seen."""
    one, other, its_part, other_part = aliased(Lot), aliased(Lot), aliased(Part), aliased(Part)
    links = (
        select(LotLink, its_part.part_number, one.number, other_part.part_number, other.number)
        .join(one, one.id == LotLink.lot_id)
        .join(its_part, its_part.id == one.part_id)
        .join(other, other.id == LotLink.other_id)
        .join(other_part, other_part.id == other.part_id)
        .where(or_(LotLink.lot_id == lot.id, LotLink.other_id == lot.id))
    )
    for link, part, number, to_part, to_number in session.execute(links):
        yield _entry(
            link.linked_at,
            HistoryKind.LINK,
            link.id,
            link.document,
            link=link.kind,
            number=f"{part} {number}",
            other=f"{to_part} {to_number}",
        )


def _moves(session: Session, lot: Lot, since: datetime, limit: int) -> Iterator[HistoryOut]:
    """Yield moves from an instant on: all of that instant, and up to `limit` after it."""
    origin, destination = aliased(Place), aliased(Place)
    moves = (
        select(StockMove, origin.code, destination.code, StockIssue)
        .join(origin, origin.id == StockMove.from_place_id)
        .join(destination, destination.id == StockMove.to_place_id)
        .outerjoin(StockIssue, StockIssue.move_id == StockMove.move_id)
        .where(StockMove.lot_id == lot.id)
    )
    later = moves.where(StockMove.moved_at > since).order_by(StockMove.moved_at, StockMove.id).limit(limit)
    for query in (moves.where(StockMove.moved_at == since), later):
        for move, start, end, issue in session.execute(query):
            purpose = {}
            if issue is not None:
                purpose = {name: getattr(issue, name) for name in PURPOSE}
            yield _entry(
                move.moved_at,
                HistoryKind.MOVE,
                f"{move.id:020}",
                move.document,
                origin=start,
                destination=end,
                condition=move.to_condition,
                hold=move.to_hold,
                owner=move.to_owner,
                quantity=move.quantity,
                by=move.actor,
                **purpose,
            )
