"""Tours put into the plan and taken out of it: what a tour uses and costs is entered and struck off in one place."""

from __future__ import annotations

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.segments import set_segments, timed_cost
from optimizer.dispatch.kernel.stops import place_of
from optimizer.dispatch.kernel.supply import from_depot, mode_in
from optimizer.dispatch.kernel.walk import walk


@compiled
def enter(data: Data, state: State, tour: int, sign: int) -> None:
    """Enter (`sign` 1) or strike off (-1) what the stops of a tour use: parts, tools, capacity, budget, changes."""
    person, ops = data.tour_person[tour], data.op_place.size
    depot = -1
    for position in range(state.count[tour]):
        stop = state.stops[tour, position]
        if stop >= ops:
            depot = stop - ops
            continue
        supply = state.mode_of[stop]
        mode = mode_in(supply)
        for line in range(data.lines_at[mode], data.lines_at[mode + 1]):
            part = data.line_part[line]
            if from_depot(data, supply, line, depot):
                state.stock_left[depot, part] -= sign * data.line_quantity[line]
            else:
                state.kit_left[person, part] -= sign * data.line_quantity[line]
        state.load[tour] += sign * data.op_load[stop]
        for need in range(data.shared_at[stop], data.shared_at[stop + 1]):
            tool = data.shared[need]
            state.holding[tour, tool] += sign
            if state.holding[tour, tool] == (1 if sign > 0 else 0):
                for moment in range(data.moments_at[tour], data.moments_at[tour + 1]):
                    state.held[tool, data.moments[moment]] += sign
        if data.told_person[stop] >= 0 and data.told_person[stop] != person:
            state.changes[0] += sign
    state.used[0] += sign if state.count[tour] > 0 else 0
    state.used[1] += sign * state.count[tour]
    state.spent[data.tour_region[tour]] += sign * state.money[tour]
    state.total[0] += sign * state.cost[tour]


@compiled
def unload(data: Data, state: State, tour: int) -> None:
    """Strike a tour off before it is changed; nothing if it is not entered."""
    if state.entered[tour]:
        enter(data, state, tour, -1)
        state.entered[tour] = False


@compiled
def load(data: Data, state: State, tour: int) -> bool:
    """Enter a tour after a change: schedule, cost, what it uses. False (and not entered) if its stops do not fit."""
    ops = data.op_place.size
    if not state.is_dirty[tour]:
        state.is_dirty[tour] = True
        state.dirty[state.dirty_count[0]] = tour
        state.dirty_count[0] += 1
    state.depot_at[tour] = -1
    for position in range(state.count[tour]):
        stop = state.stops[tour, position]
        if stop < ops:
            state.tour_of[stop], state.place_in[stop] = tour, position
        else:
            state.depot_at[tour] = position
    if not schedule(data, state, tour):
        return False
    enter(data, state, tour, 1)
    state.entered[tour] = True
    return True


@compiled
def schedule(data: Data, state: State, tour: int) -> bool:
    """Reckon times and cost of a tour anew; False if its stops do not fit in this order."""
    if state.count[tour] == 0:
        state.cost[tour] = state.money[tour] = state.late[tour] = 0.0
        if data.tight:
            set_segments(data, state, tour)
        return True
    if not data.tight:
        fits, state.cost[tour], state.money[tour], state.late[tour] = walk(data, state, tour, -1, 0, -1, 0, True)
        return fits
    if not set_segments(data, state, tour):
        return False
    row, mode, ops = data.tour_row[tour], data.tour_mode[tour], data.op_place.size
    here, travel, extra, called = data.tour_from[tour], 0.0, 0.0, 0
    for position in range(state.count[tour]):
        stop = state.stops[tour, position]
        there = place_of(data, stop)
        travel += data.travel_cost[mode, here, there]
        if stop < ops:
            extra += data.extra_cost[row, stop] + data.mode_cost[mode_in(state.mode_of[stop])]
            called += 1 if data.op_called[stop] else 0
        here = there
    travel += data.travel_cost[mode, here, data.tour_to[tour]]
    if called > 0:
        travel += data.tour_call[tour]
    departs, returns = state.departs_s[tour], state.returns_s[tour]
    timed = timed_cost(data, tour, returns - departs, departs)
    state.cost[tour] = travel + extra + timed
    state.money[tour] = travel + timed - data.tour_rate[tour] * (returns - departs)
    return True


