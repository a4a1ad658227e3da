"""The arrays of the kernel that tell of ops and jobs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimizer.dispatch.building.demands import Demands, Reach
from optimizer.dispatch.building.flat import begins, flags, floats, ints
from optimizer.dispatch.building.mandatory import must_cost
from optimizer.dispatch.building.ops import Op, near_factor
from optimizer.dispatch.building.people import Tour
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.model import Problem
from optimizer.dispatch.pricing import cheapest_outcome


def op_arrays(problem: Problem, tours: Sequence[Tour], ops: Sequence[Op], demands: Demands) -> dict[str, object]:
    """Return the arrays of `kernel.arrays.Data` that tell of ops and jobs, but for supply and links."""
    jobs: list[Job | None] = [*problem.jobs, *(None for op in ops if op.appointment is not None)]
    numbers = {person.code: index for index, person in enumerate(problem.technicians)}
    windows = [spans if len(spans) > 1 else [] for spans in demands.windows]
    tours_for = _tours_for(problem, tours, ops, demands)
    late = [job.lateness if job is not None and math.isfinite(job.due_s) else () for job in jobs]
    # an appointment is no job, and is kept
    musts = np.array([job is None or job.mandatory or job.pin is not None for job in jobs], dtype=np.bool_)
    running = [job.running if job is not None else None for job in jobs]
    return {
        "low_s": demands.low,
        "high_s": demands.high,
        "length_s": demands.length,
        "extra_cost": demands.extra,
        "gaps_at": begins(demands.gaps),
        "gap_op": ints([[gap.op for gap in gaps] for gaps in demands.gaps]),
        "gap_from_s": floats([[gap.from_s for gap in gaps] for gaps in demands.gaps]),
        "gap_until_s": floats([[gap.until_s for gap in gaps] for gaps in demands.gaps]),
        "tour_row": np.array(demands.tour_row, dtype=np.int64),
        "op_job": ints([[op.job] for op in ops]),
        "op_place": ints([[op.place] for op in ops]),
        "op_load": floats([[_load(jobs[op.job], op)] for op in ops]),
        "op_called": flags([[op.appointment is None] for op in ops]),
        "op_pausable": flags([[job is not None and job.pausable] for op in ops for job in [jobs[op.job]]]),
        "op_tours_at": begins(tours_for),
        "op_tours": ints(tours_for),
        "windows_at": begins(windows),
        "window_from_s": floats([[span[0] for span in spans] for spans in windows]),
        "window_until_s": floats([[span[1] for span in spans] for spans in windows]),
        "job_ops_at": np.searchsorted([op.job for op in ops], np.arange(len(jobs) + 1)).astype(np.int64),
        "job_leave": floats([[0.0 if job is None else cheapest_outcome(job)[1]] for job in jobs]),
        "job_must": musts,
        "must_cost": must_cost(problem, tours),
        "job_due_s": floats([[job.due_s if job is not None else math.inf] for job in jobs]),
        "late_at": begins(late),
        "late_after_s": floats([[band.after_s for band in bands] for bands in late]),
        "late_rate": floats([[band.per_h / 3600 for band in bands] for bands in late]),
        "job_told_s": floats([[math.nan if one is None else one.start_s] for one in running]),
        "job_move_rate": floats(
            [
                [0.0 if one is None else near_factor(problem.change, one, problem.now_s) * problem.change.per_h / 3600]
                for one in running
            ]
        ),
        "told_person": ints(
            [
                [-1 if (told := running[op.job]) is None else numbers.get(told.technicians[op.seat], len(numbers))]
                for op in ops
            ]
        ),
        "changes_max": len(ops) if problem.change.changes_max is None else problem.change.changes_max,
        "worst_rate": problem.worst_lateness_per_h / 3600,
    }


def _load(job: Job | None, op: Op) -> float:
    return 0.0 if job is None or op.seat > 0 else job.load


def _tours_for(problem: Problem, tours: Sequence[Tour], ops: Sequence[Op], demands: Demands) -> list[list[int]]:
    """Return for each op the tours that could have it if it were their only one."""
    reach, rows = Reach(problem, tours), demands.tour_row
    columns = (table.T for table in (demands.low, demands.high, demands.length))
    asked = zip(ops, *columns, strict=True)
    return [reach.tours(op.place, low[rows], high[rows], length[rows]).tolist() for op, low, high, length in asked]
