"""The arrays that the kernel works on.

Names: an *op* is one seat of a job; a *tour* is one technician's shift (all of them, where he stays away). Lists of
differing length are kept flat: `x_at[i]` to `x_at[i + 1]` are the entries of `i`. Times in seconds, rates in money per
second, places by index, -1 for none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Data(NamedTuple):
    """A problem, never changed. N ops, J jobs, V tours, H technicians, R rows, P parts, D depots, G shared tools."""

    tight: bool  # only hard windows and no waiting that matters: costs by concatenation of segments
    linked: bool  # starts of some ops depend on those of others
    # travel: (modes, places, places)
    travel_s: Floats
    travel_cost: Floats
    # tours (V)
    tour_mode: Ints
    tour_person: Ints
    tour_region: Ints
    tour_row: Ints
    tour_alike: Ints  # tours of one number are the same but for their name
    tour_from: Ints
    tour_to: Ints
    tour_start_s: Floats
    tour_end_s: Floats  # latest return
    tour_over_s: Floats  # from here on it is overtime
    tour_rate: Floats
    tour_call: Floats
    tour_capacity: Floats
    tour_fixed: Ints  # so many stops at the head are never moved
    tour_timed: Flags  # its cost depends on when it ends or how long it takes
    over_at: Ints
    over_after_s: Floats
    over_rate: Floats
    night_at: Ints
    night_from_s: Floats
    night_until_s: Floats
    night_rate: Floats  # (V)
    # what an op asks of the tours of a row (R, N)
    low_s: Floats
    high_s: Floats  # below low_s: not for this row
    length_s: Floats
    extra_cost: Floats
    # per row: starts between the first and the last of an op that are not allowed, by op and then by time
    gaps_at: Ints
    gap_op: Ints
    gap_from_s: Floats
    gap_until_s: Floats
    # ops (N)
    op_job: Ints
    op_place: Ints
    op_load: Floats
    op_called: Flags  # a job, not an appointment: it has a call-out
    op_tours_at: Ints
    op_tours: Ints
    windows_at: Ints
    window_from_s: Floats
    window_until_s: Floats
    op_tools: Ints  # (N, words) bits
    shared_at: Ints
    shared: Ints
    # supply: each op has modes, each mode lines (part, quantity) and a time before which it cannot start
    modes_at: Ints
    mode_ready_s: Floats
    mode_cost: Floats
    lines_at: Ints
    line_part: Ints
    line_quantity: Floats
    # jobs (J)
    job_ops_at: Ints
    job_leave: Floats  # money
    job_must: Flags  # to leave it out counts as `must_cost` beside
    must_cost: float  # more than plans can differ by
    job_due_s: Floats
    late_at: Ints
    late_after_s: Floats
    late_rate: Floats
    job_told_s: Floats  # start in the running plan, NaN for none
    job_move_rate: Floats
    job_near: Ints  # (J, K) other jobs, nearest first
    job_keys: Floats  # (keys, J): orders in which jobs are put back, smallest first
    pair_at: Ints
    pair_job: Ints
    pair_same: Flags
    before_at: Ints
    before_job: Ints
    after_at: Ints
    after_job: Ints
    # links: start[target] >= start[op] + offset + (length of op if from_end) - (length of target if to_end)
    link_at: Ints
    link_target: Ints
    link_offset_s: Floats
    link_from_end: Flags
    link_to_end: Flags
    # people and stores
    kit: Floats  # (H, P)
    person_tools: Ints  # (H, words)
    depot_place: Ints
    depot_from_s: Floats
    depot_until_s: Floats
    depot_length_s: Floats
    depot_stock: Floats  # (D, P), -1 where it does not keep the part
    depot_tools: Ints  # (D, words)
    shared_count: Ints
    moments_at: Ints  # per tour: the moments (indices) at which it holds what it shares
    moments: Ints
    moment_count: int
    budget: Floats  # per region
    told_person: Ints  # (N)
    changes_max: int
    worst_rate: float
    # timing beyond one window: breaks and shifts per tour, flights per pair of places
    breaks_at: Ints
    break_from_s: Floats
    break_until_s: Floats
    break_length_s: Floats
    break_paid: Flags
    shifts_at: Ints
    shift_start_s: Floats
    shift_end_s: Floats
    tour_flies: Flags
    op_pausable: Flags
    flight_pair: Ints  # (places, places) or (1, 1): index of the pair, -1 for none
    flights_at: Ints
    flight_departs_s: Floats
    flight_arrives_s: Floats
    flight_cost: Floats


class State(NamedTuple):
    """A plan and what is reckoned of it. Stops are ops, or N + depot for a depot stop; position 0 is the first stop."""

    stops: Ints  # (V, M)
    count: Ints  # type: ignore[assignment]  # (V) stops; it hides tuple.count, which nobody calls here
    tour_of: Ints  # (N), -1: left out
    place_in: Ints  # (N) position
    mode_of: Ints  # (N) its supply: mode, and which lines are from the kit, see `supply`
    depot_at: Ints  # (V) position of the depot stop, -1: none
    # segments from the start to before position p, and from p to the end (V, M + 1)
    head_d: Floats
    head_e: Floats
    head_l: Floats
    tail_d: Floats
    tail_e: Floats
    tail_l: Floats
    # schedule (V, M + 1): start and end of the stop at p; which break comes next after it
    start_s: Floats
    end_s: Floats
    next_break: Ints
    run_cost: Floats  # of all up to and with the stop at p: way and what the stop itself costs
    run_travel: Floats
    run_unpaid: Floats
    run_late: Floats
    run_called: Ints
    departs_s: Floats  # (V)
    returns_s: Floats  # (V)
    cost: Floats  # (V) all of a tour but what depends on other tours
    money: Floats  # (V) what counts against the budget
    late: Floats  # (V) the worst lateness, seconds
    load: Floats  # (V)
    entered: Flags  # (V) what the tour uses and costs is in the sums below
    kit_left: Floats
    stock_left: Floats
    holding: Ints  # (V, G) ops of the tour that need the shared tool
    held: Ints  # (G, moments)
    spent: Floats  # per region
    floor_s: Floats  # (N) earliest start that links ask
    left: Ints  # jobs left out, the first `left_count[0]`
    left_place: Ints  # (J) position in `left`, -1
    left_count: Ints  # (1)
    changes: Ints  # (1)
    used: Ints  # (2): tours that have stops, stops
    dirty: Ints  # tours that changed since the best plan was kept, the first `dirty_count[0]`
    is_dirty: Flags  # (V)
    dirty_count: Ints  # (1)
    total: Floats  # (3): all tours and jobs left out, how many of these are mandatory, worst lateness in seconds
    random: Ints  # (2)
    # ways of taking jobs out: how often each is drawn, at first and now, what it brought and how often it was tried
    first_shares: Floats
    shares: Floats
    merits: Floats
    tries: Floats
    # what has to be put back if a round is not kept
    touched: Ints  # (V) round number
    touched_list: Ints
    touched_count: Ints  # (2): tours, round
    kept_stops: Ints
    kept_count: Ints
    kept_mode: Ints
    kept_floor_s: Floats  # (N), or none where nothing is linked
    kept_left: Ints
    kept_left_count: Ints
    seen: Ints  # (V) the last scan in which an empty tour of this number was looked at
    scratch: Floats  # (P)
    queue: Ints  # (V + 1) tours whose schedule has to be reckoned anew
    queued: Flags  # (V)
    # what a trial of an insertion changed beyond its tour
    log_op: Ints
    log_floor_s: Floats
    log_tours: Ints
    log_count: Ints  # (2): floors, tours
    found_cost: Floats  # (K) the best places of the last scan, cheapest first
    found: Ints  # (K, 5): tour, position, mode, depot, position of the depot stop
    found_count: Ints  # (1)
    follow: Ints  # jobs that go out with one that does
    order: Ints  # (J) jobs in the order in which they are put back
    key: Floats  # (J)
