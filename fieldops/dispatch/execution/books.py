"""What bookings share: the jobs with their places and aircraft, savepoints, people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region


@dataclass(frozen=True, slots=True)
class At:
    """A job with what its bookings need: place, region, and the aircraft with its operator, if any."""

    job: Job
    place: str
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
    refused: dict[UUID, DomainError]

    def each(self, events: Sequence[JobEvent], kind: EventKind, do: Callable[[JobEvent], None]) -> None:
        """Do something with each event of a kind, in a savepoint of its own; what is refused waits for a person."""
        for one in events:
            if one.kind is kind:
                try:
                    with self.session.begin_nested():
                        do(one)
                except DomainError as refusal:
                    self.refused.setdefault(one.id, refusal)


def places_of(session: Session, jobs: Mapping[UUID, Job]) -> dict[UUID, At]:
    """Return {job: its place and aircraft}."""
    query = (
        select(Job.id, Place.code, Region.code, Aircraft, Operator.code)
        .join(Place, Place.id == Job.place_id)
        .outerjoin(Region, Region.id == Place.region_id)
        .outerjoin(Aircraft, Aircraft.id == Job.aircraft_id)
        .outerjoin(Operator, Operator.id == Aircraft.operator_id)
        .where(Job.id.in_(list(jobs)))
    )
    with unscoped(session):  # the aircraft and the operator of a job that the actor sees, based elsewhere
        rows = session.execute(query).all()
    return {key: At(jobs[key], place, region or "", plane, operator) for key, place, region, plane, operator in rows}


def customer_of(books: Books) -> str:
    """Return the place that stands for customers; raises Conflict where there is none."""
    if books.customer is None:
        raise Conflict(
            _("Parts go to and come from a place of tier “customer”, and there is none; add one"), code="no_customer"
        )
    return books.customer


def technician_of(session: Session, event: JobEvent) -> Technician:
    """Return who did what an event tells, wherever the person is based."""
    with unscoped(session):
        found = session.scalars(select(Technician).where(Technician.id == event.technician_id)).one()
        session.expunge(found)
    return found