@compiled
def again(data: Data, state: State, tour: int) -> bool:
    """Reckon a tour's schedule anew and enter what that changes of the costs; False if it is not loaded or not fits."""
    if not state.entered[tour]:
        return False
    cost, money = state.cost[tour], state.money[tour]
    fits = schedule(data, state, tour)
    if not fits:
        state.cost[tour], state.money[tour] = cost, money
        return False
    state.total[0] += state.cost[tour] - cost
    state.spent[data.tour_region[tour]] += state.money[tour] - money
    return True


@compiled
def insert_stop(data: Data, state: State, tour: int, position: int, stop: int) -> None:
    """Put a stop before the one at `position`; the tour is not entered."""
    count = state.count[tour]
    for at in range(count, position, -1):
        state.stops[tour, at] = state.stops[tour, at - 1]
    state.stops[tour, position] = stop
    state.count[tour] = count + 1


@compiled
def remove_stop(data: Data, state: State, tour: int, position: int) -> None:
    """Take the stop at `position` out; the tour is not entered."""
    stop = state.stops[tour, position]
    count = state.count[tour] - 1
    for at in range(position, count):
        state.stops[tour, at] = state.stops[tour, at + 1]
    state.count[tour] = count
    if stop < data.op_place.size:
        state.tour_of[stop] = -1


@compiled
def touch(data: Data, state: State, tour: int) -> None:
    """Keep a tour as it is, once a round, so that it can be put back."""
    if state.touched[tour] == state.touched_count[1]:
        return
    state.touched[tour] = state.touched_count[1]
    state.touched_list[state.touched_count[0]] = tour
    state.touched_count[0] += 1
    state.kept_count[tour] = state.count[tour]
    for position in range(state.count[tour]):
        stop = state.stops[tour, position]
        state.kept_stops[tour, position] = stop
        if stop < data.op_place.size:
            state.kept_mode[stop] = state.mode_of[stop]


@compiled
def begin_round(state: State) -> None:
    """Begin to keep what is changed."""
    state.touched_count[0] = 0
    state.touched_count[1] += 1
    state.kept_floor_s[:] = state.floor_s[: state.kept_floor_s.size]
    state.kept_left_count[0] = state.left_count[0]
    for index in range(state.left_count[0]):
        state.kept_left[index] = state.left[index]


@compiled
def put_back(data: Data, state: State) -> None:
    """Undo all changes since the round began."""
    ops = data.op_place.size
    state.floor_s[: state.kept_floor_s.size] = state.kept_floor_s
    for index in range(state.touched_count[0]):
        tour = state.touched_list[index]
        unload(data, state, tour)
        for position in range(state.count[tour]):
            stop = state.stops[tour, position]
            if stop < ops:
                state.tour_of[stop] = -1
    for index in range(state.touched_count[0]):
        tour = state.touched_list[index]
        state.count[tour] = state.kept_count[tour]
        for position in range(state.kept_count[tour]):
            stop = state.kept_stops[tour, position]
            state.stops[tour, position] = stop
            if stop < ops:
                state.mode_of[stop] = state.kept_mode[stop]
        load(data, state, tour)
    if data.linked:
        for tour in range(state.count.size):
            if state.touched[tour] != state.touched_count[1]:
                again(data, state, tour)
    for index in range(state.left_count[0]):
        job = state.left[index]
        state.left_place[job] = -1
        enter_left(data, state, job, -1)
    state.left_count[0] = state.kept_left_count[0]
    for index in range(state.left_count[0]):
        job = state.kept_left[index]
        state.left[index] = job
        state.left_place[job] = index
        enter_left(data, state, job, 1)


@compiled
def enter_left(data: Data, state: State, job: int, sign: int) -> None:
    """Enter (`sign` 1) or strike off (-1) what it costs to leave a job out; what is mandatory is counted."""
    state.total[0] += sign * data.job_leave[job]
    if data.job_must[job]:
        state.total[1] += sign


@compiled
def worth_of(data: Data, job: int) -> float:
    """Return what the search pays for not leaving a job out."""
    worth = data.job_leave[job]
    if data.job_must[job]:
        worth += data.must_cost
    return worth


@compiled
def leave_out(data: Data, state: State, job: int) -> None:
    """Enter a job, whose ops are in no tour, among those left out."""
    state.left_place[job] = state.left_count[0]
    state.left[state.left_count[0]] = job
    state.left_count[0] += 1
    enter_left(data, state, job, 1)


@compiled
def take_up(data: Data, state: State, job: int) -> None:
    """Strike a job off those left out."""
    place = state.left_place[job]
    last = state.left[state.left_count[0] - 1]
    state.left[place] = last
    state.left_place[last] = place
    state.left_place[job] = -1
    state.left_count[0] -= 1
    enter_left(data, state, job, -1)
