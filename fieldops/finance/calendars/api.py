"""Routes of the fiscal calendars."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from fieldops.finance.calendars import service
from fieldops.finance.calendars.queries import calendar_page, period_by_code, period_out
from fieldops.finance.calendars.schemas import CalendarOut, NewCalendar, NewYear, PeriodChange, PeriodOut
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(prefix="/fiscal-calendars", tags=["fiscal calendars"], route_class=Route)

Calendar = Annotated[str, Path(description="Code of a fiscal calendar.")]
Period = Annotated[str, Path(description="Code of a period, such as 2026-P03.")]


@router.get("", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def fiscal_calendars(session: Reading, paging: Paged) -> Page[CalendarOut]:
    """List the fiscal calendars with their periods and which of them are closed."""
    (after,) = paging.after(("",))
    return paging.page(calendar_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("", status_code=201, dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def add_calendar(session: Writing, actor: Acting, wanted: NewCalendar) -> CalendarOut:
    """Add a fiscal calendar with the periods of its first year."""
    service.add_calendar(session, actor, wanted)
    return _calendar(session, wanted.code)


@router.post("/{calendar}/years", status_code=201, dependencies=[needs("budget.write", Elsewhere.NETWORK)])
def add_year(session: Writing, actor: Acting, calendar: Calendar, year: NewYear) -> CalendarOut:
    """Add the periods of the year after the last one."""
    service.add_year(session, actor, calendar, year.weeks)
    return _calendar(session, calendar)


@router.get("/{calendar}/periods/{period}", dependencies=[needs("budget.read", Elsewhere.SHARED)])
def fiscal_period(session: Reading, response: Response, calendar: Calendar, period: Period) -> PeriodOut:
    """Return one period."""
    found = period_by_code(session, calendar, period)
    tag(response, found.version)
    return period_out(found)


@router.post("/{calendar}/periods/{period}/close", dependencies=[needs("budget.close", Elsewhere.NETWORK)])
def close_period(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    calendar: Calendar,
    period: Period,
    change: PeriodChange,
) -> PeriodOut:
    """Close a period: nothing is posted in it any more."""
    found = service.close_period(session, actor, calendar, period, change.reason, edge.clock(), version=version)
    tag(response, found.version)
    return period_out(found)


@router.post("/{calendar}/periods/{period}/reopen", dependencies=[needs("budget.close", Elsewhere.NETWORK)])
def reopen_period(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    calendar: Calendar,
    period: Period,
    change: PeriodChange,
) -> PeriodOut:
    """Open the last closed period again, with a reason that is kept."""
    found = service.reopen_period(session, actor, calendar, period, change.reason, edge.clock(), version=version)
    tag(response, found.version)
    return period_out(found)


def _calendar(session: Session, code: str) -> CalendarOut:
    (told,) = calendar_page(session, code=code)
    return told
