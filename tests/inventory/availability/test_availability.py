"""What a place can promise by day, as reservations come and go, lots expire and supply arrives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from inventory.availability.queries import Supply, availability
from inventory.availability.service import advance, expire, extend, release, reserve
from inventory.catalogue.link_schemas import NewInterchange
from inventory.catalogue.link_service import add_interchanges
from inventory.catalogue.models import InterchangeKind
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, Stale
from inventory.ledger.models import Stage
from inventory.ledger.schemas import NewMove
from inventory.ledger.service import post
from inventory.traceability.models import LotKind
from inventory.traceability.schemas import NewLot
from inventory.traceability.service import add_lots
from tests.conftest import NOW
from tests.inventory.availability.keeping import DAY, SEA, disagreeing, kept, wish
from tests.inventory.ledger.stock import sold
from tests.worlds import load_tiny


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def told(engine: Engine, part: str, place: str, now: datetime = NOW, *supplies: Supply) -> list[tuple[int, int, int]]:
    """Return (days from now, free, promisable) of each bucket."""
    with reading(engine, SYSTEM) as session:
        _parts, buckets = availability(session, part, place, now, expected=lambda *_asked: list(supplies))
    return [((one.day - now.date()).days, int(one.on_hand), int(one.promisable)) for one in buckets]


def test_reservations_come_back_when_they_expire_unless_they_are_packed(world: Engine) -> None:
    assert told(world, "LAMP-1", "VTE") == [(0, 5, 5)]
    kept(world, wish("LAMP-1", "VTE", 1, expires_at=NOW + 3 * DAY))
    kept(world, wish("LAMP-1", "VTE", 2, expires_at=NOW + 5 * DAY, kind="soft", demand="J-8"))
    packed = kept(world, wish("LAMP-1", "VTE", 1, expires_at=NOW + DAY))
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        advance(session, SYSTEM, packed, 1, Stage.PACKED, NOW)
    assert told(world, "LAMP-1", "VTE") == [(0, 1, 1), (4, 2, 2), (6, 4, 4)]


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_what_is_kept_for_an_aircraft_on_ground_does_not_come_back(world: Engine, kind: str) -> None:
    kept(world, wish("LAMP-1", "VTE", 2, priority="AOG", kind=kind))
    kept(world, wish("LAMP-1", "VTE", 1, priority="CRITICAL", kind=kind, demand="J-8"))
    assert told(world, "LAMP-1", "VTE") == [(0, 2, 2), (2, 3, 3)]


def test_a_lot_is_promised_until_its_last_day_and_what_comes_from_its_day_on(world: Engine) -> None:
    with writing(world, SYSTEM, clock=lambda: NOW) as session:
        new = NewLot(part="FILTER-1", number="L", kind=LotKind.LOT, expires_on=(NOW + 2 * DAY).date())
        add_lots(session, SYSTEM, [new])
        move = {"part": "FILTER-1", "origin": "ADJUSTMENT", "destination": "VTE", "document": "D"}
        moves = [move | {"quantity": 4, "lot": "L"}, move | {"quantity": 1}]
        post(session, SYSTEM, [NewMove.model_validate(one) for one in moves], NOW)
    assert told(world, "FILTER-1", "VTE") == [(0, 5, 1), (3, 1, 1)]
    comes = Supply(Decimal(3), NOW + DAY)
    assert told(world, "FILTER-1", "VTE", NOW, comes) == [(0, 5, 4), (1, 8, 4), (3, 4, 4)]
    assert told(world, "FILTER-1", "VTE", NOW + 9 * DAY) == [(0, 1, 1)]


def test_parts_that_may_stand_in_count_together(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        link = NewInterchange(part="FILTER-1", alternative="LAMP-1", kind=InterchangeKind.ONE_WAY, source="IPC")
        add_interchanges(session, SYSTEM, [link])
    assert told(world, "FILTER-1", "XIY") == [(0, 50, 50)]
    assert told(world, "LAMP-1", "XIY") == [(0, 40, 40)]


steps = st.lists(
    st.tuples(
        st.sampled_from(["hard", "soft", "release", "extend", "pack", "move", "bring", "expire", "later"]),
        st.integers(1, 4),
        st.integers(0, 9),
    ),
    min_size=5,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_what_is_kept_is_what_reservations_say_whatever_happens(
    world: Engine, steps: list[tuple[str, int, int]]
) -> None:
    now = NOW
    made: list[tuple[UUID, int]] = []
    for step, quantity, number in steps:
        key, version = made[number % len(made)] if made else (None, 0)
        try:
            with writing(world, SYSTEM, clock=lambda now=now: now) as session:  # type: ignore[misc]
                if step in ("hard", "soft"):
                    wanted = wish("LAMP-1", "VTE", quantity, kind=step, demand=f"J-{number}", expires_at=now + DAY)
                    made += [(one, 1) for one in reserve(session, SYSTEM, wanted, now)]
                elif step == "move":
                    move = {"part": "LAMP-1", "origin": "VTE", "destination": "CUSTOMER", "document": "D"}
                    move |= sold("CUSTOMER")
                    post(session, SYSTEM, [NewMove.model_validate(move | {"quantity": quantity})], now)
                elif step == "bring":
                    move = {"part": "LAMP-1", "origin": "ADJUSTMENT", "destination": "VTE", "document": "D"}
                    post(session, SYSTEM, [NewMove.model_validate(move | {"quantity": quantity})], now)
                elif step == "expire":
                    expire(session, now)
                elif step == "later":
                    now += timedelta(hours=9 * quantity)
                elif key is not None:
                    if step == "release":
                        release(session, SYSTEM, key, version, None, now)
                    elif step == "extend":
                        extend(session, SYSTEM, key, version, now + quantity * DAY, now)
                    else:
                        advance(session, SYSTEM, key, version, Stage.PACKED, now)
                    made[number % len(made)] = (key, version + 1)
        except (Conflict, Stale):  # what has expired in the meantime is at another version
            pass
        with reading(world, SYSTEM) as session:
            assert disagreeing(session) == []
        free = told(world, "LAMP-1", "VTE", now)
        assert all(0 <= promised <= max(level, 0) for _day, level, promised in free)


def test_a_region_hears_of_its_own_places_only(world: Engine) -> None:
    with reading(world, SEA) as session:
        _parts, buckets = availability(session, "LAMP-1", "TSN", NOW)
    assert [(one.day, one.on_hand) for one in buckets] == [(date(2026, 3, 1), Decimal(0))]
