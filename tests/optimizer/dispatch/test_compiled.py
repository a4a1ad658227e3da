"""The kernel with the compiler off, and where its machine code cannot be kept, does what it does otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

from optimizer.dispatch.model import Problem
from optimizer.dispatch.solve import solve
from optimizer.run import Limit
from tests.optimizer.dispatch import worlds

ROOT = Path(__file__).parents[3]
TOLD = "from tests.optimizer.dispatch.test_compiled import told; print(told())"


def told() -> str:
    """Return plans of a small search as JSON: of each world with its rule, and of one who stays away."""
    problems: list[Problem] = [pair()[0] for pair in worlds.DECIDING]
    plans = [solve(problem, limit=Limit(iterations=10), seed=7) for problem in (*problems, worlds.away())]
    return json.dumps([asdict(replace(plan, seconds=0.0)) for plan in plans], default=float)


def test_the_same_plans_come_out_with_the_compiler_off() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOLD],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == json.loads(told())


def test_the_kernel_loads_where_nothing_can_be_written() -> None:
    program = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numpy as np\n"
        "from optimizer.dispatch.kernel.chance import uniform\n"
        "print(0 < uniform(np.array([1, 1])) < 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "True"
