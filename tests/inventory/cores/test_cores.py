"""What is owed for removed units: taken down once, settled once, seen where the unit is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from inventory.catalogue.models import Part
from inventory.cores.models import ObligationState, RemovalKind
from inventory.cores.queries import removed_page, removed_told
from inventory.cores.schemas import NewRemoval
from inventory.cores.service import settle, take_down
from inventory.kernel.actor import ALL_PERMISSIONS, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, NotFound, Stale
from inventory.network.models import Place
from tests.conftest import NOW
from tests.worlds import load_tiny


def removal(engine: Engine, source: str, place: str = "VTE") -> NewRemoval:
    """A brake of a customer, removed at a place."""
    with reading(engine, SYSTEM) as session:
        return NewRemoval(
            source=source,
            place_id=session.scalars(select(Place.id).where(Place.code == place)).one(),
            part_id=session.scalars(select(Part.id).where(Part.part_number == "BRAKE-1")).one(),
            serial="SN-9",
            owner="customer:OP-A",
            tail="B-1",
            job="J-1",
            kind=RemovalKind.EXCHANGE_CORE,
            removed_at=NOW,
            reason="worn",
            position="LH",
            tag="U-1",
            value=Decimal(4_000),
            currency="USD",
            due_on=date(2026, 4, 1),
        )


def test_a_removal_is_taken_down_once_and_settled_once(any_engine: Engine) -> None:
    load_tiny(any_engine)
    one, other = removal(any_engine, "event/1"), removal(any_engine, "event/2", "XIY")
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        assert take_down(session, SYSTEM, [one, other]) == ["RU-000001", "RU-000002"]
        assert take_down(session, SYSTEM, [one]) == []
        assert take_down(session, SYSTEM, []) == []
    with reading(any_engine, SYSTEM) as session:
        told = removed_told(session, "RU-000001")
        assert (told.place, told.region, told.part, told.state) == ("VTE", "SEA", "BRAKE-1", ObligationState.OPEN)
        assert [row.number for row in removed_page(session, limit=9, job="J-1")] == ["RU-000001", "RU-000002"]
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Stale):
        settle(session, SYSTEM, "RU-000001", "accepted", NOW, version=9)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        settle(session, SYSTEM, "RU-000001", "accepted", NOW, version=1)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session, pytest.raises(Conflict, match="Nothing is owed"):
        settle(session, SYSTEM, "RU-000001", "again", NOW, version=2)
    with reading(any_engine, SYSTEM) as session:
        assert [row.number for row in removed_page(session, limit=9, state=ObligationState.OPEN)] == ["RU-000002"]


def test_another_region_sees_and_settles_nothing(any_engine: Engine) -> None:
    load_tiny(any_engine)
    new = replace(removal(any_engine, "event/1"), value=None, currency=None)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        take_down(session, SYSTEM, [new])
    other = Actor("other", permissions=ALL_PERMISSIONS, scope=Scope(regions=frozenset({"CN"})))
    with reading(any_engine, other) as session:
        assert removed_page(session, limit=9) == []
    with writing(any_engine, other, clock=lambda: NOW) as session, pytest.raises(NotFound):
        settle(session, other, "RU-000001", "mine", NOW, version=1)
