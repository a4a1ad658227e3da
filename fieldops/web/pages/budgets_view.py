"""What the pages of the budgets show: the tree of the money, the ways through time, a chart and its numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Protocol
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.finance.budgets.burning import BurnPoint, BurnUp, burn_up
from fieldops.finance.budgets.overview import Dimension, OverviewRow, overview
from fieldops.finance.budgets.queries import budget_lines, line_periods
from fieldops.finance.budgets.schemas import BudgetLineOut
from fieldops.locale.words import words
from fieldops.web.charts import Series
from inventory.kernel.texts import gettext as _

Level = Literal["all", "region", "centre", "category", "line"]
_NONE = Decimal(0)
_WIDTH = 100


class Amounts(Protocol):
    """What is taken of a budget, by how firmly."""

    @property
    def budget(self) -> Decimal: ...
    @property
    def actual(self) -> Decimal: ...
    @property
    def committed(self) -> Decimal: ...
    @property
    def reserved(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a budget is used: the share, and where the parts of a bar of 100 begin and how wide they are."""

    share: Decimal | None
    parts: tuple[tuple[str, Decimal, Decimal], ...]

    @property
    def now(self) -> Decimal:
        """Return the share within the bar."""
        return min(max(self.share or _NONE, _NONE), Decimal(1))


def use_of(row: Amounts) -> Use:
    """Return how much of a budget is used; the bar grows to what is taken where that is more."""
    taken = row.actual + row.committed + row.reserved
    whole = max(row.budget, taken)
    parts, begun = [], _NONE
    for name in ("actual", "committed", "reserved"):
        wide = round(max(getattr(row, name), _NONE) * _WIDTH / whole, 2) if whole else _NONE
        parts.append((name, begun, wide))
        begun += wide
    return Use(taken / row.budget if row.budget else None, tuple(parts))


@dataclass(frozen=True, slots=True)
class Node:
    """A row of the tree; `depth` is how far it is from the root, `path` leads to what it consists of.

    `key` is the code of what its name is a word for.
    """

    level: Level
    depth: int
    name: str
    hint: str
    currency: str
    budget: Decimal
    reserved: Decimal
    committed: Decimal
    actual: Decimal
    available: Decimal
    forecast: Decimal | None
    path: str = ""
    period: tuple[date, date] | None = None
    frozen: bool = False
    envelope: bool = False
    has_more: bool = False
    key: str = ""

    @property
    def use(self) -> Use:
        """Return how much of it is used."""
        return use_of(self)


@dataclass(frozen=True, slots=True)
class Span:
    """A choice of time: `end` is the day after. Whole years have no months in their name."""

    start: date
    end: date

    @property
    def is_year(self) -> bool:
        """Tell whether it is a whole year from January on."""
        return (self.start.month, self.start.day) == (1, 1) and self.end == date(self.start.year + 1, 1, 1)

    @property
    def code(self) -> str:
        """Return it as an address tells it."""
        return f"{self.start.isoformat()}_{self.end.isoformat()}"


def spans_of(session: Session, today: date) -> list[Span]:
    """Return the choices of time: each year that has lines, and the shorter periods of the lines, in their order."""
    found = {Span(start, end) for start, end in line_periods(session)}
    years = {year for one in found for year in range(one.start.year, (one.end - timedelta(days=1)).year + 1)}
    whole = {Span(date(year, 1, 1), date(year + 1, 1, 1)) for year in years or {today.year}}
    return sorted(found | whole, key=lambda one: (one.start.year, not one.is_year, one.start, one.end))


def chosen_span(spans: Sequence[Span], code: str, today: date) -> Span:
    """Return the span of a code, else the year of today, else the last year."""
    years = [one for one in spans if one.is_year]
    current = [one for one in years if one.start <= today < one.end]
    return next((one for one in spans if one.code == code), (current or years)[-1])


def tree(session: Session, today: date, span: Span, region: str | None) -> list[Node]:
    """Return the tree of the money: all, regions, cost centres, categories, of one region also its lines."""
    by = (Dimension.REGION, Dimension.COST_CENTRE, Dimension.CATEGORY)
    regions = () if region is None else (region,)
    rows = overview(session, today, by=by, start=span.start, end=span.end, regions=regions)
    lines = budget_lines(session, regions=regions, within=(span.start, span.end)) if region is not None else []
    # a cost centre stands below the categories that the region answers for itself
    rows.sort(key=lambda one: (one.by["region"] or "", one.currency, one.by["cost_centre"] or ""))
    nodes: list[Node] = []
    if region is None:
        for currency in sorted({one.currency for one in rows}):
            mine = [one for one in rows if one.currency == currency]
            nodes.append(_node("all", 0, _("All regions"), currency, mine))
    for (code, currency), mine in _groups(rows):
        path = f"/budgets?{urlencode({'region': code, 'period': span.code})}"
        nodes.append(_node("region", 0, code, currency, mine, path="" if region else path, has_more=True))
        nodes += _below(mine, code, lines, span)
    return nodes


