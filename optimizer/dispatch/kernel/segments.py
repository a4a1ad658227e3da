"""Tours under hard windows only: segments that are put together in constant time.

A segment is a run of stops as (d, e, l): whoever starts it between `e` and `l` needs `d` seconds for it, waiting
included; earlier means to wait, later is too late (Vidal et al., "A hybrid genetic algorithm with adaptive diversity
management for a large class of vehicle routing problems with time-windows", Computers & Operations Research 40, 2013,
equations 1 to 5, without their penalty for being late).
"""

from __future__ import annotations

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.stops import overtime, place_of, span_of


@compiled
def joined(
    d1: float, e1: float, l1: float, travel: float, d2: float, e2: float, l2: float
) -> tuple[bool, float, float, float]:
    """Return whether two segments fit one behind the other, and the one that they make."""
    delta = d1 + travel
    if e1 + delta > l2 + 1e-9:
        return False, 0.0, 0.0, 0.0
    wait = max(e2 - delta - l1, 0.0)
    return True, delta + d2 + wait, max(e2 - delta, e1) - wait, min(l2 - delta, l1) + wait


@compiled
def timed_cost(data: Data, tour: int, d: float, e: float) -> float:
    """Return labour and overtime of a tour that leaves at `e` and is back `d` seconds later."""
    return float(data.tour_rate[tour] * d + overtime(data, tour, e + d))


@compiled
def set_segments(data: Data, state: State, tour: int) -> bool:
    """Reckon the segments of a tour anew; False if its stops do not fit in this order."""
    row, mode, count = data.tour_row[tour], data.tour_mode[tour], state.count[tour]
    d, e, l = 0.0, data.tour_start_s[tour], data.tour_end_s[tour]
    here = data.tour_from[tour]
    state.head_d[tour, 0], state.head_e[tour, 0], state.head_l[tour, 0] = d, e, l
    for position in range(count):
        stop = state.stops[tour, position]
        low, high, length = span_of(data, state, row, stop)
        if low > high + 1e-9:
            return False
        there = place_of(data, stop)
        fits, d, e, l = joined(d, e, l, data.travel_s[mode, here, there], length, low, high)
        if not fits:
            return False
        position_after = position + 1
        state.head_d[tour, position_after] = d
        state.head_e[tour, position_after] = e
        state.head_l[tour, position_after] = l
        here = there
    d, e, l = 0.0, data.tour_start_s[tour], data.tour_end_s[tour]
    there = data.tour_to[tour]
    state.tail_d[tour, count], state.tail_e[tour, count], state.tail_l[tour, count] = d, e, l
    for back in range(count):
        position = count - 1 - back
        stop = state.stops[tour, position]
        low, high, length = span_of(data, state, row, stop)
        here = place_of(data, stop)
        fits, d, e, l = joined(length, low, high, data.travel_s[mode, here, there], d, e, l)
        if not fits:
            return False
        state.tail_d[tour, position], state.tail_e[tour, position], state.tail_l[tour, position] = d, e, l
        there = here
    travel = data.travel_s[mode, data.tour_from[tour], there]
    fits, d, e, l = joined(0.0, data.tour_start_s[tour], data.tour_end_s[tour], travel, d, e, l)
    if not fits:
        return False
    state.departs_s[tour], state.returns_s[tour] = e, e + d
    return True
