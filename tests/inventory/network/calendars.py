"""Calendars that several tests use, and random ones."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from inventory.network.hours import Calendar

ZONES = ["Asia/Shanghai", "America/La_Paz", "Africa/Nairobi", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe"]
OFFICE = Calendar(
    week=(((9 * 60, 12 * 60), (13 * 60, 18 * 60)),) * 5 + ((), ()), closures=frozenset({date(2026, 5, 4)})
)
"""Nine to noon and one to six from Monday to Friday; the fourth of May 2026, a Monday, is a holiday."""


def _intervals(edges: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(edges[::2], edges[1::2], strict=False))


days = (
    st.lists(st.sampled_from([0, 60, 125, 170, 480, 725, 1080, 1440]), unique=True, max_size=4)
    .map(sorted)
    .map(_intervals)
)
weeks = st.tuples(*[days] * 7).filter(any)
# around both changes of the clock in Paris and on Lord Howe Island in 2026
closures = st.frozensets(st.integers(0, 300).map(lambda number: date(2026, 3, 20) + timedelta(days=number)), max_size=6)
calendars = st.builds(Calendar, week=weeks, closures=closures)
