"""The bars of the board: what the plans in force and the crews give to whom, and the jobs that nobody has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.demands import Seating
from fieldops.dispatch.execution.lifecycle import Ending, JobState
from fieldops.dispatch.models import Job, JobPart, PlanAssignment, terms_of
from fieldops.dispatch.papers.words import titles
from fieldops.dispatch.rules import every_seat
from fieldops.planning.models import PlanRegion, PlanStatus
from fieldops.workforce.kinds import SIGNING, Seat
from fieldops.workforce.models import Technician
from inventory.kernel.priority import Priority
from inventory.network.models import Place, Region

_OVER = (JobState.RELEASED, JobState.ADVISORY_CLOSED, JobState.CLOSED)
"""Jobs in these states have nothing left to be given to anybody."""


@dataclass(frozen=True, slots=True)
class BoardBar:
    """Somebody in a seat of a job; `given` by a person or a lock, else only planned; `held` waits for an approval.

    The way there takes `travel_s` before the start.
    """

    person: UUID
    seat: Seat
    starts_at: datetime
    ends_at: datetime
    travel_s: int
    given: bool
    held: bool


@dataclass(frozen=True, slots=True)
class BoardJob:
    """A job as the board shows it, with its bars, none where nobody has it.

    `parts_at` is when its last part is there, None for at once or without parts. `unsigned` are the seats of those who
    must sign in the end that nobody has; `unnamed` tells that it ends by a release and names no approved data yet.
    """

    number: str
    title: str
    aircraft: str | None
    place: str
    priority: Priority
    state: JobState
    duration_s: int
    window_start: datetime
    window_end: datetime
    due_at: datetime
    version: int
    locked_by: str | None
    needs_parts: bool
    parts_at: datetime | None
    seats: list[Seat]
    unsigned: list[Seat]
    unnamed: bool
    bars: list[BoardBar]

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be given to somebody."""
        return self.state is JobState.PLANNED


def board_jobs(
    session: Session, since: datetime, until: datetime, region: str | None, numbers: Collection[str] = ()
) -> list[BoardJob]:
    """Return the jobs between two instants, or some by number, of a region or of all, in a fixed number of statements.

    Jobs are there that somebody has in that time, and those that are open and whose window has begun before its end.
    """
    planned = _planned(region)
    inside: tuple[ColumnElement[bool], ...]
    if numbers:
        inside = (Job.number.in_(sorted(numbers)),)
    else:
        touched = planned.where(PlanAssignment.starts_at < until, PlanAssignment.ends_at > since)
        sat = select(Assignment.job_id).where(
            Assignment.ended_at.is_(None), Assignment.starts_at < until, Assignment.ends_at > since
        )
        inside = (
            or_(
                (Job.state.not_in(_OVER)) & (Job.window_start < until),
                Job.id.in_(touched.with_only_columns(PlanAssignment.job_id)),
                Job.id.in_(sat),
            ),
        )
    if region is not None:
        at = select(Place.id).join(Region, Region.id == Place.region_id).where(Region.code == region)
        inside = (*inside, Job.place_id.in_(at))
    bars, parts_at = _bars(session, planned, inside)
    with_parts = set(session.scalars(select(JobPart.job_id).join(Job, Job.id == JobPart.job_id).where(*inside)))
    seating = Seating(session, *inside)
    return [
        _told(row, seating, bars.get(row["id"], []), row["id"] in with_parts, parts_at.get(row["id"]))
        for row in session.execute(_jobs().where(*inside)).mappings()
    ]


def _jobs() -> Select[*tuple[Any, ...]]:
    # columns, not entities, which cost twice as much to load
    return (
        select(
            Job.id,
            Job.number,
            Job.title,
            Job.title_zh,
            Job.aircraft,
            Job.kind,
            Place.code.label("place"),
            Job.priority,
            Job.state,
            Job.duration_s,
            Job.window_start,
            Job.window_end,
            Job.due_at,
            Job.version,
            Job.locked_by,
            Job.release_level,
            Job.inspection,
            Job.data_reference,
            Job.data_revision,
        )
        .join(Place, Place.id == Job.place_id)
        .order_by(Job.number)
    )


