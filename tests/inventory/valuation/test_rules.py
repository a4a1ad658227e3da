"""What an asset is worth at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.valuation.models import DepreciationStart
from inventory.valuation.rules import Cost, Depreciation, amount, book_value, whole_months

JAN_15 = datetime(2024, 1, 15, 12, tzinfo=UTC)
TEN_YEARS = Depreciation(120, Decimal("0.1"), DepreciationStart.ACQUISITION)
instants = st.datetimes(datetime(2001, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - in UTC
money = st.integers(0, 10**12).map(lambda units: Decimal(units).scaleb(-4))
policies = st.builds(
    Depreciation,
    st.integers(1, 1_200),
    st.integers(0, 10**6).map(lambda share: Decimal(share).scaleb(-6)),
    st.sampled_from(DepreciationStart),
)


@pytest.mark.parametrize(
    ("instant", "value"),
    [
        (datetime(2024, 1, 15, 11, tzinfo=UTC), 0),
        (JAN_15, 120_000),
        (datetime(2024, 2, 15, 11, tzinfo=UTC), 120_000),
        (datetime(2024, 2, 15, 12, tzinfo=UTC), 119_100),
        (datetime(2029, 1, 15, 12, tzinfo=UTC), 66_000),
        (datetime(2034, 1, 15, 12, tzinfo=UTC), 12_000),
        (datetime(2090, 1, 1, tzinfo=UTC), 12_000),
    ],
)
def test_a_pump_of_120_000_over_ten_years_down_to_a_tenth(instant: datetime, value: int) -> None:
    assert book_value([Cost(JAN_15, Decimal(120_000))], TEN_YEARS, instant) == value


def test_it_may_start_with_the_month_after() -> None:
    policy = Depreciation(12, Decimal(0), DepreciationStart.NEXT_MONTH)
    bought = Cost(datetime(2023, 12, 5, tzinfo=UTC), Decimal(1200))
    values = [book_value([bought], policy, datetime(2024, month, 1, tzinfo=UTC)) for month in (1, 2, 12)]
    assert values == [1200, 1100, 100]


def test_an_overhaul_is_written_off_from_its_own_date() -> None:
    costs = [Cost(JAN_15, Decimal(120_000)), Cost(datetime(2030, 1, 15, 12, tzinfo=UTC), Decimal(24_000))]
    assert book_value(costs, TEN_YEARS, datetime(2029, 12, 20, tzinfo=UTC)) == 56_100
    assert book_value(costs, TEN_YEARS, datetime(2036, 1, 15, 12, tzinfo=UTC)) == 12_000 + 11_040


def test_without_a_policy_nothing_is_written_off() -> None:
    assert book_value([Cost(JAN_15, Decimal(7))], None, datetime(2100, 1, 1, tzinfo=UTC)) == 7


@given(st.lists(st.builds(Cost, instants, money), max_size=4), policies, instants, instants)
def test_it_falls_steadily_between_cost_and_residual(
    costs: list[Cost], policy: Depreciation, one: datetime, other: datetime
) -> None:
    early, late = sorted((one, other))
    arisen = [cost for cost in costs if cost.at <= early]
    spent = sum((cost.amount for cost in arisen), Decimal(0))
    least = spent * policy.residual_share - Decimal("0.0001") * len(arisen)
    assert least <= book_value(arisen, policy, late) <= book_value(arisen, policy, early) <= spent
    assert book_value(costs, policy, early) == book_value(arisen, policy, early)


@given(instants, instants)
def test_whole_months_are_never_more_than_the_days_between(one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    months = whole_months(early, late)
    assert months * 28 <= (late - early).days <= (months + 1) * 31


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_an_amount_is_quantity_times_price_rounded_once(quantity: int, price: int) -> None:
    assert abs(amount(quantity, price) * 10**6 - quantity * price) * 2 <= 10**6
