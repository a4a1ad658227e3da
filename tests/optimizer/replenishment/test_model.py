from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from optimizer.replenishment.model import Part, Route, Supply, ready_times
from optimizer.replenishment.solve import solve
from tests.optimizer.replenishment.worlds import (
    AIR,
    DAY_S,
    EVERYTHING,
    HOUR_S,
    NBO,
    ROUTES,
    VTE,
    XIY,
    job,
    target,
    world,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("build", "culprit"),
    [
        (lambda: Supply(0, XIY, -1), "quantity_each=-1"),
        (lambda: Supply(0, XIY, 0), "leave out"),
        (lambda: Supply(0, XIY, 1.5), "1.5"),  # type: ignore[arg-type]
        (lambda: Supply(0, XIY, 1, -5), "available_s=-5"),
        (lambda: job(quantity_each=-2), "J-1"),
        (lambda: job(latest_s=DAY_S - 1), r"J-1.*latest_s is before due_s"),
        (lambda: job(unmet_penalty=float("nan")), "J-1"),
        (lambda: job(lateness_cost_per_h=-1.0), "J-1"),
        (lambda: target(quantity_each=0), "quantity_each=0"),
        (lambda: target(unmet_penalty=float("inf")), "inf"),
        (lambda: Part("PUMP", -1.0, 10.0), "PUMP"),
        (lambda: Part("PUMP", 1.0, -10.0), "PUMP"),
        (lambda: Part("PUMP", 1.0, 10.0, -1), "PUMP"),
        (lambda: Route("air", -1, 1.0, 1.0), "air"),
        (lambda: Route("air", 1, -1.0, 1.0), "air"),
    ],
)
def test_a_bad_line_is_refused_and_named(build: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        build()


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"supplies": (Supply(0, 3, 1),)}, r"Supply.*place=3.*3 places"),
        ({"supplies": (Supply(1, XIY, 1),)}, r"Supply.*part=1.*1 parts"),
        ({"job_needs": (job(place=-1),)}, "J-1"),
        ({"job_needs": (job(part=7),)}, "J-1"),
        ({"target_needs": (target(place=9),)}, "TargetNeed"),
        ({"central": 3}, "central"),
        ({"routes": {(XIY, 3): (AIR,)}}, r"\(0, 3\)"),
        ({"routes": {(VTE, VTE): (AIR,)}}, r"\(1, 1\)"),
        ({"routes": {(XIY, VTE): (AIR, AIR)}}, "mode"),
        ({"supplies": (Supply(0, XIY, 1), Supply(0, XIY, 2))}, "twice"),
        ({"job_needs": (job(), job(place=NBO))}, "twice"),
        ({"target_needs": (target(), target(quantity_each=3))}, "twice"),
    ],
)
def test_a_bad_problem_is_refused_and_the_line_named(changes: dict[str, Any], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        world(**changes)


def test_the_same_place_may_hold_stock_now_and_later() -> None:
    assert len(world(supplies=(Supply(0, XIY, 1), Supply(0, XIY, 1, DAY_S))).supplies) == 2


def test_the_model_loads_no_solver() -> None:
    code = "import sys, optimizer.replenishment.model as m; print(m.__name__, 'ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["optimizer.replenishment.model", "False"]


def test_a_job_is_ready_when_its_last_piece_is_there() -> None:
    pump = world().parts[0]
    problem = world(
        parts=(pump, replace(pump, number="SEAL"), replace(pump, number="LAMP")),
        supplies=(Supply(0, VTE, 1), Supply(1, XIY, 1, HOUR_S), Supply(2, NBO, 1)),
        job_needs=(
            job("late"),
            job("late", part=1),
            job("here", part=2, place=NBO),
            job("short", part=2, unmet_penalty=1.0),
            job("short", part=0, place=XIY),
        ),
    )
    plan = solve(problem, limit=EVERYTHING)
    arrives_s = HOUR_S + ROUTES[XIY, VTE][0].lead_s
    assert ready_times(problem, plan) == {"late": arrives_s, "here": 0, "short": None}
