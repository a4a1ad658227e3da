"""When a move happened: entries dated back, reversals, closed periods, what shelves held then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotFound
from inventory.ledger.balances import rebuild
from inventory.ledger.proof import disagreements
from inventory.ledger.queries import move_page, stock_at
from inventory.ledger.service import close_through, post, reverse
from tests.conftest import NOW
from tests.inventory.ledger.stock import balances, move
from tests.worlds import load_tiny

KEEPER = Actor(id="storekeeper", permissions=frozenset({"stock.sell"}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: VTE holds five lamps since its beginning, at `NOW`."""
    load_tiny(any_engine)
    return any_engine


def _post(engine: Engine, now: datetime, *moves: object) -> None:
    with writing(engine, SYSTEM) as session:
        post(session, KEEPER, moves, now)  # type: ignore[arg-type]


def _then(engine: Engine, instant: datetime) -> dict[str, Decimal]:
    with reading(engine, SYSTEM) as session:
        return {one.place: one.quantity for one in stock_at(session, "LAMP-1", instant)}


def test_what_is_dated_back_counts_from_then(world: Engine) -> None:
    before = _then(world, NOW)
    _post(world, NOW + DAY, move("LAMP-1", "VTE", "UTH", 2).model_copy(update={"moved_at": NOW + HOUR}))
    assert _then(world, NOW) == before
    assert _then(world, NOW + HOUR) == before | {"VTE": Decimal(3), "UTH": Decimal(2)}
    with reading(world, SYSTEM) as session:
        kept = move_page(session, limit=100, part="LAMP-1")[-1]
        assert (kept.moved_at, kept.recorded_at) == (NOW + HOUR, NOW + DAY)


def test_what_was_used_later_cannot_have_left_before(world: Engine) -> None:
    _post(world, NOW + 2 * HOUR, move("LAMP-1", "VTE", "CUSTOMER", 5))
    _post(world, NOW + 4 * HOUR, move("LAMP-1", "ADJUSTMENT", "VTE", 1))
    back = move("LAMP-1", "VTE", "UTH", 1)
    with pytest.raises(Conflict, match="dated back was used later") as refusal:
        _post(world, NOW + DAY, back.model_copy(update={"moved_at": NOW + HOUR}))
    assert (refusal.value.code, refusal.value.field) == ("too_little_then", "moved_at")
    _post(world, NOW + DAY, back.model_copy(update={"moved_at": NOW + 5 * HOUR}))


def test_nothing_happens_in_the_future(world: Engine) -> None:
    with pytest.raises(Invalid) as refusal:
        _post(world, NOW, move("LAMP-1", "VTE", "UTH", 1).model_copy(update={"moved_at": NOW + HOUR}))
    assert refusal.value.code == "moved_ahead"


def test_a_closed_period_takes_no_entries_until_it_is_opened(world: Engine) -> None:
    now = NOW + 3 * DAY
    old = move("LAMP-1", "VTE", "UTH", 1).model_copy(update={"moved_at": NOW + HOUR})
    with writing(world, SYSTEM) as session:
        close_through(session, KEEPER, (NOW + DAY).date(), now)
    with pytest.raises(Conflict, match="are closed") as refusal:
        _post(world, now, old)
    assert refusal.value.code == "period_closed"
    _post(world, now, move("LAMP-1", "VTE", "UTH", 1))
    with writing(world, SYSTEM) as session:
        close_through(session, KEEPER, None, now)
    _post(world, now, old)
    with pytest.raises(Invalid, match="not over yet"), writing(world, SYSTEM) as session:
        close_through(session, KEEPER, date(2199, 1, 1), now)


def test_a_reversal_takes_back_all_or_nothing_and_once(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        before = balances(session)
    moves = [move("LAMP-1", "VTE", "UTH", 2), move("LAMP-1", "XIY", "VTE", 3)]
    _post(world, NOW, *moves)
    ids = [one.move_id for one in moves]
    with writing(world, SYSTEM) as session:
        reverse(session, KEEPER, ids, "CORRECTION", NOW + HOUR)
    with reading(world, SYSTEM) as session:
        assert balances(session) == before
        assert [one.reverses for one in move_page(session, limit=9, document="CORRECTION")] == ids
    for wrong, kind in ((ids[:1], Conflict), ([uuid4()], NotFound)):
        with pytest.raises(kind), writing(world, SYSTEM) as session:
            reverse(session, KEEPER, wrong, "AGAIN", NOW + HOUR)
    with reading(world, SYSTEM) as session:
        assert balances(session) == before


def test_what_has_gone_on_is_not_reversed(world: Engine) -> None:
    move_on = move("LAMP-1", "VTE", "UTH", 2)
    _post(world, NOW, move_on)
    _post(world, NOW, move("LAMP-1", "UTH", "CUSTOMER", 1))
    with pytest.raises(DomainError) as refusal, writing(world, SYSTEM) as session:
        reverse(session, KEEPER, [move_on.move_id], "CORRECTION", NOW)
    assert refusal.value.code == "too_little_stock"


def test_the_balances_are_made_anew_from_the_moves(world: Engine) -> None:
    _post(world, NOW, move("LAMP-1", "VTE", "UTH", "2"))
    with reading(world, SYSTEM) as session:
        before = balances(session)
    with writing(world, SYSTEM) as session:
        rebuild(session)
    with reading(world, SYSTEM) as session:
        assert balances(session) == before
        assert disagreements(session) == []
