"""Tours stop by stop: several windows, breaks, flights, shifts, what links ask, lateness and what was told.

Each stop starts as early as it can. The technician leaves as late as his first stop allows.
"""

from __future__ import annotations

import math

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.stops import lateness, moved, overtime, place_of, span_of
from optimizer.dispatch.kernel.supply import mode_in

NEVER = math.inf

ROUNDING_S = 1e-9
"""Times that were added up in another order may differ by less than this."""


@compiled
def on_duty(data: Data, tour: int, from_s: float, length_s: float, whole: bool) -> float:
    """Return when something that takes `length_s` on duty ends, begun at `from_s` or as soon as he is on duty.

    `whole`: it must lie within one shift. `inf` where the shifts do not suffice. A tour of one shift has no shifts
    listed: its end is looked at on return.
    """
    first, last = data.shifts_at[tour], data.shifts_at[tour + 1]
    if first == last:
        return from_s + length_s
    left = length_s
    for shift in range(first, last):
        begins = max(from_s, data.shift_start_s[shift])
        room = data.shift_end_s[shift] - begins
        if room < 0.0:
            continue
        if room >= left - ROUNDING_S:
            return float(begins + left)
        if not whole:
            left -= max(room, 0.0)
    return NEVER


@compiled
def duty_between(data: Data, tour: int, from_s: float, until_s: float) -> float:
    """Return the seconds on duty between two times."""
    first, last = data.shifts_at[tour], data.shifts_at[tour + 1]
    if first == last:
        return until_s - from_s
    total = 0.0
    for shift in range(first, last):
        total += max(0.0, min(until_s, data.shift_end_s[shift]) - max(from_s, data.shift_start_s[shift]))
    return total


@compiled
def night_on_duty(data: Data, tour: int, departs_s: float, returns_s: float) -> float:
    """Return the money for the time on duty that lies in the night."""
    seconds = 0.0
    for span in range(data.night_at[tour], data.night_at[tour + 1]):
        first, last = max(departs_s, data.night_from_s[span]), min(returns_s, data.night_until_s[span])
        if last > first:
            seconds += duty_between(data, tour, first, last)
    return float(seconds * data.night_rate[tour])


@compiled
def leg(data: Data, tour: int, leaves_s: float, here: int, there: int) -> tuple[float, float, int]:
    """Return arrival, cost and flight (-1: own mode) of the way to a place: the cheaper, an hour's pay counted."""
    mode = data.tour_mode[tour]
    arrives = on_duty(data, tour, leaves_s, data.travel_s[mode, here, there], False)
    cost = data.travel_cost[mode, here, there]
    taken = -1
    if data.tour_flies[tour] and here != there:
        pair = data.flight_pair[here, there]
        if pair >= 0:
            hour = max(data.tour_rate[tour], 1e-4)
            best = cost + hour * (arrives - leaves_s)
            for flight in range(data.flights_at[pair], data.flights_at[pair + 1]):
                if data.flight_departs_s[flight] >= leaves_s:
                    price = data.flight_cost[flight] + hour * (data.flight_arrives_s[flight] - leaves_s)
                    if price < best:
                        best, taken = price, flight
                        arrives, cost = data.flight_arrives_s[flight], data.flight_cost[flight]
    return arrives, cost, taken


@compiled
def past_gaps(data: Data, row: int, op: int, start: float) -> float:
    """Return the earliest start of an op, from `start` on, at which the technician is allowed."""
    low, last = data.gaps_at[row], data.gaps_at[row + 1]
    high = last
    while low < high:
        middle = (low + high) // 2
        if data.gap_op[middle] < op:
            low = middle + 1
        else:
            high = middle
    while low < last and data.gap_op[low] == op:
        if data.gap_from_s[low] + ROUNDING_S < start < data.gap_until_s[low]:
            start = data.gap_until_s[low]
        low += 1
    return start


