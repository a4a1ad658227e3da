"""Rounds of ruin and recreate under simulated annealing."""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, Ints, State
from optimizer.dispatch.kernel.chance import below, uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.links import settle
from optimizer.dispatch.kernel.pool import Pool, keep_touched
from optimizer.dispatch.kernel.recreate import plan_cost, recreate, within_budgets
from optimizer.dispatch.kernel.ruin import at_random, close, neighbours, strings, whole_tour
from optimizer.dispatch.kernel.tours import begin_round, put_back

BLINK = 0.01
"""Share of positions that are overlooked when a job is put back (Christiaens and Vanden Berghe, section 5.3)."""

LEARNING, REACTION = 500, 0.1
"""Every so many rounds the shares move by this part towards what each way of taking out has brought."""

SHARE_LEAST, SHARE_MOST = 0.25, 4.0
"""They stay within these multiples of what they were at first."""

MERIT_BETTER, MERIT_BEST = 1.0, 5.0
"""A better plan than the one before counts so much, and the best so far so much more."""


@compiled
def drawn_ruin(state: State) -> int:
    """Return a way of taking jobs out, drawn by their shares."""
    rest = uniform(state.random) * state.shares.sum()
    kind = 0
    while kind < state.shares.size - 1 and rest >= state.shares[kind]:
        rest -= state.shares[kind]
        kind += 1
    state.tries[kind] += 1.0
    return kind


@compiled
def learn(state: State) -> None:
    """Move the shares towards what the ways have brought for each try.

    Ropke and Pisinger, "An adaptive large neighborhood search heuristic for the pickup and delivery problem with time
    windows", Transportation Science 40, 2006, section 3.4.
    """
    if state.tries.sum() < LEARNING:
        return
    mean = state.merits.sum() / state.tries.sum()
    for kind in range(state.shares.size):
        if mean > 0.0 and state.tries[kind] > 0.0:
            aim = state.first_shares[kind] * state.merits[kind] / state.tries[kind] / mean
            least, most = SHARE_LEAST * state.first_shares[kind], SHARE_MOST * state.first_shares[kind]
            state.shares[kind] += REACTION * (min(max(aim, least), most) - state.shares[kind])
        state.merits[kind] = state.tries[kind] = 0.0


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
    pool: Pool,
    number: int,
    temperature: float,
    average: float,
    best_cost: float,
    best_stops: Ints,
    best_count: Ints,
    best_modes: Ints,
) -> float:
    """Run rounds at a temperature (money); the best plan is kept in `best_*`, and its cost returned.

    The tours of all plans on the way go into the pool.
    """
    cost = plan_cost(data, state)
    for _ in range(number):
        begin_round(state)
        kept_left = state.left_count[0]
        opened = 0
        kind = drawn_ruin(state)
        if kind == 0:
            opened = strings(data, state, average, opened)
        elif kind == 1:
            opened = neighbours(data, state, 1 + below(state.random, int(2.0 * average)), opened)
        elif kind == 2:
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
            state.merits[kind] += MERIT_BETTER if new < cost - 1e-9 else 0.0
            cost = new
            keep_touched(data, state, pool)
            if new < best_cost - 1e-9:
                state.merits[kind] += MERIT_BEST
                best_cost = new
                keep_best(data, state, best_stops, best_count, best_modes)
        else:
            put_back(data, state)
            plan_cost(data, state)
        learn(state)
    return best_cost
