"""The figures of a plan in daily use, on a small region."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.dispatch import daily
from benchmarks.dispatch.worlds import region
from fieldops.planning.rules import CHANGE_NEAR, CHANGE_PER_H, CHANGE_TECHNICIAN
from optimizer.dispatch.live.events import happened
from optimizer.dispatch.model import ChangeCost
from optimizer.dispatch.solve import solve
from optimizer.run import Limit


def test_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("ASKED", (12, 60)), ("DAY", (30, 150)), ("NEW", 3), ("NEW_QUICK", 3)):
        monkeypatch.setattr(daily, name, size)
    for name in ("ASKED_ROUNDS", "DAY_ROUNDS", "REPLAN_ROUNDS"):
        monkeypatch.setattr(daily, name, 100)
    told = {one.metric: one.value for one in daily.measure(0, 1, quick=False)}
    for name in ("recommend", "eject"):
        assert 0 < told[f"{name}_ms_p50"] <= told[f"{name}_ms_p99"]
        assert 0 < told[f"{name}_cpu_ms_p50"] <= told[f"{name}_cpu_ms_p99"]
    assert 0 <= told["replan_kept_share_free"] <= told["replan_kept_share"] <= 1
    assert told["replan_cost_ratio"] > 0
    assert told["replan_s"] > 0


def test_the_events_of_a_day_are_twenty_and_fit_it() -> None:
    whole = region(1, 40, 205)
    plan = solve(whole, limit=Limit(iterations=100), seed=1)
    events = list(daily.day_events(whole, plan, (), Random(1)))
    assert 10 <= len(events) <= 20
    left, _ = happened(whole, plan, daily.NOW_S, events)
    assert left.now_s == daily.NOW_S


def test_planning_anew_is_measured_with_the_weights_of_the_product() -> None:
    assert ChangeCost(CHANGE_TECHNICIAN, CHANGE_PER_H, CHANGE_NEAR.total_seconds()) == daily.CHANGE
