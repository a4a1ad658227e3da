"""The tours that a search has passed through, combined anew: set partitioning over a pool of tours.

Each job is done once or left out, each technician goes on one tour a shift, and what no tour sees for itself holds for
the plan as a whole: stock of depots and kits, shared tools, money of a region, changes of the running plan. The linear
relaxation is solved by pricing the pool in, and the tours of the least reduced cost go into a choice of whole tours
(HiGHS by way of OR-Tools) among the plans that keep all but a few tours of the plan at hand (Fischetti and Lodi, "Local
branching", Mathematical Programming 98, 2003, section 2).
"""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.dispatch.building.flat import members
from optimizer.dispatch.building.state import Built
from optimizer.dispatch.kernel.arrays import Floats, Ints
from optimizer.dispatch.kernel.pool import Pool, retain, slot_of
from optimizer.dispatch.kernel.supply import CHOSEN_MAX, MODE, SHIFT

if TYPE_CHECKING:
    from ortools.math_opt.python import mathopt

ENTRIES = 1 << 16
"""A pool holds so many tours at most."""

STOPS = 16
"""And so many stops for each of them on average."""

COLUMNS_MAX = 2_500
"""So many tours go into the choice of whole tours, those of the smallest reduced cost."""

CHANGED_MAX = 6
"""So many tours of the plan at hand may go."""

BEGIN, PRICED_IN, PRICINGS_MAX = 4_000, 1_500, 10
"""The relaxation begins with so many tours, and takes in so many at a time, so often at most."""

NODES_MAX = 100
"""Nodes of the choice where no time is given."""

TOURS_MIN = 2
LEAVE_MOST = 10.0


def new_pool(one: Built, seed: int) -> Pool:
    """Return an empty pool; without room where tours cannot be combined freely, see `combines`."""
    entries = ENTRIES if combines(one) else 0
    draw = np.random.default_rng(seed).integers(1, 1 << 62, size=len(one.ops) + len(one.tours), dtype=np.int64)
    of_ops, of_tours = draw[: len(one.ops)], draw[len(one.ops) :]
    return Pool(
        op_key=of_ops,
        tour_key=of_tours[one.data.tour_alike],
        slot=np.full(2 * entries or 1, -1, dtype=np.int64),
        key=np.zeros(entries, dtype=np.int64),
        tour=np.zeros(entries, dtype=np.int64),
        cost=np.zeros(entries),
        money=np.zeros(entries),
        at=np.zeros(entries + 1, dtype=np.int64),
        stops=np.zeros(entries * STOPS, dtype=np.int64),
        modes=np.zeros(entries * STOPS, dtype=np.int64),
        count=np.zeros(1, dtype=np.int64),
    )


