"""Reservations: what is taken, who may change them, how they end, and that balances always agree with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, select

from inventory.availability.promise import promise
from inventory.availability.reservation_queries import reservation_by_key, reservation_page
from inventory.availability.reservation_schemas import ReservationOut
from inventory.availability.service import LONGEST, advance, expire, extend, release, reserve
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale
from inventory.kernel.outbox import OutboxEvent
from inventory.ledger.models import ReservationState, Stage, StockBalance
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.condition import Hold
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.availability.keeping import CN, DAY, SEA, disagreeing, kept, wish
from tests.worlds import load_tiny

AND = Actor("and", scope=Scope(regions=frozenset({"AND"})))


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def seen(engine: Engine, key: UUID, actor: Actor = SYSTEM) -> ReservationOut:
    """Return a reservation as an actor sees it."""
    with reading(engine, actor) as session:
        return reservation_by_key(session, key)


def agrees(engine: Engine) -> bool:
    """Tell whether every balance is what the reservations say."""
    with reading(engine, SYSTEM) as session:
        return not disagreeing(session)


def does(engine: Engine, actor: Actor, work: Callable[..., Any], *asked: Any, now: datetime = NOW) -> Any:
    """Do a use case in a transaction of its own."""
    with writing(engine, actor, clock=lambda: now) as session:
        return work(session, actor, *asked, now)


def refused(engine: Engine, actor: Actor, work: Callable[..., Any], *asked: Any, now: datetime = NOW) -> DomainError:
    """Return the refusal of a use case."""
    with pytest.raises(DomainError) as why:
        does(engine, actor, work, *asked, now=now)
    return why.value


def lots(engine: Engine, place: str, *numbered: tuple[str, date | None, date | None]) -> None:
    """Bring one filter of each lot, (number, made on, expires on), to a shelf."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        new = [
            NewLot(part="FILTER-1", number=number, kind=LotKind.LOT, made_on=made, expires_on=end)
            for number, made, end in numbered
        ]
        add_lots(session, SYSTEM, new)
        common = {"part": "FILTER-1", "origin": "ADJUSTMENT", "destination": place, "quantity": 1, "document": "D"}
        post(session, SYSTEM, [NewMove.model_validate(common | {"lot": one[0]}) for one in numbered], NOW)


def test_a_hard_reservation_keeps_stock_from_everybody_else(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 4), SEA)
    with reading(world, SYSTEM) as session:
        assert session.scalars(select(StockBalance.reserved).where(StockBalance.reserved > 0)).all() == [Decimal(4)]
    why = refused(world, SEA, reserve, wish("LAMP-1", "VTE", 2, demand="J-8"))
    assert (why.status, why.code) == (409, "too_little_free")
    assert "Of LAMP-1 at VTE 1 are free, 2 are wanted" in why.message
    assert "4 for J-9 (ROUTINE)" in why.message
    does(world, SEA, release, key, 1, "Called off")
    assert seen(world, key).state is ReservationState.RELEASED
    assert agrees(world)
    kept(world, wish("LAMP-1", "VTE", 5), SEA)


def test_a_soft_one_is_counted_but_lets_stock_be_moved(world: Engine) -> None:
    kept(world, wish("LAMP-1", "VTE", 5, kind="soft"), SEA)
    assert refused(world, SEA, reserve, wish("LAMP-1", "VTE", 1, demand="J-8")).code == "too_little_free"
    move = NewMove(part="LAMP-1", origin="VTE", destination="UTH", quantity=Decimal(3), document="D")
    does(world, SYSTEM, post, [move])
    with reading(world, SEA) as session:
        assert [one.place for one in promise(session, "LAMP-1", "VTE", NOW).sources] == ["XIY"]
    assert agrees(world)


def test_a_hard_one_takes_the_place_of_the_soft_ones_of_its_demand(world: Engine) -> None:
    soft = kept(world, wish("LAMP-1", "VTE", 3, kind="soft"), SEA)
    kept(world, wish("LAMP-1", "VTE", 5), SEA)
    assert seen(world, soft).state is ReservationState.RELEASED
    assert agrees(world)


