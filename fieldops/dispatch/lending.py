"""Where people work who are lent to another region."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.workforce.models import Technician
from fieldops.workforce.roster.models import Secondment
from inventory.network.models import Place


def places_of_work(session: Session, user: str) -> frozenset[str]:
    """Return the codes of the places where a user sits on jobs as somebody lent there, until the jobs are closed.

    Needs a session of the whole network.
    """
    query = (
        select(Place.code)
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
