"""What the decision about a seat looks at: plain values of people, jobs and rules. Instants are UTC, ends exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fieldops.workforce.kinds import AbsenceKind, CertificateKind, Seat
from fieldops.workforce.rest import RestRule, Span

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What somebody holds, from when until when; an empty field sets no limit."""

    code: str
    kind: CertificateKind
    starts: datetime
    ends: datetime
    authority: str | None = None
    standard: str | None = None
    category: str | None = None
    aircraft_type: str | None = None
    country: str | None = None
    places: frozenset[str] = frozenset()
    scope: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Practice:
    """Somebody worked on an aircraft type."""

    aircraft_type: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """Somebody is on another job, at a place."""

    job: str
    starts: datetime
    ends: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is not there."""

    kind: AbsenceKind
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Lent:
    """Somebody is lent to another region."""

    region: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person. `duties` are the shifts of the roster, `standby` when one can be called in; `rest` is the rule in
    force for the person, if any. `worked` is labour that was booked, `travel` the ways to and from other jobs, which
    count as work where the rule says so.
    """

    code: str
    region: str | None
    base: str = ""
    certificates: tuple[Certificate, ...] = ()
    practice: tuple[Practice, ...] = ()
    duties: tuple[Span, ...] = ()
    standby: tuple[Span, ...] = ()
    absences: tuple[Away, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    worked: tuple[Span, ...] = ()
    travel: tuple[Span, ...] = ()
    lent: tuple[Lent, ...] = ()
    home_country: str | None = None
    security_level: int = 0
    advisory_only: bool = False
    rest: RestRule | None = None
    zone: ZoneInfo = UTC_ZONE


@dataclass(frozen=True, slots=True)
class SeatDemand:
    """What is asked of who takes a seat, beside what rules ask: codes of qualifications, a security level."""

    seat: Seat
    qualifications: frozenset[str] = frozenset()
    security_level: int = 0


@dataclass(frozen=True, slots=True)
class CrewMember:
    """Somebody who has a seat on the job; `permitted` tells whether that stands by itself."""

    person: str
    seat: Seat
    permitted: bool = True


@dataclass(frozen=True, slots=True)
class CriticalTask:
    """A critical task on one of several systems of an aircraft, such as one of its engines."""

    task: str
    system: str


@dataclass(frozen=True, slots=True)
class TaskDone:
    """Who does a critical task in the same visit."""

    person: str
    task: str
    system: str


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job: aircraft type and authority are those of its tail, None where it is bound to none.

    `level` is what kind of release it needs, such as line or base. `travel` are the ways to it and from it.
    `for_aircraft` tells that it is work on an aircraft, known or not; `mechanics` that it has a seat for a mechanic.
    """

    number: str
    starts_at: datetime
    ends_at: datetime
    place: str
    country: str | None = None
    region: str | None = None
    aircraft_type: str | None = None
    authority: str | None = None
    level: str = "line"
    crew: tuple[CrewMember, ...] = ()
    tasks: tuple[CriticalTask, ...] = ()
    visit: tuple[TaskDone, ...] = ()
    travel: tuple[Span, ...] = ()
    for_aircraft: bool = False
    mechanics: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """A release rule, see `fieldops.workforce.releasing.models.ReleaseRule`."""

    code: str
    authority: str
    seat: Seat
    standards: frozenset[str]
    categories: frozenset[str] = frozenset()
    validation: bool = True
    rating: bool = True
    authorisation: bool = True
    scope: str | None = None
    approval: bool = True
    experience_months: int = 0
    within_months: int = 0
    trainings: tuple[str, ...] = ()
    margin_days: int = 0
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """An authority lets the organisation maintain aircraft of some types (none named: all), at some levels."""

    number: str
    authority: str
    aircraft_types: frozenset[str]
    levels: frozenset[str]
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class AccessTerms:
    """What who works at a place, or comes from elsewhere into a country, must hold."""

    code: str
    place: str | None
    country: str | None
    kinds: tuple[CertificateKind, ...]
    security_level: int = 0
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules. What there is no rule for is not asked for; for a registry without a rule nobody signs."""

    releases: tuple[ReleaseTerms, ...] = ()
    approvals: tuple[Approval, ...] = ()
    access: tuple[AccessTerms, ...] = ()
