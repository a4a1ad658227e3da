"""The command tells its figures, and refuses files that are none of answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.stocking.__main__ import main

ANSWERS = """case,N,depot_TAT,s0,lam,transit,s,EBO_exact,EBO_METRIC,EBO_VARI
0,2,38.1,0,0.027972 0.027548,1.47 7.61,3 2,0.21743566,0.21743566,0.21743566
"""


def test_the_command_tells_errors_by_model_and_the_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.csv"
    path.write_text(ANSWERS)

    assert main([str(path), "--quick", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    values = {(one["case"], one["metric"]): one["value"] for one in told["results"]}
    assert told["benchmark"] == "stocking"
    for method in ("metric", "negative_binomial", "exact"):
        assert values[f"two, 1 rows, {method}", "max_abs_error"] < 1e-6
    case, reckoned = (case for case, metric in values if metric == "lagrangian_gap")
    assert values[reckoned, "lagrangian_gap"] < 2e-2
    assert values[reckoned, "floors_met"] == 1
    assert 0 <= values[case, "lagrangian_gap"] < 1e-4
    assert values[case, "peak_mb"] > 0
    assert values["two, 1 rows", "simulated_ebo_error"] < 0.1
    assert values["two, 1 rows", "agreeing"] == 1
    for world in ("as planned", "repair queue", "laterals", "batches", "all of these"):
        assert values[f"a plan, {world}", "compared"] > 0
        assert values[f"a plan, {world}", "unnamed"] == 0


@pytest.mark.parametrize(("text", "fault"), [("a,b\n1,2\n", "no file of exact answers"), ("", "no rows")])
def test_a_file_that_is_none_of_answers_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)

    assert main([str(path)]) == 1
    assert f"{path}: {fault}" in capsys.readouterr().err
