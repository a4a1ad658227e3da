"""Back to birth: every day of a life-limited piece's life is told, the sums agree, and what is left is reckoned."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inventory.catalogue.models import UsageDriver
from inventory.traceability.condition import Condition
from inventory.traceability.kinds import PartGroup
from inventory.traceability.lives import Limit, Period, gaps
from inventory.traceability.rules import Unit, judge

BORN = date(2020, 1, 1)


def day(number: int) -> date:
    """The day so many days after birth."""
    return BORN + timedelta(days=number)


@st.composite
def periods(draw: st.DrawFn) -> list[Period]:
    """Draw periods, some open, some overlapping, in any order."""
    found = []
    for start in draw(st.lists(st.integers(0, 40), unique=True, max_size=6)):
        length = draw(st.none() | st.integers(0, 15))
        found.append(Period("OP", day(start), None if length is None else day(start + length)))
    return found


def told_days(told: list[Period], on: date) -> set[date]:
    """Return the days that periods tell of, day by day; an open one lasts until the next begins."""
    starts = sorted(one.starts_on for one in told)
    days: set[date] = set()
    for one in told:
        after = [start for start in starts if start > one.starts_on]
        end = one.ends_on or (min(after) if after else on)
        days |= {one.starts_on + timedelta(days=n) for n in range((end - one.starts_on).days + 1)}
    return days


@given(told=periods(), on=st.integers(0, 60).map(day))
def test_a_gap_is_found_where_there_is_one_and_nowhere_else(told: list[Period], on: date) -> None:
    life = {BORN + timedelta(days=n) for n in range((on - BORN).days + 1)}
    found = gaps(told, BORN, on)
    untold = {first + timedelta(days=n) for first, last in found for n in range((last - first).days + 1)}
    assert untold == life - told_days(told, on)
    assert all(later[0] > earlier[1] + timedelta(days=1) for earlier, later in pairwise(found))


def _unit(*told: Period, hours: int | None = None, limits: tuple[Limit, ...] = (), born: date | None = BORN) -> Unit:
    read = {} if hours is None else {UsageDriver.FLIGHT_HOURS: Decimal(hours)}
    limits = limits or (Limit(UsageDriver.FLIGHT_HOURS, Decimal(1000)),)
    return Unit(
        "P",
        PartGroup.COMPONENT,
        Condition.SERVICEABLE,
        number="S1",
        made_on=born,
        limits=limits,
        periods=told,
        read=read,
    )


A = Period("OP-A", BORN, day(10), hours=Decimal(300))
B = Period("OP-B", day(10), None, hours=Decimal(200))


def _codes(unit: Unit, on: int = 30) -> list[str]:
    return [one.code for one in judge(unit, None, [], day(on)).failures]


def test_a_whole_life_within_its_limit_is_accepted_and_tells_what_is_left() -> None:
    verdict = judge(_unit(A, B, hours=500), None, [], day(30))
    assert verdict.acceptable
    assert [(one.used, one.left) for one in verdict.remaining] == [(Decimal(500), Decimal(500))]


def test_a_gap_is_told_from_day_to_day() -> None:
    late = Period("OP-B", day(20), None, hours=Decimal(200))
    (failure,) = judge(_unit(A, late, hours=500), None, [], day(30)).failures
    assert (failure.code, failure.rule) == ("back_to_birth_gap", "back to birth")
    assert "2020-01-12" in failure.text
    assert "2020-01-20" in failure.text


def test_what_is_wrong_with_a_life_is_told() -> None:
    assert _codes(_unit(A, B, hours=501)) == ["use_disagrees"]
    assert _codes(_unit(A, B)) == ["reading_missing"]
    assert _codes(_unit(A, B, hours=500, born=None)) == ["birth_unknown"]
    assert _codes(_unit(hours=0)) == ["back_to_birth_gap"]
    assert _codes(_unit(A, B, hours=500, limits=(Limit(UsageDriver.FLIGHT_HOURS, Decimal(500)),))) == ["life_used_up"]
    days = (Limit(UsageDriver.CALENDAR, Decimal(30)),)
    assert _codes(_unit(A, B, limits=days), on=29) == []
    assert _codes(_unit(A, B, limits=days), on=30) == ["life_used_up"]


def test_a_part_with_a_life_limit_needs_a_number() -> None:
    limits = (Limit(UsageDriver.CALENDAR, Decimal(30)),)
    unit = Unit("P", PartGroup.COMPONENT, Condition.SERVICEABLE, limits=limits)
    assert _codes(unit) == ["number_missing"]


def test_shelf_life_ends_with_its_last_day_and_the_watch_list_always_counts() -> None:
    unit = Unit("P", PartGroup.COMPONENT, Condition.SERVICEABLE, number="L1", expires_on=day(5), watched=["batch L1"])
    assert [one.code for one in judge(unit, None, [], day(5)).failures] == ["on_watch_list"]
    assert [one.code for one in judge(unit, None, [], day(6)).failures] == ["on_watch_list", "lot_expired"]
