"""Many who want the last units at once: never more is kept than there is, and nobody hears of a deadlock."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inventory.availability.preemption import preempt
from inventory.availability.reservation_schemas import NewReservation, Preemption
from inventory.availability.service import release, reserve
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, unit_of_work
from inventory.kernel.errors import DomainError
from inventory.ledger.models import Reservation, StockBalance
from inventory.ledger.proof import disagreements
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from tests.conftest import NOW
from tests.inventory.availability.keeping import DAY, disagreeing, kept, wish
from tests.rivals import at_once
from tests.worlds import load_tiny

ROUNDS = 4


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, on each database."""
    load_tiny(any_engine)
    return any_engine


def outcome(engine: Engine, work: Callable[[Session], object]) -> str:
    """Do some work in a unit of work; return "done", or the code of the refusal."""
    try:
        unit_of_work(engine, SYSTEM, work, clock=lambda: NOW)
    except DomainError as refusal:
        return refusal.code
    return "done"


def struggle(url: str, rival: int) -> list[str]:
    """Reserve on two shelves, each time in the other order, give some of it back, and move stock meanwhile."""
    engine = open_engine(url)
    told = []
    for turn in range(ROUNDS):
        shelves = ("XIY", "VTE") if (rival + turn) % 2 else ("VTE", "XIY")
        wishes = [wish("LAMP-1", shelf, 4, destination="UTH", demand=f"J-{rival}-{turn}") for shelf in shelves]
        told.append(outcome(engine, partial(reserves, wishes, turn % 3 == 2)))
        move = NewMove(
            part="LAMP-1",
            origin=shelves[0],
            destination="CUSTOMER",
            quantity=Decimal(1),
            document="D",
            without_aircraft="Sold",
        )
        told.append(outcome(engine, partial(posts, move)))
    engine.dispose()
    return told


def posts(move: NewMove, session: Session) -> None:
    """Post one move."""
    post(session, SYSTEM, [move], NOW)


def reserves(wishes: Sequence[NewReservation], and_releases: bool, session: Session) -> None:
    """Reserve what is wished for, and give the last of it back on demand."""
    keys = [key for wanted in wishes for key in reserve(session, SYSTEM, wanted, NOW)]
    if and_releases:
        release(session, SYSTEM, keys[-1], 1, None, NOW)


def in_processes(engine: Engine, count: int, work: Callable[[str, int], list[str]]) -> list[str]:
    """Run a piece of work in processes; return what all of them told."""
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [code for told in pool.map(work, [url] * count, range(count)) for code in told]


@pytest.fixture
def rivals(world: Engine) -> int:
    """How many want the same at once."""
    return 8 if world.dialect.name == "postgresql" else 4


def test_exactly_one_gets_the_last_unit(world: Engine, rivals: int) -> None:
    def take(rival: int) -> str:
        wanted = wish("PUMP-1", "XIY", demand=f"J-{rival}")
        return outcome(world, lambda session: reserve(session, SYSTEM, wanted, NOW))

    assert sorted(at_once(rivals, take)) == ["done"] + ["too_little_free"] * (rivals - 1)
    with reading(world, SYSTEM) as session:
        assert disagreeing(session) == []


def test_one_reservation_is_taken_over_once(world: Engine, rivals: int) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 2))

    def take_over(rival: int) -> str:
        told = {"version": 1, "destination": "UTH", "priority": "AOG", "reason": "Aircraft on ground", "rebook": True}
        told |= {"reservation": key, "quantity": 1, "expires_at": NOW + DAY, "demand": f"J-{rival}"}
        return outcome(world, lambda session: preempt(session, SYSTEM, Preemption.model_validate(told), NOW))

    assert sorted(at_once(rivals, take_over)) == ["done"] + ["stale"] * (rivals - 1)
    with reading(world, SYSTEM) as session:
        assert disagreeing(session) == []
        assert [one.quantity for one in session.scalars(select(Reservation).where(Reservation.state == "held"))] == [
            1,
            2,
        ]


def test_processes_never_keep_or_move_more_than_there_is(world: Engine, rivals: int) -> None:
    told = set(in_processes(world, rivals, struggle))
    assert told <= {"done", "too_little_free", "too_little_stock", "stock_reserved"}
    assert "done" in told
    with reading(world, SYSTEM) as session:
        assert disagreeing(session) == []
        assert disagreements(session) == []
        assert all(one.quantity >= one.reserved for one in session.scalars(select(StockBalance)) if not one.is_virtual)
