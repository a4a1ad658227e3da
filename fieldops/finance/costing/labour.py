"""What a dispatch costs: hours of work by the clock of the technician, travel, nights away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from fieldops.finance.categories import Category
from fieldops.finance.costing.model import CostItem, ItemKind, item
from fieldops.finance.rates.schemas import KnownCurrency
from inventory.kernel.fields import Day, Instant, Price, Text
from inventory.kernel.texts import gettext as _

_TICK = timedelta(microseconds=1)
_HOUR = timedelta(hours=1) // _TICK
_LONGEST = timedelta(days=31)
INTERVALS_MAX = 200

Factor = Annotated[Decimal, Field(ge=0, le=10, decimal_places=4)]
"""By how much a rate is multiplied."""

Count = Annotated[int, Field(ge=0, le=366)]
"""A number of days, nights or visits."""


def _is_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(_("{name} is no time zone of the IANA list; correct it").format(name=name))
    return name


class LabourTerms(BaseModel):
    """What an hour of a technician costs, and by which rule: rates and factors are data, `source` says whose.

    A night premium is paid on top, in parts of the rate. Hours of a day above `regular_h_per_day` are overtime; work on
    a rest day or a holiday is paid by its own factor from the first hour.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: KnownCurrency
    rate_per_h: Price
    overtime_factor: Factor = Decimal("1.5")
    rest_day_factor: Factor = Decimal(2)
    holiday_factor: Factor = Decimal(3)
    night_premium: Factor = Decimal(0)
    night_start: time = time(22)
    night_end: time = time(6)
    regular_h_per_day: Annotated[Decimal, Field(ge=0, le=24, decimal_places=2)] = Decimal(8)
    rest_weekdays: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(description="1 is Monday.")] = (
        frozenset({6, 7})
    )
    holidays: frozenset[Day] = frozenset()
    travel_time_factor: Factor = Decimal(1)
    per_km: Price = Decimal(0)
    allowance_per_day: Price = Decimal(0)
    hotel_per_night: Price = Decimal(0)
    call_out_fee: Price = Decimal(0)
    source: Text


class Interval(BaseModel):
    """A stretch of time; it ends after it begins, and lasts 31 days at most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.start < self.end <= self.start + _LONGEST:
            raise ValueError(_("an interval ends after it begins, and lasts 31 days at most; correct start or end"))
        return self


class Fare(BaseModel):
    """A ticket, by what it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Text
    amount: Price
    currency: KnownCurrency


