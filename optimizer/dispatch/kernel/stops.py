"""What a stop is for a tour: its place, when it may start, how long it takes. And the money that a tour costs."""

from __future__ import annotations

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled
from optimizer.dispatch.kernel.supply import mode_in


@compiled
def place_of(data: Data, stop: int) -> int:
    """Return the place of a stop."""
    ops = data.op_place.size
    if stop < ops:
        return int(data.op_place[stop])
    return int(data.depot_place[stop - ops])


@compiled
def span_of(data: Data, state: State, row: int, stop: int) -> tuple[float, float, float]:
    """Return the earliest and latest start of a stop and its length, for a tour of this row."""
    ops = data.op_place.size
    if stop < ops:
        low = max(data.low_s[row, stop], data.mode_ready_s[mode_in(state.mode_of[stop])])
        return low, data.high_s[row, stop], data.length_s[row, stop]
    depot = stop - ops
    return data.depot_from_s[depot], data.depot_until_s[depot], data.depot_length_s[depot]


@compiled
def overtime(data: Data, tour: int, returns_s: float) -> float:
    """Return the money for a return at this time."""
    beyond = returns_s - data.tour_over_s[tour]
    money = 0.0
    if beyond > 0.0:
        for band in range(data.over_at[tour], data.over_at[tour + 1]):
            if beyond > data.over_after_s[band]:
                money += data.over_rate[band] * (beyond - data.over_after_s[band])
    return money


@compiled
def lateness(data: Data, job: int, end_s: float) -> float:
    """Return what it costs that a job ends at this time."""
    beyond = end_s - data.job_due_s[job]
    money = 0.0
    if beyond > 0.0:
        for band in range(data.late_at[job], data.late_at[job + 1]):
            if beyond > data.late_after_s[band]:
                money += data.late_rate[band] * (beyond - data.late_after_s[band])
    return money


@compiled
def moved(data: Data, job: int, start_s: float) -> float:
    """Return what it costs that a job starts at another time than was told."""
    if data.job_move_rate[job] > 0.0:
        return float(data.job_move_rate[job] * abs(start_s - data.job_told_s[job]))
    return 0.0
