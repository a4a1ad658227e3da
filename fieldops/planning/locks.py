"""What a plan could not keep of what people have fixed: seats that are given, locked jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fieldops.planning.costing import NOTHING, money
from fieldops.planning.problems import AreaProblem, area_problem
from fieldops.planning.schemas import CostOut, WayOut
from fieldops.planning.snapshot import Snapshot
from optimizer.dispatch.live.replanning import Conflict, conflicts
from optimizer.dispatch.plan import Plan

_MONEY = ("labour", "travel", "lateness")
"""The terms that somebody pays; the others weigh what is better."""


@dataclass(frozen=True, slots=True)
class BrokenLock:
    """A job that could not be kept where it is fixed, in an area whose plan begins at `start`."""

    conflict: Conflict
    start: datetime

    def way_out(self, currency: str) -> WayOut | None:
        """Return the cheapest way to do it otherwise, all else as it is; None where leaving it out is cheaper."""
        option = self.conflict.way_out
        if option is None:
            return None
        terms = {term: money(option.terms.get(term, 0.0)) for term in _MONEY}
        return WayOut(
            technicians=list(dict.fromkeys(place.technician for place in option.places)),
            start=self.start + timedelta(seconds=round(min(place.start_s for place in option.places))),
            cost=CostOut(currency=currency, total=sum(terms.values(), NOTHING), by_term=terms),
        )


def broken_locks(
    snapshot: Snapshot, area: AreaProblem, plan: Plan, ready: Mapping[str, datetime | None]
) -> Iterator[BrokenLock]:
    """Yield the jobs of an area which its plan could not keep where people have fixed them."""
    out = {one.job for one in plan.left_out}
    fixed = [job for job in snapshot.jobs if job.number in out and area.crews[job.number].given is not None]
    if not fixed:
        return
    without = replace(snapshot, jobs=[replace(job, crew=()) for job in fixed])
    free = {job.number: job for job in area_problem(without, area.area, ready).problem.jobs}
    for conflict in conflicts(area.problem, plan, free):
        yield BrokenLock(conflict, area.start)
