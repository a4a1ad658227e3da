"""Reads of the fiscal calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fieldops.finance.calendars.models import FiscalCalendar, FiscalPeriod, PeriodState
from fieldops.finance.calendars.schemas import CalendarOut, PeriodOut
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region


def calendar_page(
    session: Session, *, after: str = "", limit: int | None = None, code: str | None = None
) -> list[CalendarOut]:
    """Return the calendars after `after` by code, with their periods; `code` keeps one."""
    query = (
        select(FiscalCalendar, Region.code)
        .outerjoin(Region, Region.id == FiscalCalendar.region_id)
        .where(FiscalCalendar.code > after)
        .order_by(FiscalCalendar.code)
        .limit(limit)
    )
    if code is not None:
        query = query.where(FiscalCalendar.code == code)
    rows = session.execute(query).all()
    spans: defaultdict[UUID, list[PeriodOut]] = defaultdict(list)
    keys = [calendar.id for calendar, _region in rows]
    for one in session.scalars(
        select(FiscalPeriod).where(FiscalPeriod.calendar_id.in_(keys)).order_by(FiscalPeriod.period_start)
    ):
        spans[one.calendar_id].append(period_out(one))
    return [
        CalendarOut(
            code=calendar.code,
            name=calendar.name,
            pattern=calendar.pattern,
            region=region,
            periods=spans[calendar.id],
        )
        for calendar, region in rows
    ]


def period_out(one: FiscalPeriod) -> PeriodOut:
    """Return a period as it is told."""
    return PeriodOut(
        code=one.code,
        period_start=one.period_start,
        period_end=one.period_end,
        state=one.state,
        changed_by=one.changed_by,
        changed_at=one.changed_at,
        reason=one.reason,
        version=one.version,
    )


def period_by_code(session: Session, calendar: str, code: str) -> FiscalPeriod:
    """Return a period of a calendar; raises NotFound."""
    found = session.scalar(
        select(FiscalPeriod)
        .join(FiscalCalendar, FiscalCalendar.id == FiscalPeriod.calendar_id)
        .where(FiscalCalendar.code == calendar, FiscalPeriod.code == code)
    )
    if found is None:
        raise NotFound(
            _("The calendar {calendar} has no period {code}; its list shows them").format(calendar=calendar, code=code),
            code="unknown_period",
        )
    return found


@dataclass(frozen=True, slots=True)
class ClosedPeriods:
    """The closed periods that hold for each region; the calendar without a region holds for those without their own."""

    own: dict[UUID, list[tuple[date, date, str]]]
    common: list[tuple[date, date, str]]

    def require_open(self, region: UUID, day: date, *, field: str = "day") -> None:
        """Raise Conflict for a day in a closed period."""
        for start, end, code in self.own.get(region, self.common):
            if start <= day < end:
                raise Conflict(
                    _(
                        "{day} is in the period {period}, which is closed; post on a later day, or have it reopened"
                    ).format(day=day, period=code),
                    code="period_closed",
                    field=field,
                )


def closed_periods(
    session: Session, regions: Collection[UUID], first: date, last: date, *, lock: bool = True
) -> ClosedPeriods:
    """Return what is closed for regions among the periods that meet `first` to `last`, the days asked about.

    With `lock` none of these periods is closed until the transaction ends: who closes one waits.
    """
    touched = (FiscalPeriod.period_end > first) & (FiscalPeriod.period_start <= last)
    if lock:
        held = select(FiscalPeriod.id).where(touched).order_by(FiscalPeriod.id)
        session.execute(held.with_for_update(read=True))
    own: dict[UUID, list[tuple[date, date, str]]] = {}
    common: list[tuple[date, date, str]] = []
    mine = or_(FiscalCalendar.region_id.is_(None), FiscalCalendar.region_id.in_(regions))
    closed = (FiscalPeriod.state == PeriodState.CLOSED) & touched
    query = (
        select(FiscalCalendar.region_id, FiscalPeriod.period_start, FiscalPeriod.period_end, FiscalPeriod.code)
        .outerjoin(FiscalPeriod, (FiscalPeriod.calendar_id == FiscalCalendar.id) & closed)
        .where(mine)
    )
    for region, start, end, code in session.execute(query):
        spans = common if region is None else own.setdefault(region, [])
        if start is not None:
            spans.append((start, end, code))
    return ClosedPeriods(own, common)
