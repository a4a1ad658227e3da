"""Databases for tests: a fresh SQLite file each, and a PostgreSQL server of our own where a test asks for one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text

from fieldops.compiled import keep_compiled
from fieldops.migrations import upgrade
from fieldops.settings import sqlite_url
from inventory.kernel.engine import open_engine
from tests.postgres import running_server

keep_compiled()  # before any test loads the compiler

# how long an example takes says how busy the machine is
settings.register_profile("without clock", deadline=None)
settings.load_profile("without clock")

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
"""The instant that tests call the present."""


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and no data, to be copied."""
    file = tmp_path_factory.mktemp("template") / "empty.db"
    engine = open_engine(sqlite_url(file))
    upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return file


@pytest.fixture
def engine(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database of the test's own."""
    file = tmp_path / "test.db"
    shutil.copyfile(migrated_file, file)
    engine = open_engine(sqlite_url(file))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the test session, without the database's name."""
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_database(postgres_url: str) -> str:
    """The name of a PostgreSQL database with the schema and no data, to be copied."""
    _alone(postgres_url, "CREATE DATABASE migrated")
    engine = open_engine(f"{postgres_url}&dbname=migrated")
    upgrade(engine)
    engine.dispose()
    return "migrated"


@pytest.fixture
def postgres_engine(postgres_url: str, migrated_database: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An empty, migrated PostgreSQL database of the test's own."""
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    _alone(postgres_url, f"CREATE DATABASE {name} TEMPLATE {migrated_database}")
    engine = open_engine(f"{postgres_url}&dbname={name}")
    yield engine
    engine.dispose()
    _alone(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def _alone(postgres_url: str, statement: str) -> None:
    """Run a statement that PostgreSQL takes in no transaction."""
    admin = open_engine(f"{postgres_url}&dbname=postgres").execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()


@pytest.fixture(params=["engine", pytest.param("postgres_engine", marks=pytest.mark.postgres)])
def any_engine(request: pytest.FixtureRequest) -> Engine:
    """An empty database of the test's own, once of each kind."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine
