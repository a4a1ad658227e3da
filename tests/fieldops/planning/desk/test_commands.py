"""The commands of the desk say plainly what they were not told well; a plan says how it ended."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from fieldops.cli import app
from tests.fieldops.planning.versions.test_versions import day
from tests.worlds import load_tiny


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check-move", "J-1", "--start", "tomorrow", "--seat", "mechanic=T-1"], "--start takes a time"),
        (["check-move", "J-1", "--start", "2026-03-02T08:00Z", "--seat", "mechanic"], "--seat takes a seat"),
        (["recommend", "J-1", "--key", "0198a0c4-5a1e-7000-8000-000000000001"], "--key says"),
    ],
)
def test_what_a_command_cannot_take_is_said_plainly(arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert told in done.output
    assert "pydantic" not in done.output


def test_an_appointment_is_not_taken_where_none_can_be_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldops.commands.recommend.ready_engine", lambda: None)
    none = SimpleNamespace(key=None)
    monkeypatch.setattr("fieldops.planning.desk.appointing.appointments", lambda *_asked: none)
    told = ["appointments", "J-1", "--day", "2026-03-02", "--take", "1"]
    done = CliRunner().invoke(app, told, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert "none can be taken" in done.output


def test_a_plan_of_dispatch_says_in_json_how_it_ended(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    load_tiny(engine)
    day(engine)
    monkeypatch.setattr("fieldops.commands.plans.ready_engine", lambda: engine)
    told = ["plan", "dispatch", "--date", "2026-03-02", "--iterations", "20", "--json"]
    done = CliRunner().invoke(app, told)
    assert json.loads(done.stdout)["ending"] == "proposed"
    done = CliRunner().invoke(app, [*told, "--apply"])
    assert (json.loads(done.stdout)["ending"], json.loads(done.stdout)["why"]) == ("in_force", None)
