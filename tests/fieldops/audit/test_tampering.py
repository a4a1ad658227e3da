"""Every way to change the past is found, also from somebody who can switch the protection of the database off."""

# ruff: noqa: S608 - the statements of an attacker are SQL by nature

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from fieldops.audit.rules import START, covered, link_hash
from fieldops.audit.schemas import Fault, Head
from tests.conftest import NOW
from tests.fieldops.audit.conftest import add_rows, sealed_now, verdict
from tests.tampering import attacking

FORGED = (
    "INSERT INTO audit_row (id, at, actor, origin, action, subject, subject_key, audience) "
    "SELECT {id}, at, actor, origin, action, subject, subject_key, audience FROM audit_row WHERE id = 1"
)


def changed(table: str, key: str, setting: str) -> str:
    """Return the statement that changes the fourth row or seal."""
    return f"UPDATE {table} SET {setting} WHERE {key} = 4"


IN_PLACE = {
    "instant": changed("audit_row", "id", "at = '2026-03-01 09:00:01+00:00'"),
    "actor": changed("audit_row", "id", "actor = 'somebody'"),
    "origin": changed("audit_row", "id", "origin = 'elsewhere'"),
    "request": changed("audit_row", "id", "request_id = 'other'"),
    "action": changed("audit_row", "id", "action = 'created'"),
    "subject": changed("audit_row", "id", "subject = 'other'"),
    "key of the subject": changed("audit_row", "id", "subject_key = 'T-99'"),
    "audience": changed("audit_row", "id", "audience = 'SEA'"),
    "before": changed("audit_row", "id", """before = '{"n": 4}'"""),
    "after": changed("audit_row", "id", """after = '{"n": 3.25}'"""),
    "nothing after": changed("audit_row", "id", "after = NULL"),
    "a text for an object": changed("audit_row", "id", """after = '"n"'"""),
    "hash": changed("audit_seal", "position", f"hash = '{'a' * 64}'"),
    "instant of sealing": changed("audit_seal", "position", "sealed_at = '2026-03-01 09:00:01+00:00'"),
    "row of a seal": changed("audit_seal", "position", "audit_id = 4000"),
    "deleted row": "DELETE FROM audit_row WHERE id = 4",
    "deleted first row": "DELETE FROM audit_row WHERE id = 1",
    "deleted last row": "DELETE FROM audit_row WHERE id = 10",
    "every row deleted": "DELETE FROM audit_row",
    "deleted seal": "DELETE FROM audit_seal WHERE position = 4",
    "deleted first seal": "DELETE FROM audit_seal WHERE position = 1",
    "deleted row and seal": "DELETE FROM audit_seal WHERE audit_id = 4; DELETE FROM audit_row WHERE id = 4",
    "gap closed behind a deleted one": (
        "DELETE FROM audit_seal WHERE position = 4; DELETE FROM audit_row WHERE id = 4;"
        "UPDATE audit_seal SET position = position - 100 WHERE position > 4;"
        "UPDATE audit_seal SET position = position + 99 WHERE position < 0"
    ),
    "rows swapped": (
        "UPDATE audit_row SET id = -1 WHERE id = 4; UPDATE audit_row SET id = 4 WHERE id = 5;"
        "UPDATE audit_row SET id = 5 WHERE id = -1"
    ),
    "seals swapped": (
        "UPDATE audit_seal SET position = -1 WHERE position = 4; UPDATE audit_seal SET position = 4 WHERE position = 5;"
        "UPDATE audit_seal SET position = 5 WHERE position = -1"
    ),
    "contents of two rows swapped": (
        "UPDATE audit_row SET subject_key = 'T-4' WHERE id = 4; UPDATE audit_row SET subject_key = 'T-3' WHERE id = 5"
    ),
    "position moved to the end": "UPDATE audit_seal SET position = 11 WHERE position = 4",
    "gap at the end": "UPDATE audit_seal SET position = 12 WHERE position = 10",
    "row renumbered": (
        "UPDATE audit_row SET id = 4000 WHERE id = 4; UPDATE audit_seal SET audit_id = 4000 WHERE audit_id = 4"
    ),
    "inserted between": (
        f"{FORGED.format(id=4000)}; UPDATE audit_seal SET position = position + 100 WHERE position > 4;"
        "UPDATE audit_seal SET position = position - 99 WHERE position > 100;"
        f"INSERT INTO audit_seal VALUES (5, 4000, '{'b' * 64}', '2026-03-01 09:00:00+00:00')"
    ),
    "inserted at the end": (
        f"{FORGED.format(id=4000)}; INSERT INTO audit_seal VALUES (11, 4000, '{'b' * 64}', '2026-03-01 09:00:00+00:00')"
    ),
    "inserted before the first": (
        f"{FORGED.format(id=4000)}; INSERT INTO audit_seal VALUES (0, 4000, '{'b' * 64}', '2026-03-01 09:00:00+00:00')"
    ),
}


