"""The first plan: what is fixed, then all that a given plan says, then everything else where it costs least."""

from __future__ import annotations

from optimizer.dispatch.kernel.arrays import Data, Ints, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.recreate import plan_cost, recreate
from optimizer.dispatch.kernel.tours import load, take_up, unload


@compiled
def put_stops(data: Data, state: State, tour: int, stops: Ints) -> bool:
    """Fill an empty tour with stops; False, and the tour is empty again, if they do not fit."""
    ops = data.op_place.size
    unload(data, state, tour)
    if stops.size < state.stops.shape[1]:  # more than there is room for are more than there is time for
        state.count[tour] = stops.size
        for position in range(stops.size):
            state.stops[tour, position] = stops[position]
        if load(data, state, tour):
            return True
        for stop in stops:
            if stop < ops:
                state.tour_of[stop] = -1
    state.count[tour] = 0
    load(data, state, tour)
    return False


@compiled
def complete(data: Data, state: State, key: int) -> float:
    """Put in what is left out, hardest first; return the cost of the plan."""
    recreate(data, state, 0, key, 0.0, 0.0)
    return plan_cost(data, state)


@compiled
def reckon(data: Data, state: State) -> bool:
    """Take up the jobs whose ops stand in tours, and reckon what is linked; False if the tours do not fit together."""
    for job in range(data.job_leave.size):
        if state.left_place[job] >= 0 and state.tour_of[data.job_ops_at[job]] >= 0:
            take_up(data, state, job)
    return settle(data, state) if data.linked else True
