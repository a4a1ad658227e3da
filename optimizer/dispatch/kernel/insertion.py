"""Where an op costs least: every tour, every position, with a depot stop before it where kit does not suffice."""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.chance import uniform
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.segments import joined, timed_cost
from optimizer.dispatch.kernel.stops import place_of
from optimizer.dispatch.kernel.supply import mode_in, supplied
from optimizer.dispatch.kernel.walk import walk


@compiled
def has_tools(data: Data, op: int, person: int, depot: int) -> bool:
    """Say whether a person has the tools of an op, those of a depot (-1: none) counted."""
    for word in range(data.op_tools.shape[1]):
        have = data.person_tools[person, word]
        if depot >= 0:
            have |= data.depot_tools[depot, word]
        if data.op_tools[op, word] & ~have:
            return False
    return True


@compiled
def admits(data: Data, state: State, op: int, tour: int) -> bool:
    """Say whether a tour may have an op at all: other seats and jobs of the person, capacity, shared tools, changes."""
    person, job = data.tour_person[tour], data.op_job[op]
    if state.load[tour] + data.op_load[op] > data.tour_capacity[tour] + 1e-9:
        return False
    if state.count[tour] + 2 >= state.stops.shape[1]:
        return False
    for other in range(data.job_ops_at[job], data.job_ops_at[job + 1]):
        if state.tour_of[other] >= 0 and data.tour_person[state.tour_of[other]] == person:
            return False
    for pair in range(data.pair_at[job], data.pair_at[job + 1]):
        other_job = data.pair_job[pair]
        planned, shares = False, False
        for other in range(data.job_ops_at[other_job], data.job_ops_at[other_job + 1]):
            if state.tour_of[other] >= 0:
                planned = True
                shares = shares or data.tour_person[state.tour_of[other]] == person
        if planned and shares != data.pair_same[pair]:
            return False
    for need in range(data.shared_at[op], data.shared_at[op + 1]):
        tool = data.shared[need]
        if state.holding[tour, tool] == 0:
            for moment in range(data.moments_at[tour], data.moments_at[tour + 1]):
                if state.held[tool, data.moments[moment]] >= data.shared_count[tool]:
                    return False
    told = data.told_person[op]
    return not (told >= 0 and told != person and state.changes[0] >= data.changes_max)


@compiled
def keep(state: State, cost: float, tour: int, position: int, supply: int, depot: int, depot_position: int) -> float:
    """Keep a place if it is among the cheapest of different tours; return what a further one has to beat."""
    size, count = state.found_cost.size, state.found_count[0]
    at = count
    for index in range(count):
        if state.found[index, 0] == tour:
            if state.found_cost[index] <= cost:
                return state.found_cost[count - 1] if count == size else math.inf
            at = index
    if at == count:
        if count == size:
            at = size - 1
        else:
            state.found_count[0] += 1
    while at > 0 and state.found_cost[at - 1] > cost:
        state.found_cost[at] = state.found_cost[at - 1]
        for column in range(5):
            state.found[at, column] = state.found[at - 1, column]
        at -= 1
    state.found_cost[at] = cost
    state.found[at, 0], state.found[at, 1], state.found[at, 2] = tour, position, supply
    state.found[at, 3], state.found[at, 4] = depot, depot_position
    count = state.found_count[0]
    return state.found_cost[count - 1] if count == size else math.inf


@compiled
def scan(data: Data, state: State, op: int, worth: float, blink: float) -> int:
    """Find the cheapest places for an op that cost less than `worth`; return how many (in `state.found`).

    Each position is overlooked with the probability `blink`. Costs are exact but for what the change does to other
    tours. Of empty tours that are alike one is looked at.
    """
    state.found_count[0] = 0
    state.touched_count[2] += 1
    for entry in range(data.op_tours_at[op], data.op_tours_at[op + 1]):
        tour = data.op_tours[entry]
        if state.count[tour] == 0:
            alike = data.tour_alike[tour]
            if state.seen[alike] == state.touched_count[2]:
                continue
            state.seen[alike] = state.touched_count[2]
        worth = scan_one(data, state, op, tour, worth, blink)
    return state.found_count[0]


@compiled
def scan_one(data: Data, state: State, op: int, tour: int, worth: float, blink: float) -> float:
    """Look at all places for an op in one tour; return what a further place has to beat."""
    if not admits(data, state, op, tour):
        return worth
    person, at_depot = data.tour_person[tour], state.depot_at[tour]
    by_kit = has_tools(data, op, person, -1)
    for mode in range(data.modes_at[op], data.modes_at[op + 1]):
        before = by_kit and supplied(data, state, mode, person, -1) >= 0
        first, last = data.tour_fixed[tour], state.count[tour]
        if at_depot >= 0:
            depot = state.stops[tour, at_depot] - data.op_place.size
            supply = -1
            if has_tools(data, op, person, depot):
                supply = supplied(data, state, mode, person, depot)
            after = supply >= 0
            if not before:
                first = max(first, at_depot + 1)
            if not after:
                last, supply = min(last, at_depot), mode
            if first <= last and (before or after):
                worth = scan_tour(data, state, op, tour, supply, first, last, worth, blink)
        elif before:
            worth = scan_tour(data, state, op, tour, mode, first, last, worth, blink)
        else:
            for depot in range(data.depot_place.size):
                if has_tools(data, op, person, depot):
                    supply = supplied(data, state, mode, person, depot)
                    if supply >= 0:
                        worth = scan_with_depot(data, state, op, tour, supply, depot, worth, blink)
    return worth


