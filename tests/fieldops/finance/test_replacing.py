"""Documents of a plan in force come to hold something else: all of them or none, and as it was told before."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import Earmark
from fieldops.finance.categories import Category
from fieldops.finance.control.models import BudgetOverride, OverrideKind
from fieldops.finance.control.plans import PlanRef
from fieldops.finance.control.replacing import Weighed, read_books, reserve_anew, weigh
from fieldops.finance.control.rules import Request
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.finance.money import Account, lines, request
from tests.fieldops.finance.spending import BOSS, DAY, LI, enveloped, sound
from tests.worlds import load_tiny

PLAN = PlanRef(uuid7(), "P-1")
LABOUR: Account = ("SEA", Category.LABOUR)
FREIGHT: Account = ("SEA", Category.FREIGHT)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: 50,000 for labour in SEA, 10 for freight."""
    load_tiny(any_engine)
    return any_engine


def asked(engine: Engine, *documents: tuple[str, int, int], rank: int = 2) -> Weighed:
    """Reserve labour and freight anew, once it was told what would come of it."""

    def wanted(session: Session) -> list[Request]:
        return [
            request(session, number, {LABOUR: labour, FREIGHT: freight}, rank=rank)
            for number, labour, freight in documents
        ]

    with reading(engine, LI) as session:
        requests = wanted(session)
        told = weigh(read_books(session, LI, PLAN.id, requests, DAY), requests)
    with writing(engine, LI) as session:
        done = reserve_anew(session, LI, PLAN, wanted(session), DAY, NOW)
        assert (told.passes, told.requests) == (done.passes, done.requests)
    assert sound(engine)
    return done


def held(engine: Engine) -> dict[tuple[str, UUID], Decimal]:
    """Return {(document, line): amount}."""
    with reading(engine, SYSTEM) as session:
        return {(one.document, one.line_id): one.amount for one in session.scalars(select(Earmark)) if one.amount}


def reserved(engine: Engine) -> tuple[float, float]:
    """Return what is reserved of labour and of freight."""
    with reading(engine, SYSTEM) as session:
        known = lines(session)
        return float(known[LABOUR].reserved), float(known[FREIGHT].reserved)


def test_documents_hold_what_they_name_by_now_more_or_less(world: Engine) -> None:
    assert asked(world, ("J-1", 100, 4), ("J-2", 50, 0)).passes
    assert reserved(world) == (150, 4)
    assert asked(world, ("J-1", 30, 10)).passes
    assert reserved(world) == (80, 10)
    assert asked(world, ("J-1", 0, 0)).passes
    assert reserved(world) == (50, 0)


def test_where_one_does_not_fit_none_changes(world: Engine) -> None:
    asked(world, ("J-1", 100, 4))
    before = held(world)
    refused = asked(world, ("J-1", 10, 0), ("J-2", 10, 11))
    assert [short.request.document for short in refused.decision.held] == ["J-2"]
    assert held(world) == before


def test_what_only_gives_back_passes_whatever_the_line_has_left(world: Engine) -> None:
    asked(world, ("J-1", 100, 10))
    with writing(world, SYSTEM) as session:
        line = lines(session)[FREIGHT]
        line.frozen = True
    assert asked(world, ("J-1", 100, 5)).passes
    assert not asked(world, ("J-1", 100, 6)).passes


def test_an_aircraft_on_ground_takes_the_envelope_and_gives_it_back(world: Engine) -> None:
    envelope = enveloped(world, BOSS)
    assert not asked(world, ("J-1", 0, 400)).passes
    assert asked(world, ("J-1", 100, 400), rank=0).passes
    assert held(world)["J-1", envelope] == 400
    assert reserved(world) == (100, 0)
    with reading(world, SYSTEM) as session:
        kept = session.scalars(select(BudgetOverride)).one()
        assert (kept.kind, float(kept.amount), kept.by) == (OverrideKind.ENVELOPE, 400.0, LI.id)
    assert not asked(world, ("J-1", 100, 501), rank=0).passes
    assert asked(world, ("J-1", 100, 10), rank=0).passes
    assert ("J-1", envelope) not in held(world)
    assert reserved(world) == (100, 10)
