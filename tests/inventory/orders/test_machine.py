"""Orders in any order of steps, by two regions at once: stock, what is kept of it and money are conserved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.checking import check_ledgers
from fieldops.finance.budgets.models import BudgetLine
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict, DomainError
from inventory.ledger.models import Reservation
from inventory.ledger.reserved import in_force
from inventory.orders import releasing, service, shipping
from inventory.orders.models import StockOrder
from inventory.orders.queries import order_by_number, order_page
from inventory.orders.rules import Act, OrderKind, OrderState, acts_of
from inventory.orders.schemas import OrderChange, Receipt, Shipment, StockOrderOut
from tests.conftest import NOW
from tests.inventory.ledger.stock import balances
from tests.inventory.orders.world import CN, SEA, SPEND, build, line, wanted

ENDS = (("XIY", "VTE"), ("XIY", "TSN"), ("VTE", "UTH"), ("VTE", "TSN"), ("TSN", "VTE"))
REGION = {"XIY": "CN", "TSN": "CN", "VTE": "SEA", "UTH": "SEA"}
PARTS = ("LAMP-1", "BRAKE-1")

people = st.sampled_from([CN, SEA, SYSTEM])
ends = st.sampled_from(ENDS)
parts = st.sampled_from(PARTS)
quantities = st.integers(1, 6)
freights = st.sampled_from([0, 3, 12])


@pytest.fixture(scope="module")
def stocked(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the small world, to be copied."""
    file = tmp_path_factory.mktemp("orders") / "stocked.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    build(engine)
    engine.dispose()
    return file


def _ordered(part: str, quantity: int) -> dict[str, object]:
    return line(part=part, quantity=1 if part == "BRAKE-1" else quantity)


class Orders(RuleBasedStateMachine):
    """Two regions make, release, ship, receive and give up orders; each step is refused or leaves all sound."""

    orders = Bundle("orders")

    def __init__(self, stocked: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        file = Path(self.folder.name) / "orders.db"
        shutil.copyfile(stocked, file)
        self.engine = open_engine(sqlite_url(file))
        self.now: datetime = NOW
        with reading(self.engine, SYSTEM) as session:
            self.before = balances(session)

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def _told(self, number: str) -> StockOrderOut:
        with reading(self.engine, SYSTEM) as session:
            (told,) = order_page(session, numbers=[number])
        return told

    def _try(self, actor: Actor, number: str, act: Act, work: Callable[[Session, StockOrder], None]) -> None:
        """Do a step; what the table does not open, or somebody else's, is refused and changes nothing."""
        self.now += timedelta(hours=7)
        before = self._told(number)
        try:
            with writing(self.engine, actor, clock=lambda: self.now) as session:
                work(session, order_by_number(session, number))
        except DomainError:
            assert self._told(number) == before
            return
        assert act in acts_of(OrderKind.TRANSFER, before.state)
        mine = {code for code, region in REGION.items() if actor.scope.holds_region(region)}
        assert mine & {before.origin, before.destination}
        if act is Act.SHIP:
            assert before.origin in mine
        if act is Act.RECEIVE:
            assert before.destination in mine

    @rule(target=orders, actor=people, way=ends, part=parts, quantity=quantities, freight=freights)
    def draft(self, actor: Actor, way: tuple[str, str], part: str, quantity: int, freight: int) -> str:
        order = wanted(*way, freight=freight, lines=[_ordered(part, quantity)])
        who = actor if any(actor.scope.holds_region(REGION[end]) for end in way) else SYSTEM
        with writing(self.engine, who, clock=lambda: self.now) as session:
            return service.draft(session, who, order, self.now).number

    @rule(actor=people, number=orders, quantity=quantities, freight=freights)
    def change(self, actor: Actor, number: str, quantity: int, freight: int) -> None:
        part = self._told(number).lines[0].part
        wish = OrderChange.model_validate({"freight": freight, "lines": [_ordered(part, quantity)]})
        self._try(
            actor,
            number,
            Act.CHANGE,
            lambda session, one: service.change(session, actor, SPEND, one, wish, self.now),
        )

    @rule(actor=people, number=orders)
    def release(self, actor: Actor, number: str) -> None:
        self._try(
            actor, number, Act.RELEASE, lambda session, one: releasing.release(session, actor, SPEND, one, self.now)
        )

    @rule(actor=people, number=orders, less=st.booleans())
    def ship(self, actor: Actor, number: str, less: bool) -> None:
        shipment = Shipment.model_validate({"lines": [{"line": 1, "quantity": 1}]} if less else {})
        self._try(actor, number, Act.SHIP, lambda session, one: shipping.ship(session, actor, one, shipment, self.now))

    @rule(actor=people, number=orders, some=st.booleans(), inspect=st.booleans(), short=st.booleans())
    def receive(self, actor: Actor, number: str, some: bool, inspect: bool, short: bool) -> None:
        one_piece = [{"line": 1, "quantity": 1, "inspect": inspect}]
        receipt = Receipt.model_validate({"lines": one_piece if some else [], "short": "lost" if short else None})
        self._try(
            actor, number, Act.RECEIVE, lambda session, one: shipping.receive(session, actor, one, receipt, self.now)
        )

    @rule(actor=people, number=orders)
    def cancel(self, actor: Actor, number: str) -> None:
        self._try(
            actor,
            number,
            Act.CANCEL,
            lambda session, one: service.cancel(session, actor, SPEND, one, "no need", self.now),
        )

    @rule(number=orders)
    def release_twice(self, number: str) -> None:
        """What was released once is not released again: neither stock nor money is kept twice."""
        if self._told(number).state is OrderState.RELEASED:
            with (
                pytest.raises((Conflict, DomainError)),
                writing(self.engine, SYSTEM, clock=lambda: self.now) as session,
            ):
                releasing.release(session, SYSTEM, SPEND, order_by_number(session, number), self.now)

    @invariant()
    def nothing_is_lost_or_kept_twice(self) -> None:
        assert check_ledgers(self.engine).sound
        with reading(self.engine, SYSTEM) as session:
            orders = order_page(session, limit=200)
            held = balances(session)
            kept = dict.fromkeys((one.number for one in orders), Decimal(0))
            for reservation in session.scalars(select(Reservation).where(*in_force())):
                kept[reservation.demand] += reservation.quantity
            committed = sum(line.committed for line in session.scalars(select(BudgetLine)))
        for part in PARTS:
            on_the_way = sum(
                each.shipped - each.received - each.lost for one in orders for each in one.lines if each.part == part
            )
            assert sum(q for (what, place, _c), q in held.items() if (what, place) == (part, "TRANSIT")) == on_the_way
            for state in (self.before, held):
                assert sum(quantity for (what, _place, _c), quantity in state.items() if what == part) == 0
        for one in orders:
            asked = sum(each.quantity for each in one.lines)
            assert not kept[one.number] or (one.state is OrderState.RELEASED and kept[one.number] == asked)
        least = sum(one.freight for one in orders if one.state not in (OrderState.DRAFT, OrderState.CANCELLED))
        assert committed == least


def test_orders_of_two_regions(stocked: Path) -> None:
    run_state_machine_as_test(
        lambda: Orders(stocked),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=12, stateful_step_count=25, deadline=None),
    )
