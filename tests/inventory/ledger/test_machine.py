"""The ledger against a plain dictionary, through random histories."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fieldops.settings import sqlite_url
from inventory.catalogue.models import Essentiality, PartClass, UsageDriver
from inventory.catalogue.schemas import NewPart
from inventory.catalogue.service import add_parts
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict, Invalid
from inventory.ledger.proof import disagreements
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post, reverse
from inventory.network.models import Tier
from inventory.network.schemas import NewPlace, NewRegion
from inventory.network.service import add_places, add_regions
from inventory.traceability.condition import Condition
from inventory.traceability.models import LotKind
from inventory.traceability.queries import lot_page
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.ledger.stock import Cell, balances, move

SHELVES, VIRTUAL, PARTS = ("A", "B", "C"), ("ADJUSTMENT", "SCRAP"), ("P", "Q")
NUMBERED, SERIALS = "S", ("S1", "S2")
"""A part of which each piece has a number."""

parts = st.sampled_from(PARTS)
anywhere = st.sampled_from(SHELVES + VIRTUAL)
conditions = st.sampled_from(Condition)
quantities = st.integers(1, 5_000_000).map(lambda millionths: Decimal(millionths).scaleb(-6)) | st.integers(1, 3)
any_move = st.builds(
    move,
    parts,
    anywhere,
    anywhere,
    quantities,
    condition=conditions,
)


@pytest.fixture(scope="module")
def stores(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three shelves, two virtual places and two parts, to be copied."""
    file = tmp_path_factory.mktemp("stores") / "stores.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    with writing(engine, SYSTEM) as session:
        add_regions(session, SYSTEM, [NewRegion(code="R", name="Region")])
        somewhere = {"region": "R", "area": "R", "latitude": 1, "longitude": 2, "time_zone": "UTC"}
        shelves = [
            NewPlace.model_validate({"code": code, "name": code, "tier": Tier.OUTLET} | somewhere) for code in SHELVES
        ]
        virtual = [NewPlace(code=code, name=code, tier=Tier(code.lower())) for code in VIRTUAL]
        add_places(session, SYSTEM, [*shelves, *virtual])
        add_parts(
            session,
            SYSTEM,
            [
                NewPart(
                    part_number=number,
                    manufacturer_code="TEST0",
                    ata_chapter="21",
                    description="Part",
                    part_class=PartClass.ROTABLE if number == NUMBERED else PartClass.EXPENDABLE,
                    essentiality=Essentiality.GO,
                    currency="USD",
                    unit="KG",
                    standard_cost=Decimal(1),
                    lead_time_days=1,
                    weight_kg=Decimal(1),
                    usage_driver=UsageDriver.CALENDAR,
                )
                for number in (*PARTS, NUMBERED)
            ],
        )
        add_lots(session, SYSTEM, [NewLot(part=NUMBERED, number=one, kind=LotKind.SERIAL) for one in SERIALS])
    engine.dispose()
    return file


def _after(held: Mapping[Cell, Decimal], moves: Sequence[NewMove]) -> dict[Cell, Decimal]:
    """Return what the cells hold after moves."""
    after = defaultdict(Decimal, held)
    for one in moves:
        after[one.part, one.origin, one.condition] -= one.quantity
        after[one.part, one.destination, one.condition] += one.quantity
    return {cell: quantity for cell, quantity in after.items() if quantity}


