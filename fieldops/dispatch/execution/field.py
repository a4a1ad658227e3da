"""What somebody in the field needs of the own jobs: the steps open to a seat, parts kept, stock to take from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting, crew_of
from fieldops.dispatch.execution.lifecycle import SEATS_OF, TABLE, EventKind, JobState, Terms, Who
from fieldops.dispatch.execution.schemas import JobEventOut
from fieldops.dispatch.lending import working_on
from fieldops.dispatch.models import Job, JobPart
from fieldops.workforce.kinds import Seat
from inventory.availability.reservation_queries import reservation_page
from inventory.availability.reservation_schemas import ReservationOut
from inventory.catalogue.models import Part
from inventory.ledger.models import ReservationState
from inventory.ledger.queries import FIRST_KEY, balance_page
from inventory.traceability.condition import USABLE, Hold

_KEPT_MAX = 1_000
_LOTS_MAX = 50
"""How many pieces of a part are told of a place."""


@dataclass(frozen=True, slots=True)
class FieldStep:
    """A step that somebody may take with the own seats, from one state of the job to another."""

    origin: JobState
    kind: EventKind
    target: JobState


@dataclass(frozen=True, slots=True)
class Takeable:
    """Stock that a job may take a part from; `reservation` is what keeps it for the job."""

    part: str
    lot: str | None
    condition: str
    owner: str
    place: str
    quantity: Decimal
    reservation: UUID | None


def field_steps(terms: Terms, seats: Collection[str]) -> list[FieldStep]:
    """Return the steps of the one table that the field may take with some seats, in its order."""
    held = {Seat(one) for one in seats}
    return [
        FieldStep(one.origin, one.kind, one.target)
        for one in TABLE
        if one.who is not Who.OFFICE and one.open_to(terms) and held & SEATS_OF[one.who]
    ]


def kept_parts(session: Session, jobs: Collection[str]) -> defaultdict[str, list[ReservationOut]]:
    """Return {job: what is kept for it}, the oldest first, also of jobs that the actor is lent to."""
    found: defaultdict[str, list[ReservationOut]] = defaultdict(list)
    with working_on(session, jobs):
        for one in reservation_page(session, demands=jobs, state=ReservationState.HELD, limit=_KEPT_MAX):
            found[one.demand].append(one)
    return found


def takeable(session: Session, job: str, place: str, parts: Iterable[str]) -> list[Takeable]:
    """Return the usable stock of parts at the place of a job and where some is kept for it, by place and part."""
    kept = kept_parts(session, [job])[job]
    keys = {(one.place, one.part, one.lot): one.id for one in kept}
    places = sorted({place, *(one.place for one in kept)}, key=lambda code: (code != place, code))
    with working_on(session, [job]):
        rows = [
            stock
            for shelf in places
            for part in sorted(set(parts))
            for _key, stock in balance_page(session, after=("", "", FIRST_KEY), limit=_LOTS_MAX, place=shelf, part=part)
        ]
    return [
        Takeable(
            one.part,
            one.lot,
            one.condition,
            one.owner,
            one.place,
            one.quantity,
            keys.get((one.place, one.part, one.lot)),
        )
        for one in rows
        if one.condition in USABLE and one.hold is Hold.NONE
    ]


def at_work_since(events: Sequence[JobEventOut], person: str) -> datetime | None:
    """Return since when somebody has worked what is not booked yet, by events in time; None where nobody has begun."""
    since: datetime | None = None
    for one in events:
        if not one.in_force:
            continue
        if one.kind in (EventKind.ARRIVE, EventKind.RESUME):
            since = one.happened_at
        elif one.kind is EventKind.LABOUR and one.technician == person:
            since = datetime.fromisoformat(one.told["work"]["end"])
    return since


def crews(session: Session, jobs: Collection[str]) -> dict[str, list[Sitting]]:
    """Return {job: who sits there now} of those among some jobs that the actor sees."""
    keys = {key: number for number, key in session.execute(select(Job.number, Job.id).where(Job.number.in_(jobs)))}
    found = crew_of(session, keys)
    return {number: found[key] for key, number in keys.items()}


def parts_needed(session: Session, jobs: Collection[str]) -> defaultdict[str, set[str]]:
    """Return {job: the parts that it asks for}."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    query = select(Job.number, Part.part_number).join(JobPart, JobPart.job_id == Job.id)
    for number, part in session.execute(query.join(Part, Part.id == JobPart.part_id).where(Job.number.in_(jobs))):
        found[number].add(part)
    return found
