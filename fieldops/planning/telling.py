"""Whose work another plan in force changes: one event for each of them, from who has which seat before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.planning.models import PlanRegion, PlanStatus
from fieldops.workforce.models import Technician
from inventory.kernel.actor import Actor
from inventory.kernel.clock import present
from inventory.kernel.outbox import emit_many
from inventory.kernel.scope import unscoped
from inventory.network.models import Place, Region

KIND = "assignment.changed"


@dataclass(frozen=True, slots=True)
class _Visit:
    """When somebody begins on a job, and in which seats."""

    start: datetime
    seats: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        return {"start": self.start.isoformat(), "seats": list(self.seats)}


_Work = Mapping[tuple[str, str], Mapping[str, _Visit]]
"""{(region of the jobs, technician): {job: when and in which seats}}."""


@contextmanager
def telling_whose_work_changes(
    session: Session, actor: Actor, regions: Collection[str], now: datetime, jobs: Collection[str] | None = None
) -> Iterator[None]:
    """Tell everybody whose work to come in regions is otherwise after the block than before.

    `now` is the time where people work, which in a demonstration is its own: work before it is not to come.
    What waits for an approval, or has been sent to its crew, is nobody's work of a plan. Where the block changes some
    `jobs` alone, only these are looked at. Three statements, however many people there are.
    """
    before = _work(session, regions, jobs)
    yield
    session.flush()
    after = _work(session, regions, jobs)
    emit_many(session, KIND, _told(before, after, actor, now), present(session))


def _told(before: _Work, after: _Work, actor: Actor, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the region and what is told to it for each whose work is otherwise."""
    for region, technician in sorted({*before, *after}):
        was, is_now = (side.get((region, technician), {}) for side in (before, after))
        jobs = [
            {
                "job": job,
                "before": None if job not in was else was[job].told(),
                "after": None if job not in is_now else is_now[job].told(),
            }
            for job in sorted({*was, *is_now})
            if was.get(job) != is_now.get(job) and max(side[job].start for side in (was, is_now) if job in side) >= now
        ]
        if jobs:
            yield region, {"technician": technician, "region": region, "by": actor.id, "jobs": jobs}


def _work(session: Session, regions: Collection[str], jobs: Collection[str] | None) -> _Work:
    query = (
        select(Region.code, Technician.code, Job.number, PlanAssignment.starts_at, PlanAssignment.seat)
        .select_from(PlanAssignment)
        .join(Job, Job.id == PlanAssignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .join(PlanRegion, (PlanRegion.plan_id == PlanAssignment.plan_id) & (PlanRegion.region == Region.code))
        .join(Technician, Technician.id == PlanAssignment.technician_id)
        .where(
            PlanRegion.status == PlanStatus.CURRENT,
            PlanRegion.region.in_(regions),
            PlanAssignment.held.is_(False),
            Job.state == JobState.PLANNED,
        )
        .order_by(PlanAssignment.starts_at, PlanAssignment.position)
    )
    if jobs is not None:
        query = query.where(Job.number.in_(jobs))
    found: defaultdict[tuple[str, str], dict[str, _Visit]] = defaultdict(dict)
    with unscoped(session):  # somebody who is lent to a region is of another
        for region, technician, job, start, seat in session.execute(query):
            known = found[region, technician].get(job)
            seats = (seat.value,) if known is None else (*known.seats, seat.value)
            found[region, technician][job] = _Visit(start if known is None else known.start, seats)
    return found
