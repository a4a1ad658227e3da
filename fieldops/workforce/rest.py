"""Whether people work too long or rest too little, by rules that are data. Pure; spans are UTC, ends exclusive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]

WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RestRule:
    """The limits of one rule; night is from `night_from` to `night_to` by the person's clock, over midnight or not."""

    code: str
    duty_max: timedelta
    break_max: timedelta
    rest_min: timedelta
    night_from: time
    night_to: time
    night_rest: timedelta
    weekly_rest: timedelta
    travel_counts: bool
    regular_day: timedelta
    overtime_month: timedelta | None


@dataclass(frozen=True, slots=True)
class RestFault:
    """A limit that is passed: by the duty, or the month, that begins at `at`; `found` is what there is instead.

    `parts` are when the limit is passed: work within them is a part of the fault.

    Codes: duty_too_long, rest_too_short, night_rest_too_short, no_weekly_rest, too_much_overtime.
    """

    code: str
    rule: str
    at: datetime
    found: timedelta
    limit: timedelta
    parts: tuple[Span, ...] = field(default=(), compare=False)

    def touches(self, span: Span) -> bool:
        """Tell whether work at a span is a part of the fault."""
        return any(start < span[1] and span[0] < end for start, end in self.parts)


def rest_faults(work: Iterable[Span], rule: RestRule, zone: ZoneInfo) -> list[RestFault]:
    """Return every limit of a rule that the work of one person passes, in order of time.

    Work is what counts as such, in any order, overlapping or not. Spans at most `break_max` apart are one duty, breaks
    included. Between two duties there is rest. A week may pass from the end of one weekly rest to the start of the
    next, before the first and after the last duty there is as much rest as is needed. O(n log n) in the spans.
    """
    spans = _joined(work, timedelta())
    duties = _joined(spans, rule.break_max)
    faults = [
        RestFault("duty_too_long", rule.code, start, end - start, rule.duty_max, ((start, end),))
        for start, end in duties
        if end - start > rule.duty_max
    ]
    for before, after in pairwise(duties):
        rest = after[0] - before[1]
        by_night = _by_night(before, rule, zone)
        needed = max(rule.night_rest, rule.rest_min) if by_night else rule.rest_min
        if rest < needed:
            code = "night_rest_too_short" if by_night and rest >= rule.rest_min else "rest_too_short"
            faults.append(RestFault(code, rule.code, after[0], rest, needed, (after,)))
    faults += _weeks(duties, rule)
    faults += _overtime(spans, rule, zone)
    return sorted(faults, key=lambda fault: (fault.at, fault.code))


def faults_with(work: Iterable[Span], added: Sequence[Span], rule: RestRule, zone: ZoneInfo) -> list[RestFault]:
    """Return the limits that work passes with what is added to it: those passed only then, and those it is a part of.

    What is wrong beforehand and elsewhere is not the fault of what is added.
    """
    before = list(work)
    known = set(rest_faults(before, rule, zone))
    found = rest_faults([*before, *added], rule, zone)
    return [one for one in found if one not in known or any(one.touches(span) for span in added)]


def rested(duties: Sequence[Span], rule: RestRule, zone: ZoneInfo) -> list[Span]:
    """Return the duties, in order of time, without each that would pass a limit after those before it."""
    if not rest_faults(duties, rule, zone):
        return sorted(duties)
    kept: list[Span] = []
    for duty in sorted(duties):
        if not rest_faults([*kept, duty], rule, zone):
            kept.append(duty)
    return kept


def _joined(spans: Iterable[Span], gap: timedelta) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _by_night(duty: Span, rule: RestRule, zone: ZoneInfo) -> bool:
    """Tell whether any moment of a duty lies in a night by the person's clock."""
    day = duty[0].astimezone(zone).date() - 2 * _DAY  # where the date line moves, the day before is none
    last = duty[1].astimezone(zone).date()
    while day <= last:
        start, end = _night(day, rule, zone)
        if max(start, duty[0]) < min(end, duty[1]):
            return True
        day += _DAY
    return False


def _night(day: date, rule: RestRule, zone: ZoneInfo) -> Span:
    until = day if rule.night_from < rule.night_to else day + _DAY
    return _instant(day, rule.night_from, zone), _instant(until, rule.night_to, zone)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _weeks(duties: Sequence[Span], rule: RestRule) -> Iterator[RestFault]:
    """Yield the stretches of duties, from weekly rest to weekly rest, that are longer than a week."""
    if not duties:
        return
    begin, reached = duties[0]
    for start, end in [*duties[1:], (datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))]:
        if start - reached >= rule.weekly_rest:
            if reached - begin > WEEK:
                beyond = (begin + WEEK, reached)
                yield RestFault("no_weekly_rest", rule.code, begin, reached - begin, WEEK, (beyond,))
            begin = start
        reached = end


def _overtime(spans: Sequence[Span], rule: RestRule, zone: ZoneInfo) -> Iterator[RestFault]:
    """Yield the months, by the person's clock, in which what goes beyond the regular day adds up to too much."""
    if rule.overtime_month is None:
        return
    days: defaultdict[date, timedelta] = defaultdict(timedelta)
    for span in spans:
        for day, worked in _by_day(span, zone):
            days[day] += worked
    months: defaultdict[date, timedelta] = defaultdict(timedelta)
    beyond: defaultdict[date, list[Span]] = defaultdict(list)
    for day, worked in sorted(days.items()):
        month = day.replace(day=1)
        months[month] += max(worked - rule.regular_day, timedelta())
        if months[month] > rule.overtime_month and worked > rule.regular_day:
            beyond[month].append((_instant(day, time(), zone), _instant(day + _DAY, time(), zone)))
    for month, overtime in months.items():
        if overtime > rule.overtime_month:
            at = _instant(month, time(), zone)
            yield RestFault("too_much_overtime", rule.code, at, overtime, rule.overtime_month, tuple(beyond[month]))


def _by_day(span: Span, zone: ZoneInfo) -> Iterator[tuple[date, timedelta]]:
    """Yield how much of a span lies on each local day."""
    start, end = span
    day = start.astimezone(zone).date()
    while start < end:
        following = _instant(day + _DAY, time(), zone)
        if following > start:
            yield day, min(end, following) - start
            start = min(end, following)
        day += _DAY