@compiled
def first_start(data: Data, tour: int, stop: int, from_s: float, high: float, length: float) -> float:
    """Return the earliest start of a stop at `from_s` or later: in a window and a shift, allowed; `inf` for none."""
    ops = data.op_place.size
    start = from_s
    windows, last = 0, 0
    whole = True
    if stop < ops:
        windows, last = data.windows_at[stop], data.windows_at[stop + 1]
        whole = not data.op_pausable[stop]
    while True:
        began = start
        if data.shifts_at[tour] < data.shifts_at[tour + 1]:
            ends = on_duty(data, tour, start, length, whole)
            if ends == NEVER:
                return NEVER
            if whole:
                start = max(start, ends - length)
            else:
                start = on_duty(data, tour, start, 0.0, True)
        if windows < last:
            while windows < last and data.window_until_s[windows] < start:
                windows += 1
            if windows == last:
                return NEVER
            start = max(start, data.window_from_s[windows])
        if stop < ops:
            start = past_gaps(data, data.tour_row[tour], stop, start)
        if start > high + 1e-9:
            return NEVER
        if start == began:
            return start


@compiled
def work(data: Data, tour: int, stop: int, from_s: float, high: float, length: float) -> tuple[float, float]:
    """Return the earliest start of a stop at `from_s` or later, and its end; `inf` for none."""
    begins = first_start(data, tour, stop, from_s, high, length)
    if begins == NEVER or data.shifts_at[tour] == data.shifts_at[tour + 1]:
        return begins, begins + length
    return begins, on_duty(data, tour, begins, length, stop >= data.op_place.size or not data.op_pausable[stop])


@compiled
def pause_start(data: Data, tour: int, from_s: float, pause_s: float) -> float:
    """Return when a break can begin at `from_s` or later: away, one shift has all of it."""
    return max(from_s, on_duty(data, tour, from_s, pause_s, True) - pause_s)


@compiled
def next_stop(
    data: Data,
    tour: int,
    stop: int,
    here: int,
    there: int,
    free_s: float,
    rest: int,
    low: float,
    high: float,
    length: float,
) -> tuple[float, float, float, int, float, float, int, int]:
    """Return (arrival, start, end, next break, travel cost, break, where, flight) of the next stop.

    `rest` is the next break. `break` is when one is taken on the way to this stop (-1: none), `where` 0 before leaving
    or 1 on arrival. It is taken while waiting anyway (and was none if he is back before it is due), or else before a
    stop that ends after its latest begin. The start is `inf` if the stop cannot be reached in time.
    """
    arrives, cost, flight = leg(data, tour, free_s, here, there)
    begins, ends = work(data, tour, stop, max(arrives, low), high, length)
    if begins == NEVER or rest >= data.breaks_at[tour + 1]:
        return arrives, begins, ends, rest, cost, -1.0, 0, flight
    early, late, pause = data.break_from_s[rest], data.break_until_s[rest], data.break_length_s[rest]
    taken, where = pause_start(data, tour, max(arrives, early), pause), 1
    if taken > late or taken + pause > begins:
        if ends <= late:
            return arrives, begins, ends, rest, cost, -1.0, 0, flight
        if taken > late:
            taken, where = pause_start(data, tour, max(free_s, early), pause), 0
            if taken > late:
                return arrives, NEVER, NEVER, rest, cost, -1.0, 0, flight
            arrives, cost, flight = leg(data, tour, taken + pause, here, there)
            begins, ends = work(data, tour, stop, max(arrives, low), high, length)
        else:
            begins, ends = work(data, tour, stop, max(taken + pause, low), high, length)
    rest += 1
    if rest < data.breaks_at[tour + 1] and ends > data.break_until_s[rest]:
        begins = NEVER  # two breaks within one stop
    return arrives, begins, ends, rest, cost, taken, where, flight


@compiled
def leave_by(data: Data, tour: int, by_s: float, length_s: float) -> float:
    """Return the latest departure for a way of `length_s` on duty that ends at `by_s`."""
    first, last = data.shifts_at[tour], data.shifts_at[tour + 1]
    left = length_s
    for back in range(last - first):
        shift = last - 1 - back
        room = min(by_s, data.shift_end_s[shift]) - data.shift_start_s[shift]
        if room >= left - ROUNDING_S and room >= 0.0:
            return float(max(min(by_s, data.shift_end_s[shift]) - left, data.shift_start_s[shift]))
        left -= max(room, 0.0)
    return by_s - left


@compiled
def is_due(data: Data, pause: int, departs_s: float, returns_s: float) -> bool:
    """Say whether a break is due for one who is out between two times."""
    return bool(departs_s + ROUNDING_S < data.break_until_s[pause] < returns_s)


