"""The day, or some moves of it, as a linear or a whole-number program for HiGHS (by way of OR-Tools)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.math_opt import model_pb2, parameters_pb2, result_pb2
from ortools.math_opt.core.python import solver
from ortools.math_opt.python import callback, init_arguments, model_parameters, parameters
from pybind11_abseil.status import StatusNotOk

from optimizer.replenishment.daily.prices import Prices

if TYPE_CHECKING:
    from optimizer.replenishment.daily.core import Core, Floats, Ints

GAP = 1e-6
"""A whole-number program that is solved to this share of its value counts as solved."""


@dataclass(frozen=True)
class Solved:
    """Pieces of each move of the core (broken where they may be), `bound` no plan of the program costs less than.

    `prices` are of a linear program only. `ended`: a limit came before the proof.
    """

    pieces: Floats
    value: float
    bound: float
    prices: Prices | None
    ended: bool


@dataclass(frozen=True)
class Work:
    """What a program may take; None: as much as it needs."""

    seconds: float | None = None
    nodes: int | None = None


def solve_program(core: Core, moves: Ints, kept: Ints, *, whole: bool, work: Work, gap: float = GAP) -> Solved | None:
    """Return the best of the moves beside what is kept of the others; None if nothing was found.

    That is so where the limit came before, where the kept moves leave no room for a kit or a floor, or where the solver
    gave up.

    `kept` has the pieces of each move of the core and is 0 for those that are chosen here.
    """
    rows = _Rows(core, moves, kept)
    told = rows.model(whole=whole)
    try:
        result = _run(told, work, gap)
    except StatusNotOk:
        return None
    bounds = result.termination.objective_bounds
    if not result.solutions:
        return None
    found = result.solutions[0]
    values = found.primal_solution.variable_values
    pieces = kept.astype(np.float64)
    chosen = np.zeros(rows.size)
    chosen[np.fromiter(values.ids, np.int64)] = np.fromiter(values.values, np.float64)
    pieces[moves] += chosen[: moves.size]
    price = None
    if not whole:
        duals = found.dual_solution.dual_values
        of_rows = np.zeros(rows.count)
        of_rows[np.fromiter(duals.ids, np.int64)] = -np.fromiter(duals.values, np.float64)
        price = rows.prices(of_rows)
    ended = result.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL
    return Solved(pieces, bounds.primal_bound, bounds.dual_bound, price, ended)


def _run(told: Any, work: Work, gap: float) -> Any:
    asked = parameters.SolveParameters(
        time_limit=None if work.seconds is None else datetime.timedelta(seconds=max(work.seconds, 0.01)),
        node_limit=work.nodes,
        relative_gap_tolerance=gap,
    ).to_proto()
    kind = parameters_pb2.SOLVER_TYPE_HIGHS
    nothing = callback.CallbackRegistration().to_proto()
    begin = init_arguments.StreamableSolverInitArguments().to_proto()
    of_model = model_parameters.ModelSolveParameters().to_proto()
    return solver.solve(told, kind, begin, asked, of_model, None, nothing, None, None)


class _Rows:
    """Columns: the moves, then the lanes that still cost, then the kits. All rows are `<=`, but those of kits `=`."""

    def __init__(self, core: Core, moves: Ints, kept: Ints) -> None:
        self.core, self.moves, self.kept = core, moves, kept
        self.count = 0
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.room: list[Floats] = []
        self.column = np.full(core.supply.size, -1)
        self.column[moves] = np.arange(moves.size)
        running = core.running(kept)
        self.lanes = np.setdiff1d(core.lanes, running)
        self.lane_column = np.full(core.capacity.size, -1)
        self.lane_column[self.lanes] = moves.size + np.arange(self.lanes.size)
        self.kits = np.unique(core.kit[core.kit >= 0])
        self.size = moves.size + self.lanes.size + self.kits.size
        self.most = core.most[moves].astype(np.float64)
        self._ends()
        self._shared()
        self._floors()

    def _ends(self) -> None:
        """Supplies and needs hold and want so many pieces; what they cannot exceed needs no row."""
        core = self.core
        self.supplies = self._sums(core.supply, core.supply_each, np.zeros(core.supply_each.size, np.bool_))
        self.needs = self._sums(core.need, core.need_each, core.kit >= 0)
        kit_needs = np.flatnonzero(core.kit[self.needs] >= 0)
        kits = np.searchsorted(self.kits, core.kit[self.needs[kit_needs]])
        first = self.count - self.needs.size
        wanted = core.need_each[self.needs[kit_needs]].astype(np.float64)
        self.entries.append((first + kit_needs, self.moves.size + self.lanes.size + kits, -wanted))
        # what is chosen and what is kept is the whole kit or nothing
        self.room[-1][kit_needs] -= wanted
        self.equal = first + kit_needs

    def _sums(self, end: Ints, each: Ints, must: Any) -> Ints:
        ends = end[self.moves]
        left = each - np.bincount(end, weights=self.kept, minlength=each.size)
        could = np.bincount(ends, weights=self.most, minlength=each.size)
        tight = np.flatnonzero((could > left) | must)
        row = np.full(each.size, -1)
        row[tight] = self.count + np.arange(tight.size)
        inside = np.flatnonzero(row[ends] >= 0)
        self.entries.append((row[ends[inside]], inside, np.ones(inside.size)))
        self.room.append(left[tight].astype(np.float64))
        self.count += tight.size
        return tight

    def _shared(self) -> None:
        core = self.core
        inside = np.flatnonzero(self.column[core.use_move] >= 0)
        column, shared, amount = self.column[core.use_move[inside]], core.use_shared[inside], core.use_amount[inside]
        left = np.maximum(core.capacity - core.used(self.kept), 0.0)
        could = np.bincount(shared, weights=amount * self.most[column], minlength=left.size)
        self.tight = np.flatnonzero(could > left)
        row = np.full(left.size, -1)
        row[self.tight] = self.count + np.arange(self.tight.size)
        bound = row[shared] >= 0
        self.entries.append((row[shared[bound]], column[bound], amount[bound]))
        fee = self.tight[self.lane_column[self.tight] >= 0]
        self.entries.append((row[fee], self.lane_column[fee], -left[fee]))
        self.room.append(np.where(self.lane_column[self.tight] >= 0, 0.0, left[self.tight]))
        self.count += self.tight.size
        on = self.lane_column[shared] >= 0
        links = self.count + np.arange(int(on.sum()))
        self.entries += [(links, column[on], np.ones(links.size))]
        self.entries += [(links, self.lane_column[shared[on]], -self.most[column[on]])]
        self.room.append(np.zeros(links.size))
        self.linked = inside[on]
        self.count += links.size

    def _floors(self) -> None:
        core = self.core
        short = core.floor - core.served(self.kept)
        urgency = core.urgency[core.need[self.moves]]
        self.floors = np.flatnonzero(short > 0)
        row = np.full(short.size, -1)
        row[self.floors] = self.count + np.arange(self.floors.size)
        inside = np.flatnonzero(row[urgency] >= 0)
        self.entries.append((row[urgency[inside]], inside, -np.ones(inside.size)))
        self.room.append(-short[self.floors].astype(np.float64))
        self.count += self.floors.size

    def model(self, *, whole: bool) -> Any:
        """Return the program."""
        core, told = self.core, model_pb2.ModelProto()
        cost = np.concatenate([-core.gain[self.moves], core.fixed[self.lanes], np.zeros(self.kits.size)])
        told.variables.ids.extend(range(self.size))
        told.variables.lower_bounds.extend(np.zeros(self.size))
        told.variables.upper_bounds.extend(np.concatenate([self.most, np.ones(self.size - self.moves.size)]))
        told.variables.integers.extend([whole] * self.size)
        told.objective.linear_coefficients.ids.extend(range(self.size))
        told.objective.linear_coefficients.values.extend(cost)
        told.objective.offset = core.price(self.kept)
        room = np.concatenate(self.room)
        low = np.full(self.count, -np.inf)
        low[self.equal] = room[self.equal]
        told.linear_constraints.ids.extend(range(self.count))
        told.linear_constraints.lower_bounds.extend(low)
        told.linear_constraints.upper_bounds.extend(room)
        row, column, value = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        order = np.lexsort((column, row))
        told.linear_constraint_matrix.row_ids.extend(row[order])
        told.linear_constraint_matrix.column_ids.extend(column[order])
        told.linear_constraint_matrix.coefficients.extend(value[order])
        return told

    def prices(self, dual: Floats) -> Prices:
        """Return what shared things, uses of lanes and pieces of kits are worth at the optimum."""
        core = self.core
        told = Prices.none(core)
        at = self.supplies.size
        in_kit = core.kit[self.needs] >= 0
        told.need[self.needs[in_kit]] = dual[at : at + self.needs.size][in_kit]
        at += self.needs.size
        told.shared[self.tight] = np.maximum(dual[at : at + self.tight.size], 0.0)
        at += self.tight.size
        told.use[self.linked] = np.maximum(dual[at : at + self.linked.size], 0.0)
        told.floor[self.floors] = np.maximum(dual[at + self.linked.size :], 0.0)
        return told
