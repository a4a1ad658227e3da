"""Rounds of ruin and recreate under simulated annealing."""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, Ints, State
from optimizer.dispatch.kernel.chance import below, uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.recreate import plan_cost, recreate, within_budgets
from optimizer.dispatch.kernel.ruin import at_random, close, neighbours, strings, whole_tour
from optimizer.dispatch.kernel.tours import begin_round, put_back

BLINK = 0.01
"""Share of positions that are overlooked when a job is put back (Christiaens and Vanden Berghe, section 5.3)."""


@compiled
def keep_best(data: Data, state: State, stops: Ints, count: Ints, modes: Ints) -> None:
    """Copy what changed of the plan since it was copied last."""
    for index in range(state.dirty_count[0]):
        tour = state.dirty[index]
        state.is_dirty[tour] = False
        count[tour] = state.count[tour]
        for position in range(state.count[tour]):
            stop = state.stops[tour, position]
            stops[tour, position] = stop
            if stop < data.op_place.size:
                modes[stop] = state.mode_of[stop]
    state.dirty_count[0] = 0


@compiled
def rounds(
    data: Data,
    state: State,
    number: int,
    temperature: float,
    average: float,
    best_cost: float,
    best_stops: Ints,
    best_count: Ints,
    best_modes: Ints,
) -> float:
    """Run rounds at a temperature (money); the best plan is kept in `best_*`, and its cost returned."""
    cost = plan_cost(data, state)
    for _ in range(number):
        begin_round(state)
        kept_left = state.left_count[0]
        opened = 0
        kind = uniform(state.random)
        if kind < 0.8:
            opened = strings(data, state, average, opened)
        elif kind < 0.9:
            opened = neighbours(data, state, 1 + below(state.random, int(2.0 * average)), opened)
        elif kind < 0.97:
            opened = at_random(data, state, 1 + below(state.random, int(2.0 * average)), opened)
        else:
            opened = whole_tour(data, state, int(3.0 * average), opened)
        fits = close(data, state, opened)
        if fits and data.linked:
            fits = settle(data, state)
        # without a stop the way round it may cost more: by another flight, or later into the night
        fits = fits and within_budgets(data, state)
        new = math.inf
        if fits:
            if data.worst_rate > 0.0:
                plan_cost(data, state)
            key = below(state.random, 2 * data.job_keys.shape[0]) - data.job_keys.shape[0]
            recreate(data, state, kept_left, max(key, -1), BLINK, temperature)
            new = plan_cost(data, state)
        if fits and new < cost - temperature * math.log(uniform(state.random)):
            cost = new
            if new < best_cost - 1e-9:
                best_cost = new
                keep_best(data, state, best_stops, best_count, best_modes)
        else:
            put_back(data, state)
            plan_cost(data, state)
    return best_cost
