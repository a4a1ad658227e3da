"""Engine and unit of work, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.numbering import next_number


def _take_and_fail(engine: Engine) -> None:
    with writing(engine, SYSTEM) as session:
        assert next_number(session, "job") == 3
        raise RuntimeError


def test_unit_of_work_commits_once_or_not_at_all(any_engine: Engine) -> None:
    with writing(any_engine, SYSTEM) as session:
        assert next_number(session, "job") == 1
        assert next_number(session, "job") == 2
    with pytest.raises(RuntimeError):
        _take_and_fail(any_engine)
    with writing(any_engine, SYSTEM) as session:
        assert next_number(session, "job") == 3


def test_what_a_reader_does_is_not_kept(engine: Engine) -> None:
    with reading(engine, SYSTEM) as session:
        next_number(session, "job")
    with writing(engine, SYSTEM) as session:
        assert next_number(session, "job") == 1


def test_sqlite_keeps_foreign_keys_and_waits_for_other_writers(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
