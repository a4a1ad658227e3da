"""What bookings share: the jobs with their places and aircraft, savepoints, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.customers.models import Operator
from fieldops.dispatch.execution.lifecycle import EventKind
from fieldops.dispatch.execution.models import JobEvent
from fieldops.dispatch.models import Job
from fieldops.fleet.models import Aircraft
from fieldops.workforce.models import Technician
from inventory.catalogue.schemas import ForAircraft
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class At:
    """A job with what its bookings need: place, region, and the aircraft with its operator, if any."""

    job: Job
    place: str
    zone: ZoneInfo
    region: str
    aircraft: Aircraft | None
    operator: str | None

    @property
    def for_aircraft(self) -> ForAircraft | None:
        """What a part is issued for."""
        if self.aircraft is None:
            return None
        return ForAircraft(
            type=self.aircraft.aircraft_type,
            serial=self.aircraft.serial,
            registry_authority=self.aircraft.authority,
            operator=self.operator,
        )


@dataclass(slots=True)
class Books:
    """What is booked together."""

    session: Session
    actor: Actor
    now: datetime
    at: Mapping[UUID, At]
    customer: str | None
    people: Mapping[UUID, Technician]
    times: Mapping[UUID, datetime]
    refused: dict[UUID, DomainError]

    def time_of(self, event: JobEvent) -> datetime:
        """Return when an event happened, as a person corrected it where one did."""
        return self.times.get(event.id, event.happened_at)

    def day_of(self, event: JobEvent, at: datetime | None = None) -> date:
        """Return the day at the place of its job on which an event counts: when it happened, or `at`; never to come."""
        zone = self.at[event.job_id].zone
        return min(at or self.time_of(event), self.now).astimezone(zone).date()

    def person(self, event: JobEvent) -> Technician:
        """Return who did what an event tells; raises KeyError for what the office did."""
        if event.technician_id is None:
            raise KeyError(event.id)
        return self.people[event.technician_id]

    def each(self, events: Sequence[JobEvent], kind: EventKind, do: Callable[[JobEvent], object]) -> None:
        """Do something with each event of a kind, in a savepoint of its own; what is refused waits for a person."""
        for one in events:
            if one.kind is kind and one.id not in self.refused:
                try:
                    with self.session.begin_nested():
                        do(one)
                except DomainError as refusal:
                    self.refused.setdefault(one.id, refusal)


def places_of(session: Session, jobs: Mapping[UUID, Job]) -> dict[UUID, At]:
    """Return {job: its place and aircraft}."""
    query = (
        select(Job.id, Place.code, Place.time_zone, Region.code, Aircraft, Operator.code)
        .join(Place, Place.id == Job.place_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Job.id.in_(list(jobs)))
    )
    with unscoped(session):  # the aircraft and the operator of a job that the actor sees, based elsewhere
        rows = session.execute(query).all()
    return {
        key: At(jobs[key], place, ZoneInfo(zone or "UTC"), region or "", plane, operator)
        for key, place, zone, region, plane, operator in rows
    }


def customer_of(books: Books) -> str:
    """Return the place that stands for customers; raises Conflict where there is none."""
    if books.customer is None:
        raise Conflict(
            _("Parts go to and come from a place of tier “customer”, and there is none; add one"), code="no_customer"
        )
    return books.customer


def people_of(session: Session, events: Sequence[JobEvent]) -> dict[UUID, Technician]:
    """Return {id: who did what events tell}, wherever they are based."""
    found: dict[UUID, Technician] = {}
    with unscoped(session):
        for some in portions(sorted({one.technician_id for one in events if one.technician_id is not None})):
            for one in session.scalars(select(Technician).where(Technician.id.in_(some))):
                session.expunge(one)
                found[one.id] = one
    return found
