"""Jobs put back: each at its cheapest place, in an order drawn anew each time, with places overlooked now and then."""

from __future__ import annotations

import math

import numpy as np

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.chance import below, uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.insertion import scan
from optimizer.dispatch.kernel.links import enqueue, enqueue_linked, floor_from_links, joint_cost, pass_on
from optimizer.dispatch.kernel.supply import supply_behind
from optimizer.dispatch.kernel.tours import again, insert_stop, load, remove_stop, take_up, touch, unload, worth_of

WAITING_MAX = 24
"""Of the jobs that were left out before a round, so many at random are tried again."""


@compiled
def apply(data: Data, state: State, op: int, choice: int) -> bool:
    """Put an op at one of the places found; False (and nothing changed) if it does not fit after all."""
    tour, position = state.found[choice, 0], state.found[choice, 1]
    depot, depot_position = state.found[choice, 3], state.found[choice, 4]
    touch(data, state, tour)
    unload(data, state, tour)
    state.mode_of[op] = state.found[choice, 2]
    if depot >= 0:
        supply_behind(data, state, tour, depot_position, depot)
        insert_stop(data, state, tour, depot_position, data.op_place.size + depot)
        position += 1
    insert_stop(data, state, tour, position, op)
    if load(data, state, tour):
        return True
    withdraw(data, state, op, choice)
    return False


@compiled
def withdraw(data: Data, state: State, op: int, choice: int) -> None:
    """Undo `apply` of an op that is still where that put it."""
    tour, position = state.found[choice, 0], state.found[choice, 1]
    unload(data, state, tour)
    if state.found[choice, 3] >= 0:
        remove_stop(data, state, tour, position + 1)
        remove_stop(data, state, tour, state.found[choice, 4])
    else:
        remove_stop(data, state, tour, position)
    load(data, state, tour)


@compiled
def within_budgets(data: Data, state: State) -> bool:
    """Say whether no region spends more than it may."""
    for region in range(data.budget.size):
        if state.spent[region] > data.budget[region] + 1e-6:
            return False
    return True


@compiled
def trial(data: Data, state: State, op: int, choice: int) -> float:
    """Put an op at a place found, with all that this moves elsewhere; return the plan's cost, `inf` if it fits nowhere.

    What was moved is undone by `end_trial`, also after `inf`.
    """
    state.log_count[:] = 0
    length_s = data.length_s[data.tour_row[state.found[choice, 0]], op]
    state.floor_s[op] = floor_from_links(data, state, op, length_s)
    if not apply(data, state, op, choice):
        return math.inf
    waiting = enqueue(state, state.found[choice, 0], 0)
    if not pass_on(data, state, waiting) or not within_budgets(data, state):
        return math.inf
    return float(state.total[0] + joint_cost(data, state))


@compiled
def end_trial(data: Data, state: State, op: int, choice: int) -> None:
    """Undo a trial."""
    for back in range(state.log_count[0]):
        index = state.log_count[0] - 1 - back
        state.floor_s[state.log_op[index]] = state.log_floor_s[index]
    if state.tour_of[op] >= 0:
        withdraw(data, state, op, choice)
    for index in range(state.log_count[1]):
        again(data, state, state.log_tours[index])
    state.log_count[:] = 0


@compiled
def place_linked(data: Data, state: State, op: int, worth: float, blink: float) -> float:
    """Put an op where it costs least, all that it moves elsewhere counted; return that cost, `inf` if nowhere."""
    length = data.length_s[data.tour_row[data.op_tours[data.op_tours_at[op]]], op]
    state.floor_s[op] = floor_from_links(data, state, op, length)
    count = scan(data, state, op, worth, blink)
    before = state.total[0] + joint_cost(data, state)
    best, chosen = worth, -1
    for choice in range(count):
        if state.found_cost[choice] >= best:
            break
        cost = trial(data, state, op, choice) - before
        end_trial(data, state, op, choice)
        if cost < best:
            best, chosen = cost, choice
    if chosen < 0:
        return math.inf
    if trial(data, state, op, chosen) == math.inf:
        end_trial(data, state, op, chosen)
        return math.inf
    state.log_count[:] = 0
    return best


@compiled
def crew_out(data: Data, state: State, first: int, last: int, floors: np.ndarray, brought: bool) -> None:
    """Take the seats from `first` to before `last` out again, with the depot stop that they `brought`.

    `floors` are the starts that links asked of all ops without them.
    """
    state.floor_s[:] = floors
    for op in range(first, last):
        tour = state.tour_of[op]
        if tour >= 0:
            unload(data, state, tour)
            remove_stop(data, state, tour, state.place_in[op])
            if brought and op == first:
                remove_stop(data, state, tour, state.depot_at[tour])
            load(data, state, tour)
    for index in range(enqueue_linked(data, state)):
        state.queued[state.queue[index]] = False
        again(data, state, state.queue[index])


