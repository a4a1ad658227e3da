"""The checker finds what is wrong with the books of a simulation, by its code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.run import Limit
from optimizer.simulation.check import check
from optimizer.simulation.kernel import replication as kernel
from optimizer.simulation.model import Neighbours, Problem, RepairQueue, World
from optimizer.simulation.simulate import Simulation, simulate
from tests.optimizer.simulation.worlds import problem_of, region

STOCK = {("PUMP", "C"): 2, ("PUMP", "F0"): 1}


@pytest.fixture(scope="module")
def made() -> tuple[Problem, Simulation]:
    """Return a problem with everything in it, and its simulation."""
    world = World(shops=(RepairQueue("C", 3),), pools=(Neighbours(("F0", "F1"), 0.5),), transit_variation=1.0)
    problem = problem_of(region(), STOCK, 3_000.0, world)
    return problem, simulate(problem, limit=Limit(iterations=3), seed=1)


@pytest.mark.parametrize(
    ("column", "codes"),
    [
        ("ARRIVED", {"shelf", "due"}),
        ("HANDED", {"shelf", "queue"}),
        ("LENT", {"shelf"}),
        ("BEGUN", {"shelf"}),
        ("LEFT", {"shelf", "position"}),
        ("OPEN", {"queue", "position"}),
        ("OWED", {"due", "position"}),
        ("DEMANDED", {"queue", "orders"}),
        ("REMOVED", {"orders", "pieces"}),
        ("FAILED", {"pieces"}),
        ("LOST", {"pieces"}),
        ("WAITED", {"little"}),
        ("CARRIED", {"little"}),
        ("WAITING", {"little"}),
    ],
)
def test_a_number_that_is_off_by_one_is_found(made: tuple[Problem, Simulation], column: str, codes: set[str]) -> None:
    problem, simulation = made
    assert check(problem, simulation) == []
    books = simulation.books.copy()
    books[1, getattr(kernel, column)] += 1
    found = check(problem, replace(simulation, books=books))

    assert {one.code for one in found} == codes
    assert {one.where for one in found} <= {"part PUMP at F0", "part PUMP"}


@pytest.mark.parametrize("column", ["PLACED", "MENDING", "AIDED"])
def test_an_order_that_reaches_nobody_is_found_above(made: tuple[Problem, Simulation], column: str) -> None:
    problem, simulation = made
    books = simulation.books.copy()
    books[1, getattr(kernel, column)] += 1
    found = check(problem, replace(simulation, books=books))

    assert ("orders", "part PUMP at C") in {(one.code, one.where) for one in found}


@pytest.mark.parametrize("name", ["fill", "borrowed", "utilisation"])
def test_a_share_that_is_none_is_found(made: tuple[Problem, Simulation], name: str) -> None:
    problem, simulation = made
    estimate = getattr(simulation, name)
    wrong = replace(estimate, mean=np.full_like(estimate.mean, 1.01))
    found = check(problem, replace(simulation, **{name: wrong}))

    assert {one.code for one in found} == {"range"}
    assert name != "utilisation" or found[0].where == "shop at C"
