"""Midnight, time zones and the change of clocks: the caller turns local times into seconds, which are all one line."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from optimizer.dispatch.check import check
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem, Travel
from optimizer.dispatch.plan import Plan
from optimizer.dispatch.solve import solve
from optimizer.dispatch.technicians import Break, Pay, Shift, Technician, Window
from optimizer.run import Limit

HOUR_S = 3600.0
BERLIN, LONDON = "Europe/Berlin", "Europe/London"
HOME, SITE = 0, 1
WAY_S = HOUR_S / 2


def instant(told: str, zone: str = BERLIN, since: str = "2026-03-27T00:00") -> float:
    """Return a local time as seconds from the start of the horizon."""
    start = datetime.fromisoformat(since).replace(tzinfo=ZoneInfo(BERLIN))
    return datetime.fromisoformat(told).replace(tzinfo=ZoneInfo(zone)).timestamp() - start.timestamp()


def between(first: str, last: str, zone: str = BERLIN, **changes: Any) -> Shift:
    """A shift at HOME between two local times."""
    return Shift(instant(first, zone), instant(last, zone), HOME, HOME, **changes)


def planned(jobs: list[Job], *shifts: Shift, **changes: Any) -> Plan:
    """Return a sound plan of one technician, half an hour from the SITE, paid one an hour."""
    way = np.array([[0.0, WAY_S], [WAY_S, 0.0]])
    person = Technician("A", shifts, **{"pay": Pay(per_h=1.0), **changes})
    problem = Problem(("HOME", "SITE"), {"road": Travel(way, 0.0 * way)}, (person,), tuple(jobs))
    plan = solve(problem, limit=Limit(iterations=50))
    assert check(problem, plan) == []
    return plan


def work(hours: float, opens: str | None = None, closes: str | None = None, zone: str = BERLIN) -> Job:
    """A job at the SITE that begins between two local times."""
    window = Window(0.0 if opens is None else instant(opens, zone), np.inf if closes is None else instant(closes, zone))
    return Job("J", SITE, hours * HOUR_S, windows=(window,), unserved_cost=1000.0)


@pytest.mark.parametrize(
    ("opens", "closes", "starts"),
    [
        ("2026-03-27T23:30", "2026-03-28T00:30", "2026-03-27T23:30"),
        ("2026-03-28T00:00", "2026-03-28T00:00", "2026-03-28T00:00"),
        ("2026-03-28T03:00", "2026-03-28T03:30", "2026-03-28T03:00"),
    ],
)
def test_a_shift_goes_over_midnight(opens: str, closes: str, starts: str) -> None:
    plan = planned([work(2, opens, closes)], between("2026-03-27T22:00", "2026-03-28T06:00"))

    (route,) = plan.routes
    assert route.stops[0].start_s == instant(starts)


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [
        ("2026-03-27T22:00", "2026-03-28T06:00", 8),
        ("2026-03-28T22:00", "2026-03-29T06:00", 7),
        ("2026-10-24T22:00", "2026-10-25T06:00", 9),
    ],
)
def test_a_night_in_which_the_clock_changes_is_an_hour_shorter_or_longer(
    evening: str, morning: str, hours: int
) -> None:
    """With half an hour there and back, work of an hour less than the night fits, and more does not."""
    night = between(evening, morning)
    fits, too_long = planned([work(hours - 1)], night), planned([work(hours - 0.9)], night)

    assert fits.cost_by_term["labour"] == pytest.approx(hours)
    assert too_long.routes == ()


def test_a_window_in_another_zone_is_the_same_instant() -> None:
    """Eight in London is nine in Berlin, where the shift ends at half past ten."""
    day = between("2026-03-27T06:00", "2026-03-27T10:30")
    there = [planned([work(1, "2026-03-27T08:00", "2026-03-27T08:00", zone)], day) for zone in (LONDON, BERLIN)]
    late = planned([work(1, "2026-03-27T08:30", "2026-03-27T08:30", LONDON)], day)

    assert [plan.routes[0].stops[0].start_s / HOUR_S for plan in there] == [9, 8]
    assert late.routes == ()


def test_between_the_changes_of_two_zones_the_hour_between_them_changes() -> None:
    """Berlin changes its clock three weeks after New York."""
    day = between("2026-03-27T06:00", "2026-03-27T18:00")
    zone = "America/New_York"
    plan = planned([work(1, "2026-03-27T09:00", "2026-03-27T09:00", zone)], day)

    assert plan.routes[0].stops[0].start_s == 14 * HOUR_S


@pytest.mark.parametrize(
    ("starts", "hours", "night_h"),
    [
        ("2026-03-27T21:00", 1, 0.5),
        ("2026-03-27T23:00", 2, 3),
        ("2026-03-28T05:00", 2, 1.5),
        ("2026-03-27T19:00", 1, 0),
    ],
)
def test_the_night_rate_counts_over_midnight(starts: str, hours: float, night_h: float) -> None:
    """The night is from ten to six; he is out half an hour before and after the work."""
    night = Window(instant("2026-03-27T22:00"), instant("2026-03-28T06:00"))
    pay = Pay(per_h=1.0, night_per_h=10.0, nights=(night,))
    plan = planned([work(hours, starts, starts)], between("2026-03-27T18:00", "2026-03-28T12:00"), pay=pay)

    assert plan.cost_by_term["night"] == pytest.approx(10 * night_h)


@pytest.mark.parametrize(("rest_h", "is_done"), [(8, True), (8.5, True), (9, False)])
def test_the_rest_is_kept_over_midnight(rest_h: float, is_done: bool) -> None:
    """Until half past eleven in overtime, and on again at eight: the rest is eight hours and a half."""
    late = between("2026-03-27T14:00", "2026-03-27T22:00", overtime_s=3 * HOUR_S)
    early = between("2026-03-28T08:00", "2026-03-28T09:00")
    job = work(1, "2026-03-27T22:00", "2026-03-27T22:00")
    plan = planned([job], late, early, rest_s=rest_h * HOUR_S)

    assert bool(plan.routes) is is_done


def test_a_break_goes_over_midnight() -> None:
    """It begins at a quarter to twelve at the latest: before the work, which begins when it is over."""
    pause = Break(instant("2026-03-27T23:30"), instant("2026-03-27T23:45"), HOUR_S, paid=True)
    night = between("2026-03-27T22:00", "2026-03-28T06:00", breaks=(pause,))
    plan = planned([work(2, "2026-03-28T00:00", "2026-03-28T01:00")], night)

    assert plan.routes[0].stops[-1].start_s <= instant("2026-03-28T01:00")
    assert plan.left_out == ()
