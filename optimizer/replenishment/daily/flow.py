"""Moves without regard for what they share: a min-cost flow, exact in whole steps of money."""

from __future__ import annotations

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from optimizer.replenishment.daily.core import Core, Floats, Ints

STEPS_PER_UNIT = 10_000
PARTS_AT_ONCE = 50
"""Parts in one flow: solving few together is faster than all, and than one by one."""


def flow(core: Core, gain: Floats, most: Ints | None = None) -> Ints:
    """Return the pieces of each move that gain most, where no move takes more than `most` pieces.

    Gains count in whole ten-thousandths of the currency unit. Kits are not heeded. Raises RuntimeError if the solver
    fails.
    """
    most = core.most if most is None else most
    steps = np.rint(gain * STEPS_PER_UNIT).astype(np.int64)
    pieces = np.zeros(core.supply.size, np.int64)
    useful = np.flatnonzero((steps > 0) & (most > 0))
    part = core.supply_part[core.supply[useful]]
    useful = useful[np.argsort(part, kind="stable")]
    part = np.sort(part)
    numbers = np.cumsum(np.r_[False, part[1:] != part[:-1]]) if part.size else part
    for moves in np.split(useful, np.flatnonzero(np.diff(numbers // PARTS_AT_ONCE)) + 1):
        if moves.size:
            pieces[moves] = _flow(core, moves, steps[moves], most[moves])
    return pieces


def unavoidable(core: Core) -> float:
    """Return the penalties that remain even if moves were free and shared nothing: of needs that no supply could serve.

    Kits are not heeded, which can only make it less.
    """
    most = np.minimum(np.minimum(core.supply_each[core.supply], core.need_each[core.need]), core.each)
    pieces = flow(core, core.penalty[core.need], most)
    return float(core.penalty @ core.unmet(pieces))


def _flow(core: Core, moves: Ints, steps: Ints, most: Ints) -> Ints:
    """Return the pieces of some moves. Nodes: the supplies, the needs, one where pieces come from and go to."""
    supplies, tails = np.unique(core.supply[moves], return_inverse=True)
    needs, heads = np.unique(core.need[moves], return_inverse=True)
    every = supplies.size + needs.size
    tail = np.r_[tails, np.full(supplies.size, every), supplies.size + np.arange(needs.size), every]
    head = np.r_[supplies.size + heads, np.arange(supplies.size), np.full(needs.size, every + 1), every + 1]
    held, wanted = core.supply_each[supplies], core.need_each[needs]
    total = int(min(held.sum(), wanted.sum()))
    capacity = np.r_[most, held, wanted, total]
    cost = np.r_[-steps, np.zeros(every + 1, np.int64)]
    network = SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    network.set_nodes_supplies(np.array([every, every + 1]), np.array([total, -total]))
    status = network.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"the flow of {supplies.size} supplies ended as {status}, not optimal")
    found: Ints = network.flows(arcs[: moves.size])
    return found
