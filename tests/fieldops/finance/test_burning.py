"""How the money is used up in the course of time."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from fieldops.finance.budgets.burning import BurnUp, burn_up
from fieldops.finance.budgets.overview import Dimension, overview
from fieldops.finance.categories import Category
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading
from tests.fieldops.finance.spending import BOSS, DAY, enveloped, hold, line, post_all, spent, wanted
from tests.worlds import load_tiny

START, END = date(2026, 1, 1), date(2026, 4, 1)
TODAY = date(2026, 3, 10)


@pytest.fixture
def tiny(engine: Engine) -> Engine:
    load_tiny(engine)
    return engine


def burnt(engine: Engine, today: date = TODAY, end: date = END, actor: Actor = SYSTEM, **more: object) -> BurnUp:
    """The one chart of a database in dollars."""
    with reading(engine, actor) as session:
        (found,) = burn_up(session, today, START, end, **more)  # type: ignore[arg-type]
        return found


def test_what_is_spent_and_committed_counts_on_its_day(tiny: Engine) -> None:
    hold(tiny, wanted("O-1", "1000"))
    post_all(tiny, spent("S-1", "400"))
    told = burnt(tiny, regions=["SEA"])
    before = [one for one in told.points if one.day < DAY]
    after = [one for one in told.points if DAY <= one.day <= TODAY]
    assert {(one.actual, one.taken) for one in before} == {(Decimal(0), Decimal(0))}
    assert {(one.actual, one.taken) for one in after} == {(Decimal(400), Decimal(1000))}
    assert burnt(tiny, regions=["CN"]).points[-1].forecast == 0
    of_line = burnt(tiny, line=line(tiny, Category.LABOUR).id)
    assert of_line.points[-1].budget == line(tiny, Category.LABOUR).budget


def test_the_budget_counts_evenly_and_the_forecast_ends_where_the_overview_says(tiny: Engine) -> None:
    hold(tiny, wanted("O-1", "1000"))
    post_all(tiny, spent("S-1", "690"))
    with reading(tiny, SYSTEM) as session:
        (whole,) = overview(session, TODAY, by=[Dimension.PERIOD], start=START, end=END)
    points = burnt(tiny).points
    assert points[0].budget == 0, "the eve of the period"
    assert points[-1].budget == whole.budget
    assert points[1].budget == pytest.approx(whole.budget * 31 / 90, abs=Decimal("0.01"))
    assert points[-1].forecast == whole.forecast
    assert [one.forecast for one in points if one.day == TODAY] == [Decimal(690)]
    assert [one.forecast for one in points if one.day < TODAY] == [None, None, None]
    assert [one.actual for one in points if one.day > TODAY] == [None]


def test_there_is_no_forecast_for_what_has_not_begun_nor_by_an_envelope(tiny: Engine) -> None:
    enveloped(tiny, BOSS)
    year = burnt(tiny, end=date(2027, 1, 1)).points
    assert [one.day.month for one in year if one.forecast is not None] == [3, 3]


def test_a_region_sees_its_own_lines_only(tiny: Engine) -> None:
    whole, own = burnt(tiny).points[-1].budget, burnt(tiny, actor=BOSS).points[-1].budget
    assert own < whole
    assert own == burnt(tiny, regions=["SEA"]).points[-1].budget


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(today=st.dates(START - timedelta(days=40), END + timedelta(days=40)), end=st.dates(END, date(2027, 3, 1)))
def test_no_curve_falls_and_each_point_is_known_or_expected(tiny: Engine, today: date, end: date) -> None:
    points = burnt(tiny, today, end).points
    assert [one.day for one in points] == sorted({one.day for one in points})
    assert points[0].day == START - timedelta(days=1)
    assert points[-1].day == end - timedelta(days=1)
    for earlier, later in pairwise(points):
        assert earlier.budget <= later.budget
        if earlier.forecast is not None and later.forecast is not None:
            assert earlier.forecast <= later.forecast
    for one in points:
        assert (one.actual is not None) == (one.taken is not None) == (one.day <= today)
        assert one.forecast is None or one.day >= today
