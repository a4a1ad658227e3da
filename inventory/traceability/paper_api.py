"""Routes of the papers of serial and lot numbers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query

from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.traceability import paper_queries, paper_service
from inventory.traceability.paper_schemas import (
    AddedDocument,
    Attachment,
    DocumentOut,
    LinkOut,
    NewDocument,
    NewLink,
    NewPeriod,
    NewReading,
    PeriodOut,
    ReadingOut,
    SuspicionOut,
)

ENTRIES_MAX = 1_000
DOCUMENTS_MAX = 200

router = APIRouter(prefix="/stock", tags=["stock"], route_class=Route)

OfPart = Annotated[str | None, Query(description="A part number.")]
OfNumber = Annotated[str | None, Query(description="A serial or lot number.")]


@router.get("/readings", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def readings(session: Reading, paging: Paged, part: OfPart = None, number: OfNumber = None) -> Page[ReadingOut]:
    """List how much pieces were used, oldest entry first."""
    (after,) = paging.after((paper_queries.FIRST_KEY,))
    rows = paper_queries.reading_page(session, after=after, limit=paging.rows, part=part, number=number)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/readings", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def add_readings(
    session: Writing,
    actor: Acting,
    edge: Here,
    readings: Annotated[list[NewReading], Body(min_length=1, max_length=ENTRIES_MAX)],
) -> list[NewReading]:
    """Add readings, all or none. The use since new never falls over time."""
    paper_service.add_readings(session, actor, readings, edge.clock())
    return readings


@router.get("/documents", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def documents(
    session: Reading,
    paging: Paged,
    part: OfPart = None,
    number: OfNumber = None,
    tracking_number: Annotated[str | None, Query(description="The number of a document.")] = None,
) -> Page[DocumentOut]:
    """List release and conformity documents, one line for each number that a document is of."""
    after = paging.after((paper_queries.FIRST_KEY, paper_queries.FIRST_KEY))
    rows = paper_queries.document_page(
        session, after=after, limit=paging.rows, part=part, number=number, tracking_number=tracking_number
    )
    page = paging.page(rows, lambda one: (one[1].id, one[0]))
    return Page(items=[document for _lot, document in page.items], next=page.next)


@router.post("/documents", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def add_documents(
    session: Writing,
    actor: Acting,
    edge: Here,
    documents: Annotated[list[NewDocument], Body(min_length=1, max_length=DOCUMENTS_MAX)],
) -> list[AddedDocument]:
    """Add documents with the numbers that they are of, all or none; the answer warns of what looks wrong."""
    return paper_service.add_documents(session, actor, documents, edge.clock())


@router.post(
    "/documents/{document}/attachments", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)]
)
def attach(session: Writing, actor: Acting, edge: Here, document: UUID, attachment: Attachment) -> AddedDocument:
    """Attach a document to more numbers."""
    return paper_service.attach(session, actor, document, attachment.lots, edge.clock())


@router.get("/periods", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def periods(session: Reading, paging: Paged, part: OfPart = None, number: OfNumber = None) -> Page[PeriodOut]:
    """List the periods of pieces' lives, oldest entry first."""
    (after,) = paging.after((paper_queries.FIRST_KEY,))
    rows = paper_queries.period_page(session, after=after, limit=paging.rows, part=part, number=number)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/periods", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def add_periods(
    session: Writing,
    actor: Acting,
    edge: Here,
    periods: Annotated[list[NewPeriod], Body(min_length=1, max_length=ENTRIES_MAX)],
) -> list[NewPeriod]:
    """Add periods of pieces' lives, all or none. An open one ends where the next begins."""
    paper_service.add_periods(session, actor, periods, edge.clock())
    return periods


@router.get("/links", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def links(session: Reading, paging: Paged, part: OfPart = None, number: OfNumber = None) -> Page[LinkOut]:
    """List what became of numbers with others, oldest entry first."""
    (after,) = paging.after((paper_queries.FIRST_KEY,))
    rows = paper_queries.link_page(session, after=after, limit=paging.rows, part=part, number=number)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/links", status_code=201, dependencies=[needs("stock.inspect", Elsewhere.REFUSED)])
def add_links(
    session: Writing,
    actor: Acting,
    edge: Here,
    links: Annotated[list[NewLink], Body(min_length=1, max_length=ENTRIES_MAX)],
) -> list[NewLink]:
    """Add links between numbers, all or none."""
    paper_service.add_links(session, actor, links, edge.clock())
    return links


@router.get("/lots/suspicions", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def suspicions(session: Reading, paging: Paged, part: OfPart = None) -> Page[SuspicionOut]:
    """List serial numbers that stand under two parts of one manufacturer."""
    after = paging.after(("", "", ""))
    rows = paper_queries.suspicion_page(session, after=after, limit=paging.rows, part=part)
    return paging.page(rows, lambda one: (one.part, one.number, one.other_part))