def test_what_expires_first_is_taken_first_then_the_oldest_but_nothing_too_old(world: Engine) -> None:
    year = date(2026, 12, 31)
    lots(
        world,
        "VTE",
        ("NEW", date(2026, 1, 1), None),
        ("OLD", date(2024, 1, 1), None),
        ("LATE", date(2025, 1, 1), year),
        ("SOON", date(2025, 1, 1), date(2026, 6, 1)),
        ("STALE", date(2020, 1, 1), date(2026, 3, 1)),
    )
    made = does(world, SEA, reserve, wish("FILTER-1", "VTE", 3))
    with reading(world, SEA) as session:
        assert [one.lot for one in reservation_page(session, keys=made, limit=9)] == ["SOON", "LATE", "OLD"]
    assert refused(world, SEA, reserve, wish("FILTER-1", "VTE", 2, demand="J-8")).code == "too_little_free"
    # needed today, the stale one is still good
    made = does(world, SEA, reserve, wish("FILTER-1", "VTE", 2, demand="J-8", needed_at=NOW))
    assert len(made) == 2


def test_a_lot_that_is_named_is_taken(world: Engine) -> None:
    lots(world, "VTE", ("A", None, date(2026, 6, 1)), ("B", None, date(2026, 9, 1)))
    assert seen(world, kept(world, wish("FILTER-1", "VTE", lot="B"), SEA)).lot == "B"
    assert refused(world, SEA, reserve, wish("FILTER-1", "VTE", lot="B")).code == "too_little_free"


def test_neither_held_nor_anothers_stock_is_reserved(world: Engine) -> None:
    common = {"part": "FILTER-1", "origin": "ADJUSTMENT", "destination": "VTE", "quantity": 1, "document": "D"}
    moves = [common | {"to_hold": Hold.CUSTOMS}, common | {"owner": "customer:LAO", "to_owner": "customer:LAO"}]
    does(world, SYSTEM, post, [NewMove.model_validate(move) for move in moves])
    why = refused(world, SEA, reserve, wish("FILTER-1", "VTE"))
    assert why.message == "Of FILTER-1 at VTE 0 are free, 1 are wanted; reserved: none"


@pytest.mark.parametrize("after", [timedelta(0), -DAY, LONGEST + timedelta(seconds=1)])
def test_a_reservation_ends_soon_enough(world: Engine, after: timedelta) -> None:
    with pytest.raises(Invalid, match="30 days"):
        does(world, SEA, reserve, wish("LAMP-1", "VTE", expires_at=NOW + after))
    key = kept(world, wish("LAMP-1", "VTE"), SEA)
    with pytest.raises(Invalid, match="30 days"):
        does(world, SEA, extend, key, 1, NOW + after)


def test_it_expires_unless_it_is_extended_or_packed(world: Engine) -> None:
    gone, longer, packed = (kept(world, wish("LAMP-1", "XIY", number), CN) for number in (1, 2, 3))
    does(world, CN, extend, longer, 1, NOW + 3 * DAY)
    for version, stage in enumerate((Stage.PICKED, Stage.PACKED), start=1):
        does(world, CN, advance, packed, version, stage)
    later = NOW + DAY
    assert refused(world, CN, release, gone, 1, None, now=later).code == "reservation_ended"
    with writing(world, SYSTEM, clock=lambda: later) as session:
        assert expire(session, later) == 1
        assert expire(session, later) == 0
    states = [seen(world, key).state for key in (gone, longer, packed)]
    assert states == [ReservationState.EXPIRED, ReservationState.HELD, ReservationState.HELD]
    assert agrees(world)
    does(world, CN, advance, packed, 3, Stage.CLEARED, now=later)


def test_what_has_expired_is_let_go_of_by_whoever_reserves(world: Engine) -> None:
    old = kept(world, wish("LAMP-1", "VTE", 5), SEA)
    later = NOW + DAY
    does(world, SEA, reserve, wish("LAMP-1", "VTE", 5, expires_at=later + DAY), now=later)
    assert seen(world, old).state is ReservationState.EXPIRED
    assert agrees(world)


