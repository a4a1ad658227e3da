"""Reads of the board: all of it or some jobs in a compact form, and who may not take a job at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import never_permitted
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import job_to_read
from fieldops.planning.board.jobs import BoardBar, BoardJob, board_jobs, people_of
from fieldops.planning.board.people import BoardPerson, board_people
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.portion import discretion_of
from fieldops.planning.schemas import UnassignedOut
from fieldops.workforce.models import Technician
from fieldops.workforce.rest import Span
from inventory.kernel.installation import CURRENCY, fact
from inventory.network.models import Place, Region

JOB = (
    "number", "title", "aircraft", "place", "priority", "state", "lasts", "from", "to", "due", "version", "locked",
    "parts", "partsAt", "seats", "unsigned", "unnamed", "bars",
)  # fmt: skip
"""What the values of a job are called, in their order."""
BAR = ("person", "seat", "start", "end", "travel", "given", "held")
PERSON = ("code", "name", "base", "duties", "standby", "away")
PLACE = ("code", "name", "area", "zone", "region")


@dataclass(frozen=True, slots=True)
class InForce:
    """A plan that is in force in a region."""

    region: str
    plan: str


def plans_in_force(session: Session, region: str | None) -> list[InForce]:
    """Return the plans in force in a region, or in all that the actor sees, by region."""
    query = select(PlanRegion.region, DayPlan.number).join(DayPlan, DayPlan.id == PlanRegion.plan_id)
    query = query.where(PlanRegion.status == PlanStatus.CURRENT).order_by(PlanRegion.region)
    if region is not None:
        query = query.where(PlanRegion.region == region)
    return [InForce(code, number) for code, number in session.execute(query)]


def told_board(session: Session, since: datetime, until: datetime, region: str | None) -> dict[str, Any]:
    """Return the board between two instants: rows, jobs with their bars, and why the plan leaves jobs out.

    Instants are seconds from `since`; the lists `job`, `bar`, `person` and `place` say what their values are. So a week
    of 100 people and 1,000 jobs takes some tens of kilobytes. The number of statements does not depend on the size.
    """
    people = board_people(session, since, until, region)
    jobs = board_jobs(session, since, until, region)
    plans = plans_in_force(session, region)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "currency": fact(session, CURRENCY) or "USD",
        "plans": [[one.region, one.plan] for one in plans],
        "columns": {"job": JOB, "bar": BAR, "person": PERSON, "place": PLACE},
        "places": _places(session, {one.base for one in people} | {one.place for one in jobs}),
        "people": [_row(one, since) for one in people],
        "jobs": _told_jobs(jobs, since, {one.key: one.code for one in people}),
        "reasons": _reasons(session, region, jobs),
    }


def told_jobs(
    session: Session, since: datetime, until: datetime, region: str | None, numbers: Collection[str]
) -> dict[str, Any]:
    """Return some jobs as the board tells them; one that is not told is not there, or not seen, any more."""
    jobs = board_jobs(session, since, until, region, numbers)
    people = people_of(session, {bar.person for one in jobs for bar in one.bars})
    return {
        "places": _places(session, {one.place for one in jobs}),
        "jobs": _told_jobs(jobs, since, people),
        "reasons": _reasons(session, region, jobs),
    }


def barred(session: Session, number: str) -> dict[str, dict[str, str]]:
    """Return {seat: {technician: why he may take it at no time}} of the people of a job's area.

    What duties, ways and other work have to say, only a question about an instant tells. Raises NotFound for an
    unknown job.
    """
    job = job_to_read(session, number)
    (work,) = works_of(session, Job.id == job.id)
    area = select(Place.area).where(Place.id == job.place_id).scalar_subquery()
    near = select(Technician.code).join(Place, Place.id == Technician.base_id).where(Place.area == area)
    codes = list(session.scalars(near))
    within = (job.window_start, job.window_end + timedelta(seconds=job.duration_s))
    return {
        seat.value: {code: "; ".join(one.text for one in against) for code, against in people.items()}
        for seat, people in never_permitted(session, work, codes, within).items()
    }


def _places(session: Session, codes: Collection[str]) -> list[list[str]]:
    query = select(Place.code, Place.name, Place.area, Place.time_zone, Region.code)
    query = query.outerjoin(Region, Region.id == Place.region_id).where(Place.code.in_(sorted(codes)))
    return [
        [code, name, area or "", zone or "UTC", region or ""]
        for code, name, area, zone, region in session.execute(query.order_by(Place.code))
    ]


def _row(one: BoardPerson, since: datetime) -> list[Any]:
    return [
        one.code,
        one.name,
        one.base,
        _spans(one.duties, since),
        _spans(one.standby, since),
        [[_s(starts, since), _s(ends, since), kind] for starts, ends, kind in one.absences],
    ]


def _told_jobs(jobs: Iterable[BoardJob], since: datetime, people: dict[UUID, str]) -> list[list[Any]]:
    return [
        [
            one.number,
            one.title,
            one.aircraft,
            one.place,
            one.priority,
            one.state,
            one.duration_s,
            _s(one.window_start, since),
            _s(one.window_end, since),
            _s(one.due_at, since),
            one.version,
            one.locked_by,
            int(one.needs_parts),
            None if one.parts_at is None else _s(one.parts_at, since),
            one.seats,
            one.unsigned,
            int(one.unnamed),
            [_bar(bar, since, people) for bar in one.bars],
        ]
        for one in jobs
    ]


def _bar(bar: BoardBar, since: datetime, people: dict[UUID, str]) -> list[Any]:
    """Return a bar; somebody whom the reader does not see is ""."""
    start, end = _s(bar.starts_at, since), _s(bar.ends_at, since)
    return [people.get(bar.person, ""), bar.seat, start, end, bar.travel_s, int(bar.given), int(bar.held)]


def _reasons(session: Session, region: str | None, jobs: Iterable[BoardJob]) -> dict[str, list[str]]:
    """Return {job: why the plan in force leaves it out} of those that nobody has, as far as the reader may hear it."""
    numbers = {one.number for one in jobs if not one.bars and one.is_open}
    if not numbers:
        return {}
    left_out = DayPlan.document[("dispatch", "unassigned")]
    current = select(PlanRegion.plan_id).where(PlanRegion.status == PlanStatus.CURRENT)
    if region is not None:
        current = current.where(PlanRegion.region == region)
    discretion = discretion_of(session)
    told: dict[str, list[str]] = {}
    for listed in session.scalars(select(left_out).where(DayPlan.id.in_(current))):
        for one in listed or ():
            if one["job"] in numbers:
                reasons = discretion.told(UnassignedOut.model_validate(one).reasons)
                told[one["job"]] = [reason.text for reason in reasons]
    return told


def _spans(spans: Iterable[Span], since: datetime) -> list[list[int]]:
    return [[_s(starts, since), _s(ends, since)] for starts, ends in spans]


def _s(instant: datetime, since: datetime) -> int:
    return round((instant - since).total_seconds())