class DispatchCost(BaseModel):
    """A dispatch: planned or worked intervals, in the time zone of the technician's shift; travel; nights away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["dispatch"]
    terms: LabourTerms
    time_zone: Annotated[str, AfterValidator(_is_zone)]
    work: Annotated[tuple[Interval, ...], Field(max_length=INTERVALS_MAX)] = ()
    travel: Annotated[tuple[Interval, ...], Field(max_length=INTERVALS_MAX)] = ()
    km: Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)] = Decimal(0)
    fares: Annotated[tuple[Fare, ...], Field(max_length=INTERVALS_MAX)] = ()
    nights: Count = 0
    allowance_days: Count = 0
    call_outs: Count = 0

    @model_validator(mode="after")
    def _does_not_overlap(self) -> Self:
        spans = sorted((one.start, one.end) for one in (*self.work, *self.travel))
        if any(end > start for (_first, end), (start, _last) in pairwise(spans)):
            raise ValueError(_("two intervals overlap, and nobody is in two places; correct one of them"))
        return self


_KINDS: Mapping[ItemKind, Callable[[LabourTerms], Decimal]] = {
    ItemKind.REGULAR_LABOUR: lambda _terms: Decimal(1),
    ItemKind.OVERTIME_LABOUR: lambda terms: terms.overtime_factor,
    ItemKind.REST_DAY_LABOUR: lambda terms: terms.rest_day_factor,
    ItemKind.HOLIDAY_LABOUR: lambda terms: terms.holiday_factor,
    ItemKind.NIGHT_PREMIUM: lambda terms: terms.night_premium,
}


def dispatch_items(asked: DispatchCost) -> list[CostItem]:
    """Return what a dispatch costs: planned intervals give the estimate, worked ones the actual cost."""
    terms = asked.terms
    currency, rate = terms.currency, terms.rate_per_h
    worked = hours_worked(asked.work, terms, ZoneInfo(asked.time_zone))
    items = [
        item(
            kind, Category.LABOUR, Decimal(worked[kind] // _TICK), "h", rate, currency, factor=factor(terms), per=_HOUR
        )
        for kind, factor in _KINDS.items()
        if worked[kind] and factor(terms)
    ]
    if asked.call_outs and terms.call_out_fee:
        items.append(
            item(
                ItemKind.CALL_OUT,
                Category.LABOUR,
                Decimal(asked.call_outs),
                _("call-out"),
                terms.call_out_fee,
                currency,
            )
        )
    travelled = sum((one.end - one.start for one in asked.travel), timedelta()) // _TICK
    told = (
        (ItemKind.TRAVEL_TIME, Decimal(travelled), "h", rate, terms.travel_time_factor, _HOUR),
        (ItemKind.ROAD_TRAVEL, asked.km, "km", terms.per_km, Decimal(1), 1),
        (ItemKind.HOTEL, Decimal(asked.nights), _("night"), terms.hotel_per_night, Decimal(1), 1),
        (ItemKind.ALLOWANCE, Decimal(asked.allowance_days), _("day"), terms.allowance_per_day, Decimal(1), 1),
    )
    items += [
        item(kind, Category.TRAVEL, quantity, unit, price, currency, factor=factor, per=per)
        for kind, quantity, unit, price, factor, per in told
        if quantity and price and factor
    ]
    items += [
        item(ItemKind.FARE, Category.TRAVEL, Decimal(1), _("ticket"), one.amount, one.currency, basis=one.what)
        for one in asked.fares
        if one.amount
    ]
    return items


def hours_worked(work: Iterable[Interval], terms: LabourTerms, zone: ZoneInfo) -> dict[ItemKind, timedelta]:
    """Return the time of each kind, as it elapsed; the clock on the wall says what kind it is.

    A day that has 23 or 25 hours is paid as long as it was. The night premium is counted beside the kind of the hour.
    """
    nothing = timedelta()
    found = dict.fromkeys(_KINDS, nothing)
    of_day: defaultdict[date, timedelta] = defaultdict(timedelta)
    regular_most = int(terms.regular_h_per_day * _HOUR) * _TICK
    for one in sorted(work, key=lambda told: told.start):
        for start, end in _pieces(one, terms, zone):
            local = start.astimezone(zone)
            lasted = end - start
            if _at_night(local.time(), terms):
                found[ItemKind.NIGHT_PREMIUM] += lasted
            if local.date() in terms.holidays:
                found[ItemKind.HOLIDAY_LABOUR] += lasted
            elif local.isoweekday() in terms.rest_weekdays:
                found[ItemKind.REST_DAY_LABOUR] += lasted
            else:
                regular = max(min(lasted, regular_most - of_day[local.date()]), nothing)
                of_day[local.date()] += lasted
                found[ItemKind.REGULAR_LABOUR] += regular
                found[ItemKind.OVERTIME_LABOUR] += lasted - regular
    return found


def _pieces(one: Interval, terms: LabourTerms, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Cut an interval at each local midnight and at the ends of the night."""
    first, last = one.start.astimezone(zone).date(), one.end.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    walls = {time(0), terms.night_start, terms.night_end}
    cuts = {datetime.combine(day, wall, zone).astimezone(UTC) for day in days for wall in walls}
    ends = [one.start, *sorted(cut for cut in cuts if one.start < cut < one.end), one.end]
    yield from pairwise(ends)


def _at_night(wall: time, terms: LabourTerms) -> bool:
    start, end = terms.night_start, terms.night_end
    return start <= wall < end if start <= end else wall >= start or wall < end