@compiled
def owed_until(data: Data, tour: int, rest: int, departs_s: float) -> float:
    """Return the latest begin of the breaks before `rest` that who leaves then would owe; -1 for none."""
    latest = -1.0
    for pause in range(data.breaks_at[tour], rest):
        if is_due(data, pause, departs_s, NEVER):
            latest = max(latest, data.break_until_s[pause])
    return float(latest)


@compiled
def first_stop(
    data: Data, tour: int, stop: int, low: float, high: float, length: float
) -> tuple[float, float, int, float, float, float, int]:
    """Return (start, end, next break, departure, break, travel cost, flight) of a tour's first stop.

    He leaves as late as the earliest start allows. A break that falls due before the stop ends is taken on arrival; if
    the way itself is too long for that, he leaves after its latest begin, and it is not due.
    """
    here, there, mode = data.tour_from[tour], place_of(data, stop), data.tour_mode[tour]
    from_s = data.tour_start_s[tour]
    rest = data.breaks_at[tour]
    while True:
        arrives, cost, flight = leg(data, tour, from_s, here, there)
        begins, ends = work(data, tour, stop, max(arrives, low), high, length)
        if begins == NEVER:
            return begins, ends, rest, from_s, -1.0, cost, flight
        way = data.travel_s[mode, here, there]
        departs = leave_by(data, tour, begins, way)
        if flight >= 0:
            departs = data.flight_departs_s[flight]
        while rest < data.breaks_at[tour + 1] and not is_due(data, rest, departs, NEVER):
            rest += 1
        if rest == data.breaks_at[tour + 1] or ends <= data.break_until_s[rest]:
            return begins, ends, rest, departs, -1.0, cost, flight
        early, late, pause = data.break_from_s[rest], data.break_until_s[rest], data.break_length_s[rest]
        taken = pause_start(data, tour, max(arrives, early), pause)
        if taken > late:
            from_s = late
            continue
        begins, ends = work(data, tour, stop, max(taken + pause, low), high, length)
        if begins == NEVER:
            return begins, ends, rest, departs, -1.0, cost, flight
        if data.shifts_at[tour] == data.shifts_at[tour + 1]:
            taken = min(late, begins - pause)
        if flight < 0:
            departs = leave_by(data, tour, taken, way)
        owed_s = owed_until(data, tour, rest, departs)
        if owed_s > from_s:  # he would leave before that because of this break, so he leaves then
            from_s = owed_s
            continue
        rest += 1
        if rest < data.breaks_at[tour + 1] and ends > data.break_until_s[rest]:
            begins = NEVER
        return begins, ends, rest, departs, taken, cost, flight


@compiled
def way_home(data: Data, tour: int, free_s: float, here: int, rest: int) -> tuple[float, float, float, int]:
    """Return (arrival, cost, break, flight) of the way back; a break that falls due is taken before it."""
    arrives, cost, flight = leg(data, tour, free_s, here, data.tour_to[tour])
    taken = -1.0
    while rest < data.breaks_at[tour + 1] and arrives > data.break_until_s[rest]:
        if taken >= 0.0 or free_s > data.break_until_s[rest]:
            return NEVER, cost, taken, flight
        taken = pause_start(data, tour, max(free_s, data.break_from_s[rest]), data.break_length_s[rest])
        if taken > data.break_until_s[rest]:
            return NEVER, cost, taken, flight
        arrives, cost, flight = leg(data, tour, taken + data.break_length_s[rest], here, data.tour_to[tour])
        rest += 1
    return arrives, cost, taken, flight


