"""The life of a life-limited piece: its way back to its birth, and what is left of it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from inventory.catalogue.models import UsageDriver
from inventory.kernel.texts import gettext as _
from inventory.traceability.verdicts import Failure, Remaining, plain


@dataclass(frozen=True, slots=True)
class Period:
    """A time of a piece's life, both days included; an open end lasts until the next period begins."""

    operator: str
    starts_on: date
    ends_on: date | None
    hours: Decimal = Decimal(0)
    cycles: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a part may be used at most, by one driver; CALENDAR is in days since it was made."""

    driver: UsageDriver
    most: Decimal


def remaining_life(
    limits: Iterable[Limit], made_on: date | None, read: Mapping[UsageDriver, Decimal], on: date
) -> tuple[Remaining, ...]:
    """Return what is used and left of each limit on a day; `read` is the use since new by the last readings."""
    days = None if made_on is None else Decimal((on - made_on).days)
    return tuple(
        Remaining(one.driver, one.most, days if one.driver is UsageDriver.CALENDAR else read.get(one.driver))
        for one in limits
    )


def life_failures(
    remaining: Sequence[Remaining],
    born: date,
    periods: Sequence[Period],
    read: Mapping[UsageDriver, Decimal],
    on: date,
) -> list[Failure]:
    """Return what is wrong with the life of a life-limited piece: gaps in it, sums that differ, limits used up."""
    found = [
        Failure(
            "back_to_birth_gap",
            "back to birth",
            _("Nothing tells its life from {first} to {last}; add the operator's record of that time").format(
                first=first, last=last
            ),
        )
        for first, last in gaps(periods, born, on)
    ]
    return [*found, *_sums(periods, read), *(failure for one in remaining if (failure := _exhausted(one)))]


def gaps(periods: Iterable[Period], born: date, on: date) -> list[tuple[date, date]]:
    """Return the spans of days, both included, from birth to a day that no period covers, in order of time.

    The hand-over may share a day, or be from one day to the next. O(periods log periods).
    """
    ordered = sorted(periods, key=lambda one: (one.starts_on, one.ends_on or date.max))
    found = []
    told_to = born - timedelta(days=1)
    for one, after in zip(ordered, [*ordered[1:], None], strict=False):
        if one.starts_on > on:
            break
        if one.starts_on > told_to + timedelta(days=1):
            found.append((told_to + timedelta(days=1), one.starts_on - timedelta(days=1)))
        open_until = on if after is None else min(after.starts_on, on)
        told_to = max(told_to, one.ends_on or open_until)
    if told_to < on:
        found.append((told_to + timedelta(days=1), on))
    return found


def _sums(periods: Sequence[Period], read_last: Mapping[UsageDriver, Decimal]) -> list[Failure]:
    found = []
    for driver, told in (
        (UsageDriver.FLIGHT_HOURS, sum((one.hours for one in periods), Decimal(0))),
        (UsageDriver.LANDINGS, sum((one.cycles for one in periods), Decimal(0))),
    ):
        read = read_last.get(driver)
        if read is not None and read != told:
            text = _("Its periods add up to {told} ({driver}), its last reading is {read}; correct what is wrong")
            text = text.format(told=plain(told), driver=driver, read=plain(read))
            found.append(Failure("use_disagrees", "back to birth", text))
    return found


def _exhausted(one: Remaining) -> Failure | None:
    rule = f"life limit {one.driver}"
    if one.left is None:
        text = _("Its use since new ({driver}) is not known; enter the reading of its papers").format(driver=one.driver)
        return Failure("reading_missing", rule, text)
    if one.left <= 0:
        text = _("Its life limit of {most} ({driver}) is used up; scrap it").format(
            most=plain(one.most), driver=one.driver
        )
        return Failure("life_used_up", rule, text)
    return None
