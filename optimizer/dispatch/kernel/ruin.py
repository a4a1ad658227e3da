"""Jobs taken out of the plan, so that they can be put back better.

Strings of neighbouring stops from neighbouring tours, with and without a kept piece (Christiaens and Vanden Berghe,
"Slack induction by string removals for vehicle routing problems", Transportation Science 54, 2020, section 5.2), single
jobs at random, jobs alike in place and time, and whole tours.
"""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.chance import below, uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.insertion import has_tools
from optimizer.dispatch.kernel.supply import from_depot, mode_in
from optimizer.dispatch.kernel.tours import leave_out, load, remove_stop, touch, unload

STRING_MAX = 10
"""Longest string that is taken out of a tour."""

SPLIT_SHARE = 0.5
SPLIT_GROWTH = 0.01


@compiled
def fixed_job(data: Data, state: State, job: int) -> bool:
    """Say whether a job stands at the fixed head of a tour, or is an appointment, which others are put around."""
    if not data.op_called[data.job_ops_at[job]]:
        return True
    for op in range(data.job_ops_at[job], data.job_ops_at[job + 1]):
        tour = state.tour_of[op]
        if tour >= 0 and state.place_in[op] < data.tour_fixed[tour]:
            return True
    return False


@compiled
def take_out(data: Data, state: State, job: int, opened: int) -> int:
    """Take a job with all its seats out, and the jobs that cannot be done without it; return how many tours are open.

    Tours from which something was taken are unloaded ("open") until `close` loads them again; `state.queue` lists them.
    """
    state.follow[0] = job
    waiting = 1
    while waiting > 0:
        waiting -= 1
        job = state.follow[waiting]
        first, last = data.job_ops_at[job], data.job_ops_at[job + 1]
        if state.tour_of[first] < 0 or fixed_job(data, state, job):
            continue
        for op in range(first, last):
            tour = state.tour_of[op]
            if not state.queued[tour]:
                touch(data, state, tour)
                unload(data, state, tour)
                state.queued[tour] = True
                state.queue[opened] = tour
                opened += 1
            position = 0
            while state.stops[tour, position] != op:
                position += 1
            remove_stop(data, state, tour, position)
        leave_out(data, state, job)
        for entry in range(data.after_at[job], data.after_at[job + 1]):
            state.follow[waiting] = data.after_job[entry]
            waiting += 1
    return opened


@compiled
def close(data: Data, state: State, opened: int) -> bool:
    """Load the open tours again, each without its depot stop where that is not needed; False if one does not fit."""
    fits = True
    for index in range(opened):
        tour = state.queue[index]
        state.queued[tour] = False
        fits = load(data, state, tour) and fits
    if fits:  # what is left of a kit is known once all tours of its owner are loaded
        for index in range(opened):
            fits = tidy_depot(data, state, state.queue[index]) and fits
    return fits


@compiled
def tidy_depot(data: Data, state: State, tour: int) -> bool:
    """Take out a depot stop that a tour no longer needs; False (and not loaded) if the others do not fit without it."""
    at_depot = state.depot_at[tour]
    if at_depot < data.tour_fixed[tour] or needs_depot(data, state, tour):
        return True
    unload(data, state, tour)
    remove_stop(data, state, tour, at_depot)
    return load(data, state, tour)


@compiled
def needs_depot(data: Data, state: State, tour: int) -> bool:
    """Say whether a tour has a tool from its depot stop, or more parts than are left of the kit."""
    ops, person, at_depot, needed = data.op_place.size, data.tour_person[tour], state.depot_at[tour], False
    depot = state.stops[tour, at_depot] - ops
    for position in range(at_depot + 1, state.count[tour]):
        stop = state.stops[tour, position]
        needed = needed or not has_tools(data, stop, person, -1)
        supply = state.mode_of[stop]
        mode = mode_in(supply)
        for line in range(data.lines_at[mode], data.lines_at[mode + 1]):
            if from_depot(data, supply, line, depot):
                state.scratch[data.line_part[line]] += data.line_quantity[line]
    for position in range(at_depot + 1, state.count[tour]):
        mode = mode_in(state.mode_of[state.stops[tour, position]])
        for line in range(data.lines_at[mode], data.lines_at[mode + 1]):
            part = data.line_part[line]
            needed = needed or state.scratch[part] > state.kit_left[person, part] + 1e-9
            state.scratch[part] = 0.0
    return needed


