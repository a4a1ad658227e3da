"""The arrays of a problem, and of a plan of it: empty, or as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.dispatch.building.demands import Demands
from optimizer.dispatch.building.op_arrays import op_arrays
from optimizer.dispatch.building.ops import Op, ops_of
from optimizer.dispatch.building.people import Tour, tour_arrays, tours_of
from optimizer.dispatch.building.relations import nearness, relation_arrays, sort_keys
from optimizer.dispatch.building.supply import Supply
from optimizer.dispatch.kernel.arrays import Data, Floats, Ints, State
from optimizer.dispatch.model import Problem

STOPS_MAX = 250
CELLS_MAX = 2_000_000
"""A tour has as many stops as there is time for; but where that times the tours is more than so many, no more than
what this leaves for each, or `STOPS_MAX`."""

SHARES = (0.8, 0.1, 0.07, 0.03)
"""How often jobs are taken out as strings, as neighbours, at random, and as a whole tour, at first."""

FOUND_MAX = 3
"""Of a linked op so many places are tried out in full."""


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A problem as arrays, with what is needed to read a plan back.

    `first` are the stops that every plan begins with, supplied as `modes` say (None: by the first of each); `lost` are
    the pinned jobs and appointments that cannot be kept (both as `fixed.settled` finds them).
    """

    problem: Problem
    tours: tuple[Tour, ...]
    ops: tuple[Op, ...]
    supply: Supply
    data: Data
    first: tuple[tuple[int, ...], ...]
    modes: Ints | None = None
    lost: tuple[int, ...] = ()


def built(problem: Problem) -> Built:
    """Return the arrays of a problem. O(tours x ops) in time and memory."""
    tours, ops = tours_of(problem), ops_of(problem)
    demands, supply = Demands(problem, tours, ops), Supply(problem, ops)
    of_tours, of_ops = tour_arrays(problem, tours), op_arrays(problem, tours, ops, demands)
    jobs = len(problem.jobs) + sum(op.appointment is not None for op in ops)
    relations = relation_arrays(problem, ops, jobs)
    fields: dict[str, object] = {**of_tours, **of_ops, **relations, **supply.arrays(ops)}
    fields["job_near"] = nearness(problem, ops, jobs)
    fields["job_keys"] = sort_keys(problem, ops, demands, np.diff(_ints(of_ops["op_tours_at"])), jobs)
    fields["tour_alike"] = _alike(problem, tours, demands.tour_row)
    fields["tour_fixed"] = np.zeros(len(tours), dtype=np.int64)
    fields["tight"] = is_tight(problem, tours, demands, bool(fields["linked"]))
    # the fields are gathered by name from five places, which mypy cannot see; what is missing or too much fails here
    return Built(problem, tuple(tours), tuple(ops), supply, Data(**fields), tuple(() for _ in tours))  # type: ignore[arg-type]


def _ints(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64)


def _alike(problem: Problem, tours: Sequence[Tour], rows: Sequence[int]) -> Ints:
    """Return the same number for tours that differ in nothing but the name of their technician."""
    known: dict[object, int] = {}
    found: list[int] = []
    for tour, row in zip(tours, rows, strict=True):
        person = problem.technicians[tour.person]
        if len(person.shifts) > 1 or person.appointments or problem.together or problem.change.changes_max is not None:
            key: object = len(found), "own"
        else:
            kit = tuple(sorted(person.parts.items())), person.tools
            key = row, tour.shifts, person.pay, person.mode, person.flies, person.region, kit, person.capacity
        found.append(known.setdefault(key, len(known)))
    return np.array(found, dtype=np.int64)


def is_tight(problem: Problem, tours: Sequence[Tour], demands: Demands, linked: bool) -> bool:
    """Say whether only hard single windows decide the times, so that segments tell the cost exactly."""
    if linked or problem.worst_lateness_per_h or any(demands.gaps) or any(len(spans) > 1 for spans in demands.windows):
        return False
    if problem.change.per_h and any(job.running is not None for job in problem.jobs):
        return False
    for tour in tours:
        person = problem.technicians[tour.person]
        if tour.breaks or person.away or (person.flies and problem.flights):
            return False
        if person.pay.night_per_h and person.pay.nights:
            return False
    for index, op in enumerate(demands.ops):
        if op.appointment is None and (job := problem.jobs[op.job]).lateness:
            ends = demands.high[:, index] + demands.length[:, index]
            if (ends > job.due_s).any():
                return False
    return True


