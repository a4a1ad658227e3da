"""Any days of a storeroom: receipts, inspections, moves, reservations, pre-emption, stocktakes and reversals, mixed.

Whatever is tried, and whatever is refused: nothing appears or is lost, no shelf goes below zero, a piece is at one
place, no more is reserved than there is, and the balances are what the lines add up to.
`FIELDOPS_STOCK_STEPS` sets how many steps are taken in all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from fieldops.settings import sqlite_url
from inventory.availability import service as availability
from inventory.availability.preemption import preempt
from inventory.availability.reservation_schemas import NewReservation, Preemption
from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import DomainError
from inventory.kernel.priority import Priority
from inventory.ledger.balances import rebuild
from inventory.ledger.models import OWN, Reservation, ReservationKind, ReservationState, Stage, StockBalance, StockMove
from inventory.ledger.proof import disagreements, first_changed_line, wrong_reservations
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post, reverse
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace, NewRegion
from inventory.network.service import add_places, add_regions, place_ids
from inventory.stocktakes.counting import count
from inventory.stocktakes.models import Stocktake
from inventory.stocktakes.schemas import Count, NewStocktake
from inventory.stocktakes.service import approve, open_stocktake, submit
from inventory.traceability.condition import Hold
from inventory.traceability.models import Lot, LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import sold

STEPS = int(os.environ.get("FIELDOPS_STOCK_STEPS", "1000"))
STEPS_EACH = 40
SHELVES, OUTSIDE = ("A", "B", "C"), ("SUPPLIER", "CUSTOMER", "ADJUSTMENT", "SCRAP")
LOOSE, NUMBERED, SERIALS = "P", "S", ("S1", "S2", "S3")
COUNTER, APPROVER = Actor(id="counter"), Actor(id="approver")
INSPECTION = frozenset({Hold.RECEIVING})

shelves, anywhere = st.sampled_from(SHELVES), st.sampled_from(SHELVES + OUTSIDE)
few = st.integers(1, 6)
pieces = st.one_of(
    st.tuples(st.just(LOOSE), st.none(), few), st.tuples(st.just(NUMBERED), st.sampled_from(SERIALS), st.just(1))
)


@pytest.fixture(scope="module")
def storeroom(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three shelves, a part in bulk and one with numbers, to be copied."""
    file = tmp_path_factory.mktemp("storeroom") / "storeroom.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="R", name="Region")])
        somewhere = {"region": "R", "area": "R", "latitude": 1, "longitude": 2, "time_zone": "UTC"}
        places = [
            NewPlace.model_validate({"code": code, "name": code, "tier": Tier.OUTLET} | somewhere) for code in SHELVES
        ]
        add_places(
            session, SYSTEM, [*places, *(NewPlace(code=one, name=one, tier=Tier(one.lower())) for one in OUTSIDE)]
        )
        whole: dict[str, Any] = {
            "manufacturer_code": "TEST0",
            "ata_chapter": "21",
            "description": "Part",
            "essentiality": Essentiality.GO,
            "currency": "USD",
            "standard_cost": 7,
            "lead_time_days": 1,
            "weight_kg": 1,
            "usage_driver": UsageDriver.CALENDAR,
        }
        classes = {LOOSE: PartClass.EXPENDABLE, NUMBERED: PartClass.ROTABLE}
        parts = [whole | {"part_number": number, "part_class": of} for number, of in classes.items()]
        add_parts(session, SYSTEM, [NewPart.model_validate(part) for part in parts])
        add_lots(session, SYSTEM, [NewLot(part=NUMBERED, number=one, kind=LotKind.SERIAL) for one in SERIALS])
    engine.dispose()
    return file


