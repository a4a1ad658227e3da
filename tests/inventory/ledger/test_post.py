"""Posting moves: what is kept, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, func, select

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid
from inventory.ledger.models import OWN, StockMove
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import FIRST_KEY, balance_page, serviceable_stock
from inventory.ledger.schemas import BalanceOut, NewMove
from inventory.ledger.service import post
from inventory.traceability.condition import Condition, Hold
from tests.conftest import NOW
from tests.inventory.ledger.stock import balances, move
from tests.worlds import load_tiny

KEEPER = Actor(id="storekeeper", permissions=frozenset({"stock.sell"}))
GOOD, BAD = Condition.SERVICEABLE, Condition.UNSERVICEABLE


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, on each database."""
    load_tiny(any_engine)
    return any_engine


def _post(engine: Engine, moves: Sequence[NewMove]) -> None:
    with writing(engine, SYSTEM) as session:
        post(session, KEEPER, moves, NOW)


def _state(engine: Engine) -> tuple[object, int]:
    with reading(engine, SYSTEM) as session:
        assert disagreements(session) == []
        return balances(session), session.scalar(select(func.count()).select_from(StockMove)) or 0


def test_a_move_takes_here_and_adds_there_and_is_kept(world: Engine) -> None:
    before, _ = _state(world)
    sent = move("LAMP-1", "XIY", "UTH", "2")
    _post(world, [sent])
    assert _state(world)[0] == before | {  # type: ignore[operator]
        ("LAMP-1", "XIY", GOOD): Decimal(38),
        ("LAMP-1", "UTH", GOOD): Decimal(2),
    }
    with reading(world, SYSTEM) as session:
        kept = session.scalars(select(StockMove).where(StockMove.move_id == sent.move_id)).one()
        assert (kept.quantity, kept.document, kept.actor, kept.moved_at) == (
            Decimal(2),
            "TEST",
            "storekeeper",
            NOW,
        )


def test_the_net_of_a_batch_decides_not_its_order(world: Engine) -> None:
    _post(
        world, [move("PUMP-1", "UTH", "CUSTOMER", 1), move("PUMP-1", "XIY", "VTE", 1), move("PUMP-1", "VTE", "UTH", 1)]
    )
    with reading(world, SYSTEM) as session:
        held = {place: quantity for (part, place, _), quantity in balances(session).items() if part == "PUMP-1"}
    assert held == {"ADJUSTMENT": -1, "CUSTOMER": 1}
    assert _state(world)


def test_all_of_a_shelf_may_go(world: Engine) -> None:
    _post(world, [move("LAMP-1", "XIY", "CUSTOMER", 40)])
    with reading(world, SYSTEM) as session:
        assert ("LAMP-1", "XIY", GOOD) not in balances(session)
        assert ("LAMP-1", "XIY", Decimal(0)) not in serviceable_stock(session)
    with pytest.raises(Conflict, match="XIY holds 0 of part LAMP-1"):
        _post(world, [move("LAMP-1", "XIY", "CUSTOMER", 1)])


def test_conditions_are_apart(world: Engine) -> None:
    _post(world, [move("PUMP-1", "ADJUSTMENT", "VTE", 1, condition=BAD)])
    with pytest.raises(Conflict):
        _post(world, [move("PUMP-1", "VTE", "XIY", 2, condition=BAD)])
    with reading(world, SYSTEM) as session:
        assert [(part, place) for part, place, quantity in serviceable_stock(session) if quantity != 1] == [
            ("BRAKE-1", "XIY"),
            ("FILTER-1", "XIY"),
            ("LAMP-1", "TSN"),
            ("LAMP-1", "VTE"),
            ("LAMP-1", "XIY"),
        ]


FIRST = move("LAMP-1", "XIY", "VTE", 1)
SHORT = "too_little_stock"