def combines(one: Built) -> bool:
    """Say whether a tour costs the same whatever the others are, so that a plan is the sum of its tours."""
    return not one.data.linked and one.data.worst_rate == 0.0 and one.data.pair_job.size == 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows over tours: entry `k` says that `value[k]` of the row's room is taken by the tour `column[k]`.

    The first rows are those of the jobs, which a tour or leaving the job out has to fill; then those that are not
    to be exceeded.
    """

    row: Ints
    column: Ints
    value: Floats
    room: Floats
    leave: Floats


@dataclass(frozen=True, slots=True)
class Combination:
    """Tours that make up a plan, with the stops and the modes of each."""

    tours: Ints
    stops: tuple[Ints, ...]
    modes: tuple[Ints, ...]


def combined(one: Built, pool: Pool, at_hand: Sequence[tuple[int, Ints]], seconds: float | None) -> Combination | None:
    """Return the best plan of the pool that keeps most tours of the plan `at_hand`; None if there is none.

    `at_hand` are tours with their stops. `seconds` limits it; without them a number of nodes does, and the same pool
    gives the same plan.
    """
    clock = _Clock(seconds)
    live = np.flatnonzero(np.isfinite(pool.cost[: pool.count[0]]))
    if live.size == 0 or len(at_hand) < TOURS_MIN:
        return None
    rows, cost = _rows(one, pool, live), pool.cost[live]
    kept = _found(pool, live, at_hand)
    reduced = _reduced(rows, cost, kept, clock)
    if reduced is None:
        return None
    cheapest = np.argsort(reduced, kind="stable")[:COLUMNS_MAX]
    columns = np.union1d(cheapest, kept)
    whole = _whole(rows, cost, columns, kept, clock)
    if whole is None:
        return None
    entries = live[whole]
    spans = [slice(pool.at[entry], pool.at[entry + 1]) for entry in entries]
    return Combination(
        _assigned(one, pool.tour[entries]),
        tuple(pool.stops[span].copy() for span in spans),
        tuple(pool.modes[span].copy() for span in spans),
    )


def thin_out(pool: Pool) -> None:
    """Drop the older half of a pool that is nearly full."""
    if pool.key.size and (pool.count[0] > 0.9 * ENTRIES or pool.at[pool.count[0]] > 0.9 * pool.stops.size):
        live = np.flatnonzero(np.isfinite(pool.cost[: pool.count[0]]))
        retain(pool, live[live.size // 2 :])


def _found(pool: Pool, live: Ints, at_hand: Sequence[tuple[int, Ints]]) -> Ints:
    """Return which of the live entries are the tours at hand, or do the same for less."""
    number = {int(entry): index for index, entry in enumerate(live)}
    found = []
    for tour, stops in at_hand:
        key = int(pool.tour_key[tour])
        for stop in stops:
            key ^= int(pool.op_key[stop]) if stop < pool.op_key.size else 0
        entry = int(pool.slot[slot_of(pool, key)])
        if entry >= 0:
            found.append(number[entry])
    return np.array(found, dtype=np.int64)


def _rows(one: Built, pool: Pool, live: Ints) -> _Rows:
    data, ops = one.data, len(one.ops)
    at, column = members(pool.at, live)
    stop, mode, tour = pool.stops[at], pool.modes[at], pool.tour[live]
    work = stop < ops
    jobs = data.job_leave.size
    entries = [(data.op_job[stop[work]], column[work], np.ones(work.sum()))]
    room = [np.ones(jobs)]
    kinds, groups = np.unique(data.tour_alike, return_counts=True)
    entries.append((jobs + np.searchsorted(kinds, data.tour_alike[tour]), np.arange(live.size), np.ones(live.size)))
    room.append(groups.astype(np.float64))
    for row, where, value, limit in _global_rows(one, pool, live, (column, stop, mode)):
        entries.append((row + sum(part.size for part in room), where, value))
        room.append(limit)
    row, where, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    # a tour that takes a part for several jobs fills the row of the part by the sum
    cell, inverse = np.unique(row * live.size + where, return_inverse=True)
    total = np.bincount(inverse, weights=value, minlength=cell.size).astype(np.float64)
    return _Rows(
        cell // live.size,
        cell % live.size,
        total,
        np.concatenate(room),
        data.job_leave + data.must_cost * data.job_must,
    )


Entries = tuple[Ints, Ints, Floats, Floats]
"""Row and column of each entry, its value, and the room of each row."""


def _global_rows(one: Built, pool: Pool, live: Ints, stops: tuple[Ints, Ints, Ints]) -> Iterator[Entries]:
    """Yield what holds for the plan as a whole: stock and kits, shared tools, budgets, changes."""
    data, ops = one.data, len(one.ops)
    column, stop, mode = stops
    work = np.flatnonzero(stop < ops)
    tour = pool.tour[live]
    yield from _supply_rows(one, column, stop, mode, tour)
    if data.shared_count.size and data.moment_count:
        yield from _tool_rows(one, column[work], stop[work], tour)
    limited = np.flatnonzero(np.isfinite(data.budget))
    if limited.size:
        own = np.flatnonzero(np.isin(data.tour_region[tour], limited))
        row = np.searchsorted(limited, data.tour_region[tour[own]])
        yield row, own, pool.money[live[own]], data.budget[limited]
    told = data.told_person[stop[work]]
    changed = (told >= 0) & (told != data.tour_person[tour[column[work]]])
    if changed.any() and data.changes_max < len(one.ops):
        where = column[work][changed]
        yield np.zeros(where.size, dtype=np.int64), where, np.ones(where.size), np.array([float(data.changes_max)])


def _supply_rows(one: Built, column: Ints, stop: Ints, mode: Ints, tour: Ints) -> Iterator[Entries]:
    data, ops = one.data, len(one.ops)
    depot = np.where(stop >= ops, stop - ops, -1)
    first = np.concatenate(([True], column[1:] != column[:-1])) if column.size else np.zeros(0, dtype=np.bool_)
    begin = np.maximum.accumulate(np.where(first, np.arange(column.size), 0))
    last = np.maximum.accumulate(np.where(depot >= 0, np.arange(column.size), -1))
    visited = np.where(last >= begin, depot[np.maximum(last, 0)], -1)
    work = np.flatnonzero(stop < ops)
    supply = mode[work]
    line, owner = members(data.lines_at, supply & MODE)
    where, source = column[work][owner], visited[work][owner]
    part, quantity = data.line_part[line], data.line_quantity[line]
    parts = data.kit.shape[1]
    index = line - data.lines_at[(supply & MODE)[owner]]
    by_kit = (index < CHOSEN_MAX) & ((supply[owner] >> (SHIFT + np.minimum(index, CHOSEN_MAX - 1))) & 1 == 1)
    from_depot = (
        (source >= 0) & (data.depot_stock[np.maximum(source, 0), part] >= 0.0) & ~by_kit
        if len(data.depot_place)
        else (np.zeros(source.size, dtype=np.bool_))
    )
    stock = data.depot_stock.ravel()
    finite = from_depot & np.isfinite(stock[np.maximum(source, 0) * parts + part] if stock.size else 0.0 * part)
    if finite.any():
        row = source[finite] * parts + part[finite]
        yield row, where[finite], quantity[finite], np.where(np.isfinite(stock) & (stock >= 0.0), stock, math.inf)
    people, tours = np.unique(data.tour_person, return_counts=True)
    several = np.isin(data.tour_person[tour[where]], people[tours > 1]) & ~from_depot
    if several.any():
        row = data.tour_person[tour[where[several]]] * parts + part[several]
        yield row, where[several], quantity[several], data.kit.ravel()


def _tool_rows(one: Built, column: Ints, op: Ints, tour: Ints) -> Iterator[Entries]:
    """A tool that a tour needs is with it at all of the tour's moments."""
    data = one.data
    need, owner = members(data.shared_at, op)
    where, tool = np.unique(np.stack((column[owner], data.shared[need])), axis=1)
    moment, owner = members(data.moments_at, tour[where])
    row = tool[owner] * data.moment_count + data.moments[moment]
    room = np.repeat(data.shared_count.astype(np.float64), data.moment_count)
    yield row, where[owner], np.ones(row.size), room


