"""How the money of some lines is used up in the course of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from fieldops.finance.budgets.rules import run_rate
from fieldops.finance.budgets.service import OPENING
from fieldops.finance.rates.rules import rounded
from inventory.network.models import Region

_DAY = timedelta(days=1)
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """The money at the end of a day, cumulated: the budget of the time gone, spent, spent or committed, expected.

    What is spent is known until today, what is expected is told from today until the last period ends that has begun.
    """

    day: date
    budget: Decimal
    actual: Decimal | None
    taken: Decimal | None
    forecast: Decimal | None


@dataclass(frozen=True, slots=True)
class BurnUp:
    """The points of all lines of one currency, in the order of time."""

    currency: str
    points: tuple[BurnPoint, ...]


@dataclass(frozen=True, slots=True)
class _Spent:
    """An amount that counts evenly from a first to a last day; mostly they are one."""

    first: date
    last: date
    amount: Decimal

    def until(self, day: date) -> Decimal:
        return _part(self.amount, self.first, self.last + _DAY, day)


def burn_up(
    session: Session,
    today: date,
    start: date,
    end: date,
    *,
    regions: Collection[str] = (),
    line: UUID | None = None,
) -> list[BurnUp]:
    """Return by currency how the lines whose period meets `start` to `end` (the day after) are used up.

    There is a point for the eve of `start`, for the end of each month, and for today. The budget of a line counts
    evenly over its period, what was spent and committed before its books were opened evenly until then; the rest on
    the day of its document.
    """
    query = select(BudgetLine).where(BudgetLine.period_end > start, BudgetLine.period_start < end)
    if regions:
        query = query.join(Region, Region.id == BudgetLine.region_id).where(Region.code.in_(regions))
    if line is not None:
        query = query.where(BudgetLine.id == line)
    lines: defaultdict[str, list[BudgetLine]] = defaultdict(list)
    for one in session.scalars(query):
        lines[one.currency].append(one)
    days = _days(start, end, today)
    return [
        BurnUp(currency, tuple(_points(session, today, days, members))) for currency, members in sorted(lines.items())
    ]


def _days(start: date, end: date, today: date) -> list[date]:
    days = {start - _DAY, end - _DAY} | ({today} if start <= today < end else set())
    month = start.replace(day=1)
    while month < end:
        following = (month + timedelta(days=32)).replace(day=1)
        days.add(min(following, end) - _DAY)
        month = following
    return sorted(days)


def _points(session: Session, today: date, days: Iterable[date], lines: Collection[BudgetLine]) -> Iterable[BurnPoint]:
    spent = _entries(session, lines, EntryKind.ACTUAL, today)
    committed = _entries(session, lines, EntryKind.COMMITMENT, today)
    # an envelope waits a whole year for its case, and says nothing of how money goes on
    running = [one.period_end for one in lines if one.period_start <= today and not one.envelope]
    begun = max(running, default=date.min)
    currency = next(iter(lines)).currency
    ends = {one.id: max(run_rate(one.actual, *_period(one), today), one.actual + one.committed) for one in lines}
    for day in days:
        actual = sum((one.until(day) for one in spent), _NONE)
        taken = actual + sum((one.until(day) for one in committed), _NONE)
        forecast = sum((_expected(one, ends[one.id], today, day) for one in lines), _NONE)
        budget = sum((_part(one.budget, *_period(one), day) for one in lines), _NONE)
        yield BurnPoint(
            day,
            rounded(budget, currency),
            rounded(actual, currency) if day <= today else None,
            rounded(taken, currency) if day <= today else None,
            rounded(forecast, currency) if today <= day < begun else None,
        )


def _entries(session: Session, lines: Collection[BudgetLine], kind: EntryKind, today: date) -> list[_Spent]:
    ends = {one.id: one.period_end - _DAY for one in lines}
    columns = (BudgetEntry.line_id, BudgetEntry.document_kind, BudgetEntry.day)
    rows = session.execute(
        select(*columns, func.sum(BudgetEntry.amount), func.max(BudgetEntry.entered_at))
        .where(BudgetEntry.line_id.in_(ends), BudgetEntry.kind == kind)
        .group_by(*columns)
    )
    found = []
    for key, document_kind, day, amount, entered_at in rows:
        last = day
        if document_kind == OPENING:
            last = max(day, min(entered_at.date(), today, ends[key]))
        found.append(_Spent(day, last, amount))
    return found


def _expected(line: BudgetLine, finally_: Decimal, today: date, day: date) -> Decimal:
    """Return what is spent of a line by the end of a day that is not before today."""
    first = max(today + _DAY, line.period_start)
    if first >= line.period_end:
        return line.actual if day <= today else finally_
    return line.actual + _part(finally_ - line.actual, first, line.period_end, day)


def _part(amount: Decimal, start: date, end: date, day: date) -> Decimal:
    """Return the part of an amount of a span (`end` is the day after) that falls on its days until one, unrounded."""
    gone = (min(day + _DAY, end) - start).days
    return _NONE if gone <= 0 else amount * gone / (end - start).days


def _period(line: BudgetLine) -> tuple[date, date]:
    return line.period_start, line.period_end
