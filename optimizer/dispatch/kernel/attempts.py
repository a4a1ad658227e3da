"""New jobs in a running plan: in each tour, with nobody or a few jobs displaced, and these put back elsewhere.

An attempt is made in the plan itself and then undone.
"""

from __future__ import annotations

import math

import numpy as np

from optimizer.dispatch.kernel.arrays import Data, Floats, Ints, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.insertion import scan_one
from optimizer.dispatch.kernel.links import floor_from_links, settle
from optimizer.dispatch.kernel.recreate import crew_at, place, plan_cost, put_in, within_budgets
from optimizer.dispatch.kernel.ruin import close, take_out
from optimizer.dispatch.kernel.tours import begin_round, put_back, take_up, worth_of


@compiled
def attempt(data: Data, state: State, jobs: Ints, tour: int, out: Ints, worth: float) -> float:
    """Put new jobs in, the first seat of the first one into a tour, without the jobs `out`, and then those again.

    Return what that adds to the plan's cost, `inf` if it cannot be; what is told above `worth` may be too much. `out`
    ends with -1. The plan stays changed, until `undo`.
    """
    begin_round(state)
    before = plan_cost(data, state)
    if not taken_out(data, state, out):
        return math.inf
    if not put_first(data, state, jobs[0], tour):
        return math.inf
    for index in range(1, jobs.size):
        if not put_in(data, state, jobs[index], math.inf, 0.0):
            return math.inf
    for index in range(out.size):
        job = out[index]
        if job >= 0:
            leave = worth_of(data, job)
            # while it is out its price counts; where it is put back that is gone
            most = min(leave, worth - (plan_cost(data, state) - leave - before))
            if not place(data, state, job, most, 0.0) and data.job_must[job]:
                return math.inf
    cost = plan_cost(data, state) - before
    return cost if within_budgets(data, state) else math.inf


@compiled
def taken_out(data: Data, state: State, out: Ints) -> bool:
    """Take jobs out; False if others would have to go as well, or the rest does not fit without them."""
    opened, wanted = 0, state.left_count[0]
    for index in range(out.size):
        if out[index] >= 0:
            opened = take_out(data, state, out[index], opened)
            wanted += 1
    if opened == 0:
        return state.left_count[0] == wanted
    fits = close(data, state, opened)
    if fits and data.linked:
        fits = settle(data, state)
    if data.worst_rate > 0.0:
        plan_cost(data, state)
    return fits and state.left_count[0] == wanted


@compiled
def put_first(data: Data, state: State, job: int, tour: int) -> bool:
    """Put a job in, its first seat at the best place of a tour, the others where they cost least."""
    for entry in range(data.before_at[job], data.before_at[job + 1]):
        if state.left_place[data.before_job[entry]] >= 0:
            return False
    first, last = data.job_ops_at[job], data.job_ops_at[job + 1]
    for op in range(first, last):
        if data.op_tours_at[op] == data.op_tours_at[op + 1]:
            return False
    state.floor_s[first] = floor_from_links(data, state, first, data.length_s[data.tour_row[tour], first])
    state.found_count[0] = 0
    scan_one(data, state, first, tour, math.inf, 0.0)
    if state.found_count[0] == 0:
        return False
    places, costs = state.found[:1].copy(), state.found_cost[:1].copy()
    if crew_at(data, state, first, last, places, costs, 0, math.inf, 0.0) == math.inf:
        return False
    take_up(data, state, job)
    return True


@compiled
def undo(data: Data, state: State) -> None:
    """Put back what an attempt has changed."""
    put_back(data, state)
    if data.linked:
        settle(data, state)
    plan_cost(data, state)


@compiled
def attempts(
    data: Data, state: State, jobs: Ints, tours: Ints, outs: Ints, most: int, cost: Floats, best: Ints
) -> None:
    """Make many attempts, the i-th in a tour and without the jobs of a row of `outs`.

    `cost` (V, kinds) and `best` (V, kinds: the row of `outs`) keep the cheapest by tour and by how many are displaced.
    Once there are so many at all, those that cost more than the `most` cheapest are not looked at further.
    """
    kinds = cost.shape[1]
    limit = math.inf
    for index in range(tours.size):
        tour, kind = tours[index], 0
        for column in range(outs.shape[1]):
            kind += 1 if outs[index, column] >= 0 else 0
        worth = limit
        for fewer in range(min(kind + 1, kinds)):
            worth = min(worth, cost[tour, fewer])
        added = attempt(data, state, jobs, tour, outs[index], worth)
        undo(data, state)
        if added < worth - 1e-9:
            cost[tour, kind], best[tour, kind] = added, index
            if cost.size >= most:
                limit = np.partition(cost.ravel(), most - 1)[most - 1]
