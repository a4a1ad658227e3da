"""A running plan that is kept misses no change of what it is of, in whatever order changes are committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job
from fieldops.dispatch.travel.service import keep_legs
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from fieldops.identity.models import User
from fieldops.planning.desk.changes import is_changed_since
from fieldops.workforce.models import Technician
from integrations.travel import TableService
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import Mark, mark
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.worlds import load_tiny


def renamed(session: Session, code: str = "T-1") -> None:
    session.scalars(select(Technician).where(Technician.code == code)).one().name += " II"
    session.flush()


def renamed_at_once(session: Session) -> None:
    session.execute(update(Technician).where(Technician.code == "T-1").values(name="Somebody else"))


def renamed_within(session: Session) -> None:
    """In a savepoint, which PostgreSQL numbers apart."""
    with session.begin_nested():
        renamed(session)


def rated(session: Session) -> None:
    rate = NewRate(currency="EUR", valid_from=date(2026, 1, 1), rate=Decimal("1.1"), source="Finance")
    add_rates(session, SYSTEM, [rate])


def told_ways(session: Session) -> None:
    keep_legs(session, TableService("https://ways.example"), {((1.0, 2.0), (3.0, 4.0)): None}, NOW)


def user_added(session: Session) -> None:
    session.add(User(name="somebody", display_name="Somebody", language="en"))
    session.flush()


Change = Callable[[Session], None]
CHANGES = [renamed, renamed_at_once, renamed_within, rated, told_ways]


def seen(engine: Engine) -> Mark:
    with reading(engine, SYSTEM) as session:
        return mark(session)


def is_changed(engine: Engine, since: Mark) -> bool:
    with reading(engine, SYSTEM) as session:
        own = [*session.scalars(select(Technician.id)), *session.scalars(select(Job.id))]
        return is_changed_since(session, since, "SEA", own)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_the_plan_is_of_is_seen(any_engine: Engine, change: Change) -> None:
    load_tiny(any_engine)
    before = seen(any_engine)
    assert not is_changed(any_engine, before)
    with writing(any_engine, SYSTEM) as session:
        change(session)
    assert is_changed(any_engine, before)
    assert not is_changed(any_engine, seen(any_engine))


@pytest.mark.postgres
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_that_is_committed_after_later_ones(postgres_engine: Engine, change: Change) -> None:
    load_tiny(postgres_engine)
    with writing(postgres_engine, SYSTEM) as early:
        change(early)
        with writing(postgres_engine, SYSTEM) as late:
            renamed(late, "T-2")
        taken_up = seen(postgres_engine)
        assert not is_changed(postgres_engine, taken_up)
    assert is_changed(postgres_engine, taken_up)
    assert not is_changed(postgres_engine, seen(postgres_engine))


@pytest.mark.postgres
def test_what_has_nothing_to_do_with_it_changes_nothing(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    with writing(postgres_engine, SYSTEM) as early:
        user_added(early)
        with writing(postgres_engine, SYSTEM) as late:
            renamed(late)
        taken_up = seen(postgres_engine)
    assert not is_changed(postgres_engine, taken_up)
