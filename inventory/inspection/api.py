"""Routes of receiving inspection, freezes and the history of a number."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from inventory.inspection import freezing, history, queries, service
from inventory.inspection.schemas import EvidenceOut, HistoryOut, InspectionOut, NewInspection
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Code
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.traceability.queries import UNSEEN, lot_by_number
from inventory.traceability.rule_schemas import EntryClosing, NewEntry
from inventory.traceability.watch import entry_by_key

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)


@router.get("/inspections", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def inspections(
    session: Reading,
    paging: Paged,
    part: str | None = None,
    lot: Annotated[str | None, Query(description="A serial or lot number.")] = None,
    place: str | None = None,
) -> Page[InspectionOut]:
    """List receiving inspections, oldest first."""
    (after,) = paging.after((queries.FIRST_KEY,))
    rows = queries.inspection_page(session, after=after, limit=paging.rows, part=part, lot=lot, place=place)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/inspections", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def inspect(session: Writing, actor: Acting, edge: Here, inspection: NewInspection) -> InspectionOut:
    """Write down an inspection: what passed every check leaves its hold, the rest goes to quarantine."""
    found = service.inspect(session, actor, inspection, edge.clock())
    return InspectionOut(
        part=inspection.part,
        place=inspection.place,
        lot=inspection.lot,
        **{name: getattr(found, name) for name in queries.OWN_COLUMNS},
    )


@router.post("/watch", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.NETWORK)])
def freeze(session: Writing, actor: Acting, edge: Here, entry: NewEntry) -> EvidenceOut:
    """Put a suspected number, batch, certificate or organisation on the watch list, and freeze what it is about."""
    return freezing.freeze(session, actor, entry, edge.clock())


@router.get("/watch/{entry}/evidence", dependencies=[needs("stock.inspect", Elsewhere.NETWORK)])
def evidence(session: Reading, entry: UUID) -> EvidenceOut:
    """Return where the stock that an entry is about lies, where it was used, and its papers."""
    return queries.evidence(session, entry_by_key(session, entry))


@router.post("/watch/{entry}/closing", dependencies=[needs("stock.inspect", Elsewhere.NETWORK)])
def release(session: Writing, actor: Acting, edge: Here, entry: UUID, closing: EntryClosing) -> EvidenceOut:
    """Close an entry of the watch list, by a second person; what it froze waits for an inspection again."""
    return freezing.release(session, actor, entry, closing.reason, edge.clock())


@router.get("/lots/history", responses=UNSEEN, dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def lot_history(
    session: Reading,
    paging: Paged,
    part: Annotated[Code, Query(description="A part number.")],
    number: Annotated[Code, Query(description="A serial or lot number.")],
) -> Page[HistoryOut]:
    """List all that is known to have happened to a serial or lot number, in order of time."""
    after = paging.after(history.BEGINNING)
    lot = lot_by_number(session, part, number)
    rows = history.history_page(session, lot, after=after, limit=paging.rows)
    return paging.page(rows, history.order_of)
