"""What runs out in the coming months by region, against the jobs that are planned there."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.dispatch.models import Job, JobQualification, JobStatus
from fieldops.dispatch.rights_schemas import Expiring
from fieldops.workforce.models import HeldQualification, Technician
from inventory.network.models import Place, Region


def expiry_forecast(session: Session, today: date, months: int) -> list[Expiring]:
    """Return what runs out in each of the coming months, by region, month and code. What is renewed does not."""
    first, end = today.replace(day=1), _later(today.replace(day=1), months)
    holders: defaultdict[tuple[str, str], list[date]] = defaultdict(list)
    last_days = (
        select(Region.code, HeldQualification.qualification_code, func.max(HeldQualification.valid_until))
        .select_from(HeldQualification)
        .join(Technician, Technician.id == HeldQualification.technician_id)
        .join(Place, Place.id == Technician.base_id)
        .join(Region, Region.id == Place.region_id)
        .group_by(Region.code, HeldQualification.qualification_code, HeldQualification.technician_id)
    )
    for region, code, until in session.execute(last_days):
        holders[region, code].append(until)
    demand = _demand(session)
    found = []
    for (region, code), ends in holders.items():
        month = first
        while month < end:
            following = _later(month, 1)
            since = max(month, today)
            expiring = sum(since <= until < following for until in ends)
            if expiring:
                asked = sum(count for starts, count in demand[region, code].items() if starts >= month)
                there = sum(until >= since for until in ends)
                found.append(
                    Expiring(
                        region=region, month=f"{month:%Y-%m}", code=code, holders=there, expiring=expiring, jobs=asked
                    )
                )
            month = following
    return sorted(found, key=lambda one: (one.region, one.month, one.code))


def _demand(session: Session) -> defaultdict[tuple[str, str], Counter[date]]:
    query = (
        select(Region.code, JobQualification.qualification_code, Job.window_end)
        .select_from(JobQualification)
        .join(Job, Job.id == JobQualification.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(Job.status == JobStatus.OPEN)
    )
    demand: defaultdict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for region, code, latest in session.execute(query):
        demand[region, code][latest.date()] += 1
    return demand


def _later(month: date, months: int) -> date:
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)
