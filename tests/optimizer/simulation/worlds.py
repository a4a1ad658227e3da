"""Simulations of small networks, each with its books added up, and when a value is what it should be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from optimizer.run import Limit
from optimizer.simulation.check import check
from optimizer.simulation.intervals import Estimate, student
from optimizer.simulation.model import Problem, World
from optimizer.simulation.simulate import Simulation, simulate
from optimizer.stocking.evaluate import Method, evaluate
from optimizer.stocking.model import Line, Part, Place, Repair, Scenario

PLAIN = World()


def problem_of(scenario: Scenario, stock: Mapping[tuple[str, str], int], days: float, world: World = PLAIN) -> Problem:
    """Return the problem of a stock by part and place."""
    return Problem(scenario, evaluate(scenario, stock).stock, days, world)


def seen(
    scenario: Scenario,
    stock: Mapping[tuple[str, str], int],
    days: float,
    world: World = PLAIN,
    *,
    replications: int = 20,
    seed: int = 1,
) -> Simulation:
    """Return what is seen of a stock by part and place."""
    problem = problem_of(scenario, stock, days, world)
    simulation = simulate(problem, limit=Limit(iterations=replications), seed=seed)
    assert simulation.replications == replications
    assert check(problem, simulation) == []
    return simulation


def errors(estimate: Estimate, known: NDArray[np.float64] | float, replications: int = 20) -> NDArray[np.float64]:
    """Return by how many standard errors means are off."""
    error = estimate.half_width / student(replications - 1)
    off = np.abs(estimate.mean - known)
    return np.divide(off, error, out=np.where(off < 1e-12, 0.0, np.inf), where=error > 0)


def exact(scenario: Scenario, stock: Mapping[tuple[str, str], int]) -> float:
    """Return the weighted backorders of the exact model."""
    return evaluate(scenario, stock, Method.EXACT).weighted


def base(rate: float = 0.2, days: float = 20.0, dispersion: float = 1.0) -> Scenario:
    """Return one place that repairs its own pumps."""
    part = Part("PUMP", 1.0, repair=Repair(days), dispersion=dispersion)
    return Scenario.of([Place("A")], [part], [Line("PUMP", "A", rate)])


def region(places: int = 3, rate: float = 0.02, dispersion: float = 1.0) -> Scenario:
    """Return a centre that repairs in 30 days, and places 2 days from it."""
    codes = [f"F{index}" for index in range(places)]
    part = Part("PUMP", 1.0, repair=Repair(30.0), dispersion=dispersion)
    return Scenario.of(
        [Place("C"), *(Place(code, "C", 2.0) for code in codes)],
        [part],
        [Line("PUMP", code, rate) for code in codes],
    )