@compiled
def walk(
    data: Data, state: State, tour: int, op: int, position: int, depot: int, depot_position: int, store: bool
) -> tuple[bool, float, float, float]:
    """Return (fits, cost, money under the budget, worst lateness) of a tour, with an op and a depot stop put in.

    `op` goes before the stop at `position`, `depot` before the stop at `depot_position` and before the op (-1: not put
    in). With `store` the schedule is written to the state; then nothing may be put in. Lateness of jobs of several
    seats is not part of the cost, but for an op that is put in.
    """
    row, count, ops = data.tour_row[tour], state.count[tour], data.op_place.size
    at = 0
    if op >= 0:
        at = position
    if depot >= 0:
        at = min(at, depot_position)
    free_s, rest, here = data.tour_start_s[tour], data.breaks_at[tour], data.tour_from[tour]
    departs, cost, travel, unpaid, late, called = free_s, 0.0, 0.0, 0.0, 0.0, 0
    if at > 0:
        before = at - 1
        free_s, rest, departs = state.end_s[tour, before], state.next_break[tour, before], state.departs_s[tour]
        here = place_of(data, state.stops[tour, before])
        cost, travel = state.run_cost[tour, before], state.run_travel[tour, before]
        unpaid, late, called = (
            state.run_unpaid[tour, before],
            state.run_late[tour, before],
            state.run_called[tour, before],
        )
    first = at == 0
    put_op, put_depot = op >= 0, depot >= 0
    while at < count or put_op or put_depot:
        new = True
        if put_depot and at == depot_position:
            stop, put_depot = ops + depot, False
        elif put_op and at == position:
            stop, put_op = op, False
        else:
            stop, new = state.stops[tour, at], False
        low, high, length = span_of(data, state, row, stop)
        if stop < ops:
            low = max(low, state.floor_s[stop])
        there = place_of(data, stop)
        if first:
            begins, ends, rest, departs, pause_s, leg_cost, _ = first_stop(data, tour, stop, low, high, length)
            first = False
        else:
            _, begins, ends, rest, leg_cost, pause_s, _, _ = next_stop(
                data, tour, stop, here, there, free_s, rest, low, high, length
            )
        if begins == NEVER or ends == NEVER:
            return False, 0.0, 0.0, 0.0
        if pause_s >= 0.0 and not data.break_paid[rest - 1]:
            unpaid += data.break_length_s[rest - 1]
        travel += leg_cost
        cost += leg_cost
        if stop < ops:
            job = data.op_job[stop]
            cost += data.extra_cost[row, stop] + data.mode_cost[mode_in(state.mode_of[stop])]
            if stop == data.job_ops_at[job]:
                cost += moved(data, job, begins)
            if new or data.job_ops_at[job + 1] - data.job_ops_at[job] == 1:
                cost += lateness(data, job, ends)
            late = max(late, ends - data.job_due_s[job])
            if data.op_called[stop]:
                called += 1
        free_s, here = ends, there
        if store:
            state.start_s[tour, at], state.end_s[tour, at], state.next_break[tour, at] = begins, ends, rest
            state.run_cost[tour, at], state.run_travel[tour, at] = cost, travel
            state.run_unpaid[tour, at], state.run_late[tour, at] = unpaid, late
            state.run_called[tour, at] = called
        if not new:
            if (
                not store
                and not put_op
                and not put_depot
                and begins == state.start_s[tour, at]
                and (rest == state.next_break[tour, at])
            ):
                last = count - 1  # from here on all is as it was
                cost += state.run_cost[tour, last] - state.run_cost[tour, at]
                travel += state.run_travel[tour, last] - state.run_travel[tour, at]
                unpaid += state.run_unpaid[tour, last] - state.run_unpaid[tour, at]
                called += state.run_called[tour, last] - state.run_called[tour, at]
                late = max(late, state.late[tour])
                free_s, rest, here = (
                    state.end_s[tour, last],
                    state.next_break[tour, last],
                    place_of(data, state.stops[tour, last]),
                )
                at = last
            at += 1
    if first:
        state.departs_s[tour] = state.returns_s[tour] = departs
        return True, 0.0, 0.0, 0.0
    returns, leg_cost, pause_s, _ = way_home(data, tour, free_s, here, rest)
    if returns > data.tour_end_s[tour] + 1e-9:
        return False, 0.0, 0.0, 0.0
    if pause_s >= 0.0 and not data.break_paid[rest]:
        unpaid += data.break_length_s[rest]
    for pause in range(data.breaks_at[tour], rest):
        # taken while waiting, and he is back too early to owe it: he just waited
        if data.break_until_s[pause] >= returns and is_due(data, pause, departs, NEVER) and not data.break_paid[pause]:
            unpaid -= data.break_length_s[pause]
    if store:
        state.departs_s[tour], state.returns_s[tour] = departs, returns
    paid = overtime(data, tour, returns) + leg_cost
    if data.night_rate[tour] > 0.0:
        paid += night_on_duty(data, tour, departs, returns)
    if called > 0:
        paid += data.tour_call[tour]
    cost += paid + data.tour_rate[tour] * (duty_between(data, tour, departs, returns) - unpaid)
    return True, cost, travel + paid, late
