"""Use cases of the fiscal calendars: add one, add its next year, close and reopen periods."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.calendars.models import FiscalCalendar, FiscalPeriod, PeriodState
from fieldops.finance.calendars.queries import period_by_code
from fieldops.finance.calendars.rules import periods
from fieldops.finance.calendars.schemas import NewCalendar
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.service import region_ids


def add_calendar(session: Session, _actor: Actor, wanted: NewCalendar) -> None:
    """Add a calendar with its first year; raises Conflict for a code, or a region that has one, Invalid for a region
    that there is not."""
    region = None if wanted.region is None else region_ids(session, [wanted.region])[wanted.region]
    same = select(FiscalCalendar.code).where(
        (FiscalCalendar.code == wanted.code)
        | (FiscalCalendar.region_id.is_(None) if region is None else FiscalCalendar.region_id == region)
    )
    standing = session.scalars(same).first()
    if standing is not None:
        raise Conflict(
            _("The calendar {code} is there already; add a year to it instead").format(code=standing),
            code="calendar_exists",
            field="code",
        )
    calendar = FiscalCalendar(id=uuid7(), code=wanted.code, name=wanted.name, pattern=wanted.pattern, region_id=region)
    session.add(calendar)
    session.flush()
    _add_periods(session, calendar, wanted.first_day, wanted.weeks)


def add_year(session: Session, _actor: Actor, code: str, weeks: int) -> None:
    """Add the year that follows the last one of a calendar; raises NotFound for an unknown calendar."""
    calendar = session.scalar(select(FiscalCalendar).where(FiscalCalendar.code == code))
    if calendar is None:
        raise NotFound(
            _("There is no fiscal calendar {code}; the list shows them").format(code=code), code="unknown_calendar"
        )
    following = session.scalar(select(func.max(FiscalPeriod.period_end)).where(FiscalPeriod.calendar_id == calendar.id))
    assert following is not None  # noqa: S101 - a calendar is added with its first year
    _add_periods(session, calendar, following, weeks)


def close_period(
    session: Session, actor: Actor, calendar: str, code: str, reason: str, now: datetime, *, version: int
) -> FiscalPeriod:
    """Close a period; raises Conflict where it is closed, or one before it is open still, Stale for another version."""
    period = period_by_code(session, calendar, code)
    require_version(period.version, version)
    if period.state is PeriodState.CLOSED:
        raise Conflict(_("{period} is closed already").format(period=code), code="period_is_so")
    earlier = session.scalar(
        select(func.min(FiscalPeriod.code)).where(
            FiscalPeriod.calendar_id == period.calendar_id,
            FiscalPeriod.period_start < period.period_start,
            FiscalPeriod.state == PeriodState.OPEN,
        )
    )
    if earlier is not None:
        raise Conflict(
            _("{earlier} is open still; close the periods in their order").format(earlier=earlier),
            code="earlier_open",
        )
    return _change(session, actor, period, PeriodState.CLOSED, reason, now)


def reopen_period(
    session: Session, actor: Actor, calendar: str, code: str, reason: str, now: datetime, *, version: int
) -> FiscalPeriod:
    """Open a closed period again; raises Conflict where it is open, or one after it is closed, Stale."""
    period = period_by_code(session, calendar, code)
    require_version(period.version, version)
    if period.state is PeriodState.OPEN:
        raise Conflict(_("{period} is open already").format(period=code), code="period_is_so")
    later = session.scalar(
        select(func.max(FiscalPeriod.code)).where(
            FiscalPeriod.calendar_id == period.calendar_id,
            FiscalPeriod.period_start > period.period_start,
            FiscalPeriod.state == PeriodState.CLOSED,
        )
    )
    if later is not None:
        raise Conflict(
            _("{later} is closed; reopen the periods from the last one back").format(later=later), code="later_closed"
        )
    return _change(session, actor, period, PeriodState.OPEN, reason, now)


def _change(
    session: Session, actor: Actor, period: FiscalPeriod, state: PeriodState, reason: str, now: datetime
) -> FiscalPeriod:
    period.state, period.changed_by, period.changed_at, period.reason = state, actor.id, now, reason
    session.flush()
    return period


def _add_periods(session: Session, calendar: FiscalCalendar, first_day: date, weeks: int) -> None:
    session.execute(
        insert(FiscalPeriod),
        [
            {
                "id": uuid7(),
                "calendar_id": calendar.id,
                "code": span.code,
                "period_start": span.start,
                "period_end": span.end,
                "state": PeriodState.OPEN,
                "version": 1,
            }
            for span in periods(first_day, calendar.pattern, weeks=weeks)
        ],
    )
