"""Many rows through the driver, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.rows import add_to_rows, insert_rows, rows_by_key
from inventory.ledger.models import NO_LOT, OWN, StockBalance, StockMove
from inventory.network.models import Place
from inventory.traceability.condition import Condition, Hold
from tests.worlds import LOADED_AT, load_tiny

COLUMNS = (
    "cell", "part_id", "place_id", "condition", "hold", "owner", "lot_id", "quantity", "reserved", "is_virtual"
)  # fmt: skip
Row = tuple[UUID, UUID, UUID, str, str, str, UUID, Decimal, Decimal, bool]


@pytest.fixture
def session(any_engine: Engine) -> Iterator[Session]:
    """A unit of work on the small world."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        yield session


def _rows(session: Session, count: int) -> list[Row]:
    part = session.scalars(select(StockBalance.part_id)).first()
    place = session.scalar(select(Place.id).where(Place.code == "UTH"))
    assert part is not None
    assert place is not None
    rest = (Condition.NEW, Hold.NONE, OWN, NO_LOT)
    return [(uuid7(), part, place, *rest, Decimal(n) / 8, Decimal(0), False) for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 7_000])
def test_rows_are_inserted_found_and_added_to(session: Session, count: int) -> None:
    rows = _rows(session, count)
    assert insert_rows(session, StockBalance, COLUMNS, rows) == count
    keys = sorted(row[0] for row in rows)
    found = rows_by_key(session, StockBalance, "cell", ("quantity", "condition", "is_virtual"), keys, lock=True)
    assert found == {row[0]: (row[7], Condition.NEW, False) for row in rows}
    amounts = [(Decimal(1), row[7] / 2, row[0]) for row in rows]
    add_to_rows(session, StockBalance, "cell", ("quantity", "reserved"), amounts)
    after = {one.cell: one for one in session.scalars(select(StockBalance).where(StockBalance.condition == "new"))}
    assert {key: (one.quantity, one.reserved) for key, one in after.items()} == {
        row[0]: (row[7] + 1, row[7] / 2) for row in rows
    }


def test_a_row_in_conflict_is_left_out_and_counted(session: Session) -> None:
    old, new = _rows(session, 2)
    assert insert_rows(session, StockBalance, COLUMNS, [old]) == 1
    assert insert_rows(session, StockBalance, COLUMNS, [(*old[:7], Decimal(9), *old[8:]), new]) == 1
    found = rows_by_key(session, StockBalance, "cell", ("quantity",), [old[0], new[0], uuid7()], lock=False)
    assert found == {old[0]: (old[7],), new[0]: (new[7],)}


def test_keys_alone_can_be_asked_for(session: Session) -> None:
    [row] = _rows(session, 1)
    assert rows_by_key(session, StockBalance, "cell", (), [row[0]], lock=False) == {}
    insert_rows(session, StockBalance, COLUMNS, [row])
    assert rows_by_key(session, StockBalance, "cell", (), [row[0]], lock=False) == {row[0]: ()}


def test_what_is_not_written_yet_is_seen(session: Session) -> None:
    balance = session.scalars(select(StockBalance).where(StockBalance.quantity == 40)).one()
    balance.quantity = Decimal(41)
    [(found,)] = rows_by_key(session, StockBalance, "cell", ("quantity",), [balance.cell], lock=True).values()
    assert found == 41


def test_values_are_stored_as_the_orm_stores_them(session: Session) -> None:
    """Else what one writes the other would not find, such as an instant written as text."""
    old = session.scalars(select(StockMove).order_by(StockMove.id)).first()
    assert old is not None
    names = [attribute.key for attribute in inspect(StockMove).column_attrs if attribute.key != "id"]
    told = {name: getattr(old, name) for name in names} | {"move_id": uuid7(), "moved_at": LOADED_AT}
    insert_rows(session, StockMove, list(told), [tuple(told.values())])
    session.execute(insert(StockMove), [told | {"move_id": uuid7()}])
    columns = ", ".join(name for name in names if name != "move_id")
    written = f"SELECT {columns} FROM stock_move ORDER BY id DESC LIMIT 2"  # noqa: S608 - names of columns
    first, second = session.connection().exec_driver_sql(written)
    assert first == second
    assert len(session.scalars(select(StockMove).where(StockMove.moved_at == LOADED_AT)).all()) >= 2
