"""Stocktakes with stock moving all the while: in the end the book says what was counted, and the moves since."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import balance_page
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.stocktakes import service
from inventory.stocktakes.counting import count
from inventory.stocktakes.queries import line_page, stocktake_by_number
from inventory.stocktakes.schemas import Count, NewStocktake, Rejection
from inventory.traceability.condition import Condition
from tests.conftest import NOW
from tests.inventory.valuation.world import HOUR, build, move, person

KEEPER, MANAGER = person("keeper", "R1"), person("manager", "R1")
PARTS = ("LAMP", "OIL")
Cell = tuple[str, Condition]

parts = st.sampled_from(PARTS)
conditions = st.sampled_from([Condition.SERVICEABLE, Condition.UNSERVICEABLE])
quantities = st.integers(1, 9)


@pytest.fixture(scope="module")
def empty(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the network and nothing in stock, to be copied."""
    file = tmp_path_factory.mktemp("stocktakes") / "empty.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    build(engine)
    engine.dispose()
    return file


class Stocktakes(RuleBasedStateMachine):
    """Counts A again and again; `since` is what each counted cell must hold: its count and the moves after that."""

    def __init__(self, empty: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        file = Path(self.folder.name) / "stock.db"
        shutil.copyfile(empty, file)
        self.engine = open_engine(sqlite_url(file))
        self.now: datetime = NOW
        self.opened = 0
        self.state = "posted"
        self.since: dict[Cell, Decimal] = {}
        self.book: defaultdict[Cell, Decimal] = defaultdict(Decimal)

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    @property
    def number(self) -> str:
        return f"ST-{self.opened:06d}"

    def _later(self) -> datetime:
        self.now += HOUR
        return self.now

    def _moved(self, cell: Cell, one: NewMove, delta: Decimal) -> None:
        now = self._later()
        try:
            with writing(self.engine, SYSTEM, clock=lambda: now) as session:
                post(session, SYSTEM, [one], now)
        except Conflict:
            assert self.book[cell] + delta < 0
            return
        self.book[cell] += delta
        if cell in self.since:
            self.since[cell] += delta

    @rule(part=parts, condition=conditions, quantity=quantities)
    def receive(self, part: str, condition: Condition, quantity: int) -> None:
        one = move(part, "ADJUSTMENT", "A", quantity, condition=condition)
        self._moved((part, condition), one, Decimal(quantity))

    @rule(part=parts, condition=conditions, quantity=quantities)
    def take(self, part: str, condition: Condition, quantity: int) -> None:
        self._moved((part, condition), move(part, "A", "B", quantity, condition=condition), -Decimal(quantity))

    @precondition(lambda self: self.state == "posted")
    @rule(blind=st.booleans())
    def open(self, blind: bool) -> None:
        now = self._later()
        with writing(self.engine, KEEPER, clock=lambda: now) as session:
            service.open_stocktake(session, KEEPER, NewStocktake(place="A", blind=blind), now)
        self.opened += 1
        self.state, self.since = "counting", {}

    @precondition(lambda self: self.state != "posted")
    @rule(part=parts, condition=conditions, quantity=st.integers(0, 9))
    def count(self, part: str, condition: Condition, quantity: int) -> None:
        now = self._later()
        with writing(self.engine, KEEPER, clock=lambda: now) as session:
            found = Count(part=part, condition=condition, quantity=Decimal(quantity))
            count(session, KEEPER, stocktake_by_number(session, self.number), [found], now)
        self.since[part, condition] = Decimal(quantity)
        self.state = "counting"

    def _submit(self, now: datetime) -> str:
        with writing(self.engine, KEEPER, clock=lambda: now) as session:
            told = stocktake_by_number(session, self.number)
            service.submit(session, KEEPER, told, now)
            return str(told.state)

    def _approve(self, now: datetime) -> None:
        with writing(self.engine, MANAGER, clock=lambda: now) as session:
            service.approve(session, MANAGER, stocktake_by_number(session, self.number), now)

    @precondition(lambda self: self.state == "counting")
    @rule()
    def submit(self) -> None:
        now = self._later()
        with reading(self.engine, KEEPER) as session:
            lines = line_page(session, stocktake_by_number(session, self.number), limit=99)
        waiting = any(line.counted is None or line.recount for line in lines)
        if waiting:
            with pytest.raises(Conflict, match="wait for a count"):
                self._submit(now)
            return
        self.state = self._submit(now)
        # without a variance the book was right all along
        assert (self.state == "posted") == all(self.book[cell] == held for cell, held in self.since.items())

    @precondition(lambda self: self.state == "to_approve")
    @rule()
    def reject(self) -> None:
        now = self._later()
        with writing(self.engine, MANAGER, clock=lambda: now) as session:
            told = stocktake_by_number(session, self.number)
            service.reject(session, MANAGER, told, Rejection(reason="again"), now)
        self.state = "counting"

    @precondition(lambda self: self.state == "to_approve")
    @rule()
    def approve(self) -> None:
        now = self._later()
        if min(self.since.values()) < 0:  # more went out since the count than was there: the count was wrong
            with pytest.raises(Conflict, match="bring stock in first"):
                self._approve(now)
            return
        self._approve(now)
        self.book.update(self.since)
        self.state = "posted"

    @invariant()
    def the_book_is_what_it_must_be(self) -> None:
        with reading(self.engine, SYSTEM) as session:
            assert disagreements(session) == []
            rows = balance_page(session, limit=99, place="A")
        held = {(row.part, row.condition): row.quantity for _key, row in rows}
        assert held == {cell: quantity for cell, quantity in self.book.items() if quantity}


def test_stocktakes_with_moves_in_between(empty: Path) -> None:
    run_state_machine_as_test(
        lambda: Stocktakes(empty),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=8, stateful_step_count=30, deadline=None),
    )
