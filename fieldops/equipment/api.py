"""Routes of the equipment."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Response

from fieldops.equipment import queries, service
from fieldops.equipment.schemas import (
    BookingOut,
    CalibratedTool,
    NewBooking,
    NewCalibration,
    NewLoan,
    NewTool,
    NewToolKind,
    ToolFinding,
    ToolOut,
)
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Day
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

ROWS_MAX = 1_000

router = APIRouter(tags=["tools"], route_class=Route)

Key = Annotated[UUID, Path(description="The id of a tool.")]
_READS, _WRITES = needs("tools.read", Elsewhere.HIDDEN), needs("tools.write", Elsewhere.HIDDEN)


@router.get("/tool-kinds", dependencies=[needs("tools.read", Elsewhere.SHARED)])
def tool_kinds(session: Reading, paging: Paged) -> Page[NewToolKind]:
    """List the kinds of tools with their equivalents, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.tool_kind_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/tool-kinds", status_code=201, dependencies=[needs("tools.write", Elsewhere.NETWORK)])
def add_tool_kinds(
    session: Writing, actor: Acting, kinds: Annotated[list[NewToolKind], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewToolKind]:
    """Add kinds of tools, all or none."""
    service.add_tool_kinds(session, actor, kinds)
    return kinds


@router.get("/tools", dependencies=[_READS])
def tools(
    session: Reading,
    paging: Paged,
    kind: Annotated[str | None, Query(description="Of this kind, or an equivalent.")] = None,
    due_by: Annotated[Day | None, Query(description="Those whose calibration is due on this day or before.")] = None,
) -> Page[ToolOut]:
    """List tools, by kind and serial number."""
    rows = queries.tool_page(session, after=paging.after(("", "")), limit=paging.rows, kind=kind, due_by=due_by)
    return paging.page(rows, queries.tool_key)


@router.post("/tools", status_code=201, dependencies=[needs("tools.write", Elsewhere.REFUSED)])
def add_tools(
    session: Writing, actor: Acting, tools: Annotated[list[NewTool], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewTool]:
    """Add tools, all or none."""
    service.add_tools(session, actor, tools)
    return tools


@router.get("/tools/bookings", dependencies=[_READS])
def bookings(session: Reading, paging: Paged, document: str | None = None) -> Page[BookingOut]:
    """List bookings, in the order in which they were made."""
    (after,) = paging.after((queries.FIRST_KEY,))
    rows = queries.booking_page(session, after=after, limit=paging.rows, document=document)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/tools/bookings/{booking}/release", dependencies=[_WRITES])
def release(
    session: Writing,
    actor: Acting,
    edge: Here,
    booking: Annotated[UUID, Path(description="The id of a booking.")],
) -> BookingOut:
    """Give a booked tool back."""
    return queries.booking_told(session, service.release(session, actor, booking, edge.clock()).id)


@router.get("/tools/{key}", dependencies=[_READS])
def tool(session: Reading, response: Response, key: Key) -> ToolOut:
    """Return a tool."""
    found = queries.tool_told(session, key)
    tag(response, found.version)
    return found


@router.post("/tools/{key}/bookings", status_code=201, dependencies=[_WRITES])
def book(session: Writing, actor: Acting, key: Key, wanted: NewBooking) -> BookingOut:
    """Keep a tool for a span; refused where it is booked, lent, out of service, or its calibration ends too early."""
    return queries.booking_told(session, service.book(session, actor, key, wanted).id)


@router.post("/tools/{key}/loan", dependencies=[_WRITES])
def lend(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: Key, loan: NewLoan
) -> ToolOut:
    """Lend a tool out."""
    service.lend(session, actor, key, loan, edge.clock(), version=version)
    return tool(session, response, key)


@router.post("/tools/{key}/return", dependencies=[_WRITES])
def take_back(session: Writing, actor: Acting, response: Response, version: Changing, key: Key) -> ToolOut:
    """Take a lent tool back."""
    service.take_back(session, actor, key, version=version)
    return tool(session, response, key)


@router.post("/tools/{key}/calibrations", dependencies=[_WRITES])
def calibrate(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    key: Key,
    told: NewCalibration,
) -> CalibratedTool:
    """Keep what a calibration found, by its day: one that is out takes the tool out of service.

    The bookings to come are then released, and named in the answer.
    """
    released = service.calibrate(session, actor, key, told, edge.clock(), version=version)
    after = tool(session, response, key)
    return CalibratedTool(**after.model_dump(), released=[queries.booking_told(session, one.id) for one in released])


@router.get("/tools/{key}/finding", dependencies=[_READS])
def finding(session: Reading, key: Key) -> ToolFinding:
    """Tell what a tool that was found out of calibration was used for since it was last found good."""
    return queries.last_finding(session, key)
