"""Reads of inspections, and what is known about an entry of the watch list."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.inspection.models import Inspection
from inventory.inspection.schemas import EvidenceOut, FoundOut, InspectionOut, UsedOut
from inventory.kernel.lookup import portions
from inventory.ledger.models import PURPOSE, StockBalance, StockIssue, StockMove
from inventory.network.models import Place, Tier
from inventory.traceability.models import Lot, WatchEntry
from inventory.traceability.paper_queries import entry_out
from inventory.traceability.watch import concerned, papers_of

FIRST_KEY = UUID(int=0)
OWN_COLUMNS = (
    "id",
    "condition",
    "hold",
    "owner",
    "quantity",
    "checks",
    "accepted",
    "to_condition",
    "ordered_by",
    "document",
    "inspector",
    "inspected_at",
    "move_id",
)


def inspection_page(
    session: Session,
    *,
    after: UUID = FIRST_KEY,
    limit: int,
    part: str | None = None,
    lot: str | None = None,
    place: str | None = None,
) -> list[InspectionOut]:
    """Return up to `limit` inspections after a key, oldest first."""
    query = (
        select(Inspection, Part.part_number, Place.code, Lot.number)
        .join(Part, Part.id == Inspection.part_id)
        .join(Place, Place.id == Inspection.place_id)
        .outerjoin(Lot, Lot.id == Inspection.lot_id)
        .where(Inspection.id > after)
        .order_by(Inspection.id)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    if lot is not None:
        query = query.where(Lot.number == lot)
    if place is not None:
        query = query.where(Place.code == place)
    return [
        InspectionOut(part=of, place=at, lot=number, **{name: getattr(row, name) for name in OWN_COLUMNS})
        for row, of, at, number in session.execute(query)
    ]


def evidence(session: Session, entry: WatchEntry) -> EvidenceOut:
    """Return what is known about an entry: where its stock lies now, where it was used, and its papers."""
    lots = concerned(session, entry)
    keys = [lot.id for lot in lots]
    part = None if entry.part_id is None else session.get_one(Part, entry.part_id).part_number
    papers = {paper.id: paper for some in papers_of(session, keys).values() for paper in some}
    return EvidenceOut(
        entry=entry_out(entry, part),
        found=_found(session, keys),
        used=_used(session, keys),
        documents=sorted(
            f"{paper.form} {paper.tracking_number}, {paper.organisation} ({paper.approval})"
            for paper in papers.values()
        ),
        demands=[],
    )


def _found(session: Session, lots: Sequence[UUID]) -> list[FoundOut]:
    columns = (StockBalance.condition, StockBalance.hold, StockBalance.owner, StockBalance.quantity)
    return [
        FoundOut(**row)
        for some in portions(lots)
        for row in session.execute(
            select(Part.part_number.label("part"), Lot.number.label("lot"), Place.code.label("place"), *columns)
            .join(Part, Part.id == StockBalance.part_id)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Place, Place.id == StockBalance.place_id)
            .where(StockBalance.lot_id.in_(some), StockBalance.is_virtual.is_(False), StockBalance.quantity > 0)
            .order_by(Part.part_number, Lot.number, Place.code, StockBalance.cell)
        ).mappings()
    ]


def _used(session: Session, lots: Sequence[UUID]) -> list[UsedOut]:
    origin, destination = aliased(Place), aliased(Place)
    return [
        UsedOut(**row)
        for some in portions(lots)
        for row in session.execute(
            select(
                Part.part_number.label("part"),
                Lot.number.label("lot"),
                origin.code.label("origin"),
                destination.code.label("destination"),
                StockMove.quantity,
                StockMove.document,
                StockMove.moved_at,
                *(getattr(StockIssue, name) for name in PURPOSE),
            )
            .join(Part, Part.id == StockMove.part_id)
            .join(Lot, Lot.id == StockMove.lot_id)
            .join(origin, origin.id == StockMove.from_place_id)
            .join(destination, destination.id == StockMove.to_place_id)
            .outerjoin(StockIssue, StockIssue.move_id == StockMove.move_id)
            .where(StockMove.lot_id.in_(some), destination.tier == Tier.CUSTOMER)
            .order_by(StockMove.moved_at, StockMove.id)
        ).mappings()
    ]
