"""What jobs ask of people, as they stand in the database: what the plan, the crew and every report judge by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from fieldops.dispatch.execution.lifecycle import Ending, Terms
from fieldops.dispatch.models import Job, JobQualification, JobSeat, terms_of
from fieldops.dispatch.rules import Seats, SeatsWanted, level_of, seats_of
from fieldops.dispatch.tasks.models import Task
from fieldops.workforce.facts import SeatDemand
from fieldops.workforce.kinds import CertificateKind, Seat
from fieldops.workforce.models import Qualification
from inventory.network.models import Place


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical task on one of several systems of an aircraft."""

    aircraft: UUID
    task: str
    system: str


@dataclass(frozen=True, slots=True)
class Work:
    """What decides who may do a job: where it is, its tail, the level of its release, its seats, its critical task.

    `for_aircraft` tells that it is work on an aircraft, known or not.
    """

    key: UUID
    number: str
    place: str
    aircraft: str | None
    seats: Seats
    level: str = "line"
    for_aircraft: bool = False
    critical: Critical | None = None


class Seating:
    """The seats of the jobs that fit criteria, and what the authorisations that they ask for cover. Two queries."""

    def __init__(self, session: Session, *chosen: ColumnElement[bool]) -> None:
        self._asked: defaultdict[UUID, set[str]] = defaultdict(set)
        self.scopes: defaultdict[UUID, set[str]] = defaultdict(set)
        named = (
            select(JobQualification.job_id, Qualification.code, Qualification.kind, Qualification.scope)
            .join(Job, Job.id == JobQualification.job_id)
            .join(Qualification, Qualification.code == JobQualification.qualification_code)
        )
        for key, code, kind, scope in session.execute(named.where(*chosen)):
            self._asked[key].add(code)
            if kind is CertificateKind.AUTHORISATION:
                self.scopes[key].update(scope)
        self._typed = _typed(session, chosen)
        self._known: dict[tuple[Any, ...], Seats] = {}

    def seats(self, key: UUID, terms: Terms) -> Seats:
        """Return the seats of a job that ends so; reckoned once for all jobs that ask the same."""
        same = (tuple(self._typed.get(key, ())), frozenset(self._asked[key]), frozenset(self.scopes[key]), terms)
        if same not in self._known:
            self._known[same] = seats_of(*same)
        return self._known[same]


def works_of(session: Session, *chosen: ColumnElement[bool]) -> list[Work]:
    """Return what the jobs that fit criteria ask for, by number, in a fixed number of queries."""
    seating = Seating(session, *chosen)
    # columns, not entities, which cost twice as much to load
    query = (
        select(
            Job.id,
            Job.number,
            Job.kind,
            Place.code.label("place"),
            Job.aircraft,
            Job.aircraft_id,
            Job.release_level,
            Job.inspection,
            Job.task,
            Job.system,
            Task.critical,
        )
        .join(Place, Place.id == Job.place_id)
        .outerjoin(Task, Task.code == Job.task)
        .where(*chosen)
        .order_by(Job.number)
    )
    found = []
    for row in session.execute(query):
        terms = terms_of(row.kind, row.release_level, row.aircraft, inspection=row.inspection)
        told = row.critical and row.aircraft_id is not None and row.system is not None
        found.append(
            Work(
                key=row.id,
                number=row.number,
                place=row.place,
                aircraft=row.aircraft,
                seats=seating.seats(row.id, terms),
                level=row.release_level or level_of(seating.scopes[row.id]),
                for_aircraft=row.aircraft is not None or terms.ending is Ending.RELEASE,
                critical=Critical(row.aircraft_id, row.task, row.system) if told else None,
            )
        )
    return found


def _typed(session: Session, chosen: tuple[ColumnElement[bool], ...]) -> Mapping[UUID, list[SeatsWanted]]:
    found: defaultdict[UUID, list[SeatsWanted]] = defaultdict(list)
    query = (
        select(JobSeat.job_id, JobSeat.seat, JobSeat.qualifications, JobSeat.security_level, JobSeat.count)
        .join(Job, Job.id == JobSeat.job_id)
        .where(*chosen)
        .order_by(JobSeat.seat)
    )
    for key, seat, codes, level, count in session.execute(query):
        found[key].append(SeatsWanted(SeatDemand(Seat(seat), frozenset(codes), level), count))
    return found