def total_left(data: Data) -> Floats:
    """Return `total` of a plan that leaves out all jobs."""
    return np.array([data.job_leave.sum(), data.job_must.sum(), 0.0])


def stops_max(one: Built) -> int:
    """Return how many stops a tour can have: the shortest that the longest tour has time for, and one at a depot."""
    least_s = np.cumsum(np.sort(one.data.length_s.min(axis=0)))
    longest_s = max((tour.end_s - tour.start_s for tour in one.tours), default=0.0)
    stops = int(np.searchsorted(least_s, longest_s + 1e-6, side="right")) + (len(one.problem.depots) > 0)
    return min(stops, max(STOPS_MAX, CELLS_MAX // max(1, len(one.tours))))


def new_state(one: Built, seed: int) -> State:
    """Return an empty plan. The same seed gives the same search."""
    data = one.data
    tours, ops, jobs = len(one.tours), len(one.ops), data.job_leave.size
    width = stops_max(one) + 3
    _, parts = data.kit.shape
    generator = np.random.default_rng(seed)
    shape = (tours, width)

    def zeros(*size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.zeros(size)

    def none(*size: int) -> Ints:
        return np.full(size, -1, dtype=np.int64)

    def counts(*size: int) -> Ints:
        return np.zeros(size, dtype=np.int64)

    return State(
        stops=none(*shape),
        count=counts(tours),
        tour_of=none(ops),
        place_in=none(ops),
        mode_of=(data.modes_at[:-1] if one.modes is None else one.modes).copy(),
        depot_at=none(tours),
        head_d=zeros(*shape),
        head_e=zeros(*shape),
        head_l=zeros(*shape),
        tail_d=zeros(*shape),
        tail_e=zeros(*shape),
        tail_l=zeros(*shape),
        start_s=zeros(*shape),
        end_s=zeros(*shape),
        next_break=counts(*shape),
        run_cost=zeros(*shape),
        run_travel=zeros(*shape),
        run_unpaid=zeros(*shape),
        run_late=zeros(*shape),
        run_called=counts(*shape),
        departs_s=zeros(tours),
        returns_s=zeros(tours),
        cost=zeros(tours),
        money=zeros(tours),
        late=zeros(tours),
        load=zeros(tours),
        entered=np.zeros(tours, dtype=np.bool_),
        kit_left=data.kit.copy(),
        stock_left=data.depot_stock.copy(),
        holding=counts(tours, data.shared_count.size),
        held=counts(data.shared_count.size, max(1, data.moment_count)),
        spent=zeros(data.budget.size),
        floor_s=zeros(ops),
        left=np.arange(jobs, dtype=np.int64),
        left_place=np.arange(jobs, dtype=np.int64),
        left_count=np.array([jobs], dtype=np.int64),
        changes=counts(1),
        used=counts(2),
        dirty=counts(tours),
        is_dirty=np.zeros(tours, dtype=np.bool_),
        dirty_count=counts(1),
        total=total_left(data),
        random=1 + generator.integers(0, 2_147_483_000, size=2, dtype=np.int64),
        first_shares=np.array(SHARES),
        shares=np.array(SHARES),
        merits=zeros(len(SHARES)),
        tries=zeros(len(SHARES)),
        touched=none(tours),
        touched_list=counts(tours),
        touched_count=counts(3),
        kept_stops=none(*shape),
        kept_count=counts(tours),
        kept_mode=counts(ops),
        kept_floor_s=zeros(ops if data.linked else 0),
        kept_left=counts(jobs),
        kept_left_count=counts(1),
        seen=none(tours),
        scratch=zeros(parts),
        queue=counts(tours + 1),
        queued=np.zeros(tours, dtype=np.bool_),
        log_op=counts(8 * ops + 64),
        log_floor_s=zeros(8 * ops + 64),
        log_tours=counts(12 * tours + 64),
        log_count=counts(2),
        found_cost=zeros(FOUND_MAX if data.linked else 1),
        found=none(FOUND_MAX if data.linked else 1, 5),
        found_count=counts(1),
        follow=counts(jobs + data.after_job.size + 1),
        order=counts(jobs + 1),
        key=zeros(jobs),
    )
