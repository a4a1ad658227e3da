"""What stands against shifts before they are put in force. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from fieldops.workforce.refusals import Refusal
from fieldops.workforce.rest import RestRule, Span, faults_with
from fieldops.workforce.rules import LocalShift, shift_span


def roster_faults(
    standing: Iterable[LocalShift], new: Iterable[LocalShift], rule: RestRule | None, zone: ZoneInfo
) -> list[Refusal]:
    """Return the limits that new shifts pass beside those that stand; see `faults_with`."""
    if rule is None:
        return []
    found = faults_with(_spans(standing, zone), _spans(new, zone), rule, zone)
    return [Refusal.of_rest(fault) for fault in found]


def _spans(shifts: Iterable[LocalShift], zone: ZoneInfo) -> list[Span]:
    return [shift_span(one.work_date, one.starts, one.ends, zone) for one in shifts]
