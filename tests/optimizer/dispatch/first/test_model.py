from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.dispatch.first.model import Duty, Validity
from tests.optimizer.dispatch.first.worlds import job, technician, world


@pytest.mark.parametrize(
    ("build", "culprit"),
    [
        (lambda: Duty(-1, 10), "duty.*-1-10"),
        (lambda: Duty(10, 10), "duty.*10-10"),
        (lambda: Duty(0.5, 10), "duty.*start_s.*0.5"),  # type: ignore[arg-type]
        (lambda: Duty(0, 10.0), r"duty.*end_s.*10\.0"),  # type: ignore[arg-type]
        (lambda: Validity(10, 10), "validity.*10-10"),
        (lambda: Validity(10, 9), "validity.*10-9"),
        (lambda: Validity(1.5, 9), "validity.*from_s.*1.5"),  # type: ignore[arg-type]
        (lambda: Validity(1, None), "validity.*until_s.*None"),  # type: ignore[arg-type]
        (lambda: technician("T7", duties=((8, 10), (9, 12))), "T7.*duties"),
        (lambda: technician("T7", duties=((8, 10), (10, 12))), "T7.*merge"),
        (lambda: technician("T7", duties=((8, 10), (4, 6))), "T7.*sort"),
        (lambda: technician("T7", cost_per_h=-1.0), "T7.*cost_per_h.*-1"),
        (lambda: technician("T7", cost_per_h=float("nan")), "T7.*cost_per_h.*nan"),
        (lambda: job("J7", duration_h=0), "J7.*duration.*0"),
        (lambda: job("J7", duration_h=-1), "J7.*duration.*-3600"),
        (lambda: job("J7", window_h=(2, 1)), "J7.*window.*3600.*7200"),
        (lambda: job("J7", lateness_cost_per_h=-1.0), "J7.*lateness_cost_per_h.*-1"),
        (lambda: job("J7", unserved_penalty=-1.0), "J7.*unserved_penalty.*-1"),
        (lambda: job("J7", unserved_penalty=float("inf")), "J7.*unserved_penalty.*inf"),
    ],
)
def test_a_bad_line_is_refused_and_named(build: Callable[[], object], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        build()


@pytest.mark.parametrize("field", ["duration_s", "earliest_s", "latest_start_s", "due_s", "parts_ready_s"])
def test_times_of_a_job_are_whole_seconds(field: str) -> None:
    changes: dict[str, Any] = {field: 1.5}
    with pytest.raises(ValueError, match=rf"J7.*{field}.*1\.5"):
        replace(job("J7"), **changes)


def table(row: int, column: int, value: float, dtype: type = float) -> Any:
    values: Any = np.zeros((3, 3), dtype=dtype)
    values[row, column] = value
    return values


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"horizon_s": 0}, "horizon.*0"),
        ({"horizon_s": 1.5}, r"horizon_s.*1\.5"),
        ({"horizon_s": 10 * 3600}, "T1.*after the horizon.*36000"),
        ({"places": ("HOME", "NEAR", "HOME")}, "place HOME.*twice"),
        ({"technicians": (technician("T7"), technician("T7", base=1))}, "technician T7.*twice"),
        ({"jobs": (job("J7"), job("J7", place=2))}, "job J7.*twice"),
        ({"technicians": (technician("T7", base=3),)}, "T7.*index 3.*3 places"),
        ({"technicians": (technician("T7", base=-1),)}, "T7.*index -1"),
        ({"jobs": (job("J7", place=3),)}, "J7.*index 3.*3 places"),
        ({"jobs": (job("J7", place=-1),)}, "J7.*index -1"),
        ({"travel_s": np.zeros((3, 3))}, "travel_s.*whole seconds"),
        ({"travel_s": np.zeros((2, 3), dtype=int)}, r"travel_s.*\(3, 3\).*\(2, 3\)"),
        ({"travel_cost": np.zeros((3, 2))}, r"travel_cost.*\(3, 3\).*\(3, 2\)"),
        ({"travel_s": table(2, 1, -60, int)}, "travel_s.*FAR to NEAR.*-60"),
        ({"travel_cost": table(0, 2, -1.5)}, "travel_cost.*HOME to FAR.*-1.5"),
        ({"travel_cost": table(1, 0, float("nan"))}, "travel_cost.*NEAR to HOME.*nan"),
        ({"travel_cost": table(1, 0, float("inf"))}, "travel_cost.*NEAR to HOME.*inf"),
    ],
)
def test_a_bad_problem_is_refused_and_the_culprit_named(changes: dict[str, Any], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        replace(world(job()), **changes)


def test_travel_is_copied_and_read_only() -> None:
    travel_s = np.ones((3, 3), dtype=int)
    problem = replace(world(), travel_s=travel_s)
    travel_s[0, 1] = 9
    assert problem.travel_s[0, 1] == 1
    for matrix in (problem.travel_s, problem.travel_cost):
        with pytest.raises(ValueError, match="read-only"):
            matrix[0, 1] = 9


def test_the_edges_of_what_is_allowed() -> None:
    edge = technician(duties=((0, 24), (25, 48)), cost_per_h=0.0)
    bare = job(window_h=(-2, -2), due_h=-1, parts_ready_h=-3, lateness_cost_per_h=0.0, unserved_penalty=0.0)
    assert world(bare, technicians=(edge,)).jobs == (bare,)


def test_the_model_loads_no_solver() -> None:
    code = "import sys, optimizer.dispatch.first.model as m; print(m.__name__, 'ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["optimizer.dispatch.first.model", "False"]