class _Clock:
    """What is left of some seconds, as a limit for a solver; None: no limit."""

    def __init__(self, seconds: float | None) -> None:
        self.until = None if seconds is None else time.monotonic() + seconds

    def limit(self) -> dict[str, Any]:
        """Return the parameters of a solve that may take what is left."""
        if self.until is None:
            return {}
        return {"time_limit": datetime.timedelta(seconds=max(self.until - time.monotonic(), 1e-3))}


def _reduced(rows: _Rows, cost: Floats, kept: Ints, clock: _Clock) -> Floats | None:
    """Return the reduced cost of each tour at the optimum of the linear relaxation; None without the time for it."""
    from ortools.math_opt.python import mathopt

    active = np.zeros(cost.size, dtype=np.bool_)
    active[-BEGIN:] = True
    active[kept] = True
    for _ in range(PRICINGS_MAX):
        model = _model(rows, cost, np.flatnonzero(active))
        solved = mathopt.solve(model, mathopt.SolverType.GLOP, params=mathopt.SolveParameters(**clock.limit()))
        if solved.termination.reason is not mathopt.TerminationReason.OPTIMAL:
            return None
        duals = solved.dual_values()
        price = np.array([duals[row] for row in model.linear_constraints()])
        reduced: Floats = cost - np.bincount(rows.column, weights=price[rows.row] * rows.value, minlength=cost.size)
        better = np.flatnonzero((reduced < -1e-6) & ~active)
        if better.size == 0:
            break
        active[better[np.argsort(reduced[better], kind="stable")[:PRICED_IN]]] = True
    return reduced


