"""The engine itself on the tiny instances, through the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.dispatch.__main__ import main
from tests.benchmarks.dispatch.test_dynamic import LINE, RELEASES
from tests.benchmarks.dispatch.tiny import write

pytestmark = pytest.mark.slow


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Run the command with the engine; skipped where there is none yet."""
    solver = pytest.importorskip("optimizer.dispatch.solve").solve
    assert main([*arguments, "--seconds", "1", "--json"], solver) == 0
    cases: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["cases"]
    return cases


def test_tiny_instances_are_solved_to_their_optimum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in write(tmp_path, "vrptw", "trsp", "hhcrsp", "tasks", "crew")]
    routing, technicians, care, teams = ran(capsys, *paths)
    assert all(case["feasible"] for case in (routing, technicians, care, teams))
    assert routing["value"] == pytest.approx(15.9)
    assert technicians["value"] <= 44.06226  # 1 does 3, and 2 goes by the depot to 4 and 5
    assert care["value"] == pytest.approx(34 / 3)
    assert teams["value"] <= 416 + 1e-6  # both given away


def test_a_tiny_day_turns_away_what_came_too_late(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("line", LINE), ("releases", RELEASES)):
        (tmp_path / name).write_text(text)
    ours, insertion = ran(capsys, str(tmp_path / "line"), "--releases", str(tmp_path / "releases"))
    for case in (ours, insertion):
        assert (case["feasible"], case["rejected"]) == (True, 1)
    assert ours["value"] <= insertion["value"] + 1e-6