@compiled
def call_for(data: Data, state: State, tour: int, op: int) -> float:
    """Return the call-out that a tour would have for an op, and has not yet."""
    if data.tour_call[tour] == 0.0 or not data.op_called[op]:
        return 0.0
    for position in range(state.count[tour]):
        stop = state.stops[tour, position]
        if stop < data.op_place.size and data.op_called[stop]:
            return 0.0
    return float(data.tour_call[tour])


@compiled
def scan_tour(
    data: Data,
    state: State,
    op: int,
    tour: int,
    supply: int,
    first: int,
    last: int,
    worth: float,
    blink: float,
) -> float:
    """Look at the positions from `first` to `last` of a tour; return what a further place has to beat."""
    if not data.tight:
        return walk_tour(data, state, op, tour, supply, first, last, worth, blink)
    row, travel_mode, here = data.tour_row[tour], data.tour_mode[tour], data.op_place[op]
    low = max(data.low_s[row, op], data.mode_ready_s[mode_in(supply)])
    high, length = data.high_s[row, op], data.length_s[row, op]
    if low > high + 1e-9:
        return worth  # delivered too late
    fixed = data.extra_cost[row, op] + data.mode_cost[mode_in(supply)]
    count = state.count[tour]
    call = call_for(data, state, tour, op)
    timed, limited = data.tour_timed[tour], data.budget[data.tour_region[tour]] < math.inf
    rate = data.tour_rate[tour]
    old_d = state.returns_s[tour] - state.departs_s[tour] if count > 0 else 0.0
    old = timed_cost(data, tour, old_d, state.departs_s[tour]) if count > 0 else 0.0
    free = math.inf
    if limited:
        free = data.budget[data.tour_region[tour]] - state.spent[data.tour_region[tour]]
    origin = data.tour_from[tour]
    if first > 0:
        origin = place_of(data, state.stops[tour, first - 1])
    for position in range(first, last + 1):
        if position > first:
            origin = place_of(data, state.stops[tour, position - 1])
        target = data.tour_to[tour]
        if position < count:
            target = place_of(data, state.stops[tour, position])
        d, e, l = state.head_d[tour, position], state.head_e[tour, position], state.head_l[tour, position]
        to_op = data.travel_s[travel_mode, origin, here]
        ready = e + d + to_op
        if e + d > high + 1e-9:
            break
        if ready > high + 1e-9:
            continue
        onward = data.travel_s[travel_mode, here, target]
        if max(ready, low) + length + onward > state.tail_l[tour, position] + 1e-9:
            continue
        if blink > 0.0 and uniform(state.random) < blink:
            continue
        cost = call + data.travel_cost[travel_mode, origin, here] + data.travel_cost[travel_mode, here, target]
        if count > 0:
            cost -= data.travel_cost[travel_mode, origin, target]
        if not timed:
            if cost + fixed < worth and cost <= free + 1e-9:
                worth = min(worth, keep(state, cost + fixed, tour, position, supply, -1, -1))
            continue
        _, d, e, l = joined(d, e, l, to_op, length, low, high)
        fits, d, e, l = joined(
            d, e, l, onward, state.tail_d[tour, position], state.tail_e[tour, position], state.tail_l[tour, position]
        )
        if not fits:
            continue
        new = timed_cost(data, tour, d, e)
        if limited and cost + new - rate * (d - old_d) - old > free + 1e-9:
            continue
        cost += fixed + new - old
        if cost < worth:
            worth = min(worth, keep(state, cost, tour, position, supply, -1, -1))
    return worth


@compiled
def walk_tour(
    data: Data,
    state: State,
    op: int,
    tour: int,
    supply: int,
    first: int,
    last: int,
    worth: float,
    blink: float,
) -> float:
    """Look at positions of a tour stop by stop; return what a further place has to beat."""
    row, travel_mode, here = data.tour_row[tour], data.tour_mode[tour], data.op_place[op]
    high, low = data.high_s[row, op], max(data.low_s[row, op], state.floor_s[op])
    region = data.tour_region[tour]
    fixed = data.extra_cost[row, op]
    state.mode_of[op] = supply
    for position in range(first, last + 1):
        if position > 0 and state.end_s[tour, position - 1] > high + 1e-9:
            break
        if blink > 0.0 and uniform(state.random) < blink:
            continue
        if not data.tour_flies[tour] and position > 0 and data.shifts_at[tour] == data.shifts_at[tour + 1]:
            origin = place_of(data, state.stops[tour, position - 1])
            least = fixed + data.travel_cost[travel_mode, origin, here]
            start = max(state.end_s[tour, position - 1] + data.travel_s[travel_mode, origin, here], low)
            if start > high + 1e-9:
                continue
            target = data.tour_to[tour]
            if position < state.count[tour]:
                target = place_of(data, state.stops[tour, position])
            least += data.travel_cost[travel_mode, here, target] - data.travel_cost[travel_mode, origin, target]
            if least >= worth:
                continue
        fits, cost, money, late = walk(data, state, tour, op, position, -1, -1, False)
        if fits:
            cost -= state.cost[tour]
            if data.worst_rate > 0.0 and late > state.total[2]:
                cost += data.worst_rate * (late - state.total[2])
            if cost < worth and state.spent[region] + money - state.money[tour] <= data.budget[region] + 1e-9:
                worth = min(worth, keep(state, cost, tour, position, supply, -1, -1))
    return worth