@pytest.mark.parametrize(
    ("moves", "kind", "code", "message"),
    [
        ([move("LAMP-1", "XIY", "CUSTOMER", "0.5")], Invalid, "fractional_quantity", "counted in EA"),
        ([move("LAMP-1", "XIY", "CUSTOMER", 41)], Conflict, SHORT, "XIY holds 40 of part LAMP-1, 42 are wanted"),
        ([move("LAMP-1", "UTH", "XIY", "100")], Conflict, SHORT, "UTH holds 0 of part LAMP-1, 100 are wanted"),
        ([move("LAMP-1", "XIY", "VTE", 39), move("LAMP-1", "XIY", "TSN", 2)], Conflict, SHORT, "42 are wanted"),
        ([move("LAMP-1", "XIY", "XIY", 1)], Invalid, "same_place", "name another destination"),
        ([FIRST, FIRST], Invalid, "move_twice", "send it once"),
        ([move("NONE", "XIY", "VTE", 1)], Invalid, "unknown_part", "NONE"),
        ([move("LAMP-1", "XIY", "NOWHERE", 1)], Invalid, "unknown_place", "NOWHERE"),
        ([move("LAMP-1", "NOWHERE", "XIY", 1)], Invalid, "unknown_place", "NOWHERE"),
    ],
)
def test_a_refused_batch_changes_nothing(
    engine: Engine, moves: list[NewMove], kind: type[DomainError], code: str, message: str
) -> None:
    load_tiny(engine)
    before = _state(engine)
    with pytest.raises(kind, match=message) as refusal:
        _post(engine, [move("LAMP-1", "XIY", "VTE", "1"), *moves])
    assert refusal.value.code == code
    assert _state(engine) == before


def test_a_move_is_posted_once(world: Engine) -> None:
    _post(world, [FIRST])
    before = _state(world)
    with pytest.raises(Conflict, match=f"Move {FIRST.move_id} is posted already") as refusal:
        _post(world, [move("LAMP-1", "XIY", "VTE", 2), FIRST])
    assert refusal.value.code == "move_posted"
    assert _state(world) == before


def test_a_move_that_failed_may_be_sent_again(world: Engine) -> None:
    waits = move("PUMP-1", "UTH", "CUSTOMER", 1)
    with pytest.raises(Conflict):
        _post(world, [waits])
    _post(world, [move("PUMP-1", "XIY", "UTH", 1)])
    _post(world, [waits])
    assert _state(world)


def test_nothing_to_post_posts_nothing(engine: Engine) -> None:
    _post(engine, [])
    assert _state(engine) == ({}, 0)


def test_more_moves_than_fit_one_statement(world: Engine) -> None:
    sent = [move("LAMP-1", "ADJUSTMENT", "TSN", 1) for _ in range(2_500)]
    _post(world, sent)
    with pytest.raises(Conflict, match=str(sent[-1].move_id)):
        _post(world, [*(move("LAMP-1", "ADJUSTMENT", "TSN", 1) for _ in range(2_500)), sent[-1]])
    with reading(world, SYSTEM) as session:
        assert balances(session)["LAMP-1", "TSN", GOOD] == 2_502


@pytest.mark.parametrize("quantity", ["0", "-1", "0.0000001", "1000000000000", "NaN"])
def test_a_senseless_quantity_is_refused(quantity: str) -> None:
    with pytest.raises(ValidationError, match="quantity"):
        move("LAMP-1", "XIY", "VTE", quantity)


def test_a_move_says_where_it_goes_and_why() -> None:
    whole: dict[str, Any] = {"part": "P", "origin": "A", "destination": "B", "quantity": 1, "document": "D"}
    assert NewMove(**whole).move_id != NewMove(**whole).move_id
    for field in whole:
        with pytest.raises(ValidationError, match=field):
            NewMove(**{name: value for name, value in whole.items() if name != field})


def test_balances_are_read_page_by_page(world: Engine) -> None:
    _post(world, [move("PUMP-1", "ADJUSTMENT", "VTE", 1, condition=BAD)])
    with reading(world, SYSTEM) as session:
        whole = balance_page(session, limit=100)
        after, read = ("", "", FIRST_KEY), []
        while page := balance_page(session, after=after, limit=3):
            read += page
            after = page[-1][0]
        assert sorted((one.place, one.part, one.condition, int(one.quantity)) for _key, one in whole) == [
            ("TSN", "LAMP-1", GOOD, 2),
            ("VTE", "BRAKE-1", GOOD, 1),
            ("VTE", "LAMP-1", GOOD, 5),
            ("VTE", "PUMP-1", BAD, 1),
            ("XIY", "BRAKE-1", GOOD, 1),
            ("XIY", "BRAKE-1", GOOD, 1),
            ("XIY", "BRAKE-1", GOOD, 1),
            ("XIY", "FILTER-1", GOOD, 10),
            ("XIY", "LAMP-1", GOOD, 40),
            ("XIY", "PUMP-1", GOOD, 1),
        ]
        assert read == whole
        [(_key, lamps)] = balance_page(session, limit=9, place="VTE", part="LAMP-1")
        assert lamps == BalanceOut(
            part="LAMP-1", place="VTE", condition=GOOD, hold=Hold.NONE, owner=OWN, lot=None, quantity=Decimal(5)
        )
