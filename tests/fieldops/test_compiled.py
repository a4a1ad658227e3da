"""Where compiled code is kept: a folder for each state of the kernel's sources, named before the compiler is loaded."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from fieldops.compiled import VARIABLE, keep_compiled
from optimizer.dispatch.cache import OPTIMIZER, cache_name

SOURCES = sorted(str(path.relative_to(OPTIMIZER)) for path in OPTIMIZER.glob("*/kernel/*.py"))


@pytest.mark.parametrize("source", SOURCES)
def test_a_change_of_any_kernel_file_gives_another_folder(source: str, tmp_path: Path) -> None:
    copy = tmp_path / "optimizer"
    shutil.copytree(OPTIMIZER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert cache_name(copy) == cache_name()

    with (copy / source).open("a") as file:
        file.write("# another\n")

    assert cache_name(copy) != cache_name()


def test_another_compiler_gives_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    now = cache_name()
    monkeypatch.setattr("optimizer.dispatch.cache.version", lambda _name: "0.0.1")

    assert cache_name() != now


def test_the_folder_is_named_and_former_ones_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    former = tmp_path / "kernel-former"
    former.mkdir()

    folder = keep_compiled(tmp_path)

    assert folder == tmp_path / cache_name()
    assert folder.is_dir()
    assert former.is_dir()
    assert keep_compiled(tmp_path / "elsewhere") == folder


def test_a_folder_that_is_named_already_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own"))

    assert keep_compiled(tmp_path) == tmp_path / "own"
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_log_says_what_that_means(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    with caplog.at_level(logging.WARNING):
        assert keep_compiled(in_the_way) is None

    assert "compiles anew in each process" in caplog.text
