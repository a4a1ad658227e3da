"""`fieldops import` and `fieldops export` as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fieldops.exchange.schemas import ImportReport

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(engine: Engine) -> dict[str, str]:
    """The environment of commands on the database of the test."""
    url = engine.url.render_as_string(hide_password=False)
    return {**os.environ, "PYTHONPATH": str(ROOT), "FIELDOPS_DATABASE_URL": url, "FIELDOPS_LANGUAGE": "en"}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    command = [sys.executable, "-m", "fieldops", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_a_table_goes_in_and_out(environment: dict[str, str], tmp_path: Path) -> None:
    file, out = tmp_path / "regions.csv", tmp_path / "out.xlsx"
    file.write_text("code,name\nSEA,South\nCN,中国\n")
    done = run(environment, "import", "regions", str(file), "--dry-run")
    assert (done.returncode, done.stdout) == (
        0,
        "Nothing is wrong: 2 to add, 0 to change, 0 as they are; a trial.\n",
    )
    done = run(environment, "import", "regions", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "kind": "regions",
        "file": "regions.csv",
        "encoding": "UTF-8",
        "rows": 2,
        "ok": 2,
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "bad": [],
        "bad_count": 0,
        "applied": True,
    }
    done = run(environment, "export", "regions", str(out), "--json")
    assert json.loads(done.stdout) == {"kind": "regions", "file": str(out), "rows": 2}
    done = run(environment, "export", "regions", str(out))
    assert (done.returncode, done.stdout) == (1, "")
    assert "--force" in done.stderr
    assert run(environment, "export", "regions", str(out), "--force").returncode == 0


def test_bad_rows_are_shown_and_counted(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    file.write_text("code,name\n" + "A B,[red]South\n" * 30)
    done = run(environment, "import", "regions", str(file))
    assert done.returncode == 1
    assert "A B" in done.stdout
    assert "--json" in done.stdout
    assert done.stderr.splitlines()[-1] == "fieldops: 30 faults; nothing was changed"
    done = run(environment, "import", "regions", str(file), "--json")
    told = ImportReport.model_validate_json(done.stdout)
    assert (done.returncode, told.bad_count, told.ok, told.applied) == (1, 30, 0, False)
    assert [one.row for one in told.bad] == list(range(2, 32))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "things", "x.csv"), "opening-stock"),
        (("import", "regions", "missing.csv"), "missing.csv: there is no such file"),
        (("export", "regions", "x.pdf"), "only .csv and .xlsx"),
        (("export", "regions", "/nowhere/x.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(environment: dict[str, str], arguments: tuple[str, ...], told: str) -> None:
    done = run(environment, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