@pytest.mark.parametrize("tampering", IN_PLACE.values(), ids=IN_PLACE)
def test_tampering_is_found(trail: Engine, tampering: str) -> None:
    assert verdict(trail).sound
    with attacking(trail) as connection:
        for statement in tampering.split(";"):
            assert connection.execute(text(statement)).rowcount > 0
    found = verdict(trail)
    assert not found.sound
    assert found.head is None


@pytest.mark.parametrize(
    "garbage",
    [
        "UPDATE audit_row SET before = '{' WHERE id = 4",
        "UPDATE audit_row SET at = 'yesterday' WHERE id = 4",
        "UPDATE audit_row SET after = x'ff00' WHERE id = 4",
        "UPDATE audit_seal SET sealed_at = 7 WHERE position = 4",
        "UPDATE audit_seal SET hash = x'ff00' WHERE position = 4",
    ],
)
def test_what_cannot_be_read_is_found_too(engine: Engine, garbage: str) -> None:
    """SQLite keeps anything in any column; PostgreSQL refuses it."""
    add_rows(engine, 10)
    sealed_now(engine)
    with attacking(engine) as connection:
        connection.exec_driver_sql(garbage)
    found = verdict(engine)
    assert (found.findings[0].fault, found.findings[0].position) == (Fault.ROW_CHANGED, 4)
    assert len(found.findings) <= 2


def _without_end(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_seal WHERE position > 7"))
    connection.execute(text("DELETE FROM audit_row WHERE id > 7"))


def _without_anything(connection: Connection) -> None:
    connection.execute(text("DELETE FROM audit_seal"))
    connection.execute(text("DELETE FROM audit_row"))


def _made_anew(connection: Connection) -> None:
    """Change a row, and compute the chain behind it again: what somebody does who read this program."""
    connection.execute(text("UPDATE audit_row SET actor = 'somebody' WHERE id = 4"))
    previous = START
    for row in connection.execute(text("SELECT * FROM audit_row ORDER BY id")).mappings().all():
        previous = link_hash(previous, covered({**row, "sealed_at": NOW}))
        connection.execute(
            text("UPDATE audit_seal SET hash = :hash WHERE audit_id = :id"), {"hash": previous, "id": row["id"]}
        )


@pytest.mark.parametrize(
    ("tampering", "fault", "position"),
    [
        (_without_end, Fault.TRUNCATED, 8),
        (_without_anything, Fault.TRUNCATED, 1),
        (_made_anew, Fault.OTHER_HEAD, 10),
    ],
)
def test_only_a_head_kept_elsewhere_shows_a_chain_that_is_whole_again(
    trail: Engine, tampering: Callable[[Connection], Any], fault: Fault, position: int
) -> None:
    head = verdict(trail).head
    assert head is not None
    assert verdict(trail, head).sound
    with attacking(trail) as connection:
        tampering(connection)
    assert verdict(trail).sound
    (finding,) = verdict(trail, head).findings
    assert (finding.fault, finding.position) == (fault, position)


def test_a_longer_chain_agrees_with_an_earlier_head(trail: Engine) -> None:
    head = verdict(trail).head
    add_rows(trail, 5)
    sealed_now(trail)
    now = verdict(trail, head)
    assert now.sound
    assert now.head is not None
    assert now.head.position == 15
    assert not verdict(trail, Head(position=12, hash="c" * 64)).sound


@pytest.mark.parametrize(
    ("statement", "on"),
    [
        ("UPDATE audit_row SET actor = 'somebody' WHERE id = 4", "both"),
        ("UPDATE audit_seal SET sealed_at = sealed_at WHERE position = 4", "both"),
        ("DELETE FROM audit_row WHERE id = 4", "both"),
        ("DELETE FROM audit_seal WHERE position = 10", "both"),
        ("TRUNCATE audit_row CASCADE", "postgresql"),
        ("TRUNCATE audit_seal", "postgresql"),
        ("INSERT OR REPLACE INTO audit_seal SELECT position, audit_id, 'x', sealed_at FROM audit_seal", "sqlite"),
        (FORGED.format(id=4).replace("INSERT", "INSERT OR REPLACE"), "sqlite"),
        (
            "INSERT INTO audit_seal SELECT * FROM audit_seal WHERE position = 4 "
            "ON CONFLICT (position) DO UPDATE SET hash = 'x'",
            "both",
        ),
    ],
)
def test_the_database_itself_refuses_to_change_the_past(trail: Engine, statement: str, on: str) -> None:
    if on not in ("both", trail.dialect.name):
        pytest.skip(f"a statement of {on}")
    with pytest.raises(Exception, match="the audit trail is never changed"), trail.begin() as connection:
        connection.exec_driver_sql(statement)
    assert verdict(trail).sound
    add_rows(trail, 1)
    assert sealed_now(trail) == 1
