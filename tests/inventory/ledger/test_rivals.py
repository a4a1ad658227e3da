"""Posting at the same time: never oversold, nothing lost, nobody stuck."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict
from inventory.ledger.proof import disagreements
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.condition import Condition
from tests.conftest import NOW
from tests.inventory.ledger.stock import balances, move
from tests.rivals import at_once
from tests.worlds import load_tiny

GOOD = Condition.SERVICEABLE


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, on each database."""
    load_tiny(any_engine)
    return any_engine


@pytest.fixture
def rivals(world: Engine) -> int:
    """How many post at once."""
    return 8 if world.dialect.name == "postgresql" else 4


def _posts(engine: Engine, moves: Sequence[NewMove]) -> str:
    """Post and return "posted", or the code of the refusal."""
    try:
        with writing(engine, SYSTEM) as session:
            post(session, SYSTEM, moves, NOW)
    except Conflict as refusal:
        return refusal.code
    return "posted"


def test_the_last_units_are_not_sold_twice(world: Engine, rivals: int) -> None:
    def take(_rival: int) -> list[str]:
        return [_posts(world, [move("LAMP-1", "XIY", "CUSTOMER", 3)]) for _ in range(5)]

    outcomes = [outcome for mine in at_once(rivals, take) for outcome in mine]
    assert outcomes.count("posted") == 40 // 3
    assert set(outcomes) == {"posted", "too_little_stock"}
    with reading(world, SYSTEM) as session:
        held = balances(session)
        assert disagreements(session) == []
    assert held["LAMP-1", "XIY", GOOD] == 1
    assert held["LAMP-1", "CUSTOMER", GOOD] == 39


def test_shelves_that_send_to_each_other_do_not_lock_each_other(world: Engine, rivals: int) -> None:
    parts = ("LAMP-1", "FILTER-1")
    with writing(world, SYSTEM) as session:
        post(session, SYSTEM, [move(part, "ADJUSTMENT", "UTH", 10) for part in parts], NOW)
    with reading(world, SYSTEM) as session:
        before = balances(session)

    def swap(rival: int) -> list[str]:
        ends = ("XIY", "UTH") if rival % 2 else ("UTH", "XIY")
        wanted = parts if rival % 4 < 2 else parts[::-1]
        there = [move(part, *ends, 1) for part in wanted]
        back = [move(part, *ends[::-1], 1) for part in wanted]
        return [_posts(world, moves.copy()) for moves in (there, back)]

    for _ in range(6):
        assert at_once(rivals, swap) == [["posted", "posted"]] * rivals
    with reading(world, SYSTEM) as session:
        assert balances(session) == before
        assert disagreements(session) == []


def test_one_move_sent_by_all_is_posted_once(world: Engine, rivals: int) -> None:
    for _ in range(3):
        same = move("LAMP-1", "XIY", "VTE", 1)
        outcomes = at_once(rivals, lambda _rival, same=same: _posts(world, [same]))  # type: ignore[misc]
        assert sorted(outcomes) == ["move_posted"] * (rivals - 1) + ["posted"]
    with reading(world, SYSTEM) as session:
        assert balances(session)["LAMP-1", "VTE", GOOD] == 8
