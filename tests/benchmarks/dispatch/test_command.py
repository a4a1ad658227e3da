"""The command, its JSON and the files of solutions: names and keys that others rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.dispatch.__main__ import main
from benchmarks.dispatch.runs import Case
from benchmarks.dispatch.table import table
from tests.benchmarks.dispatch.stub import Stub
from tests.benchmarks.dispatch.tiny import write

GOOD = Stub({"1": ["1"], "2": ["2", "3"]})
BROKEN = Stub({"1": ["1", "2", "3"]})


def test_a_case_for_each_instance_seed_and_solver(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bks.csv").write_text("instance,bks_distance\nfile0,15.0\n")
    paths = [str(path) for path in write(tmp_path, "vrptw")]
    solver = Stub({"1": ["1"], "2": ["2", "3"]})
    assert main([*paths, "--seconds", "0.5", "--threads", "2", "--seed", "3", "4", "--json"], solver) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["benchmark"] == "dispatch"
    assert "ortools" in told["versions"]
    first, second = told["cases"]
    assert set(first) == {
        *("instance", "kind", "solver", "value", "bks", "gap", "feasible", "cpu_s", "wall_s", "seed"),
    }
    assert (first["instance"], first["kind"], first["solver"], first["feasible"]) == (
        "file0",
        "vrptw",
        "fieldops",
        True,
    )
    assert first["value"] == pytest.approx(15.9)
    assert first["gap"] == pytest.approx(0.06)
    assert [first["seed"], second["seed"]] == [3, 4]
    assert [(limit.seconds, seed, threads) for limit, seed, threads in solver.asked][-2:] == [(0.5, 3, 2), (0.5, 4, 2)]
    assert "compile_s" in err


def test_options_may_come_before_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in write(tmp_path, "vrptw")]
    assert main(["--json", "--seed", "5", *paths], GOOD) == 0
    assert [case["seed"] for case in json.loads(capsys.readouterr().out)["cases"]] == [5]


def test_solutions_have_the_ids_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = write(tmp_path, "vrptw")
    assert main([str(path), "--solutions", str(tmp_path / "out"), "--json"], GOOD) == 0
    told = json.loads((tmp_path / "out" / "file0.fieldops.json").read_text())
    assert (told["instance"], told["solver"], told["value"]) == ("file0", "fieldops", pytest.approx(15.9))
    assert [route["resource"] for route in told["routes"]] == ["1", "2"]
    assert told["routes"][1]["stops"][0] == {"kind": "job", "id": "2", "service": None, "start": 5.0}


def test_a_broken_rule_is_told_and_never_counted_as_a_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bks.csv").write_text("instance,bks_distance\nfile0,15.0\n")
    (path,) = write(tmp_path, "vrptw")
    assert main([str(path), "--json"], BROKEN) == 0
    out, err = capsys.readouterr()
    (case,) = json.loads(out)["cases"]
    assert (case["feasible"], case["gap"]) == (False, None)
    assert "carries more" in err


def test_the_routing_library_runs_beside_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in write(tmp_path, "vrptw", "trsp", "hhcrsp", "tasks", "crew")]
    assert main([*paths, "--peers", "ortools", "--json"], GOOD) == 0
    cases = [case for case in json.loads(capsys.readouterr().out)["cases"] if case["solver"] == "ortools"]
    assert [(case["kind"], case["feasible"]) for case in cases] == [("vrptw", True), ("trsp", True), ("hhcrsp", True)]
    assert cases[0]["value"] == pytest.approx(15.9)
    assert cases[2]["value"] == pytest.approx(34 / 3)


@pytest.mark.parametrize("peer", ["pyvrp", "vroom"])
def test_routing_peers_of_the_extra(tmp_path: Path, capsys: pytest.CaptureFixture[str], peer: str) -> None:
    pytest.importorskip(peer)
    paths = [str(path) for path in write(tmp_path, "vrptw", "trsp")]
    assert main([*paths, "--peers", peer, "--json"], GOOD) == 0
    cases = [case for case in json.loads(capsys.readouterr().out)["cases"] if case["solver"] == peer]
    assert [(case["kind"], case["feasible"]) for case in cases] == [("vrptw", True)]
    assert cases[0]["value"] == pytest.approx(15.9)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seed", "-1"], "not -1"),
        (["--seed", "file"], "only files"),
        (["--seconds", "-3"], "-3"),
        (["--seconds", "nan"], "nan"),
        (["--threads", "0"], "at least 1"),
        (["--peers", "ortools", "--releases", "file"], "--peers"),
        (["--live", "file"], "FILES"),
        (["--live", "--peers", "ortools"], "--peers"),
        (["--live", "--seed", "1", "2"], "one --seed"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Stub({})
    with pytest.raises(SystemExit):
        main(options, engine)
    assert told in capsys.readouterr().err
    assert engine.asked == []


def test_instances_of_one_name_have_a_line_and_a_solution_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, "vrptw")
    paths = [str(tmp_path / folder / "file0") for folder in ("old", "new")]
    assert main([*paths, "--solutions", str(tmp_path / "out")], GOOD) == 0
    out = capsys.readouterr().out
    assert "old_file0" in out
    assert "new_file0" in out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "old_file0.fieldops.json",
        "new_file0.fieldops.json",
    }


def test_without_data_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("FIELDOPS_BENCH_DATA", raising=False)
    assert main([], GOOD) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "FIELDOPS_BENCH_DATA" in err


def test_data_comes_from_the_folder_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = write(tmp_path, "vrptw")
    path.rename(tmp_path / "any.txt")
    (tmp_path / "README.txt").write_text("no instance")
    monkeypatch.setenv("FIELDOPS_BENCH_DATA", str(tmp_path))
    assert main(["--json"], GOOD) == 0
    assert [case["instance"] for case in json.loads(capsys.readouterr().out)["cases"]] == ["any"]


def test_people_see_mean_and_spread_over_seeds() -> None:
    cases = [
        Case("one", "vrptw", "fieldops", value, 100.0, True, 2.0, 2.0, seed) for seed, value in ((1, 101), (2, 104))
    ]
    shown = table(cases)
    assert "2.50" in shown
    assert "3.00" in shown
    assert "mean of vrptw" in shown
