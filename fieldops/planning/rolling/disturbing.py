"""Which events disturb the plan in force in a region."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.events.schemas import EventOut
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import in_force
from fieldops.planning.rolling.rules import Kind, named_by
from fieldops.planning.schemas import Cause
from fieldops.planning.versions.basis import Basis
from fieldops.planning.versions.standing import short_of
from fieldops.workforce.models import Technician
from inventory.kernel.lookup import portions
from inventory.kernel.priority import Priority
from inventory.network.models import Place, Region

_IN_VAIN = (EventKind.DECLINE, EventKind.NO_ACCESS, EventKind.WRONG_PART, EventKind.REJECT)
"""What happens on the way or at the aircraft that leaves a job undone, though its state may be as it was."""
_OVER = frozenset({JobState.DONE, JobState.INSPECTED, JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED})
_SLACK = timedelta(minutes=1)
_NAMED_MAX = 5


def disturbing(session: Session, region: str, events: Sequence[EventOut], now: datetime) -> list[Cause]:
    """Return which of some events disturb the plan in force in a region; none where there is no plan.

    `now` is the time where people work, which in a demonstration is its own.
    """
    plan = in_force(session, [region]).get(region) if events else None
    if plan is None:
        return []
    look = _Look(session, region, plan, now, events)
    found = []
    for event in events:
        named = [one for one in event.payload.get("what", ()) if one in look.disturbed(event)]
        if named:
            found.append(Cause(number=event.number, kind=event.kind, what=named[:_NAMED_MAX]))
    return found


@dataclass(frozen=True)
class _Look:
    """A plan in force in a region and what events name, read once for all of them."""

    session: Session
    region: str
    plan: UUID
    now: datetime
    events: Sequence[EventOut]

    def disturbed(self, event: EventOut) -> Collection[str]:
        """Return the jobs, people or parts whose change disturbs the plan, as the kind of an event names them."""
        named = named_by(event.kind)
        if named is Kind.PEOPLE:
            return self._people
        if named is Kind.PARTS:
            return self._parts
        if event.kind == "job.prolonged":
            return {job.number for job in self._known}
        return self._new if event.kind == "job.added" else self._jobs

    @cached_property
    def _seats(self) -> list[tuple[str, str, datetime]]:
        """Return (job, technician, start) of the plan's seats in the region that are not over."""
        rows = self.session.execute(
            select(Job.number, Technician.code, PlanAssignment.starts_at)
            .join(Job, Job.id == PlanAssignment.job_id)
            .join(Technician, Technician.id == PlanAssignment.technician_id)
            .join(Place, Place.id == Job.place_id)
            .join(Region, Region.id == Place.region_id)
            .where(PlanAssignment.plan_id == self.plan, Region.code == self.region, PlanAssignment.ends_at > self.now)
        )
        return [(number, person, start) for number, person, start in rows]

    @cached_property
    def _known(self) -> list[Job]:
        """Return the jobs in the region that events name."""
        numbers = {
            one for event in self.events if named_by(event.kind) is Kind.JOBS for one in event.payload.get("what", ())
        }
        query = (
            select(Job)
            .join(Place, Place.id == Job.place_id)
            .join(Region, Region.id == Place.region_id)
            .where(Region.code == self.region)
        )
        return [
            job for some in portions(sorted(numbers)) for job in self.session.scalars(query.where(Job.number.in_(some)))
        ]

    @cached_property
    def _new(self) -> set[str]:
        """Return the planned jobs that cannot wait for the next plan."""
        return {job.number for job in self._known if job.state is JobState.PLANNED and job.priority != Priority.ROUTINE}

    @cached_property
    def _jobs(self) -> set[str]:
        starts: dict[str, datetime] = {}
        for number, _person, start in self._seats:
            starts[number] = min(start, starts.get(number, start))
        planned = {job.number for job in self._known if job.state is JobState.PLANNED and job.number in starts}
        freed = {
            job.number for job in self._known if job.state in _OVER and starts.get(job.number, self.now) > self.now
        }
        return planned | freed | self._new | self._in_vain

    @cached_property
    def _in_vain(self) -> set[str]:
        names = {job.id: job.number for job in self._known}
        since = min((event.happened_at for event in self.events), default=self.now) - _SLACK
        query = select(JobEvent.job_id).where(JobEvent.kind.in_(_IN_VAIN), JobEvent.recorded_at >= since)
        return {
            names[key]
            for some in portions(sorted(names))
            for key in self.session.scalars(query.where(JobEvent.job_id.in_(some)))
        }

    @cached_property
    def _people(self) -> set[str]:
        return {person for _number, person, _start in self._seats}

    @cached_property
    def _parts(self) -> set[str]:
        """Return the parts that events name of which the plan counts on more than is there."""
        basis = self.session.scalar(select(DayPlan.basis).where(DayPlan.id == self.plan))
        if basis is None:
            return set()
        named = {
            one for event in self.events if named_by(event.kind) is Kind.PARTS for one in event.payload.get("what", ())
        }
        pieces = [one for one in Basis.model_validate(basis).within([self.region]).pieces if one.part in named]
        return {part for part, _place in short_of(self.session, pieces, [self.region])} if pieces else set()