@compiled
def strings(data: Data, state: State, average: float, opened: int) -> int:
    """Take strings of stops out of tours near a random job; return how many tours are open."""
    if state.used[0] == 0:
        return opened
    string_max = min(float(STRING_MAX), state.used[1] / state.used[0])
    string_count = math.floor(uniform(state.random) * (4.0 * average / (1.0 + string_max) - 1.0) + 1.0)
    seed = below(state.random, data.job_leave.size)
    for index in range(-1, data.job_near.shape[1]):
        job = seed
        if index >= 0:
            job = data.job_near[seed, index]
        if job < 0 or string_count <= 0:
            break
        op = data.job_ops_at[job]
        tour = state.tour_of[op]
        if tour < 0 or state.queued[tour] or fixed_job(data, state, job):
            continue
        string_count -= 1
        opened = string_out(data, state, tour, state.place_in[op], string_max, opened)
    return opened


@compiled
def string_out(data: Data, state: State, tour: int, position: int, string_max: float, opened: int) -> int:
    """Take a string with the stop at `position` out of a tour, perhaps but for a piece inside."""
    count = state.count[tour]
    length = math.floor(uniform(state.random) * min(float(count), string_max)) + 1
    kept = 0
    if length > 1 and uniform(state.random) < SPLIT_SHARE:
        kept = 1
        while length + kept < count and uniform(state.random) > SPLIT_GROWTH:
            kept += 1
        if length + kept > count:
            kept = 0
    span = length + kept
    low, high = max(0, position - span + 1), min(position, count - span)
    first = low + below(state.random, high - low + 1)
    skip = first + 1 + below(state.random, max(1, length - 1))
    taken = state.order
    number = 0
    for at in range(first, first + span):
        if skip <= at < skip + kept and at != position:
            continue
        stop = state.stops[tour, at]
        if stop < data.op_place.size:
            taken[number] = data.op_job[stop]
            number += 1
    for index in range(number):
        opened = take_out(data, state, taken[index], opened)
    return opened


@compiled
def at_random(data: Data, state: State, number: int, opened: int) -> int:
    """Take so many random jobs out."""
    for _ in range(number):
        opened = take_out(data, state, below(state.random, data.job_leave.size), opened)
    return opened


@compiled
def neighbours(data: Data, state: State, number: int, opened: int) -> int:
    """Take a random job and some of its nearest out."""
    seed = below(state.random, data.job_leave.size)
    opened = take_out(data, state, seed, opened)
    for index in range(data.job_near.shape[1]):
        job = data.job_near[seed, index]
        if number <= 0 or job < 0:
            break
        if uniform(state.random) < 0.7:
            opened = take_out(data, state, job, opened)
            number -= 1
    return opened


@compiled
def whole_tour(data: Data, state: State, limit: int, opened: int) -> int:
    """Take all jobs of a random tour out, if it has no more than `limit`."""
    tours = state.count.size
    begin = below(state.random, tours)
    for step in range(tours):
        tour = (begin + step) % tours
        if 0 < state.count[tour] <= limit:
            number = 0
            for position in range(data.tour_fixed[tour], state.count[tour]):
                stop = state.stops[tour, position]
                if stop < data.op_place.size:
                    state.order[number] = data.op_job[stop]
                    number += 1
            for index in range(number):
                opened = take_out(data, state, state.order[index], opened)
            break
    return opened