def _groups(rows: Sequence[OverviewRow]) -> Iterator[tuple[tuple[str, str], list[OverviewRow]]]:
    for key in dict.fromkeys((one.by["region"] or "", one.currency) for one in rows):
        yield key, [one for one in rows if (one.by["region"], one.currency) == key]


def _below(rows: Sequence[OverviewRow], region: str, lines: Sequence[BudgetLineOut], span: Span) -> Iterator[Node]:
    told = words()
    for centre in dict.fromkeys(one.by["cost_centre"] for one in rows):
        mine = [one for one in rows if one.by["cost_centre"] == centre]
        depth = 1
        if centre is not None:
            yield _node("centre", 1, centre, mine[0].currency, mine, hint=_("Cost centre"), has_more=True)
            depth = 2
        for row in mine:
            category = row.by["category"] or ""
            its = [
                one
                for one in lines
                if (one.category, one.cost_centre, one.currency) == (category, centre, row.currency)
            ]
            name, path = told.get(category, category), ""
            if not lines:
                path = f"/budgets?{urlencode({'region': region, 'period': span.code})}#{category}"
            yield _node("category", depth, name, row.currency, [row], path=path, has_more=bool(its), key=category)
            for one in its:
                yield _line(one, depth + 1)


def _node(
    level: Level,
    depth: int,
    name: str,
    currency: str,
    rows: Collection[OverviewRow],
    *,
    path: str = "",
    hint: str = "",
    has_more: bool = False,
    key: str = "",
) -> Node:
    def total(amounts: Iterable[Decimal]) -> Decimal:
        return sum(amounts, _NONE)

    return Node(
        level=level,
        depth=depth,
        name=name,
        hint=hint,
        currency=currency,
        budget=total(one.budget for one in rows),
        reserved=total(one.reserved for one in rows),
        committed=total(one.committed for one in rows),
        actual=total(one.actual for one in rows),
        available=total(one.available for one in rows),
        forecast=total(one.forecast for one in rows),
        path=path,
        has_more=has_more,
        key=key,
    )


def _line(one: BudgetLineOut, depth: int) -> Node:
    return Node(
        level="line",
        depth=depth,
        name="",
        hint=" · ".join(part for part in (one.area, one.programme, one.person) if part),
        currency=one.currency,
        budget=one.budget,
        reserved=one.reserved,
        committed=one.committed,
        actual=one.actual,
        available=one.available,
        forecast=None,
        path=f"/budgets/lines/{one.id}",
        period=(one.period_start, one.period_end),
        frozen=one.frozen,
        envelope=one.envelope,
    )


@dataclass(frozen=True, slots=True)
class Burning:
    """A chart of the money in the course of time, where it is drawn, and its numbers."""

    currency: str
    path: str
    points: Sequence[BurnPoint]


def burnings(
    session: Session, today: date, span: Span, *, region: str | None = None, line: UUID | None = None
) -> list[Burning]:
    """Return the charts of a page, one for each currency."""
    asked = {"period": span.code} | ({"region": region} if region else {}) | ({"line": str(line)} if line else {})
    found = burn_up(session, today, span.start, span.end, regions=[region] if region else (), line=line)
    return [
        Burning(one.currency, f"/budgets/burn-up.svg?{urlencode(asked | {'currency': one.currency})}", one.points[1:])
        for one in found
    ]


def series_of(told: BurnUp) -> list[Series]:
    """Return the lines of a chart: a day's amounts stand at its end."""
    kinds = (
        (_("Budget"), "soft", [one.budget for one in told.points], False),
        (_("Spent and committed"), "held", [one.taken for one in told.points], False),
        (_("Spent"), "link", [one.actual for one in told.points], False),
        (_("Forecast"), "link", [one.forecast for one in told.points], True),
    )
    days = [one.day + timedelta(days=1) for one in told.points]
    return [
        Series(name, colour, tuple((day, one) for day, one in zip(days, amounts, strict=True) if one is not None), dash)
        for name, colour, amounts, dash in kinds
    ]
