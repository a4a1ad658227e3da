"""The command tells its figures, knows the fixed methods by their known values, and refuses other files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.forecast import data, losses, peers, policy
from benchmarks.forecast.__main__ import main
from tests.optimizer.stocking.worlds import published

KNOWN = {
    "carparts_dev": (0.9946, 0.8527, 0.853),
    "raf_dev": (1.1072, 1.2357, 1.107),
    "auto_dev": (0.7991, 0.8090, 0.797),
}
"""Losses measured elsewhere: negative binomial on the mean and on SES(.1), and the best of all fixed methods."""


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """Return a file of 40 parts over 36 months, with lead times (one unknown) and prices."""
    rng = np.random.default_rng(2)
    pieces = rng.poisson(0.4, (40, 36)) * rng.integers(1, 5, (40, 1))
    months = ",".join(f"m{month:02}" for month in range(1, 37))
    rows = [f"P{row},{row % 5},{10 + row},{','.join(map(str, numbers))}" for row, numbers in enumerate(pieces.tolist())]
    path = tmp_path / "parts.csv"
    path.write_text("\n".join([f"id,lead_time_months,price_gbp,{months}", *rows]))
    return path


def test_the_command_tells_loss_coverage_and_what_is_served(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(parts), "--quick", "--policy", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    values = {(one["case"], one["metric"], one["peer"]): one for one in told["results"]}
    assert told["benchmark"] == "forecast"
    for peer in ("mean", "ses", "sba"):
        one = values["parts, 40 parts", "scaled_pinball", peer]
        assert 0 < one["value"] < 1.2 * one["peer_value"]
    metrics = {metric for _, metric, _ in values}
    assert {"coverage_95", "coverage_99", "rmsse", "bias", "pinball_over_best_high"} <= metrics
    served = {metric: one for (case, metric, _), one in values.items() if case == "parts, 32 parts"}
    assert 0 < served["line_fill"]["value"] <= 1
    assert served["investment"]["value"] <= served["investment"]["peer_value"] * (1 + 1e-9)
    assert {"unit_fill", "mean_backorders"} <= served.keys()


def test_without_files_demand_is_generated(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("FIELDOPS_BENCH_DATA", raising=False)
    assert main(["--quick"]) == 0
    shown = capsys.readouterr().out
    assert "generated, seed 0" in shown
    assert "(mean " in shown


def test_as_many_lines_are_served_for_less_money_and_the_time_is_told(parts: Path) -> None:
    told = list(policy.measure(data.read(parts), quick=False))

    least = next(one for one in told if one.case == "parts, 32 parts, same line fill")
    assert least.peer_value is not None
    assert 0 < least.value <= least.peer_value
    assert losses.speed(50, 24, 0, data.generated).value > 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b\n1,2\n", "no file of demand"),
        ("", "no file of demand"),
        ("id," + ",".join(f"m{month:02}" for month in range(1, 11)) + "\n1," + "x," * 9 + "1\n", "no file of demand"),
        ("id," + ",".join(f"m{month:02}" for month in range(1, 11)) + "\n1," + "0," * 9 + "1\n", "no part is known"),
    ],
)
def test_a_file_that_is_none_of_demand_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)

    assert main([str(path)]) == 1
    assert fault in capsys.readouterr().err


def test_a_policy_needs_lead_times_and_prices(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts.write_text(parts.read_text().replace("price_gbp", "cost"))

    assert main([str(parts), "--quick", "--policy"]) == 1
    assert "a policy needs lead times and prices" in capsys.readouterr().err


def test_files_without_prices_are_no_hindrance_to_a_policy(
    parts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text(parts.read_text().replace("price_gbp", "cost"))

    assert main([str(bare), str(parts), "--quick", "--policy", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["results"]
    assert {one["case"] for one in told if one["metric"] == "line_fill"} == {"parts, 32 parts"}


def test_fixed_methods_by_hand() -> None:
    past = np.array([[0.0, 4.0, 0.0, 0.0, 2.0]])

    assert peers.mean(past)[0] == pytest.approx(1.2)
    assert peers.ses(past)[0] == pytest.approx(0.4 * 0.9**3 + 0.2)
    # sizes 4, then 4 - 0.1 × 2; intervals 2, then 2 + 0.1 × 1
    assert peers.sba(past)[0] == pytest.approx(0.95 * 3.8 / 2.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN)
def test_the_loss_is_no_worse_than_that_of_the_best_fixed_method(name: str) -> None:
    by_mean, by_ses, best = KNOWN[name]
    pieces = losses.judged(data.read(published() / f"{name}.csv").pieces)

    assert losses.judge(pieces, losses.fixed_method(peers.mean)).losses.mean() == pytest.approx(by_mean, abs=2e-4)
    assert losses.judge(pieces, losses.fixed_method(peers.ses)).losses.mean() == pytest.approx(by_ses, abs=2e-4)
    ours = losses.judge(pieces, losses.fieldops)
    assert ours.losses.mean() <= 1.005 * best
    assert (ours.coverage[3:] >= np.array([0.95, 0.99]) - 0.01).all()


@pytest.mark.slow
def test_stock_by_the_forecast_serves_more_lines_for_the_same_money() -> None:
    told = list(policy.measure(data.read(published() / "raf_dev.csv"), quick=True))
    values = {one.metric: one for one in told}

    assert values["line_fill"].peer_value == pytest.approx(0.857, abs=1e-3)
    assert values["investment"].peer_value == pytest.approx(2.475e6, abs=1e3)
    assert values["line_fill"].value >= 0.948
