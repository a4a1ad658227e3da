"""The value of the stock now, then, and added up in every way."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fieldops.settings import sqlite_url
from inventory.catalogue.models import Part, PartClass
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.ledger.models import StockMove
from inventory.ledger.service import post
from inventory.network.models import VIRTUAL_TIERS, Place
from inventory.valuation.models import DepreciationStart
from inventory.valuation.queries import stock_value
from inventory.valuation.schemas import By, NewAddition, Policy, StockValue
from inventory.valuation.service import add_to_assets, set_policies
from tests.conftest import NOW
from tests.inventory.valuation.world import HOUR, SHELVES, build, move, opened, person, priced

LAMP, OIL, PUMP = "LAMP", "OIL", "PUMP"


def valued(engine: Engine, by: By, at: datetime | None = None, now: datetime = NOW, *regions: str) -> StockValue:
    """Return the value as the whole network's people see it, or those of some regions."""
    with reading(engine, person("reader", *regions)) as session:
        return stock_value(session, by, at, now)


def told(value: StockValue) -> dict[tuple[str, str], Any]:
    """Return {(key, owner): (quantity, value)}."""
    return {(line.key, line.owner): (line.quantity, line.value) for line in value.items}


def stocked(engine: Engine) -> None:
    """Bring in some of everything."""
    build(engine, NOW)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        priced(session, [(opened(LAMP, "A", 10), "5"), (opened(LAMP, "C", 10), "7")], NOW)
        priced(session, [(opened(OIL, "B", "0.000001"), None), (opened(PUMP, "B", lot="S1"), "120000")], NOW)
        post(session, SYSTEM, [opened(LAMP, "A", 4, owner="customer:OP-A"), opened(PUMP, "C", lot="S2")], NOW)


def test_what_each_key_is_worth(any_engine: Engine) -> None:
    stocked(any_engine)
    mine, theirs = "own", "customer:OP-A"
    assert told(valued(any_engine, By.PART)) == {
        (LAMP, theirs): (4, None),
        (LAMP, mine): (20, 120),
        (OIL, mine): (Decimal("0.000001"), 0),
        (PUMP, mine): (2, 121_000),  # what no receipt priced is worth the standard cost
    }
    assert told(valued(any_engine, By.PLACE)) == {
        ("A", theirs): (4, None),
        ("A", mine): (10, 60),
        ("B", mine): (Decimal("1.000001"), 120_000),
        ("C", mine): (11, 1_060),
    }
    assert told(valued(any_engine, By.REGION))["R2", mine] == (11, 1_060)
    assert told(valued(any_engine, By.PART_CLASS))[PartClass.ROTABLE, mine] == (2, 121_000)
    assert valued(any_engine, By.PLACE).total == 121_120
    assert valued(any_engine, By.PLACE).currency == "USD"


def test_a_regional_user_is_told_of_own_places_only(any_engine: Engine) -> None:
    stocked(any_engine)
    for at in (None, NOW):
        assert told(valued(any_engine, By.PLACE, at, NOW, "R2")) == {("C", "own"): (11, 1_060)}


def test_a_region_is_told_of_the_past_of_a_piece_that_went_to_another(any_engine: Engine) -> None:
    stocked(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW + HOUR) as session:
        post(session, SYSTEM, [move(PUMP, "B", "C", lot="S1")], NOW + HOUR)
        priced(session, [(opened(LAMP, "A", 10), "99")], NOW + HOUR)
    then = told(valued(any_engine, By.PLACE, NOW, NOW + HOUR, "R1"))
    assert then["B", "own"] == (Decimal("1.000001"), 120_000)
    assert then["A", "own"] == (10, 60)


def test_depreciation_and_overhauls(engine: Engine) -> None:
    stocked(engine)
    year_on = NOW.replace(year=NOW.year + 1)
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        rotable = Policy(part_class=PartClass.ROTABLE, life_months=120, residual_share=Decimal("0.1"))
        set_policies(session, SYSTEM, [rotable])
        assert stock_value(session, By.PART, None, year_on).total == 120 + 109_200 + 910
        set_policies(session, SYSTEM, [Policy(part=PUMP, life_months=12, starts=DepreciationStart.ACQUISITION)])
        overhaul = NewAddition(part=PUMP, lot="S1", amount=Decimal(600), currency="USD", document="RO-1")
        add_to_assets(session, SYSTEM, [overhaul], year_on)
        assert stock_value(session, By.PART, None, year_on).total == 120 + 600
        set_policies(session, SYSTEM, [Policy(part=PUMP, life_months=24)])
        assert stock_value(session, By.PART, None, year_on).total == 120 + 60_600 + 500