@compiled
def scan_with_depot(
    data: Data, state: State, op: int, tour: int, supply: int, depot: int, worth: float, blink: float
) -> float:
    """Look at all pairs of a position for the op and one before it for a depot stop; return what has to be beaten."""
    row, count, region = data.tour_row[tour], state.count[tour], data.tour_region[tour]
    travel_mode, here, store = data.tour_mode[tour], data.op_place[op], data.depot_place[depot]
    if not data.tight:
        state.mode_of[op] = supply
        for depot_position in range(data.tour_fixed[tour], count + 1):
            for position in range(depot_position, count + 1):
                if blink > 0.0 and uniform(state.random) < blink:
                    continue
                fits, cost, money, late = walk(data, state, tour, op, position, depot, depot_position, False)
                if not fits:
                    continue
                cost -= state.cost[tour]
                if cost < worth and state.spent[region] + money - state.money[tour] <= data.budget[region] + 1e-9:
                    worth = min(worth, keep(state, cost, tour, position, supply, depot, depot_position))
        return worth
    low = max(data.low_s[row, op], data.mode_ready_s[mode_in(supply)])
    high, length = data.high_s[row, op], data.length_s[row, op]
    if low > high + 1e-9:
        return worth  # delivered too late
    fixed = data.extra_cost[row, op] + data.mode_cost[mode_in(supply)]
    call = call_for(data, state, tour, op)
    old_d = state.returns_s[tour] - state.departs_s[tour] if count > 0 else 0.0
    old = timed_cost(data, tour, old_d, state.departs_s[tour]) if count > 0 else 0.0
    free = data.budget[region] - state.spent[region]
    for depot_position in range(data.tour_fixed[tour], count + 1):
        origin, onward_place = data.tour_from[tour], data.tour_to[tour]
        if depot_position > 0:
            origin = place_of(data, state.stops[tour, depot_position - 1])
        if depot_position < count:
            onward_place = place_of(data, state.stops[tour, depot_position])
        fits, d, e, l = joined(
            state.head_d[tour, depot_position],
            state.head_e[tour, depot_position],
            state.head_l[tour, depot_position],
            data.travel_s[travel_mode, origin, store],
            data.depot_length_s[depot],
            data.depot_from_s[depot],
            data.depot_until_s[depot],
        )
        if not fits:
            break
        detour = data.travel_cost[travel_mode, origin, store]
        if count > 0:
            detour -= data.travel_cost[travel_mode, origin, onward_place]
        last_place = store
        for position in range(depot_position, count + 1):
            if position > depot_position:
                # the stop before the op moves into the segment behind the depot
                stop = state.stops[tour, position - 1]
                there = place_of(data, stop)
                mode_ready = data.mode_ready_s[mode_in(state.mode_of[stop])]
                fits, d, e, l = joined(
                    d,
                    e,
                    l,
                    data.travel_s[travel_mode, last_place, there],
                    data.length_s[row, stop],
                    max(data.low_s[row, stop], mode_ready),
                    data.high_s[row, stop],
                )
                if not fits:
                    break
                if position == depot_position + 1:
                    detour += data.travel_cost[travel_mode, store, there]
                last_place = there
            if blink > 0.0 and uniform(state.random) < blink:
                continue
            target = data.tour_to[tour]
            if position < count:
                target = place_of(data, state.stops[tour, position])
            fits, d2, e2, l2 = joined(d, e, l, data.travel_s[travel_mode, last_place, here], length, low, high)
            if not fits:
                continue
            fits, d2, e2, l2 = joined(
                d2,
                e2,
                l2,
                data.travel_s[travel_mode, here, target],
                state.tail_d[tour, position],
                state.tail_e[tour, position],
                state.tail_l[tour, position],
            )
            if not fits:
                continue
            cost = fixed + call + detour
            cost += data.travel_cost[travel_mode, last_place, here] + data.travel_cost[travel_mode, here, target]
            if position > depot_position:
                cost -= data.travel_cost[travel_mode, last_place, target]
            timed = timed_cost(data, tour, d2, e2) - old
            if cost - fixed + timed - data.tour_rate[tour] * (d2 - old_d) > free + 1e-9:
                continue
            if cost + timed < worth:
                worth = min(worth, keep(state, cost + timed, tour, position, supply, depot, depot_position))
    return worth