def _told(
    row: Mapping[Any, Any], seating: Seating, bars: list[BoardBar], needs_parts: bool, parts_at: datetime | None
) -> BoardJob:
    terms = terms_of(row["kind"], row["release_level"], row["aircraft"], inspection=row["inspection"])
    seats = every_seat(seating.seats(row["id"], terms))
    taken = {bar.seat for bar in bars}
    named = row["data_reference"] is not None and row["data_revision"] is not None
    shown = ("number", "aircraft", "place", "priority", "state", "duration_s", "window_start", "window_end", "due_at")
    return BoardJob(
        **{name: row[name] for name in (*shown, "version", "locked_by")},
        title=titles(row["title"], row["title_zh"])[0],
        needs_parts=needs_parts,
        parts_at=parts_at,
        seats=seats,
        unsigned=[seat for seat in seats if seat in SIGNING and seat not in taken],
        unnamed=terms.ending is Ending.RELEASE and not named,
        bars=bars,
    )


def _planned(region: str | None) -> Select[*tuple[Any, ...]]:
    """The rows of plans that are in force where their jobs are."""
    query = (
        select(
            PlanAssignment.job_id,
            PlanAssignment.technician_id,
            PlanAssignment.seat,
            PlanAssignment.starts_at,
            PlanAssignment.ends_at,
            PlanAssignment.travel_s,
            PlanAssignment.held,
            PlanAssignment.parts_ready_at,
        )
        .join(Job, Job.id == PlanAssignment.job_id)
        .join(Place, Place.id == Job.place_id)
        .join(Region, Region.id == Place.region_id)
        .join(PlanRegion, (PlanRegion.plan_id == PlanAssignment.plan_id) & (PlanRegion.region == Region.code))
        .where(PlanRegion.status == PlanStatus.CURRENT)
    )
    return query if region is None else query.where(Region.code == region)


def _bars(
    session: Session, planned: Select[*tuple[Any, ...]], inside: Sequence[ColumnElement[bool]]
) -> tuple[dict[UUID, list[BoardBar]], dict[UUID, datetime]]:
    """Return {job: who has its seats}, and {job: when its parts are there}.

    Who was given a seat has it, whatever the plan says; the way there is the plan's.
    """
    given: defaultdict[UUID, list[BoardBar]] = defaultdict(list)
    sitting = (
        select(Assignment.job_id, Assignment.technician_id, Assignment.seat, Assignment.starts_at, Assignment.ends_at)
        .join(Job, Job.id == Assignment.job_id)
        .where(Assignment.ended_at.is_(None), *inside)
        .order_by(Assignment.id)
    )
    for job, person, seat, starts, ends in session.execute(sitting):
        given[job].append(BoardBar(person, seat, starts, ends, 0, given=True, held=False))
    lines: defaultdict[UUID, list[BoardBar]] = defaultdict(list)
    parts_at: dict[UUID, datetime] = {}
    for job, person, seat, starts, ends, travel_s, held, ready in session.execute(
        planned.where(*inside).order_by(PlanAssignment.position)
    ):
        lines[job].append(BoardBar(person, seat, starts, ends, travel_s, given=False, held=held))
        if ready is not None:
            parts_at[job] = ready
    return {job: list(_merged(given[job], lines[job])) for job in {*given, *lines}}, parts_at


def _merged(given: Sequence[BoardBar], planned: Sequence[BoardBar]) -> Iterator[BoardBar]:
    """Yield those who were given a seat, then the plan for the seats that are left."""
    left = list(planned)
    for bar in given:
        same = next((one for one in left if (one.person, one.seat) == (bar.person, bar.seat)), None)
        same = same or next((one for one in left if one.seat == bar.seat), None)
        if same is None:
            yield bar
            continue
        left.remove(same)
        yield replace(bar, travel_s=same.travel_s if same.person == bar.person else 0, held=same.held)
    yield from left


def people_of(session: Session, keys: Collection[UUID]) -> dict[UUID, str]:
    """Return {key: code} of those among some people whom the actor sees."""
    return dict(session.execute(select(Technician.id, Technician.code).where(Technician.id.in_(keys))).all())
