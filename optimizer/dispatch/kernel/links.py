"""Starts that depend on other tours: crews that begin together, seats and jobs in sequence.

Each link asks that one op starts no earlier than another's start or end plus an offset; the starts are the smallest
that satisfy all links, found by passing on what changed until nothing does. If that never ends, tours wait for each
other in a circle, and the plan is refused.
"""

from __future__ import annotations

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.stops import lateness
from optimizer.dispatch.kernel.tours import again

SLACK_S = 1e-7


@compiled
def asked_start(data: Data, state: State, op: int, link: int) -> float:
    """Return the earliest start that a link from `op` asks of its target."""
    tour, target = state.tour_of[op], data.link_target[link]
    position = state.place_in[op]
    asked = state.start_s[tour, position] + data.link_offset_s[link]
    if data.link_from_end[link]:
        asked += state.end_s[tour, position] - state.start_s[tour, position]
    if data.link_to_end[link]:
        asked -= data.length_s[data.tour_row[state.tour_of[target]], target]
    return float(asked)


@compiled
def enqueue(state: State, tour: int, waiting: int) -> int:
    """Put a tour in the queue if it is not there; return how many wait."""
    if state.queued[tour]:
        return waiting
    state.queued[tour] = True
    state.queue[waiting] = tour
    return waiting + 1


@compiled
def pass_on(data: Data, state: State, waiting: int) -> bool:
    """Reckon the `waiting` tours of the queue anew, and all that depend on them; False if they do not fit.

    Floors that rise and tours that are reckoned are logged, so that the caller can undo it.
    """
    budget = 12 * state.count.size + 24
    fits = True
    while waiting > 0:
        waiting -= 1
        tour = state.queue[waiting]
        state.queued[tour] = False
        budget -= 1
        if not fits or budget < 0:
            fits = False
            continue
        if state.log_count[1] == state.log_tours.size:
            fits = False
            continue
        state.log_tours[state.log_count[1]] = tour
        state.log_count[1] += 1
        if not again(data, state, tour):
            fits = False
            continue
        for position in range(state.count[tour]):
            op = state.stops[tour, position]
            if op >= data.op_place.size:
                continue
            for link in range(data.link_at[op], data.link_at[op + 1]):
                target = data.link_target[link]
                if state.tour_of[target] < 0:
                    continue
                asked = asked_start(data, state, op, link)
                if asked > state.floor_s[target] + SLACK_S:
                    if state.log_count[0] == state.log_op.size:
                        fits = False
                        break
                    state.log_op[state.log_count[0]] = target
                    state.log_floor_s[state.log_count[0]] = state.floor_s[target]
                    state.log_count[0] += 1
                    state.floor_s[target] = asked
                    other = state.tour_of[target]
                    if state.start_s[other, state.place_in[target]] < asked - SLACK_S:
                        waiting = enqueue(state, other, waiting)
    return fits


@compiled
def enqueue_linked(data: Data, state: State) -> int:
    """Put all tours with a linked op in the queue; return how many."""
    waiting = 0
    for tour in range(state.count.size):
        for position in range(state.count[tour]):
            op = state.stops[tour, position]
            if op < data.op_place.size and data.link_at[op] < data.link_at[op + 1]:
                waiting = enqueue(state, tour, waiting)
                break
    return waiting


@compiled
def settle(data: Data, state: State) -> bool:
    """Reckon all linked starts anew after something was taken out; False if the tours do not fit."""
    state.floor_s[:] = 0.0
    state.log_count[:] = 0
    fits = pass_on(data, state, enqueue_linked(data, state))
    state.log_count[:] = 0
    return fits


@compiled
def floor_from_links(data: Data, state: State, op: int, length_s: float) -> float:
    """Return the earliest start that the ops already planned ask of an op."""
    floor = 0.0
    for link in range(data.link_at[op], data.link_at[op + 1]):
        other = data.link_target[link]
        if state.tour_of[other] < 0:
            continue
        for back in range(data.link_at[other], data.link_at[other + 1]):
            if data.link_target[back] == op:
                tour, position = state.tour_of[other], state.place_in[other]
                asked = state.start_s[tour, position] + data.link_offset_s[back]
                if data.link_from_end[back]:
                    asked += state.end_s[tour, position] - state.start_s[tour, position]
                if data.link_to_end[back]:
                    asked -= length_s
                floor = max(floor, asked)
    return floor


@compiled
def joint_cost(data: Data, state: State) -> float:
    """Return what the plan costs beyond its tours: jobs of several seats that are late, and the latest of all."""
    cost, worst = 0.0, 0.0
    if data.linked:
        for job in range(data.job_leave.size):
            first, last = data.job_ops_at[job], data.job_ops_at[job + 1]
            if last - first > 1 and state.tour_of[first] >= 0:
                ends = 0.0
                for op in range(first, last):
                    if state.tour_of[op] >= 0:
                        ends = max(ends, state.end_s[state.tour_of[op], state.place_in[op]])
                cost += lateness(data, job, ends)
    if data.worst_rate > 0.0:
        for tour in range(state.count.size):
            worst = max(worst, state.late[tour])
    return cost + data.worst_rate * worst
