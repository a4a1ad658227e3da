"""What those see and do who work on jobs of a region that they are lent to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.workforce.models import Technician
from fieldops.workforce.roster.models import Secondment
from inventory.kernel.actor import Actor
from inventory.kernel.scope import actor_of, at_places
from inventory.network.models import Place


def jobs_of_loans(session: Session, user: str) -> frozenset[str]:
    """Return the numbers of the jobs on which a user sits as somebody lent there, until they are closed.

    Needs a session of the whole network.
    """
    query = (
        select(Job.number)
        .select_from(Technician)
        .join(Secondment, Secondment.technician_id == Technician.id)
        .join(Assignment, Assignment.technician_id == Technician.id)
        .join(Job, Job.id == Assignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .where(
            Technician.user_name == user,
            Place.region_id == Secondment.region_id,
            Secondment.starts_at <= Assignment.starts_at,
            Secondment.ends_at >= Assignment.ends_at,
            Assignment.ended_at.is_(None),
            Job.state != JobState.CLOSED,
        )
    )
    return frozenset(session.scalars(query))


@contextmanager
def working_on(session: Session, jobs: Collection[str]) -> Iterator[Actor]:
    """Reach inside the block the places of those among some jobs that the actor is lent to.

    For what is booked and shown of these jobs alone: their parts, tools and papers. Yields the actor as it is inside.
    """
    lent = actor_of(session).scope.jobs & set(jobs)
    query = select(Place.code).join(Job, Job.place_id == Place.id).where(Job.number.in_(lent))
    with at_places(session, session.scalars(query).all() if lent else ()) as actor:
        yield actor
