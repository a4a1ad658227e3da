"""A wheel, installed into an empty environment away from the checkout, is the whole product."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("fieldops", "inventory", "optimizer", "integrations")
SHIPPED = {".py", ".html", ".css", ".svg", ".mo", ".ttf", ".txt", ".typed"}


def _run(*command: str | Path, folder: Path, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FIELDOPS_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_wheel_runs_the_demonstration_away_from_the_checkout(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT, folder=tmp_path)
    (wheel,) = tmp_path.glob("fieldops-*.whl")
    packed = set(ZipFile(wheel).namelist())
    for package in PACKAGES:
        shipped = {str(file.relative_to(ROOT)) for file in (ROOT / package).rglob("*") if file.suffix in SHIPPED}
        assert shipped
        assert shipped <= packed, shipped - packed
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    constraints = ("--constraint", ROOT / "constraints.txt")
    _run(python, *pip[1:], "install", *constraints, wheel, folder=tmp_path)
    database = f"sqlite:///{tmp_path / 'demo.db'}"
    told = _run(
        tmp_path / "empty" / "bin" / "fieldops", "demo", "--no-serve", "--json",
        folder=tmp_path, FIELDOPS_DATABASE_URL=database,
    )  # fmt: skip
    assert json.loads(told)["network"]["places"] == 26
    where = _run(python, "-c", "import fieldops; print(fieldops.__file__)", folder=tmp_path)
    assert str(tmp_path) in where
