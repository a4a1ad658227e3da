"""What each tour could do for an op as the plan is: what it would cost there, or by how much it is too late."""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, Floats, Ints, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.insertion import scan_one
from optimizer.dispatch.kernel.links import floor_from_links
from optimizer.dispatch.kernel.recreate import end_trial, plan_cost, trial
from optimizer.dispatch.kernel.stops import place_of, span_of
from optimizer.dispatch.kernel.walk import NEVER, first_stop, next_stop, way_home

OWN, LATER, END = range(3)
"""What is missed: the op's own latest start, that of a stop after it, the end of the tour."""


@compiled
def offers(data: Data, state: State, op: int, budget: Floats, cost: Floats, over: Floats) -> None:
    """Write for each tour what an op that is out adds to the plan's cost at its best place, `inf` where it has none.

    `over` is by how much the region that misses most is then above its `budget` (money, negative: below).
    """
    cost[:] = math.inf
    over[:] = 0.0
    first, last = data.op_tours_at[op], data.op_tours_at[op + 1]
    if first == last:
        return
    state.floor_s[op] = floor_from_links(data, state, op, data.length_s[data.tour_row[data.op_tours[first]], op])
    before = plan_cost(data, state)
    for entry in range(first, last):
        tour = data.op_tours[entry]
        state.found_count[0] = 0
        scan_one(data, state, op, tour, math.inf, 0.0)
        if state.found_count[0] == 0:
            continue
        cost[tour] = trial(data, state, op, 0) - before
        over[tour] = -math.inf
        for region in range(budget.size):
            over[tour] = max(over[tour], state.spent[region] - budget[region])
        end_trial(data, state, op, 0)


@compiled
def shortfalls(data: Data, state: State, op: int, late_s: Floats, missed: Ints) -> None:
    """Write for each tour by how many seconds an op misses its best position there, and what is missed.

    0: time does not keep it out; `inf`: no time would help, or the tour could not have it by itself either.
    """
    late_s[:] = math.inf
    missed[:] = OWN
    for entry in range(data.op_tours_at[op], data.op_tours_at[op + 1]):
        tour = data.op_tours[entry]
        for position in range(data.tour_fixed[tour], state.count[tour] + 1):
            late, what = shortfall(data, state, op, tour, position)
            if late < late_s[tour]:
                late_s[tour], missed[tour] = late, what


@compiled
def shortfall(data: Data, state: State, op: int, tour: int, position: int) -> tuple[float, int]:
    """Return by how many seconds at most a stop, or the return, would be too late with the op before `position`."""
    row, count = data.tour_row[tour], state.count[tour]
    free_s, rest, here = data.tour_start_s[tour], data.breaks_at[tour], data.tour_from[tour]
    late, what = 0.0, OWN
    for at in range(count + 1):
        stop = op
        if at != position:
            stop = state.stops[tour, at if at < position else at - 1]
        low, high, length = span_of(data, state, row, stop)
        if stop < data.op_place.size:
            low = max(low, state.floor_s[stop])
        there = place_of(data, stop)
        if at == 0:
            begins, ends, rest, _, _, _, _ = first_stop(data, tour, stop, low, math.inf, length)
        else:
            _, begins, ends, rest, _, _, _, _ = next_stop(
                data, tour, stop, here, there, free_s, rest, low, math.inf, length
            )
        if begins == NEVER or ends == NEVER:
            return math.inf, OWN
        if begins - high > late + 1e-6:
            late, what = begins - high, OWN if at == position else LATER
        free_s, here = ends, there
    returns, _, _, _ = way_home(data, tour, free_s, here, rest)
    if returns - data.tour_end_s[tour] > late + 1e-6:
        late, what = returns - data.tour_end_s[tour], END
    return late, what
