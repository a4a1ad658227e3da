"""Settings are read from the environment, and what is wrong with them is said in one line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from fieldops.settings import Settings, load_settings, sqlite_url
from inventory.kernel.errors import NotReady

EXAMPLE = Path(__file__).parents[2] / ".env.example"
ASSIGNMENT = re.compile(r"^#?(FIELDOPS_[A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("FIELDOPS_")]:
        monkeypatch.delenv(name)


def test_nothing_need_be_set() -> None:
    settings = load_settings()
    assert settings.database_url.startswith("sqlite:///")
    assert (settings.host, settings.port, settings.odoo_url) == ("127.0.0.1", 8080, None)


def test_a_variable_beats_the_file_and_an_empty_one_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("FIELDOPS_PORT=9000\nFIELDOPS_ODOO_SITE=east\nFIELDOPS_ODOO_URL=\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("FIELDOPS_PORT", "9001")
    monkeypatch.setenv("FIELDOPS_HOST", "")
    settings = load_settings()
    assert (settings.host, settings.port, settings.odoo_site, settings.odoo_url) == ("127.0.0.1", 9001, "east", None)


WRONG = {
    "DATABASE_URL": "nonsense",
    "PORT": "70000",
    "ODOO_SITE": "Not A Site",
    "ODOO_PROTOCOL": "xmlrpc",
    "ODOO_TIMEOUT_S": "-1",
    "TRAVEL_URL": "http://user:secret@osrm:5000",
    "TRAVEL_TIMEOUT_S": "0",
    "TRAVEL_POINTS_MAX": "1",
    "TRAVEL_FLIGHTS": "nowhere.csv",
    "TRAVEL_PROFILE": "nowhere.toml",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"FIELDOPS_{name}", WRONG[name])
    with pytest.raises(NotReady, match=rf"^Wrong settings: FIELDOPS_{name}: \S") as refusal:
        load_settings()
    assert refusal.value.message.count("FIELDOPS_") == 1


def test_every_wrong_value_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        monkeypatch.setenv(f"FIELDOPS_{name}", value)
    with pytest.raises(NotReady) as refusal:
        load_settings()
    assert set(re.findall(r"FIELDOPS_([A-Z_]+): ", refusal.value.message)) == set(WRONG)
    assert "\n" not in refusal.value.message


def test_a_wrong_line_of_a_timetable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("flights.csv").write_text("origin,destination,days,departure,arrival,fare\nVTE,BKK,8,08:00,09:05,90\n")
    monkeypatch.setenv("FIELDOPS_TRAVEL_FLIGHTS", "flights.csv")
    with pytest.raises(NotReady, match="FIELDOPS_TRAVEL_FLIGHTS: it is no timetable of flights: line 2: days must be"):
        load_settings()


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/x",
        "postgres://localhost/x",
        "postgresql+psycopg2://localhost/x",
        "sqlite+aiosqlite:///x.db",
        "postgresql://localhost:port/x",
        "://",
    ],
)
def test_another_database_is_refused_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDOPS_DATABASE_URL", url.replace("localhost", "user:hunter2@localhost"))
    with pytest.raises(NotReady, match=r"use sqlite or postgresql|give one such as") as refusal:
        load_settings()
    assert "hunter2" not in refusal.value.message


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_the_driver_that_we_install(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDOPS_DATABASE_URL", f"{scheme}://user:secret@localhost/fieldops")
    assert load_settings().database_url == "postgresql+psycopg://user:secret@localhost/fieldops"


def test_a_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDOPS_ODOO_API_KEY", "hunter2")
    assert "hunter2" not in repr(load_settings())


def test_the_example_file_names_every_setting_and_no_other() -> None:
    named = {name for name, _ in ASSIGNMENT.findall(EXAMPLE.read_text())}
    assert named == {f"FIELDOPS_{name.upper()}" for name in Settings.model_fields}


def test_what_the_example_file_shows_is_valid_and_off_until_wanted() -> None:
    Path(".env").write_text(EXAMPLE.read_text())
    assert load_settings().model_fields_set == set()
    Path(".env").write_text(re.sub("^#(FIELDOPS_)", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE))
    assert load_settings().odoo_database == "production"


def test_the_url_of_a_file_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    assert sqlite_url(Path("x.db")) == f"sqlite:///{tmp_path / 'x.db'}"
