"""Jobs that people have fixed, as they would be if they had not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from fieldops.planning.problems import AreaProblem, area_problem
from fieldops.planning.snapshot import Snapshot
from optimizer.dispatch.jobs import Job
from optimizer.dispatch.plan import Plan


def unlocked(snapshot: Snapshot, area: AreaProblem, plan: Plan, ready: Mapping[str, datetime | None]) -> dict[str, Job]:
    """Return the jobs that a plan leaves out though their seats are given, as they are when anybody may do them."""
    out = {one.job for one in plan.left_out}
    fixed = [job for job in snapshot.jobs if job.number in out and area.crews[job.number].given is not None]
    if not fixed:
        return {}
    without = replace(snapshot, jobs=[replace(job, crew=()) for job in fixed])
    return {job.number: job for job in area_problem(without, area.area, ready).problem.jobs}
