"""A first solve of tiny problems, so that what is compiled on first use is not counted in the figures."""

from __future__ import annotations

import numpy as np

from benchmarks.dispatch.instances import Hhcrsp, Instance, Node, Outfit, Patient, Trsp, Vrptw
from benchmarks.dispatch.problems import problem
from benchmarks.dispatch.runs import Solver
from optimizer.run import Limit

WARM_S = 1.0


def warm_up(solver: Solver, threads: int) -> None:
    """Solve a tiny instance of each kind for a second."""
    for instance in _tiny():
        solver(problem(instance), limit=Limit(seconds=WARM_S), seed=0, threads=threads)


def _tiny() -> list[Instance]:
    nodes = tuple(Node(str(at), float(at), 0.0, 0.0, 1000.0, 1.0, 1.0) for at in range(9))
    plain = Outfit(frozenset((0,)), frozenset((0,)), (1,))
    bare = Outfit(frozenset((0,)), frozenset(), (0,))
    outfits = (bare, plain, *[plain] * 6)
    distances = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))
    patients = (
        Patient("p1", 0.0, 9.0, (("s", 1.0),)),
        Patient("p2", 0.0, 0.0, (("s", 1.0), ("s2", 1.0))),
        Patient("p3", 0.0, 9.0, (("s", 1.0), ("s2", 1.0)), (1.0, 2.0)),
    )
    carers = tuple((str(number), frozenset(("s", "s2"))) for number in range(3))
    return [
        Vrptw("warm", None, 3, 9.0, nodes),
        Trsp("warm", None, nodes[0], nodes[1:3], nodes[3:], outfits),
        Hhcrsp("warm", None, patients, carers, distances),
    ]
