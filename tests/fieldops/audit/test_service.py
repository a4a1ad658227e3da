"""Sealing: everything committed once, in one chain, whoever seals."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, QueuePool, func, select

from fieldops.audit.export import as_json_lines
from fieldops.audit.models import AuditSeal
from fieldops.audit.rules import SEALED_WITHIN, sealed_late
from fieldops.audit.service import ROWS_PER_STATEMENT, seal
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import AuditRow, record
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden
from tests.conftest import NOW
from tests.fieldops.audit.conftest import add_rows, sealed_now, verdict
from tests.rivals import at_once
from tests.statements import statements


def test_an_empty_trail_is_sound(any_engine: Engine) -> None:
    assert sealed_now(any_engine) == 0
    told = verdict(any_engine)
    assert (told.sound, told.sealed, told.unsealed, told.oldest_unsealed_at, told.head) == (True, 0, 0, None, None)


def test_the_tail_waits_for_the_next_sealing(any_engine: Engine) -> None:
    add_rows(any_engine, 3)
    told = verdict(any_engine)
    assert (told.sealed, told.unsealed, told.oldest_unsealed_at) == (0, 3, NOW)
    assert sealed_now(any_engine) == 3
    assert sealed_now(any_engine) == 0
    add_rows(any_engine, 2)
    assert sealed_now(any_engine) == 2
    told = verdict(any_engine)
    assert (told.sound, told.sealed, told.unsealed) == (True, 5, 0)


def test_what_was_sealed_late_is_counted_and_breaks_nothing(any_engine: Engine) -> None:
    for age, late in ((SEALED_WITHIN, 0), (SEALED_WITHIN + timedelta(seconds=1), 3)):
        add_rows(any_engine, 3)
        with writing(any_engine, SYSTEM) as session:
            assert seal(session, NOW + age) == 3
        told = verdict(any_engine)
        assert (told.sound, told.sealed_late) == (True, late)
    assert "3 rows were sealed more than ten minutes after" in told.as_text()


@pytest.mark.parametrize("wrong", [{"at": "yesterday"}, {"at": None}, {"sealed_at": 7}])
def test_an_instant_that_cannot_be_read_counts_as_late(wrong: dict[str, object]) -> None:
    assert sealed_late({"at": NOW.isoformat(), "sealed_at": NOW.isoformat()} | wrong)


def test_positions_have_no_gaps_across_statements(any_engine: Engine) -> None:
    rows = ROWS_PER_STATEMENT + 1
    add_rows(any_engine, rows)
    with statements(any_engine) as seen:
        assert sealed_now(any_engine) == rows
    assert sum("INSERT INTO audit_seal" in one for one in seen) == 2
    with reading(any_engine, SYSTEM) as session:
        positions = select(func.min(AuditSeal.position), func.max(AuditSeal.position), func.count())
        assert session.execute(positions).one() == (1, rows, rows)
    assert verdict(any_engine).sound


def test_what_was_rolled_back_is_not_sealed(any_engine: Engine) -> None:
    def break_off() -> None:
        with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
            record(session, "tested", "thing", "T")
            Actor("nobody").require("audit.read")

    with pytest.raises(Forbidden):
        break_off()
    assert sealed_now(any_engine) == 0


def test_many_sealers_make_one_chain(any_engine: Engine) -> None:
    add_rows(any_engine, 40)
    assert sorted(at_once(6, lambda _number: sealed_now(any_engine))) == [0, 0, 0, 0, 0, 40]
    told = verdict(any_engine)
    assert (told.sound, told.sealed) == (True, 40)


def test_an_export_tells_of_the_instant_it_began_and_keeps_no_connection(
    any_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldops.audit.queries._ROWS_AT_ONCE", 3)
    monkeypatch.setattr("fieldops.audit.export._LINES_AT_ONCE", 1)
    add_rows(any_engine, 7)
    assert sealed_now(any_engine) == 7
    add_rows(any_engine, 5)
    head = verdict(any_engine).head
    lines = as_json_lines(any_engine, SYSTEM)
    told = [json.loads(next(lines))]
    assert isinstance(any_engine.pool, QueuePool)
    assert any_engine.pool.checkedout() == 0
    add_rows(any_engine, 4)
    assert sealed_now(any_engine) == 9
    told += [json.loads(line) for line in lines if line]
    assert [row["position"] for row in told[:-1]] == [*range(1, 8), *[None] * 5]
    assert len({row["id"] for row in told[:-1]}) == 12
    assert head is not None
    assert told[-1] == {"head": head.model_dump(), "rows": 12}


@pytest.mark.postgres
def test_a_row_that_commits_late_is_sealed_later(postgres_engine: Engine) -> None:
    with writing(postgres_engine, SYSTEM, clock=lambda: NOW) as late:
        record(late, "tested", "thing", "late")
        add_rows(postgres_engine, 3)
        assert sealed_now(postgres_engine) == 3
    assert sealed_now(postgres_engine) == 1
    with reading(postgres_engine, SYSTEM) as session:
        order = list(session.scalars(select(AuditSeal.audit_id).order_by(AuditSeal.position)))
    assert order[-1] == min(order)
    assert verdict(postgres_engine).sound


def test_who_sees_one_region_neither_seals_nor_sees_seals(any_engine: Engine) -> None:
    add_rows(any_engine, 1)
    regional = Actor("manager", scope=Scope(regions=frozenset({"SEA"})))
    with writing(any_engine, regional, clock=lambda: NOW) as session:
        record(session, "tested", "thing", "own")
    with pytest.raises(Forbidden), writing(any_engine, regional, clock=lambda: NOW) as session:
        seal(session, NOW)
    assert sealed_now(any_engine) == 2
    with reading(any_engine, regional) as session:
        assert session.scalars(select(AuditSeal)).all() == []
        assert [row.subject_key for row in session.scalars(select(AuditRow))] == ["own"]