def _whole(rows: _Rows, cost: Floats, columns: Ints, kept: Ints, clock: _Clock) -> Ints | None:
    """Return the tours of the best choice among the columns; None if none is found."""
    from ortools.math_opt.python import mathopt

    model = _model(rows, cost, columns, kept)
    limit = clock.limit() or {"node_limit": NODES_MAX}
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=mathopt.SolveParameters(**limit))
    if not result.has_primal_feasible_solution():
        return None
    taken = result.variable_values()
    return columns[[taken[model.get_variable(index)] > 0.5 for index in range(columns.size)]]


def _model(rows: _Rows, cost: Floats, columns: Ints, kept: Ints | None = None) -> mathopt.Model:
    """Return the master over some of the tours: relaxed, or in whole tours close to those `kept`."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    jobs, size, count = rows.leave.size, columns.size, rows.room.size
    place = np.full(cost.size, -1, dtype=np.int64)
    place[columns] = np.arange(size)
    inside = place[rows.column] >= 0
    entries = [(rows.row[inside], place[rows.column[inside]], rows.value[inside])]
    entries.append((np.arange(jobs), size + np.arange(jobs), np.ones(jobs)))
    low, high = [1.0] * jobs + [-math.inf] * (count - jobs), rows.room.tolist()
    if kept is not None:
        entries.append((np.full(kept.size, count), place[kept], np.ones(kept.size)))
        low, high = [*low, float(kept.size - CHANGED_MAX)], [*high, math.inf]
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    order = np.lexsort((column, row))
    # leaving out what must not be left out costs more than any plan, but not so much that digits are lost
    leave = np.minimum(rows.leave, LEAVE_MOST * cost.max())
    told = model_pb2.ModelProto()
    told.variables.ids.extend(range(size + jobs))
    told.variables.lower_bounds.extend([0.0] * (size + jobs))
    told.variables.upper_bounds.extend([1.0] * (size + jobs))
    told.variables.integers.extend([kept is not None] * size + [False] * jobs)
    told.objective.linear_coefficients.ids.extend(range(size + jobs))
    told.objective.linear_coefficients.values.extend([*cost[columns].tolist(), *leave.tolist()])
    told.linear_constraints.ids.extend(range(len(low)))
    told.linear_constraints.lower_bounds.extend(low)
    told.linear_constraints.upper_bounds.extend(high)
    told.linear_constraint_matrix.row_ids.extend(row[order].tolist())
    told.linear_constraint_matrix.column_ids.extend(column[order].tolist())
    told.linear_constraint_matrix.coefficients.extend(value[order].tolist())
    return mathopt.Model.from_model_proto(told)


def _assigned(one: Built, tours: Ints) -> Ints:
    """Return for tours that are one of several alike, each another of them."""
    free: dict[int, list[int]] = {}
    for tour in range(len(one.tours) - 1, -1, -1):
        free.setdefault(int(one.data.tour_alike[tour]), []).append(tour)
    return np.array([free[int(one.data.tour_alike[tour])].pop() for tour in tours], dtype=np.int64)
