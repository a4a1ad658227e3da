"""What every command shares."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fieldops.migrations import upgrade
from fieldops.settings import sqlite_url
from fieldops.terminal import one_line_errors, print_json, progress, ready_engine, stop_on_interrupt
from inventory.kernel.engine import open_engine
from inventory.kernel.errors import Conflict, NotReady


def _refuse() -> None:
    raise Conflict("that is taken; choose another", code="taken")


def _write_nonsense(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))


def _fails(capsys: pytest.CaptureFixture[str], work: Callable[[], object]) -> str:
    with pytest.raises(SystemExit) as end, one_line_errors():
        work()
    assert end.value.code == 1
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.count("\n") == 1
    return heard.err


def test_a_refusal_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert _fails(capsys, _refuse) == "fieldops: that is taken; choose another\n"


def test_so_is_what_the_database_refuses(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such table: nowhere" in _fails(capsys, lambda: _write_nonsense(engine))


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.db"
    file.write_text("Dear diary, " * 1_000)
    engine = open_engine(sqlite_url(file))
    assert "file is not a database" in _fails(capsys, lambda: upgrade(engine))
    assert file.read_text().startswith("Dear diary")


def test_a_mistake_of_ours_stays_visible() -> None:
    with pytest.raises(ZeroDivisionError), one_line_errors():
        _ = 1 // 0


def test_a_database_without_schema_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDOPS_DATABASE_URL", sqlite_url(tmp_path / "empty.db"))
    with pytest.raises(NotReady, match="fieldops migrate"):
        ready_engine()


def test_the_configured_database_is_ready(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDOPS_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    opened = ready_engine()
    assert opened.url == engine.url
    opened.dispose()


def test_json_is_one_object_in_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "西安"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"name": "西安"}
    assert "西安" in out


def test_progress_keeps_off_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as report:
        report("loading", 0, 2)
        report("solving", 0, 1)
        report("loading", 2, 2)
    assert capsys.readouterr().out == ""


def test_the_first_interrupt_asks_and_the_second_interrupts() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt() as should_stop:
        assert not should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
        assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before