class Stores(RuleBasedStateMachine):
    """Posts moves to the ledger and to a dictionary."""

    def __init__(self, empty: Path) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        file = Path(self.folder.name) / "stores.db"
        shutil.copyfile(empty, file)
        self.engine = open_engine(sqlite_url(file))
        self.held: dict[Cell, Decimal] = {}
        self.posted: list[NewMove] = []
        self.reversed: set[UUID] = set()
        self.at: dict[str, str] = {}

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def _post(self, moves: Sequence[NewMove]) -> None:
        with writing(self.engine, SYSTEM) as session:
            post(session, SYSTEM, moves, NOW)

    def _post_both(self, moves: Sequence[NewMove]) -> None:
        """Post what the dictionary allows and see the rest refused."""
        after = _after(self.held, moves)
        if any(one.origin == one.destination for one in moves):
            with pytest.raises(Invalid):
                self._post(moves)
        elif any(quantity < 0 and place in SHELVES for (_, place, _), quantity in after.items()):
            with pytest.raises(Conflict, match="bring stock in first"):
                self._post(moves)
        else:
            self._post(moves)
            self.posted += moves
            self.held = after

    @rule(part=parts, shelf=st.sampled_from(SHELVES), condition=conditions, quantity=quantities)
    def receive(self, part: str, shelf: str, condition: Condition, quantity: Decimal) -> None:
        self._post_both([move(part, "ADJUSTMENT", shelf, quantity, condition=condition)])

    @rule(moves=st.lists(any_move, min_size=1, max_size=5))
    def post_any(self, moves: list[NewMove]) -> None:
        self._post_both(moves)

    @precondition(lambda self: any(cell[0] in PARTS and cell[1] in SHELVES for cell in self.held))
    @rule(data=st.data(), beyond=st.sampled_from(["0", "0.000001", "-0.000001"]))
    def issue_about_all(self, data: st.DataObject, beyond: str) -> None:
        shelves = sorted(cell for cell in self.held if cell[0] in PARTS and cell[1] in SHELVES)
        part, place, condition = data.draw(st.sampled_from(shelves))
        quantity = self.held[part, place, condition] + Decimal(beyond)
        if quantity > 0:
            self._post_both([move(part, place, "SCRAP", quantity, condition=condition)])

    @rule(part=parts, quantity=quantities, condition=conditions, last=st.sampled_from(SHELVES + VIRTUAL))
    def send_round(self, part: str, quantity: Decimal, condition: Condition, last: str) -> None:
        """Within one batch the quantity passes over shelves that need not hold any."""
        stops = [*SHELVES, "SCRAP", last]
        legs = [(a, b) for a, b in zip(["ADJUSTMENT", *stops], stops, strict=False) if a != b]
        self._post_both([move(part, a, b, quantity, condition=condition) for a, b in reversed(legs)])

    @precondition(lambda self: self.posted)
    @rule(data=st.data(), moves=st.lists(any_move, max_size=2))
    def post_twice(self, data: st.DataObject, moves: list[NewMove]) -> None:
        old = data.draw(st.sampled_from(self.posted))
        with pytest.raises((Conflict, Invalid)) as refusal:
            self._post([*moves, old])
        senseless = any(one.origin == one.destination for one in moves)
        assert refusal.value.code == ("same_place" if senseless else "move_posted")

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def reverse_one(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.posted))
        after = _after(self.held, [old.model_copy(update={"origin": old.destination, "destination": old.origin})])
        if old.move_id in self.reversed:
            with pytest.raises(Conflict, match="reversed already"):
                self._reverse(old)
        elif any(quantity < 0 and place in SHELVES for (_, place, _), quantity in after.items()):
            with pytest.raises(Conflict, match="bring stock in first"):
                self._reverse(old)
        else:
            self._reverse(old)
            self.reversed.add(old.move_id)
            self.held = after

    def _reverse(self, old: NewMove) -> None:
        with writing(self.engine, SYSTEM) as session:
            reverse(session, SYSTEM, [old.move_id], "CORRECTION", NOW)

    @rule(number=st.sampled_from(SERIALS), origin=anywhere, destination=anywhere)
    def send_a_piece(self, number: str, origin: str, destination: str) -> None:
        """A piece goes only from where it is, or comes in for the first time."""
        one = move(NUMBERED, origin, destination, 1).model_copy(update={"lot": number})
        at = self.at.get(number)
        if origin == destination:
            with pytest.raises(Invalid):
                self._post([one])
        elif at == origin or (at is None and origin in VIRTUAL):
            self._post([one])
            self.at[number] = destination
            self.held = _after(self.held, [one])
        else:
            with pytest.raises(Conflict) as refusal:
                self._post([one])
            assert refusal.value.code == "serial_elsewhere"

    @invariant()
    def a_piece_is_where_it_went(self) -> None:
        with reading(self.engine, SYSTEM) as session:
            found = {lot.number: lot.place for lot in lot_page(session, limit=9)}
        assert found == {number: self.at.get(number) for number in SERIALS}

    @rule(one=any_move)
    def post_twice_at_once(self, one: NewMove) -> None:
        with pytest.raises(Invalid, match="twice in this batch"):
            self._post([one, one])

    @invariant()
    def the_ledger_is_the_dictionary(self) -> None:
        with reading(self.engine, SYSTEM) as session:
            found = balances(session)
            assert disagreements(session) == []
        assert found == self.held
        assert all(quantity >= 0 for (_, place, _), quantity in found.items() if place in SHELVES)

    @invariant()
    def nothing_comes_from_nowhere(self) -> None:
        totals: defaultdict[tuple[str, Condition], Decimal] = defaultdict(Decimal)
        with reading(self.engine, SYSTEM) as session:
            for (part, _, condition), quantity in balances(session).items():
                totals[part, condition] += quantity
        assert not any(totals.values())


def test_any_history_of_moves(stores: Path) -> None:
    run_state_machine_as_test(
        lambda: Stores(stores),  # type: ignore[arg-type]  # it is only called
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None),
    )