def test_stages_go_forward_only_and_only_what_is_kept_has_them(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE"), SEA)
    does(world, SEA, advance, key, 1, Stage.PACKED)
    for stage in (Stage.PICKED, Stage.PACKED):
        assert refused(world, SEA, advance, key, 2, stage).code == "wrong_stage"
    soft = kept(world, wish("LAMP-1", "VTE", kind="soft"), SEA)
    assert refused(world, SEA, advance, soft, 1, Stage.PICKED).code == "wrong_stage"
    with pytest.raises(Stale):
        does(world, SEA, advance, key, 1, Stage.CLEARED)


def test_each_side_changes_what_is_its_own(world: Engine) -> None:
    """Of the central depot's stock that SEA reserved the depot says the stage, and SEA everything else."""
    key = kept(world, wish("LAMP-1", "XIY", destination="VTE"), SEA)
    with pytest.raises(Forbidden):
        does(world, SEA, advance, key, 1, Stage.PICKED)
    for work in (release, extend):
        with pytest.raises(Forbidden):
            does(world, CN, work, key, 1, NOW + DAY if work is extend else None)
    does(world, CN, advance, key, 1, Stage.PICKED)
    does(world, SEA, extend, key, 2, NOW + 2 * DAY)
    does(world, SEA, release, key, 3, None)
    assert agrees(world)


def test_nobody_reserves_elsewhere_or_learns_what_is_there(world: Engine) -> None:
    for wanted in (
        wish("LAMP-1", "VTE", 999, destination="TSN"),
        wish("LAMP-1", "TSN", destination="UTH"),
        wish("LAMP-1", "XIY", destination="UTH"),
    ):
        actor = SEA if wanted.place == "TSN" else CN
        with pytest.raises(Forbidden) as why:
            does(world, actor, reserve, wanted)
        assert not any(character.isdigit() for character in why.value.message)
    key = kept(world, wish("LAMP-1", "VTE"), SEA)
    for work, asked in ((release, None), (extend, NOW + DAY), (advance, Stage.PICKED)):
        with pytest.raises(NotFound):
            does(world, CN, work, key, 1, asked)
    with pytest.raises(NotFound):
        does(world, SEA, release, uuid4(), 1, None)
    with reading(world, CN) as session:
        assert reservation_page(session, limit=9) == []


def test_lists_are_filtered(world: Engine) -> None:
    lamp = kept(world, wish("LAMP-1", "XIY", destination="VTE", demand="J-3"), SEA)
    brake = kept(world, wish("BRAKE-1", "VTE", kind="soft"), SEA)
    does(world, SEA, release, brake, 1, None)

    def keys(**filters: Any) -> list[UUID]:
        with reading(world, SEA) as session:
            return [one.id for one in reservation_page(session, limit=9, **filters)]

    assert keys() == [lamp, brake]
    assert keys(part="LAMP-1") == keys(demand="J-3") == keys(state=ReservationState.HELD) == [lamp]
    assert keys(place="XIY") == [lamp]
    assert keys(place="VTE") == [lamp, brake]


def test_both_ends_hear_of_it(world: Engine) -> None:
    kept(world, wish("LAMP-1", "XIY", destination="VTE"), SEA)
    with reading(world, SYSTEM) as session:
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "reservation.changed")).all()
    assert {(event.audience, event.place) for event in events} == {("CN", "XIY"), ("SEA", "VTE")}
    assert {event.payload["demand"] for event in events} == {"J-9"}


def test_a_move_uses_up_what_is_reserved_for_it(world: Engine) -> None:
    key = kept(world, wish("LAMP-1", "VTE", 4), SEA)
    move = {"part": "LAMP-1", "origin": "VTE", "destination": "UTH", "document": "D"}
    free = [NewMove.model_validate(move | {"quantity": 2})]
    with pytest.raises(Conflict):
        does(world, SEA, post, free)
    does(world, SEA, post, [NewMove.model_validate(move | {"quantity": 3, "reservation": key})])
    assert seen(world, key).quantity == 1
    does(world, SEA, post, [NewMove.model_validate(move | {"quantity": 1, "reservation": key})])
    assert seen(world, key).state is ReservationState.FULFILLED
    assert agrees(world)
