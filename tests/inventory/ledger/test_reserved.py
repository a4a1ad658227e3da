"""What is reserved is kept from all moves but those that it is reserved for."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotFound
from inventory.kernel.priority import Priority
from inventory.ledger.balances import keep, rebuild
from inventory.ledger.models import Reservation, ReservationKind, ReservationState, Stage, StockBalance
from inventory.ledger.proof import wrong_reservations
from inventory.ledger.service import post
from tests.conftest import NOW
from tests.inventory.ledger.stock import move
from tests.worlds import load_tiny

HOUR = timedelta(hours=1)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: forty lamps at XIY."""
    load_tiny(any_engine)
    return any_engine


def _cell(session: Session) -> StockBalance:
    return session.scalars(select(StockBalance).where(StockBalance.quantity == 40)).one()


def reserved(engine: Engine, quantity: int, **told: Any) -> UUID:
    """Reserve lamps at XIY for UTH, hard and for an hour, unless told otherwise."""
    with writing(engine, SYSTEM) as session:
        cell = _cell(session)
        whole: dict[str, Any] = {
            "cell": cell.cell,
            "part_id": cell.part_id,
            "place_id": cell.place_id,
            "destination_id": cell.place_id,
            "quantity": Decimal(quantity),
            "kind": ReservationKind.HARD,
            "state": ReservationState.HELD,
            "stage": Stage.RESERVED,
            "demand": "J-1",
            "priority": Priority.ROUTINE,
            "reserved_by": "noi",
            "reserved_at": NOW,
            "expires_at": NOW + HOUR,
        }
        one = Reservation(**whole | told)
        if one.kind is ReservationKind.HARD:
            keep(session, {cell.cell: one.quantity}, NOW)
        session.add(one)
        session.flush()
        return one.id


def _post(engine: Engine, quantity: int, at: datetime = NOW, *, of: UUID | None = None) -> None:
    with writing(engine, SYSTEM) as session:
        sent = move("LAMP-1", "XIY", "VTE", quantity).model_copy(update={"reservation": of})
        post(session, SYSTEM, [sent], at)


def _refused(engine: Engine, quantity: int, *, of: UUID | None = None) -> DomainError:
    with pytest.raises((Conflict, Invalid, NotFound)) as refusal:
        _post(engine, quantity, of=of)
    return refusal.value


def _state(engine: Engine, key: UUID) -> tuple[ReservationState, int, int]:
    """Return the state and quantity of a reservation, and what all cells of the part keep."""
    with reading(engine, SYSTEM) as session:
        one = session.get_one(Reservation, key)
        kept = session.scalars(select(StockBalance.reserved).where(StockBalance.cell == one.cell)).one()
        assert wrong_reservations(session) == []
        return one.state, int(one.quantity), int(kept)


def test_nobody_else_takes_what_is_reserved(world: Engine) -> None:
    key = reserved(world, 30)
    refusal = _refused(world, 11)
    assert (refusal.code, "10 are free, 11 are wanted" in refusal.message) == ("stock_reserved", True)
    _post(world, 10)
    assert _refused(world, 31).code == "too_little_stock"
    assert _state(world, key) == (ReservationState.HELD, 30, 30)


def test_a_move_uses_up_what_it_names(world: Engine) -> None:
    key = reserved(world, 30)
    _post(world, 20, of=key)
    assert _state(world, key) == (ReservationState.HELD, 10, 10)
    assert _refused(world, 11, of=key).code == "reservation_exceeded"
    _post(world, 10, of=key)
    assert _state(world, key) == (ReservationState.FULFILLED, 0, 0)
    assert _refused(world, 1, of=key).code == "reservation_ended"
    assert _refused(world, 1, of=uuid4()).code == "unknown_reservation"


def test_what_others_reserved_is_not_taken_by_naming_one_s_own(world: Engine) -> None:
    own = reserved(world, 5)
    reserved(world, 35)
    _post(world, 5, of=own)
    assert _refused(world, 1).code == "stock_reserved"


def test_an_expired_reservation_keeps_nothing(world: Engine) -> None:
    key = reserved(world, 40)
    _post(world, 3, NOW + HOUR)
    assert _state(world, key) == (ReservationState.EXPIRED, 40, 0)


def test_what_is_packed_does_not_expire(world: Engine) -> None:
    key = reserved(world, 40, stage=Stage.PACKED)
    with pytest.raises(Conflict):
        _post(world, 3, NOW + HOUR)
    assert _state(world, key)[0] is ReservationState.HELD


def test_a_soft_reservation_keeps_nothing_and_is_used_up(world: Engine) -> None:
    key = reserved(world, 40, kind=ReservationKind.SOFT)
    _post(world, 1)
    _post(world, 39, of=key)
    assert _state(world, key) == (ReservationState.HELD, 1, 0)


def test_no_more_is_reserved_than_is_free(world: Engine) -> None:
    reserved(world, 30)
    with pytest.raises(Conflict, match="10 are free, 11 are wanted"):
        reserved(world, 11)


def test_balances_made_anew_keep_what_is_reserved(world: Engine) -> None:
    key = reserved(world, 30)
    _post(world, 5, of=key)
    with writing(world, SYSTEM) as session:
        rebuild(session)
    assert _state(world, key) == (ReservationState.HELD, 25, 25)