class Storeroom(RuleBasedStateMachine):
    """Tries what people do with stock; whatever is refused must have changed nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        copy = Path(self.folder.name) / "storeroom.db"
        shutil.copyfile(file, copy)
        self.engine = open_engine(sqlite_url(copy))
        self.now = NOW

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def _try(self, work: Callable[[Session], object]) -> None:
        before = self._state()
        try:
            with writing(self.engine, SYSTEM, clock=lambda: self.now) as session:
                work(session)
        except DomainError:
            assert self._state() == before

    def _state(self) -> object:
        with reading(self.engine, SYSTEM) as session:
            balances = select(StockBalance.cell, StockBalance.quantity, StockBalance.reserved)
            kept = select(Reservation.id, Reservation.state, Reservation.quantity, Reservation.stage)
            lines = select(func.count()).select_from(StockMove)
            where = select(Lot.id, Lot.place_id)
            return [sorted(session.execute(one).all()) for one in (balances, kept, lines, where)]

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with reading(self.engine, SYSTEM) as session:
            yield session

    def _move(self, piece: tuple[str, str | None, int], origin: str, destination: str, **told: Any) -> NewMove:
        part, lot, quantity = piece
        whole = {"part": part, "lot": lot, "quantity": quantity, "document": "D"} | sold(destination)
        return NewMove.model_validate(whole | {"origin": origin, "destination": destination} | told)

    @initialize()
    def fill(self) -> None:
        opening = [self._move((LOOSE, None, 12), "ADJUSTMENT", shelf) for shelf in SHELVES]
        opening += [self._move((NUMBERED, one, 1), "ADJUSTMENT", "A") for one in SERIALS[:2]]
        self._try(lambda session: post(session, SYSTEM, opening, self.now))

    @rule(piece=pieces, shelf=shelves, unit_cost=st.none() | st.integers(0, 20))
    def receive(self, piece: tuple[str, str | None, int], shelf: str, unit_cost: int | None) -> None:
        move = self._move(piece, "SUPPLIER", shelf, unit_cost=unit_cost)
        self._try(lambda session: post(session, COUNTER, [move], self.now))

    @rule(data=st.data(), shelf=shelves)
    def inspect(self, data: st.DataObject, shelf: str) -> None:
        if waiting := self._cells(shelf, StockBalance.hold == Hold.RECEIVING):
            _condition, _hold, quantity, number = data.draw(st.sampled_from(waiting))
            piece = (NUMBERED, number, 1) if number else (LOOSE, None, int(quantity))
            move = self._move(piece, shelf, shelf, hold="receiving", to_hold="none")
            self._try(lambda session: post(session, APPROVER, [move], self.now, lifting=INSPECTION))

    def _cells(self, shelf: str, *only: ColumnElement[bool]) -> list[tuple[Any, ...]]:
        """Return condition, hold, quantity and number of what lies on a shelf of our own."""
        with self._reading() as session:
            return [
                tuple(row)
                for row in session.execute(
                    select(StockBalance.condition, StockBalance.hold, StockBalance.quantity, Lot.number)
                    .outerjoin(Lot, Lot.id == StockBalance.lot_id)
                    .where(StockBalance.quantity > 0, StockBalance.owner == OWN, StockBalance.is_virtual.is_(False))
                    .where(StockBalance.place_id == self._place(session, shelf), *only)
                    .order_by(StockBalance.cell)
                )
            ]

    @rule(piece=pieces, origin=anywhere, destination=anywhere, back=st.integers(0, 3))
    def move(self, piece: tuple[str, str | None, int], origin: str, destination: str, back: int) -> None:
        move = self._move(piece, origin, destination, moved_at=self.now - timedelta(hours=back))
        self._try(lambda session: post(session, SYSTEM, [move], self.now))

    @rule(
        piece=pieces,
        shelf=shelves,
        kind=st.sampled_from(ReservationKind),
        priority=st.sampled_from(Priority),
        hours=st.integers(1, 9),
    )
    def reserve(
        self, piece: tuple[str, str | None, int], shelf: str, kind: ReservationKind, priority: Priority, hours: int
    ) -> None:
        self._reserve(piece, shelf, kind, priority, hours)

    def _reserve(
        self, piece: tuple[str, str | None, int], shelf: str, kind: ReservationKind, priority: Priority, hours: int
    ) -> None:
        part, lot, quantity = piece
        wanted = NewReservation(
            part=part,
            lot=lot,
            place=shelf,
            destination="B",
            quantity=Decimal(quantity),
            kind=kind,
            demand=f"J-{priority}",
            priority=priority,
            expires_at=self.now + timedelta(hours=hours),
        )
        self._try(lambda session: availability.reserve(session, SYSTEM, wanted, self.now))

    def _some(self, data: st.DataObject) -> tuple[UUID, int, str, str, str | None, Decimal]:
        """Choose a reservation, or make one: key, version, shelf, part, number, quantity."""
        held = select(Reservation.id).where(Reservation.state == ReservationState.HELD).order_by(Reservation.id)
        with self._reading() as session:
            keys = list(session.scalars(held))
        if not keys or data.draw(st.booleans()):
            kind, priority = data.draw(st.sampled_from(ReservationKind)), data.draw(st.sampled_from(Priority))
            self._reserve((LOOSE, None, data.draw(few)), data.draw(shelves), kind, priority, 4)
        with self._reading() as session:
            # one that has ended where the shelf was empty
            keys = list(session.scalars(held)) or list(session.scalars(select(Reservation.id)))
            assume(keys)
            one = session.get_one(Reservation, data.draw(st.sampled_from(keys)))
            cell = session.get_one(StockBalance, one.cell)
            number = session.scalar(select(Lot.number).where(Lot.id == cell.lot_id))
            shelf = next(code for code in SHELVES if self._place(session, code) == cell.place_id)
            return one.id, one.version, shelf, NUMBERED if number else LOOSE, number, one.quantity

    @rule(data=st.data(), least=few)
    def fulfil(self, data: st.DataObject, least: int) -> None:
        key, _version, shelf, part, number, quantity = self._some(data)
        taken = max(1, min(int(quantity), least))
        move = self._move((part, number, taken), shelf, "CUSTOMER", reservation=key)
        self._try(lambda session: post(session, SYSTEM, [move], self.now))

    @rule(data=st.data(), what=st.sampled_from(["release", *Stage]))
    def change(self, data: st.DataObject, what: str) -> None:
        key, version, *_rest = self._some(data)
        if what == "release":
            self._try(lambda session: availability.release(session, SYSTEM, key, version, "no need", self.now))
        else:
            self._try(lambda session: availability.advance(session, SYSTEM, key, version, Stage(what), self.now))

    @rule(data=st.data(), quantity=few, rebook=st.booleans(), priority=st.sampled_from(Priority))
    def take_over(self, data: st.DataObject, quantity: int, rebook: bool, priority: Priority) -> None:
        key, version, *_middle, kept = self._some(data)
        wanted = Preemption(
            reservation=key,
            version=version,
            destination="C",
            quantity=max(min(Decimal(quantity), kept), Decimal(1)),
            demand="J-AOG",
            priority=priority,
            expires_at=self.now + timedelta(hours=5),
            reason="aircraft on ground",
            rebook=rebook,
        )
        self._try(lambda session: preempt(session, SYSTEM, wanted, self.now))

    @rule(hours=st.integers(1, 6), sweep=st.booleans())
    def wait(self, hours: int, sweep: bool) -> None:
        self.now += timedelta(hours=hours)
        if sweep:
            self._try(lambda session: availability.expire(session, self.now))

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        with self._reading() as session:
            moves = list(session.scalars(select(StockMove.move_id).order_by(StockMove.id)))
        if moves:
            wanted = data.draw(st.lists(st.sampled_from(moves), min_size=1, max_size=2))
            self._try(lambda session: reverse(session, SYSTEM, wanted, "CORRECTION", self.now))

    @rule(data=st.data(), shelf=shelves, between=st.none() | few)
    def take_stock(self, data: st.DataObject, shelf: str, between: int | None) -> None:
        """Count a shelf, move something meanwhile, and have the variances approved."""
        counts = [
            Count(
                part=NUMBERED if number else LOOSE,
                condition=condition,
                hold=hold,
                lot=number,
                quantity=Decimal(data.draw(st.integers(0, 1) if number else st.integers(0, int(quantity) + 2))),
            )
            for condition, hold, quantity, number in self._cells(shelf)
        ]

        self._try(lambda session: open_stocktake(session, COUNTER, NewStocktake(place=shelf), self.now))
        self._try(lambda session: count(session, COUNTER, self._last(session), counts, self.now))
        self._try(lambda session: submit(session, COUNTER, self._last(session), self.now))
        if between:
            self.now += timedelta(hours=1)
            self._try(lambda s: post(s, SYSTEM, [self._move((LOOSE, None, between), shelf, "SCRAP")], self.now))

        self._try(lambda session: approve(session, APPROVER, self._last(session), self.now))

    @staticmethod
    def _last(session: Session) -> Stocktake:
        return session.scalars(select(Stocktake).order_by(Stocktake.number.desc()).limit(1)).one()

    @staticmethod
    def _place(session: Session, code: str) -> UUID:
        return place_ids(session, [code])[code]

    @invariant()
    def all_adds_up(self) -> None:
        with self._reading() as session:
            assert disagreements(session) == []
            assert wrong_reservations(session) == []
            assert first_changed_line(session) is None

    @invariant()
    def nothing_appears_or_is_lost(self) -> None:
        with self._reading() as session:
            totals = select(StockBalance.part_id, func.sum(StockBalance.quantity)).group_by(StockBalance.part_id)
            assert all(total == 0 for _part, total in session.execute(totals))

    @invariant()
    def no_shelf_is_short_and_no_more_is_kept_than_there_is(self) -> None:
        with self._reading() as session:
            for one in session.scalars(select(StockBalance).where(StockBalance.is_virtual.is_(False))):
                assert 0 <= one.reserved <= one.quantity

    @invariant()
    def a_piece_is_at_one_place(self) -> None:
        with self._reading() as session:
            for lot in session.scalars(select(Lot)):
                there = select(StockBalance.place_id).where(
                    StockBalance.lot_id == lot.id, StockBalance.quantity == 1, StockBalance.is_virtual.is_(False)
                )
                at = list(session.scalars(there))
                assert len(at) <= 1
                if at:
                    assert lot.place_id == at[0]

    @invariant()
    def an_ended_reservation_says_when(self) -> None:
        with self._reading() as session:
            for one in session.scalars(select(Reservation)):
                assert (one.state is ReservationState.HELD) == (one.ended_at is None)

    @rule()
    def make_anew(self) -> None:
        """The balances made anew are those that there were, but for cells that are empty."""
        full = select(StockBalance.cell, StockBalance.quantity, StockBalance.reserved).where(StockBalance.quantity != 0)
        with self._reading() as session:
            before = sorted(session.execute(full).all())
        with writing(self.engine, SYSTEM) as session:
            rebuild(session)
        with self._reading() as session:
            assert sorted(session.execute(full).all()) == before


def test_any_days_of_stock(storeroom: Path) -> None:
    run_state_machine_as_test(
        lambda: Storeroom(storeroom),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=max(1, STEPS // STEPS_EACH), stateful_step_count=STEPS_EACH, deadline=None),
    )
