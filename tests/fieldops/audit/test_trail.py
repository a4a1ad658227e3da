"""What the units of work write to the trail by themselves."""

# ruff: noqa: S105, S106, PT012 - the passwords are bait, and a unit of work ends with its block

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, LargeBinary, String, delete, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import ROWS_MAX, AuditRow, record
from inventory.kernel.base import Versioned
from inventory.kernel.engine import dialect_insert, reading, writing
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import OPEN, declare
from inventory.kernel.types import Money
from tests.conftest import NOW

ANN = {"name": "ann", "password": "…", "key": "…", "note": None, "limit": "20.5", "version": 1}
SEA, CN = (Actor(region, scope=Scope(regions=frozenset({region}))) for region in ("SEA", "CN"))


class _Base(DeclarativeBase):
    """Tables of these tests only."""


@declare(OPEN, secret={"password", "key"})
class Account(Versioned, _Base):
    """A record with secrets, one of them no text."""

    __tablename__ = "test_account"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(20))
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    limit: Mapped[Decimal | None] = mapped_column(Money)


@pytest.fixture
def accounts(any_engine: Engine) -> Engine:
    """A database with the table of accounts and one account."""
    _Base.metadata.create_all(any_engine)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        session.add(Account(name="ann", password="open-sesame", key=b"\xff\x00", limit=Decimal("20.5")))
    return any_engine


def trail(engine: Engine) -> list[AuditRow]:
    """Return what the trail holds after the fixture's own row."""
    with reading(engine, SYSTEM) as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.id)))[1:]


def told(row: AuditRow) -> tuple[str, str, Any, Any]:
    """Return what a row says was done."""
    return row.action, row.subject_key, row.before, row.after


def test_a_record_is_told_when_created_changed_and_deleted(accounts: Engine) -> None:
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        session.add(Account(name="ben"))
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        ann = session.get_one(Account, "ann")
        ann.limit, ann.password, ann.note = Decimal(30), "other", b"\xfe"
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        session.get_one(Account, "ann").limit = Decimal(30)
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        session.delete(session.get_one(Account, "ann"))
    created, changed, deleted = trail(accounts)
    assert told(created)[:3] == ("created", "ben", None)
    assert told(changed) == (
        "changed",
        "ann",
        {"limit": "20.5000", "password": "…", "note": None},
        {"limit": "30", "password": "…", "note": "_g=="},
    )
    assert (deleted.action, deleted.subject_key, deleted.after) == ("deleted", "ann", None)
    assert deleted.before == ANN | {"limit": "30.0000", "note": "_g==", "version": 2}


def test_the_row_tells_who_when_and_from_where(accounts: Engine) -> None:
    actor = Actor("maria", scope=SEA.scope, origin="192.0.2.1 " + "x" * 300)
    with writing(accounts, actor, clock=lambda: NOW) as session:
        session.add(Account(name="ben"))
    (row,) = trail(accounts)
    assert (row.actor, row.at, row.subject, row.audience) == ("maria", NOW, "test_account", "SEA")
    assert row.origin == actor.origin[:200]


def _insert_many(session: Session, count: int) -> None:
    session.execute(insert(Account), [{"name": f"n{n}", "password": "hunter2", "key": b"\xff"} for n in range(count)])


def _insert_values(session: Session) -> None:
    session.execute(insert(Account).values([{"name": "ben", "password": "hunter2"}, {"name": "cy", "password": "x"}]))


def _upsert(session: Session) -> None:
    one = dialect_insert(session, Account).values(name="ann", password="hunter2")  # type: ignore[arg-type]
    session.execute(one.on_conflict_do_update(index_elements=["name"], set_={"password": "hunter2"}))


def _update_where(session: Session) -> None:
    session.execute(update(Account).where(Account.password == "open-sesame").values(password="hunter2", limit=7))


def _update_each(session: Session) -> None:
    session.execute(update(Account), [{"name": "ann", "version": 1, "password": "hunter2", "limit": Decimal(7)}])


def _delete_where(session: Session) -> None:
    session.execute(delete(Account).where(Account.password == "open-sesame", Account.limit > 7))


def test_a_bulk_insert_is_told_row_by_row(accounts: Engine) -> None:
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        _insert_many(session, ROWS_MAX)
    rows = trail(accounts)
    assert [row.subject_key for row in rows] == [f"n{n}" for n in range(ROWS_MAX)]
    assert told(rows[0]) == ("created", "n0", None, {"name": "n0", "password": "…", "key": "…"})


def test_a_larger_one_is_told_by_number_and_hash(accounts: Engine) -> None:
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        _insert_many(session, ROWS_MAX + 1)
    (row,) = trail(accounts)
    assert row.after is not None
    assert (row.action, row.after["rows"], len(row.after["sha256"])) == ("bulk_created", ROWS_MAX + 1, 64)


@pytest.mark.parametrize(
    ("statement", "action", "names"),
    [
        (_insert_values, "bulk_created", {"ben", "cy"}),
        (_upsert, "bulk_created", {"ann"}),
        (_update_where, "bulk_changed", {"test_account", "limit", "7"}),
        (_update_each, "bulk_changed", {"test_account", "ann", "7"}),
        (_delete_where, "bulk_deleted", {"test_account", "limit", "7"}),
    ],
)
def test_every_bulk_statement_leaves_a_row_without_secrets(
    accounts: Engine, statement: Callable[[Session], None], action: str, names: set[str]
) -> None:
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        statement(session)
    (row,) = trail(accounts)
    assert row.action == action
    text = str(row.after)
    assert {name for name in names if name not in text} == set()
    assert "hunter2" not in text
    assert "open-sesame" not in text
    assert "…" in text


def test_what_is_rolled_back_leaves_no_row(accounts: Engine) -> None:
    with pytest.raises(Conflict), writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        session.add(Account(name="ben"))
        session.flush()
        _update_where(session)
        record(session, "overridden", "plan", "P-1")
        raise Conflict("No", code="no")
    assert trail(accounts) == []


def test_a_savepoint_rolled_back_takes_its_rows_along(accounts: Engine) -> None:
    with writing(accounts, SYSTEM, clock=lambda: NOW) as session:
        session.add(Account(name="ben"))
        with pytest.raises(Conflict), session.begin_nested():
            session.add(Account(name="cy"))
            session.flush()
            raise Conflict("No", code="no")
    assert [row.subject_key for row in trail(accounts)] == ["ben"]


def test_each_region_writes_and_reads_its_own_rows(accounts: Engine) -> None:
    for actor in (SEA, CN):
        with writing(accounts, actor, clock=lambda: NOW) as session:
            session.add(Account(name=actor.id))
            record(session, "logged_in", "user", actor.id)
    both = Actor("both", scope=Scope(regions=frozenset({"SEA", "CN"})))
    nobody = Actor("nobody")
    seen = {}
    for actor in (SEA, CN, both, nobody):
        with reading(accounts, actor) as session:
            seen[actor.id] = {row.actor for row in session.scalars(select(AuditRow))}
    assert seen == {"SEA": {"SEA"}, "CN": {"CN"}, "both": {"SEA", "CN"}, "nobody": set()}