@compiled
def place_crew(data: Data, state: State, job: int, worth: float, blink: float) -> bool:
    """Put all seats of a job into tours: the first at each of its best places in turn, the others where it is best."""
    first, last = data.job_ops_at[job], data.job_ops_at[job + 1]
    length = data.length_s[data.tour_row[data.op_tours[data.op_tours_at[first]]], first]
    state.floor_s[first] = floor_from_links(data, state, first, length)
    count = scan(data, state, first, worth, blink)
    places, costs, floors = state.found[:count].copy(), state.found_cost[:count].copy(), state.floor_s.copy()
    before = state.total[0] + joint_cost(data, state)
    best, chosen = worth, -1
    for choice in range(count):
        if costs[choice] >= best:
            break
        cost = crew_at(data, state, first, last, places, costs, choice, best + before, blink)
        crew_out(data, state, first, last, floors, places[choice, 3] >= 0)
        if cost - before < best:
            best, chosen = cost - before, choice
    if chosen < 0:
        return False
    cost = crew_at(data, state, first, last, places, costs, chosen, worth + before, 0.0)
    if cost < math.inf:
        return True
    crew_out(data, state, first, last, floors, places[chosen, 3] >= 0)
    return False


@compiled
def crew_at(
    data: Data,
    state: State,
    first: int,
    last: int,
    places: np.ndarray,
    costs: np.ndarray,
    choice: int,
    limit: float,
    blink: float,
) -> float:
    """Put the first seat at a place and the others where they cost least; return the plan's cost, `inf` if it fails."""
    state.found_cost[0], state.found_count[0] = costs[choice], 1
    state.found[0] = places[choice]
    cost = trial(data, state, first, 0)
    if cost == math.inf:
        end_trial(data, state, first, 0)
        return math.inf
    state.log_count[:] = 0
    for op in range(first + 1, last):
        if place_linked(data, state, op, limit - cost, blink) == math.inf:
            return math.inf
        cost = state.total[0] + joint_cost(data, state)
    return float(cost)


@compiled
def put_in(data: Data, state: State, job: int, worth: float, blink: float) -> bool:
    """Put a job into the plan where it costs least, and less than `worth`; False if it stays out."""
    for entry in range(data.before_at[job], data.before_at[job + 1]):
        if state.left_place[data.before_job[entry]] >= 0:
            return False
    return place(data, state, job, worth, blink)


@compiled
def place(data: Data, state: State, job: int, worth: float, blink: float) -> bool:
    """Do as `put_in`, whether or not the jobs that it waits for are in the plan."""
    first, last = data.job_ops_at[job], data.job_ops_at[job + 1]
    for op in range(first, last):
        if data.op_tours_at[op] == data.op_tours_at[op + 1]:
            return False
    if not data.linked:
        if scan(data, state, first, worth, blink) == 0 or not apply(data, state, first, 0):
            return False
    elif last - first == 1:
        if place_linked(data, state, first, worth, blink) == math.inf:
            return False
    elif not place_crew(data, state, job, worth, blink):
        return False
    take_up(data, state, job)
    return True


@compiled
def recreate(data: Data, state: State, kept_left: int, key: int, blink: float, temperature: float) -> None:
    """Put jobs back that are left out: the newly left ones (from `kept_left` on) and some of the others.

    A job may cost more than to leave it out, at random by about the `temperature` (money): with the next it may pay.
    """
    count = state.left_count[0] - kept_left
    for index in range(count):
        state.order[index] = state.left[kept_left + index]
    if kept_left <= WAITING_MAX:
        for index in range(kept_left):
            state.order[count + index] = state.left[index]
        count += kept_left
    else:
        for index in range(WAITING_MAX):
            # drawn without repetition: each from its own piece of the list
            low, high = index * kept_left // WAITING_MAX, (index + 1) * kept_left // WAITING_MAX
            state.order[count + index] = state.left[low + below(state.random, high - low)]
        count += WAITING_MAX
    jobs = state.order[:count].copy()
    for index in range(count):
        state.key[index] = uniform(state.random)
        if key >= 0:
            state.key[index] = data.job_keys[key, jobs[index]] + 1e-9 * state.key[index]
    for index in np.argsort(state.key[:count], kind="mergesort"):
        if state.left_place[jobs[index]] >= 0:
            loss = 0.0
            if temperature > 0.0:
                loss = -temperature * math.log(uniform(state.random))
            put_in(data, state, jobs[index], worth_of(data, jobs[index]) + loss, blink)


@compiled
def plan_cost(data: Data, state: State) -> float:
    """Return the cost of the plan as it is; the latest of all jobs is noted for later scans."""
    joint = joint_cost(data, state)
    state.total[2] = 0.0
    if data.worst_rate > 0.0:
        for tour in range(state.count.size):
            state.total[2] = max(state.total[2], state.late[tour])
    return float(state.total[0] + data.must_cost * state.total[1] + joint)
