"""What a new job takes from its tail and its task: place, window, duration, data, level of release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.checklists.queries import steps_given
from fieldops.dispatch.models import JobKind
from fieldops.dispatch.rules import LINE
from fieldops.dispatch.schemas import NewJob
from fieldops.dispatch.tasks.models import Task
from fieldops.dispatch.tasks.queries import require_tasks
from fieldops.fleet.models import Aircraft
from fieldops.fleet.queries import stays
from fieldops.fleet.rules import Stay
from inventory.kernel.errors import Invalid
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _

AHEAD = timedelta(days=60)
"""How far ahead an aircraft's time on ground is looked for."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What is known of a new job once its tail and task are looked up; instants are UTC, the duration in seconds."""

    place: str
    aircraft: str | None
    aircraft_id: UUID | None
    duration_s: int
    window_start: datetime
    window_end: datetime
    due_at: datetime
    release_level: str | None
    inspection: bool
    data_reference: str | None
    data_revision: str | None
    checklist: list[dict[str, Any]]


def bound(session: Session, jobs: Sequence[NewJob], now: datetime) -> list[Bound]:
    """Return what each new job takes from its tail and its task, in a fixed number of queries.

    Raises Invalid for an unknown registration or task, for an aircraft that is not long enough on ground, and for a
    task that asks for an inspection where none is wanted.
    """
    tasks = require_tasks(session, {job.task for job in jobs if job.task})
    tails = _tails(session, {name for job in jobs for name in (job.tail, job.aircraft) if name})
    for job in jobs:
        _refuse_unknown(job, tails)
    open_ended = {job.tail for job in jobs if job.tail and None in (job.place, job.window_start, job.window_end)}
    known = stays(session, open_ended, now, now + AHEAD) if open_ended else {}
    steps = steps_given(session, [(job.task, job.kind) for job in jobs])
    return [
        _bound(job, tasks.get(job.task or ""), tails, known, now, given) for job, given in zip(jobs, steps, strict=True)
    ]


def _refuse_unknown(job: NewJob, tails: Mapping[str, UUID]) -> None:
    for field, name in (("tail", job.tail), ("aircraft", job.aircraft)):
        if name is not None and name not in tails:
            raise Invalid(
                _("Job {number}: there is no aircraft {tail}; add it to the fleet first or correct it").format(
                    number=job.number, tail=name
                ),
                code="aircraft_unknown",
                field=field,
            )


def _bound(
    job: NewJob,
    task: Task | None,
    tails: Mapping[str, UUID],
    known: Mapping[str, Sequence[Stay]],
    now: datetime,
    checklist: list[dict[str, Any]],
) -> Bound:
    refuse_no_inspection(job.number, task, job.inspection)
    duration = timedelta(minutes=job.duration_min or (task.learned_min if task else 0))
    place, start, end, due = job.place, job.window_start, job.window_end, job.due_at
    if place is None or start is None or end is None:
        stay = on_ground(known.get(job.tail or "", ()), duration, start or now, place)
        if stay is None:
            raise Invalid(
                _(
                    "Job {number}: aircraft {tail} is not on ground for {minutes} minutes in the next {days} days; "
                    "import its rotations, or give place, window_start and window_end"
                ).format(number=job.number, tail=job.tail, minutes=duration // timedelta(minutes=1), days=AHEAD.days),
                code="no_ground_time",
                field="tail",
            )
        place = place or stay.station
        start = start or max(stay.arrives_at, now)
        end = end or stay.departs_at - duration
        due = due or stay.departs_at
    name = job.tail or job.aircraft
    tail = tails.get(name or "")
    level = job.release_level
    if level is None and name is not None and job.kind is not JobKind.ADVISORY:
        level = LINE
    return Bound(
        place=place,
        aircraft=name,
        aircraft_id=tail,
        duration_s=duration // timedelta(seconds=1),
        window_start=start,
        window_end=end,
        due_at=due or end + duration,
        release_level=level,
        inspection=(task is not None and task.inspection) if job.inspection is None else job.inspection,
        data_reference=job.data_reference or (task.data_reference if task else None),
        data_revision=job.data_revision or (task.data_revision if task else None),
        checklist=checklist,
    )


def refuse_no_inspection(number: str, task: Task | None, wanted: bool | None) -> None:
    """Raise Invalid where a job is not to be inspected whose task asks for it."""
    if wanted is False and task is not None and task.inspection:
        raise Invalid(
            _("Job {number}: its task {task} is inspected by somebody else always; leave inspection out").format(
                number=number, task=task.code
            ),
            code="inspection_needed",
            field="inspection",
        )


def on_ground(known: Sequence[Stay], duration: timedelta, after: datetime, place: str | None) -> Stay | None:
    """Return the first stay that leaves time for work after an instant, at a place where one is named; None for none.

    >>> on_ground([], timedelta(hours=1), datetime(2026, 3, 2), None) is None
    True
    """
    for stay in known:
        if place in (None, stay.station) and max(stay.arrives_at, after) + duration <= stay.departs_at:
            return stay
    return None


def _tails(session: Session, names: set[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    with unscoped(session):  # an aircraft that is based elsewhere is repaired where it stands
        for some in portions(sorted(names)):
            query = select(Aircraft.registration, Aircraft.id).where(Aircraft.registration.in_(some))
            found.update((name, key) for name, key in session.execute(query))
    return found
