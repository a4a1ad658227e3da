"""The command tells its figures and refuses what is no day; the published days have their known answers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.replenishment.__main__ import main
from benchmarks.replenishment.measure import broken
from benchmarks.replenishment.published import found, read
from optimizer.replenishment.daily.check_core import check_core
from optimizer.replenishment.daily.search import search
from optimizer.run import Limit

FILES = {
    "arcs.csv": "sku,src,dst,unit_cost\n0,R00,F000,2.5\n0,C,F000,9\n0,C,R00,4\n",
    "needs.csv": "sku,loc,qty,cls\n0,F000,2,0\n0,R00,1,3\n",
    "supplies.csv": "sku,loc,qty\n0,R00,1\n0,C,5\n",
    "skus.csv": "sku,kg,price\n0,2.0,100\n",
}
PARAMETERS = {
    "penalty_per_unmet_unit_by_cls": {"0_AOG": 2000, "1_critical": 300, "2_fsl_refill": 60, "3_region_refill": 15},
    "truck_cap_kg_central_to_region": {"R00": 1.0},
    "expedite_cost_budget_central_to_fsl": 100,
    "central_handling_units": 9,
    "home_lane_fixed_cost": 40,
    "home_lane_cap_kg": 300,
    "fsl_region": {"F000": "R00"},
    "answers": {"separable_min_cost_flow": 15.5, "MIP_with_home_lane_fixed_cost": 33.0},
}


@pytest.fixture
def prefix(tmp_path: Path) -> str:
    """A day in files: one part, two needs; the truck carries nothing, and the lane costs more than an expedite."""
    for name, text in FILES.items():
        (tmp_path / f"day_{name}").write_text(text)
    (tmp_path / "day_params.json").write_text(json.dumps(PARAMETERS))
    return str(tmp_path / "day")


def test_the_command_tells_cost_bound_and_gap(prefix: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([prefix, "--quick", "--json"]) == 0

    told = json.loads(capfd.readouterr().out)
    values = {(one["case"], one["metric"]): one for one in told["results"]}
    assert told["benchmark"] == "replenishment"
    for case, cost in (("day, alone", 15.5), ("day, limits", 26.5), ("day, lanes", 33.0)):
        assert values[case, "cost"]["value"] == pytest.approx(cost)
        assert values[case, "avoidable_gap"]["value"] == pytest.approx(0, abs=1e-5)
    assert values["day, lanes", "cost"]["peer_value"] == 33.0
    for lanes in ("lanes with a cost", "no cost of lanes"):
        case = f"60 parts, {lanes}"
        assert values[case, "bound"]["value"] <= values[case, "cost"]["value"]
        assert values[case, "avoidable_gap"]["value"] < 0.005
        assert values[case, "seconds"]["value"] > 0
        assert values[case, "peak_mb"]["value"] > 0
        for metric in ("fill_aog", "fill_critical"):
            assert values[case, metric]["value"] >= values[case, metric]["peer_value"]


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("needs.csv", "sku,loc\n0,F000\n", "no files of a day"),
        ("arcs.csv", "sku,src,dst,unit_cost\n0,R00,F000,cheap\n", "no files of a day"),
        ("arcs.csv", "sku,src,dst,unit_cost\n0,R09,F000,1\n", "no files of a day"),
        ("params.json", "{", "no files of a day"),
    ],
)
def test_what_is_no_day_is_refused(
    prefix: str, capsys: pytest.CaptureFixture[str], file: str, text: str, fault: str
) -> None:
    Path(f"{prefix}_{file}").write_text(text)

    assert main([prefix, "--quick"]) == 1
    assert fault in capsys.readouterr().err


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), "--quick"]) == 1
    assert "none_arcs.csv" in capsys.readouterr().err


@pytest.mark.slow
def test_published_days_have_their_known_answers() -> None:
    folder = Path(os.environ.get("FIELDOPS_BENCH_DATA", ""), "spares")
    if "FIELDOPS_BENCH_DATA" not in os.environ or not found(folder):
        pytest.skip("the known answers are not at hand: set FIELDOPS_BENCH_DATA to their folder")
    for prefix in found(folder):
        nested = read(prefix)
        for name, core, answer in nested.cases():
            told = search(core, limit=Limit(iterations=100_000))
            assert check_core(core, told.pieces, told.objective) == []
            assert told.avoidable_gap <= 1e-3
            # the known answer of the limits is in broken pieces
            value = broken(core) if name == "limits" else told.objective
            assert value == pytest.approx(answer, rel=1e-4)
            assert told.objective >= value * (1 - 1e-9)
