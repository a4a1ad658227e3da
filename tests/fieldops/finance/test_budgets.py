"""Lines of several dimensions, transfers, versions, and the sums that are told of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from fieldops.finance.budgets.models import VersionKind
from fieldops.finance.budgets.overview import Dimension, overview
from fieldops.finance.budgets.queries import budget_lines, disagreements, paying_lines, totals
from fieldops.finance.budgets.rules import Account, run_rate
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre, NewTransfer, NewVersion, VersionDecision
from fieldops.finance.budgets.service import add_cost_centres, open_lines, transfer
from fieldops.finance.budgets.versions import decide_version, propose
from fieldops.finance.calendars.rules import Pattern, periods
from fieldops.finance.categories import Category
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError
from tests.conftest import NOW
from tests.fieldops.finance.spending import CHIEF, DAY, hold, line, person, wanted
from tests.worlds import load_tiny


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with a cost centre in SEA and a rate of CNY."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        add_cost_centres(session, SYSTEM, [NewCostCentre(code="CC-1", name="Line", region="SEA")])
        add_rates(
            session,
            SYSTEM,
            [NewRate(currency="CNY", valid_from=date(2026, 1, 1), rate=Decimal("0.14"), source="own")],
        )
    return any_engine


def refused(code: str) -> Any:
    """Expect a refusal."""
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def new(**more: Any) -> NewBudgetLine:
    """Return a line of SEA for the first quarter."""
    told = {"region": "SEA", "category": "labour", "period_start": "2026-01-01", "period_end": "2026-04-01"}
    return NewBudgetLine.model_validate(told | {"currency": "USD", "budget": "1000"} | more)


def opened(engine: Engine, *lines: NewBudgetLine) -> None:
    """Open lines."""
    with writing(engine, SYSTEM) as session:
        open_lines(session, SYSTEM, lines, NOW)


def test_the_most_specific_line_pays(world: Engine) -> None:
    opened(
        world,
        new(cost_centre="CC-1"),
        new(cost_centre="CC-1", person="li.na", budget="77"),
        new(area="SEA", budget="55"),
    )
    with reading(world, SYSTEM) as session:
        budgets = {one.id: one.budget for one in budget_lines(session)}
        for told, budget in (
            ({}, 50_000),
            ({"area": "SEA"}, 55),
            ({"cost_centre": "CC-1", "area": "SEA"}, 1_000),
            ({"cost_centre": "CC-1", "person": "li.na"}, 77),
            ({"cost_centre": "CC-1", "person": "somebody"}, 1_000),
        ):
            account = Account("SEA", Category.LABOUR, **told)
            assert budgets[paying_lines(session, [(account, DAY)])[account, DAY]] == budget


def test_what_is_named_must_be_there(world: Engine) -> None:
    for wrong, code in (
        ({"cost_centre": "CC-9"}, "unknown_cost_centre"),
        ({"cost_centre": "CC-1", "region": "CN"}, "unknown_cost_centre"),
        ({"area": "NOWHERE"}, "unknown_area"),
        ({"currency": "EUR"}, "no_rate"),
        ({"parent": "0195e6a4-6f0a-7c0e-9d0e-0d8f5c1f2a11"}, "wrong_parent"),
    ):
        with refused(code):
            opened(world, new(person="x", **wrong))


def test_a_parent_is_its_reserve_and_its_children_in_every_currency(world: Engine) -> None:
    opened(world, new(category="training", period_start="2026-01-01", period_end="2027-01-01", budget="900"))
    with reading(world, SYSTEM) as session:
        (year,) = budget_lines(session, category=Category.TRAINING)
    months = [
        new(category="training", period_start=start, period_end=end, budget=budget, parent=year.id, currency=currency)
        for start, end, budget, currency in (
            ("2026-01-01", "2026-02-01", "100", "USD"),
            ("2026-02-01", "2026-03-01", "250.50", "USD"),
            ("2026-03-01", "2026-04-01", "7000", "CNY"),
        )
    ]
    opened(world, *months)
    with reading(world, SYSTEM) as session:
        told = {one.currency: one for one in totals(session, year.id)}
        account = Account("SEA", Category.TRAINING)
        (paying,) = paying_lines(session, [(account, DAY)]).values()
        assert next(one for one in budget_lines(session, key=paying)).currency == "CNY"
    usd, cny = told["USD"], told["CNY"]
    assert [usd.total, usd.reserve, usd.distributed] == [Decimal("1250.50"), 900, Decimal("350.50")]
    assert [cny.total, cny.reserve, cny.distributed] == [7000, 0, 7000]
    with refused("budget_exists"):
        opened(world, new(category="training", period_start="2026-05-01", period_end="2026-06-01"))
    wish = NewTransfer(from_line=year.id, to_line=paying, amount=Decimal(14), reason="course")
    with writing(world, SYSTEM) as session:
        assert transfer(session, SYSTEM, wish, NOW, DAY).received == 100
    with reading(world, SYSTEM) as session:
        told = {one.currency: one for one in totals(session, year.id)}
        assert disagreements(session) == []
    assert [told["USD"].reserve, told["CNY"].total] == [886, 7100]


def test_a_budget_is_not_lowered_below_what_is_taken(world: Engine) -> None:
    hold(world, wanted("O-1", "49000"))
    labour, freight = line(world), line(world, Category.FREIGHT)
    for amount, code in (("1000.01", "budget_below_commitments"), ("1000", None)):
        wish = NewTransfer(from_line=labour.id, to_line=freight.id, amount=Decimal(amount), reason="shipments")
        if code is None:
            with writing(world, SYSTEM) as session:
                assert transfer(session, SYSTEM, wish, NOW, DAY).number == "BT-000001"
        else:
            with refused(code), writing(world, SYSTEM) as session:
                transfer(session, SYSTEM, wish, NOW, DAY)
    assert [line(world).budget, line(world, Category.FREIGHT).budget] == [49_000, 1_010]


def test_capital_never_becomes_expense(world: Engine) -> None:
    opened(world, new(category="capital"))
    with reading(world, SYSTEM) as session:
        (capital,) = budget_lines(session, category=Category.CAPITAL)
    wish = NewTransfer(from_line=capital.id, to_line=line(world).id, amount=Decimal(1), reason="x")
    with refused("other_nature"), writing(world, SYSTEM) as session:
        transfer(session, SYSTEM, wish, NOW, DAY)


def test_an_approved_version_sets_the_budgets_and_the_old_one_is_kept(world: Engine) -> None:
    lines = (new(budget="40000"), new(category="training", budget="300"))
    with writing(world, CHIEF) as session:
        first = propose(session, CHIEF, NewVersion(name="Budget", lines=lines), NOW).number
    approved = VersionDecision(approved=True, reason="board")
    with refused("own_request"), writing(world, CHIEF) as session:
        decide_version(session, CHIEF, first, approved, NOW, DAY, version=1)
    other = person("wang.fang", "finance", None)
    with writing(world, other) as session:
        decide_version(session, other, first, approved, NOW, DAY, version=1)
    assert line(world).budget == 40_000
    hold(world, wanted("O-1", "39000"))
    with writing(world, CHIEF) as session:
        lower = NewVersion(name="Revised", revises=first, lines=(new(budget="38000"),))
        second = propose(session, CHIEF, lower, NOW).number
    with refused("budget_below_commitments"), writing(world, other) as session:
        decide_version(session, other, second, approved, NOW, DAY, version=1)
    with writing(world, CHIEF) as session:
        guess = NewVersion(name="Forecast", kind=VersionKind.FORECAST, lines=(new(budget="1"),))
        third = propose(session, CHIEF, guess, NOW).number
    with writing(world, other) as session:
        decide_version(session, other, third, approved, NOW, DAY, version=1)
    assert line(world).budget == 40_000
    with reading(world, SYSTEM) as session:
        assert disagreements(session) == []


def test_the_overview_sums_what_the_lines_say(world: Engine) -> None:
    hold(world, wanted("O-1", "600", recovery="200"))
    with reading(world, SYSTEM) as session:
        rows = overview(session, DAY, by=[Dimension.REGION, Dimension.CATEGORY])
        found = {(row.by["region"], row.by["category"]): row for row in rows}
        assert {(one.region, one.category): one.available for one in budget_lines(session)} == {
            key: row.available for key, row in found.items()
        }
        (all_of_it,) = overview(session, DAY, by=[], into="CNY")
    labour = found["SEA", "labour"]
    assert [labour.committed, labour.recovery, labour.net, labour.forecast] == [600, 200, 400, 600]
    # 450,010 USD at 0.14 = 3,214,357.142857... CNY, each of the sums rounded once
    assert (all_of_it.currency, all_of_it.budget) == ("CNY", Decimal("3214357.14"))


def test_the_run_rate_goes_on_as_until_now() -> None:
    start, end = date(2026, 1, 1), date(2026, 1, 31)
    assert run_rate(Decimal(100), start, end, date(2026, 1, 11)) == 300
    assert run_rate(Decimal(100), start, end, date(2026, 3, 1)) == 100
    assert run_rate(Decimal(100), start, end, start) == 100


@given(
    first=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    pattern=st.sampled_from(Pattern),
    weeks=st.sampled_from([52, 53]),
)
def test_a_fiscal_year_has_no_gap_and_no_overlap(first: date, pattern: Pattern, weeks: int) -> None:
    if pattern is not Pattern.WEEKS_445 and first.day > 28:
        first = first.replace(day=28)
    found = periods(first, pattern, weeks=weeks)
    assert found[0].start == first
    assert all(one.end == other.start for one, other in pairwise(found))
    assert len({one.code for one in found}) == len(found) == (4 if pattern is Pattern.QUARTERS else 12)
    if pattern is Pattern.WEEKS_445:
        assert (found[-1].end - first).days == weeks * 7
    else:
        assert found[-1].end == first.replace(year=first.year + 1)