def test_a_cost_is_added_to_what_has_a_value_only(engine: Engine) -> None:
    stocked(engine)
    overhaul = NewAddition(part=PUMP, lot="S3", amount=Decimal(600), currency="USD", document="RO-1")
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        with pytest.raises(Conflict, match="receive it with its price first"):
            add_to_assets(session, SYSTEM, [overhaul], NOW)
        with pytest.raises(Invalid, match="cannot arise in the future"):
            add_to_assets(session, SYSTEM, [overhaul.model_copy(update={"added_at": NOW + HOUR})], NOW)
        with pytest.raises(Invalid, match="no rates yet"):
            add_to_assets(session, SYSTEM, [overhaul.model_copy(update={"currency": "EUR"})], NOW)


def test_an_empty_ledger_is_worth_nothing_then_too(any_engine: Engine) -> None:
    build(any_engine)
    for at in (None, NOW):
        value = valued(any_engine, By.PART, at)
        assert value.total == 0
        assert value.items == []


@pytest.fixture(scope="module")
def empty(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the network and nothing in stock, to be copied."""
    file = tmp_path_factory.mktemp("value") / "empty.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    build(engine)
    engine.dispose()
    return file


@contextmanager
def _copied(file: Path, folder: Path) -> Iterator[Engine]:
    copy = folder / "value.db"
    shutil.copyfile(file, copy)
    engine = open_engine(sqlite_url(copy))
    yield engine
    engine.dispose()


Step = tuple[str, str, str, int, str | None]
steps = st.lists(
    st.tuples(
        st.sampled_from([LAMP, OIL]),
        st.sampled_from(["ADJUSTMENT", *SHELVES]),
        st.sampled_from(["CUSTOMER", *SHELVES]),
        st.integers(1, 5_000_000),
        st.none() | st.integers(0, 10**8).map(lambda units: str(Decimal(units).scaleb(-4))),
    ).filter(lambda step: step[1] != step[2]),
    max_size=12,
)


def _tried(engine: Engine, step: Step, now: datetime) -> None:
    """Post a step where the stock allows it."""
    part, origin, destination, millionths, cost = step
    one = move(part, origin, destination, Decimal(millionths).scaleb(-6))
    try:
        with writing(engine, SYSTEM, clock=lambda: now) as session:
            if origin in SHELVES or destination == "CUSTOMER":
                post(session, SYSTEM, [one], now)
            else:
                priced(session, [(one, cost)], now)
    except Conflict:
        return


def _from_moves(engine: Engine) -> dict[str, Decimal]:
    """Return what shelves hold of each part, added up move by move."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    with reading(engine, SYSTEM) as session:
        shelves = set(session.scalars(select(Place.id).where(Place.tier.not_in(VIRTUAL_TIERS))))
        numbers = dict(session.execute(select(Part.id, Part.part_number)).all())
        for one in session.scalars(select(StockMove)):
            held[numbers[one.part_id]] += one.quantity * ((one.to_place_id in shelves) - (one.from_place_id in shelves))
    return {part: quantity for part, quantity in held.items() if quantity}


@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_the_past_is_worth_what_it_was_worth_then(empty: Path, steps: list[Step]) -> None:
    with TemporaryDirectory() as folder, _copied(empty, Path(folder)) as engine:
        seen = []
        for hour, step in enumerate(steps, start=1):
            now = NOW + hour * HOUR
            _tried(engine, step, now)
            seen.append((now, [told(valued(engine, by, None, now)) for by in By]))
        for then, value in seen:
            assert [told(valued(engine, by, then, NOW + 99 * HOUR)) for by in By] == value
        totals = {valued(engine, by).total for by in By}
        by_part = valued(engine, By.PART)
        assert totals == {sum((line.value or Decimal(0) for line in by_part.items), Decimal(0))}
        assert {line.key: line.quantity for line in by_part.items} == _from_moves(engine)
