"""The arrays of a problem with a few more jobs: what there is is copied, only the new jobs are looked at.

New jobs stand behind those of the problem and before the appointments, as in arrays that are built anew. What only the
search asks for (which jobs are near, in which order they are put back) is left empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.dispatch.building.demands import Demands
from optimizer.dispatch.building.flat import begins, floats, ints
from optimizer.dispatch.building.op_arrays import op_arrays
from optimizer.dispatch.building.ops import ops_of
from optimizer.dispatch.building.relations import relation_arrays
from optimizer.dispatch.building.state import Built, is_tight
from optimizer.dispatch.building.supply import Supply
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.kernel.arrays import Data, Ints
from optimizer.dispatch.kernel.supply import MODE
from optimizer.dispatch.model import Precedence, Problem, Together

OF_TIMES = {"low_s": "low", "high_s": "high", "length_s": "length", "extra_cost": "extra"}
OF_OPS = ("op_place", "op_load", "op_called", "op_pausable", "told_person")
LISTS_OF_OPS = {
    "op_tours_at": ("op_tours",),
    "windows_at": ("window_from_s", "window_until_s"),
    "shared_at": ("shared",),
    "link_at": ("link_target", "link_offset_s", "link_from_end", "link_to_end"),
    "modes_at": ("mode_ready_s", "mode_cost"),
}
LISTS_OF_MODES = {"lines_at": ("line_part", "line_quantity")}
OF_JOBS = ("job_leave", "job_must", "job_due_s", "job_told_s", "job_move_rate")
LISTS_OF_JOBS = {
    "late_at": ("late_after_s", "late_rate"),
    "pair_at": ("pair_job", "pair_same"),
    "before_at": ("before_job",),
    "after_at": ("after_job",),
}
OF_STORES = ("kit", "person_tools", "depot_stock", "depot_tools")
TO_OPS, TO_JOBS = ("link_target",), ("op_job", "pair_job", "before_job", "after_job")
"""Numbers of ops and of jobs, which count from the first new one in what is built of the new jobs alone."""


def extended(
    one: Built, jobs: Sequence[Job], precedence: Sequence[Precedence] = (), together: Sequence[Together] = ()
) -> Built:
    """Return the arrays of a problem with more jobs, which may be tied to each other but to no other job.

    O(tours x new ops) beside copying. Raises ValueError for a job that the problem has already, or cannot hold.
    """
    given = one.problem
    whole = replace(
        given,
        jobs=(*given.jobs, *jobs),
        precedence=(*given.precedence, *precedence),
        together=(*given.together, *together),
    )
    added = replace(given, jobs=tuple(jobs), precedence=tuple(precedence), together=tuple(together))
    ops = ops_of(added)
    demands = Demands(added, one.tours, ops)
    supply = Supply(added, ops, one.supply.parts, one.supply.tools)
    new: dict[str, Any] = {
        **op_arrays(added, one.tours, ops, demands),
        **relation_arrays(added, ops, len(jobs) + len(ops) - _seats(jobs)),
        **supply.arrays(ops),
    }
    tight = one.data.tight and is_tight(added, one.tours, demands, bool(new["linked"]))
    splice = _Splice(one.data, new, len(given.jobs), len(jobs), _seats(jobs))
    data = splice.data(demands, whole, tight)
    at, more = splice.op_at, splice.ops
    return replace(
        one,
        problem=whole,
        ops=(
            *one.ops[:at],
            *(replace(op, job=op.job + len(given.jobs)) for op in ops[:more]),
            *(replace(op, job=op.job + len(jobs)) for op in one.ops[at:]),
        ),
        supply=supply.behind(one.supply, at, more),
        data=data,
        first=tuple(tuple(stop + more * (stop >= at) for stop in stops) for stops in one.first),
        modes=None if one.modes is None else splice.modes(one.modes),
        lost=tuple(job + len(jobs) * (job >= len(given.jobs)) for job in one.lost),
    )


def _seats(jobs: Sequence[Job]) -> int:
    return sum(len(job.seats) for job in jobs)


class _Splice:
    """Puts what belongs to `jobs` new jobs, with so many `ops`, between the jobs and the appointments of arrays."""

    def __init__(self, old: Data, new: dict[str, Any], job_at: int, jobs: int, ops: int) -> None:
        self.old: dict[str, Any] = old._asdict()
        self.new = new
        self.job_at, self.jobs = job_at, jobs
        self.op_at, self.ops = int(old.job_ops_at[job_at]), ops
        for name in TO_OPS:
            new[name] = new[name] + self.op_at
        for name in TO_JOBS:
            new[name] = new[name] + job_at
        self.old["op_job"] = old.op_job + jobs * (old.op_job >= job_at)
        self.old["job_near"] = old.job_near + jobs * (old.job_near >= job_at)

    def data(self, demands: Demands, whole: Problem, tight: bool) -> Data:
        """Return the arrays of the whole."""
        pairs = np.stack((self.old["tour_row"], np.array(demands.tour_row, dtype=np.int64)), axis=1)
        rows, tour_row = np.unique(pairs, axis=0, return_inverse=True)
        found: dict[str, Any] = {"tour_row": tour_row.reshape(-1), "tight": tight}
        for name, own in OF_TIMES.items():
            table = getattr(demands, own)[rows[:, 1]] if len(rows) else getattr(demands, own)
            before = self.old[name][rows[:, 0]] if len(rows) else self.old[name]
            found[name] = self._between(before.T, table.T, self.op_at, self.ops).T.copy()
        for name in (*OF_OPS, "op_job"):
            found[name] = self._between(self.old[name], self.new[name], self.op_at, self.ops)
        for name in OF_JOBS:
            found[name] = self._between(self.old[name], self.new[name], self.job_at, self.jobs)
        mode_at = int(self.old["modes_at"][self.op_at]), int(self.new["modes_at"][self.ops])
        for lists, at, more in (
            (LISTS_OF_OPS, self.op_at, self.ops),
            (LISTS_OF_MODES, *mode_at),
            (LISTS_OF_JOBS, self.job_at, self.jobs),
        ):
            for first, names in lists.items():
                found |= self._lists(first, names, at, more)
        found |= {name: self.new[name] for name in OF_STORES}
        found["op_tools"] = self._between(*self._words("op_tools"), self.op_at, self.ops)
        found["job_ops_at"] = self._counted("job_ops_at", self.job_at, self.jobs)
        near = self.old["job_near"]
        found["job_near"] = self._between(near, np.full((self.jobs, near.shape[1]), -1), self.job_at, self.jobs)
        keys = self.old["job_keys"]
        found["job_keys"] = self._between(keys.T, np.zeros((self.jobs, len(keys))), self.job_at, self.jobs).T.copy()
        found |= self._gaps(rows)
        found["must_cost"] = self.old["must_cost"] + self.new["must_cost"]  # no less than that of the whole
        found["linked"] = bool(self.old["linked"] or self.new["linked"])
        found["changes_max"] = found["op_job"].size if whole.change.changes_max is None else whole.change.changes_max
        return Data(**(self.old | found))

    def _gaps(self, rows: Ints) -> dict[str, Any]:
        """Return the gaps of rows made up of an old and a new one: those of new ops stand behind those of the old."""
        lists: list[list[Any]] = []
        for old, new in rows.tolist():
            own = [
                (own["gap_op"][index] + shift, own["gap_from_s"][index], own["gap_until_s"][index])
                for own, row, shift in ((self.old, old, 0), (self.new, new, self.op_at))
                for index in range(own["gaps_at"][row], own["gaps_at"][row + 1])
            ]
            lists.append(own)
        return {
            "gaps_at": begins(lists),
            "gap_op": ints([[op for op, _, _ in one] for one in lists]),
            "gap_from_s": floats([[since for _, since, _ in one] for one in lists]),
            "gap_until_s": floats([[until for _, _, until in one] for one in lists]),
        }

    def modes(self, given: Ints) -> Ints:
        """Return the supplies of all ops, those of the new ones by the first of their modes."""
        at, more = int(self.old["modes_at"][self.op_at]), int(self.new["modes_at"][self.ops])
        fresh = self.new["modes_at"][:-1] + at
        return np.asarray(
            self._between(given + more * ((given & MODE) >= at), fresh, self.op_at, self.ops), dtype=np.int64
        )

    def _words(self, name: str) -> tuple[Any, Any]:
        old, new = self.old[name], self.new[name]
        return np.pad(old, ((0, 0), (0, new.shape[1] - old.shape[1]))), new

    def _lists(self, begins: str, names: Sequence[str], at: int, more: int) -> dict[str, Any]:
        first, count = int(self.old[begins][at]), int(self.new[begins][more])
        found = {name: self._between(self.old[name], self.new[name], first, count) for name in names}
        return {**found, begins: self._counted(begins, at, more)}

    def _counted(self, begins: str, at: int, more: int) -> Any:
        """Return where each list begins with `more` new ones before the old one at `at`."""
        counts = self._between(np.diff(self.old[begins]), np.diff(self.new[begins]), at, more)
        return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)

    @staticmethod
    def _between(old: Any, new: Any, at: int, more: int) -> Any:
        return np.concatenate((old[:at], new[:more].astype(old.dtype, copy=False), old[at:]))
