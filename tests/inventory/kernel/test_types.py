"""Column types mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, delete, func, insert, select, text
from sqlalchemy.exc import StatementError

from fieldops.settings import sqlite_url
from inventory.kernel.engine import open_engine
from inventory.kernel.types import Money, Quantity, UtcDateTime, text_enum


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


SCRATCH = Table(
    "scratch",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("money", Money),
    Column("quantity", Quantity),
    Column("colour", text_enum(Colour)),
)

amounts = st.integers(-(2**63) + 1, 2**63 - 1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def scratch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with one table of every type."""
    if request.param == "sqlite":
        engine = open_engine(sqlite_url(Path(tmp_path_factory.mktemp("types")) / "types.db"))
    else:
        engine = open_engine(f"{request.getfixturevalue('postgres_url')}&dbname=postgres")
    SCRATCH.metadata.create_all(engine)
    yield engine
    SCRATCH.metadata.drop_all(engine)
    engine.dispose()


def kept(engine: Engine, **values: object) -> tuple[object, ...]:
    """Write a row and return what comes back of the given columns, without keeping it."""
    with engine.connect() as connection:
        connection.execute(insert(SCRATCH).values(**values))
        return tuple(connection.execute(select(*(SCRATCH.c[name] for name in values))).one())


@settings(max_examples=60)
@given(
    at=st.datetimes(
        min_value=datetime(1902, 1, 2, tzinfo=UTC).replace(tzinfo=None),
        max_value=datetime(2100, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        timezones=st.sampled_from(
            [UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York"), timezone(timedelta(hours=14))]
        ),
    )
)
def test_an_instant_comes_back_the_same_and_in_utc(scratch: Engine, at: datetime) -> None:
    (back,) = kept(scratch, at=at)
    assert isinstance(back, datetime)
    assert back == at.astimezone(UTC)
    assert back.tzinfo is UTC


def test_instants_are_compared_as_instants(scratch: Engine) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with scratch.connect() as connection:
        connection.execute(insert(SCRATCH), [{"at": noon + timedelta(microseconds=step)} for step in (-1, 0, 1)])
        later = select(func.count()).where(SCRATCH.c.at > noon.astimezone(ZoneInfo("Asia/Tokyo")))
        assert connection.scalar(later) == 1


def test_a_naive_instant_is_refused(scratch: Engine) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        kept(scratch, at=datetime(2026, 3, 1, 12, tzinfo=UTC).replace(tzinfo=None))


@settings(max_examples=60)
@given(money=amounts, quantity=amounts)
def test_money_and_quantity_come_back_exactly(scratch: Engine, money: int, quantity: int) -> None:
    values = {"money": Decimal(money).scaleb(-4), "quantity": Decimal(quantity).scaleb(-6)}
    assert kept(scratch, **values) == tuple(values.values())


def test_nothing_stays_nothing(scratch: Engine) -> None:
    assert kept(scratch, at=None, money=None, quantity=None, colour=None) == (None, None, None, None)


@pytest.mark.parametrize("whole", [0, 3, -3])
def test_a_whole_number_is_taken_as_it_is(scratch: Engine, whole: int) -> None:
    assert kept(scratch, money=whole, quantity=whole) == (Decimal(whole), Decimal(whole))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("money", Decimal("0.00001")),
        ("quantity", Decimal("0.0000001")),
        ("money", Decimal("1." + "0" * 40 + "1")),
        ("money", Decimal("12345678901234.56789")),
    ],
)
def test_digits_beyond_the_scale_are_refused(scratch: Engine, column: str, value: Decimal) -> None:
    with pytest.raises(StatementError, match="round it first"):
        kept(scratch, **{column: value})


@pytest.mark.parametrize("value", [Decimal("1.50000000"), Decimal("15E-1"), Decimal("0.15E+1")])
def test_how_a_decimal_is_written_does_not_matter(scratch: Engine, value: Decimal) -> None:
    assert kept(scratch, money=value) == (Decimal("1.5"),)


def test_a_float_is_refused(scratch: Engine) -> None:
    with pytest.raises(StatementError, match="binary floating point"):
        kept(scratch, money=0.5)


@pytest.mark.parametrize("value", [Decimal(2**63).scaleb(-4), Decimal(-(2**63)).scaleb(-4), Decimal("1E+30")])
def test_a_number_beyond_63_bits_is_refused(scratch: Engine, value: Decimal) -> None:
    with pytest.raises(StatementError, match="too large"):
        kept(scratch, money=value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_no_number_is_refused(scratch: Engine, value: Decimal) -> None:
    with pytest.raises(StatementError, match="not a number"):
        kept(scratch, quantity=value)


@settings(max_examples=30)
@given(values=st.lists(st.integers(-(10**17), 10**17), min_size=1, max_size=30))
def test_sums_and_comparisons_in_sql_are_exact(scratch: Engine, values: list[int]) -> None:
    rows = [{"money": Decimal(value).scaleb(-4), "quantity": Decimal(value).scaleb(-6)} for value in values]
    with scratch.connect() as connection:
        connection.execute(delete(SCRATCH))
        connection.execute(insert(SCRATCH), rows)
        total = connection.execute(select(func.sum(SCRATCH.c.money), func.sum(SCRATCH.c.quantity))).one()
        above = connection.scalar(select(func.count()).where(SCRATCH.c.money > rows[0]["money"]))
    assert tuple(total) == (
        sum((row["money"] for row in rows), Decimal(0)),
        sum((row["quantity"] for row in rows), Decimal(0)),
    )
    assert above == sum(value > values[0] for value in values)


def test_ten_cents_ten_times_are_one(scratch: Engine) -> None:
    with scratch.connect() as connection:
        connection.execute(insert(SCRATCH), [{"money": Decimal("0.1")}] * 10)
        assert connection.scalar(select(func.sum(SCRATCH.c.money))) == 1


def test_an_enum_is_stored_as_its_text(scratch: Engine) -> None:
    with scratch.connect() as connection:
        connection.execute(insert(SCRATCH).values(colour=Colour.GREEN))
        assert connection.scalar(text("SELECT colour FROM scratch")) == "green"
        assert connection.scalar(select(SCRATCH.c.colour)) is Colour.GREEN


def test_an_unknown_enum_value_is_refused(scratch: Engine) -> None:
    with pytest.raises(StatementError, match="blue"):
        kept(scratch, colour="blue")
