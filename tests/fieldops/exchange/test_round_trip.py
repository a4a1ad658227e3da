"""What is written to files makes the same database again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import Engine, delete

from fieldops.demo.load import load_world
from fieldops.demo.world import generate
from fieldops.exchange.service import export_file, import_file
from fieldops.exchange.tables import KINDS
from fieldops.settings import sqlite_url
from fieldops.workforce.models import LicenceStandard
from fieldops.workforce.releasing.models import ReleaseRule, RestRule
from integrations.files.files import read_tables
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, writing
from inventory.traceability.models import AcceptanceRule
from tests.conftest import NOW
from tests.fieldops.exchange.world import fill as fill_awkwardly


@pytest.fixture
def other(migrated_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A second empty database, without the rules that are delivered, too."""
    copyfile(migrated_file, tmp_path / "other.db")
    engine = open_engine(sqlite_url(tmp_path / "other.db"))
    with writing(engine, SYSTEM) as session:
        for delivered in (AcceptanceRule, ReleaseRule, RestRule, LicenceStandard):
            session.execute(delete(delivered))
    yield engine
    engine.dispose()


def written(engine: Engine, folder: Path, ending: str) -> dict[str, Path]:
    """Every kind, written to a file."""
    folder.mkdir()
    files = {name: folder / f"{name}.{ending}" for name in KINDS}
    for name, file in files.items():
        export_file(engine, SYSTEM, KINDS[name], file)
    return files


def content(file: Path) -> list[list[str]]:
    """The cells of a file; what has no code of its own is in the order of keys, which differ."""
    for sheet in read_tables(file):
        return [list(map(str, sheet.header)), *sorted(list(map(str, cells)) for _number, cells in sheet.rows)]
    return []


def fill_with_demonstration(engine: Engine) -> None:
    """Fill a database with the small demonstration, which has no operators, for instance."""
    load_world(engine, generate("small", 0, NOW.date()), NOW, lambda *_progress: None)


@pytest.mark.parametrize(
    ("fill", "ending"), [(fill_awkwardly, "csv"), (fill_awkwardly, "xlsx"), (fill_with_demonstration, "csv")]
)
def test_every_kind_comes_back_as_it_was(
    engine: Engine, other: Engine, tmp_path: Path, fill: Callable[[Engine], None], ending: str
) -> None:
    fill(engine)
    files = written(engine, tmp_path / "first", ending)
    assert fill is fill_with_demonstration or all(len(content(file)) > 1 for file in files.values())
    for name, file in files.items():
        tried = import_file(other, SYSTEM, KINDS[name], file, clock=lambda: NOW, dry_run=True)
        assert (tried.bad, tried.applied) == ([], False)
        told = import_file(other, SYSTEM, KINDS[name], file, clock=lambda: NOW, dry_run=False)
        assert (told.bad, told.applied, told.ok) == ([], True, told.rows)
    again = written(other, tmp_path / "second", ending)
    assert {name: content(file) for name, file in again.items()} == {
        name: content(file) for name, file in files.items()
    }
    if ending == "csv":
        same = {name for name in files if again[name].read_bytes() == files[name].read_bytes()}
        assert same >= KINDS.keys() - {"interchangeability", "assemblies", "opening-stock", "authorisation-needs"}
