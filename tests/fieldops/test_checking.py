"""`check` finds what does not add up, and names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Delete, Engine, Update, delete, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from fieldops.checking import check_ledgers, rebuild_stock
from fieldops.finance.budgets import queries as finance
from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from fieldops.finance.categories import Category
from inventory.catalogue.models import Part
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.ledger.models import StockBalance, StockMove
from inventory.ledger.proof import disagreements
from inventory.ledger.service import post
from inventory.network.models import Place, Region
from inventory.traceability.condition import Condition, Hold
from tests.conftest import NOW
from tests.inventory.ledger.stock import move
from tests.tampering import attacking
from tests.worlds import load_tiny

LAMP = select(Part.id).where(Part.part_number == "LAMP-1").scalar_subquery()
XIY = select(Place.id).where(Place.code == "XIY").scalar_subquery()
AT_XIY = (StockBalance.part_id == LAMP, StockBalance.place_id == XIY)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, with a transfer, on each database."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        post(session, SYSTEM, [move("LAMP-1", "XIY", "VTE", 2)], NOW)
    return any_engine


def _add_one(session: Session) -> None:
    session.execute(update(StockBalance).where(*AT_XIY).values(quantity=StockBalance.quantity + Decimal(1)))


def _add_the_least(session: Session) -> None:
    least = StockBalance.quantity + Decimal("0.000001")
    session.execute(update(StockBalance).where(*AT_XIY).values(quantity=least))


def _lose_the_balance(session: Session) -> None:
    session.execute(delete(StockBalance).where(*AT_XIY))


def _change_its_condition(session: Session) -> None:
    session.execute(update(StockBalance).where(*AT_XIY).values(condition=Condition.UNSERVICEABLE))


def test_a_sound_database_says_so(world: Engine) -> None:
    found = check_ledgers(world)
    assert found.sound
    first, *chain = found.as_text().splitlines()
    assert first == "Stock and budget ledgers add up."
    assert chain == found.audit.as_text().splitlines()
    told = found.as_json()
    assert (told["sound"], told["stock"], told["budget"], told["audit"]["findings"]) == (True, [], [], [])


def test_an_empty_database_is_sound(any_engine: Engine) -> None:
    assert check_ledgers(any_engine).sound


GOOD, BAD = Condition.SERVICEABLE, Condition.UNSERVICEABLE


@pytest.mark.parametrize(
    ("tamper", "cells"),
    [
        (_add_one, [(GOOD, "39", "38")]),
        (_add_the_least, [(GOOD, "38.000001", "38")]),
        (_lose_the_balance, [(GOOD, "0", "38")]),
        (_change_its_condition, [(GOOD, "0", "38"), (BAD, "38", "0")]),
    ],
)
def test_a_changed_balance_is_found(
    world: Engine, tamper: Callable[[Session], None], cells: list[tuple[Condition, str, str]]
) -> None:
    with writing(world, SYSTEM) as session:
        tamper(session)
    with reading(world, SYSTEM) as session:
        found_cells = sorted(disagreements(session), key=lambda one: one.condition)
        assert [(one.part, one.place, one.condition, one.balance, one.moves) for one in found_cells] == [
            ("LAMP-1", "XIY", condition, Decimal(held), Decimal(moved)) for condition, held, moved in cells
        ]
    found = check_ledgers(world)
    assert not found.sound
    for condition, held, moved in cells:
        assert f"Stock of LAMP-1 at XIY ({condition}): balance {Decimal(held):f}" in found.as_text()
        assert moved in found.as_text()
    assert [one["place"] for one in found.as_json()["stock"]] == ["XIY"] * len(cells)


def test_a_changed_move_is_found_at_both_ends(world: Engine) -> None:
    with attacking(world) as connection:
        connection.execute(update(StockMove).where(StockMove.document == "TEST").values(quantity=Decimal("1.9")))
    with reading(world, SYSTEM) as session:
        assert [(one.place, one.balance - one.moves) for one in disagreements(session)] == [
            ("VTE", Decimal("0.1")),
            ("XIY", Decimal("-0.1")),
        ]


def test_a_lost_move_is_found_though_the_balances_were_mended(world: Engine) -> None:
    with attacking(world) as connection:
        connection.execute(delete(StockMove).where(StockMove.document == "TEST"))
    assert {(one.place, one.lines_differ) for one in check_ledgers(world).stock} == {("XIY", True), ("VTE", True)}
    vte = select(Place.id).where(Place.code == "VTE").scalar_subquery()
    with attacking(world) as connection:
        for place, moved in ((XIY, "2"), (vte, "-2")):
            change = update(StockBalance).where(StockBalance.part_id == LAMP, StockBalance.place_id == place)
            connection.execute(change.values(quantity=StockBalance.quantity + Decimal(moved)))
    found = check_ledgers(world)
    assert [(one.place, one.balance == one.moves) for one in found.stock] == [("VTE", True), ("XIY", True)]
    assert "its lines are not those that were posted" in found.as_text()


@pytest.mark.parametrize("tamper", [_add_one, _lose_the_balance])
def test_balances_are_made_anew_from_the_moves(world: Engine, tamper: Callable[[Session], None]) -> None:
    with writing(world, SYSTEM) as session:
        tamper(session)
    assert rebuild_stock(world, NOW) > 0
    assert check_ledgers(world).sound


@pytest.mark.parametrize("tamper", [update(StockMove).values(document="X"), delete(StockMove)])
def test_balances_are_not_made_anew_from_moves_that_were_changed(world: Engine, tamper: Update | Delete) -> None:
    with attacking(world) as connection:
        connection.execute(tamper)
    with pytest.raises(Conflict, match="restore them from a backup"):
        rebuild_stock(world, NOW)


@pytest.mark.parametrize("tamper", [update(StockMove).values(document="X"), delete(StockMove)])
def test_the_database_itself_refuses_to_change_the_past(world: Engine, tamper: Update | Delete) -> None:
    with pytest.raises(DatabaseError, match="never changed; reverse it"), writing(world, SYSTEM) as session:
        session.execute(tamper)


@pytest.mark.parametrize("kind", EntryKind)
def test_a_budget_line_that_is_not_its_entries_is_found(engine: Engine, kind: EntryKind) -> None:
    load_tiny(engine)
    columns = {
        EntryKind.BUDGET: BudgetLine.budget,
        EntryKind.RESERVATION: BudgetLine.reserved,
        EntryKind.COMMITMENT: BudgetLine.committed,
        EntryKind.OVERRIDE: BudgetLine.overridden,
        EntryKind.ACTUAL: BudgetLine.actual,
        EntryKind.RECOVERY: BudgetLine.recovery,
        EntryKind.RECOVERED: BudgetLine.recovered,
    }
    region = select(Region.id).where(Region.code == "SEA").scalar_subquery()
    with writing(engine, SYSTEM) as session:
        session.execute(
            update(BudgetLine)
            .where(BudgetLine.region_id == region, BudgetLine.category == Category.PARTS)
            .values({columns[kind]: columns[kind] + Decimal("0.0001")})
        )
    with reading(engine, SYSTEM) as session:
        one, *held = finance.disagreements(session)
    # what is held is told by the documents that hold it, too
    assert held == ([one] if kind in (EntryKind.RESERVATION, EntryKind.COMMITMENT, EntryKind.RECOVERY) else [])
    assert (one.region, one.category, one.kind, one.line - one.entries) == (
        "SEA",
        Category.PARTS,
        kind,
        Decimal("0.0001"),
    )
    text = check_ledgers(engine).as_text()
    assert text.startswith(f"Budget of SEA for parts, {kind}: line ")


def test_a_lost_entry_is_found(world: Engine) -> None:
    with attacking(world) as connection:
        connection.execute(
            delete(BudgetEntry).where(BudgetEntry.id == select(func.min(BudgetEntry.id)).scalar_subquery())
        )
    assert [one.entries for one in check_ledgers(world).budget] == [0]


TAMPERED: dict[str, object] = {
    "quantity": Decimal("1.6"),
    "document": "OTHER",
    "actor": "somebody",
    "condition": Condition.NEW,
    "to_hold": Hold.QUARANTINE,
    "to_owner": "customer:OP1",
    "moved_at": NOW - timedelta(days=1),
    "move_id": UUID(int=7),
    "to_place_id": XIY,
}


@pytest.mark.parametrize("column", TAMPERED)
def test_the_first_line_that_was_changed_is_named(world: Engine, column: str) -> None:
    with writing(world, SYSTEM) as session:
        post(session, SYSTEM, [move("LAMP-1", "XIY", "VTE", 1)], NOW)
        line = session.scalar(select(func.min(StockMove.id)).where(StockMove.document == "TEST"))
    with attacking(world) as connection:
        connection.execute(update(StockMove).where(StockMove.id == line).values({column: TAMPERED[column]}))
    found = check_ledgers(world)
    assert not found.sound
    assert found.changed_line is not None
    assert found.changed_line.line == line
    assert found.as_json()["changed_line"]["line"] == line
    assert f"Line {line} of the stock ledger was changed" in found.as_text()


def test_a_cell_that_keeps_more_than_its_reservations_is_named(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        session.execute(update(StockBalance).where(*AT_XIY).values(reserved=Decimal(2)))
    found = check_ledgers(world)
    assert not found.sound
    [wrong] = found.reservations
    assert (wrong.part, wrong.place, wrong.reserved, wrong.reservations) == (
        "LAMP-1",
        "XIY",
        Decimal(2),
        Decimal(0),
    )
    assert "LAMP-1 at XIY: 2" in found.as_text()
