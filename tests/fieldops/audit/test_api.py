"""The trail over HTTP and from the command line."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from fieldops.audit.rules import START, link_hash
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.audit import record
from inventory.kernel.engine import writing
from tests.api.serving import served_to
from tests.conftest import NOW
from tests.fieldops.audit.conftest import add_rows, sealed_now, verdict
from tests.tampering import attacking

FORMULA = '=HYPERLINK("http://198.51.100.1")'
AUDITOR = Actor("auditor", permissions=frozenset({"audit.read"}), scope=Scope(regions=frozenset({"SEA"})))


@pytest.fixture
def told(trail: Engine) -> Iterator[httpx.Client]:
    """A client that reads ten sealed rows and two that are not, one of them of a region."""
    manager = Actor("@manager", scope=AUDITOR.scope, origin="-1")
    with writing(trail, manager, clock=lambda: NOW.replace(hour=10)) as session:
        record(session, "overridden", "plan", FORMULA, after={"plan": "P-1"})
    add_rows(trail, 1)
    with served_to(trail, SYSTEM) as address, httpx.Client(base_url=f"{address}/api/v1", timeout=60) as http:
        yield http


def lines(text: str) -> list[Any]:
    """Return the objects of JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_pages_lead_from_the_newest_to_the_oldest(told: httpx.Client) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = told.get("/audit", params={"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 12


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"actor": "@manager"}, 1),
        ({"action": "tested"}, 11),
        ({"subject": "thing", "subject_key": "T-0"}, 2),
        ({"subject": "nothing"}, 0),
        ({"since": "2026-03-01T10:00:00Z"}, 1),
        ({"since": "2026-03-01T18:00:00+08:00"}, 1),
        ({"until": "2026-03-01T10:00:00Z"}, 11),
        ({"until": "2026-03-01T09:00:00Z"}, 0),
    ],
)
def test_filters_keep_what_they_say(told: httpx.Client, query: dict[str, str], count: int) -> None:
    assert len(told.get("/audit", params=query).json()["items"]) == count


def test_an_export_can_be_verified_by_anybody(told: httpx.Client) -> None:
    answer = told.get("/audit/export")
    assert answer.headers["content-type"] == "application/jsonl"
    *rows, last = lines(answer.text)
    previous = START
    for position, row in enumerate(rows[:10], start=1):
        covered = {name: value for name, value in row.items() if name not in ("position", "hash")}
        previous = link_hash(previous, covered)
        assert (row["position"], row["hash"]) == (position, previous)
    assert [row["position"] for row in rows[10:]] == [None, None]
    assert last == {"head": {"position": 10, "hash": previous}, "rows": 12}


def test_no_cell_of_the_csv_is_a_formula(told: httpx.Client) -> None:
    *rows, last = csv.reader(told.get("/audit/export", params={"format": "csv"}).text.splitlines())
    names = dict(zip(rows[0], rows[11], strict=True))
    assert (names["actor"], names["origin"], names["subject_key"]) == ("'@manager", "'-1", f"'{FORMULA}")
    assert json.loads(names["after"]) == {"plan": "P-1"}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert (last[0], last[1], last[3]) == ("head", "10", "12")


def test_the_verdict_is_told(told: httpx.Client) -> None:
    verdict = told.get("/audit/verdict").json()
    assert (verdict["sound"], verdict["sealed"], verdict["unsealed"], verdict["findings"]) == (True, 10, 2, [])
    assert verdict["oldest_unsealed_at"] == "2026-03-01T09:00:00Z"


def test_an_auditor_of_one_region_sees_its_rows_and_no_links(told: httpx.Client, trail: Engine) -> None:
    sealed_now(trail)
    with served_to(trail, AUDITOR) as address:
        (row,) = httpx.get(f"{address}/api/v1/audit").json()["items"]
        assert (row["actor"], row["audience"]) == ("@manager", "SEA")
        exported, last = lines(httpx.get(f"{address}/api/v1/audit/export").text)
        assert (exported["actor"], exported["position"], exported["hash"]) == ("@manager", None, None)
        assert last == {"head": None, "rows": 1}
        assert httpx.get(f"{address}/api/v1/audit/verdict").json()["sealed"] == 12
    with served_to(trail, Actor("nobody")) as address:
        for path in ("", "/export", "/verdict"):
            assert httpx.get(f"{address}/api/v1/audit{path}").status_code == 403


def command(engine: Engine, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `fieldops audit`."""
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.run(
        [sys.executable, "-m", "fieldops", "audit", *words],
        env={**os.environ, "FIELDOPS_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_verifies_against_an_export(trail: Engine, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    exported = command(trail, "export", str(file), "--json")
    assert (exported.returncode, exported.stderr) == (0, "")
    assert json.loads(exported.stdout)["head"] == verdict(trail).model_dump()["head"]
    assert [path.name for path in tmp_path.iterdir()] >= ["audit.jsonl"]
    assert not (tmp_path / "audit.jsonl.part").exists()
    sound = command(trail, "verify", "--head", str(file))
    assert (sound.returncode, sound.stdout) == (0, "The audit chain is whole: 10 rows sealed.\n")
    with attacking(trail) as connection:
        connection.exec_driver_sql("DELETE FROM audit_seal WHERE position > 8")
        connection.exec_driver_sql("DELETE FROM audit_row WHERE id > 8")
    assert command(trail, "verify").returncode == 0
    broken = command(trail, "verify", "--head", str(file), "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["findings"] == [{"fault": "truncated", "position": 9, "audit_id": None}]
    assert "link 9: the chain was cut off before it" in command(trail, "verify", "--head", str(file)).stdout


def test_the_command_exports_from_a_date_on(trail: Engine, tmp_path: Path) -> None:
    for since, rows in (("2026-03-01", 10), ("2026-03-02", 0)):
        assert command(trail, "export", str(tmp_path / since), "--since", since).returncode == 0
        assert lines((tmp_path / since).read_text(encoding="utf-8"))[-1]["rows"] == rows


@pytest.mark.parametrize("content", ["", "{}", '{"head": null}\n', "no JSON", '{"head": {"position": 0}, "rows": 1}'])
def test_a_file_that_is_no_whole_export_is_refused(engine: Engine, tmp_path: Path, content: str) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text(content, encoding="utf-8")
    refused = command(engine, "verify", "--head", str(file))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("fieldops: This file does not end like an export")


def test_a_file_that_cannot_be_written_is_told(engine: Engine, tmp_path: Path) -> None:
    refused = command(engine, "export", str(tmp_path / "missing" / "audit.jsonl"))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "cannot be written" in refused.stderr
