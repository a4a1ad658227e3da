"""What people are assigned to, wherever: nobody is in two places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.models import Job
from fieldops.workforce.facts import Engagement
from fieldops.workforce.models import Technician
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped


def engagements(
    session: Session, people: Collection[str], since: datetime, until: datetime
) -> defaultdict[str, list[Engagement]]:
    """Return {technician: other work that touches a span}, of all regions: nobody is in two places."""
    found: defaultdict[str, list[Engagement]] = defaultdict(list)
    with unscoped(session):
        for some in portions(sorted(people)):
            query = (
                select(Technician.code, Job.number, Assignment.starts_at, Assignment.ends_at)
                .select_from(Assignment)
                .join(Technician, Technician.id == Assignment.technician_id)
                .join(Job, Job.id == Assignment.job_id)
                .where(
                    Technician.code.in_(some),
                    Assignment.ended_at.is_(None),
                    Assignment.ends_at > since,
                    Assignment.starts_at < until,
                )
                .order_by(Assignment.starts_at)
            )
            for code, number, starts_at, ends_at in session.execute(query):
                found[code].append(Engagement(number, starts_at, ends_at))
    return found
