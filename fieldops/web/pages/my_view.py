"""What the pages of somebody in the field show: the own days, and the card of a job with what may be told of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from fieldops.dispatch.card_facts import CardFacts
from fieldops.dispatch.cards import job_card
from fieldops.dispatch.checklists.schemas import called
from fieldops.dispatch.execution.field import (
    FieldStep,
    Takeable,
    at_work_since,
    crews,
    field_steps,
    kept_parts,
    parts_needed,
    takeable,
)
from fieldops.dispatch.execution.lifecycle import BOOKINGS, JobState
from fieldops.dispatch.execution.queries import FIRST_TIME, event_page, own_jobs, quarantine_page
from fieldops.dispatch.execution.schemas import JobEventOut, OwnJob, QuarantinedEventOut
from fieldops.dispatch.execution.service import own_technician
from fieldops.dispatch.photos.queries import photo_page
from fieldops.dispatch.photos.schemas import PhotoOut
from fieldops.dispatch.photos.service import PHOTOS_MAX
from fieldops.dispatch.queries import job_by_number, job_heads
from fieldops.dispatch.schemas import JobOut
from fieldops.dispatch.service import job_to_read
from fieldops.web.pages.my_words import states
from fieldops.workforce.kinds import Seat
from fieldops.workforce.queries import technician_heads
from inventory.availability.reservation_schemas import ReservationOut
from inventory.kernel.actor import Actor
from inventory.network.queries import places_told
from inventory.network.schemas import PlaceOut

JOBS_MAX = 100
EVENTS_MAX = 500
_OVER = frozenset({JobState.RELEASED, JobState.ADVISORY_CLOSED})


@dataclass(frozen=True, slots=True)
class DayJob:
    """A job of one's own as the day shows it; `others` are names, `kept` of `needed` kinds of parts are kept for it."""

    job: OwnJob
    priority: str
    place: PlaceOut
    others: tuple[str, ...]
    needed: int
    kept: int

    @property
    def zone(self) -> str:
        """Return the time zone of the place."""
        return self.place.time_zone or "UTC"

    @property
    def day(self) -> date:
        """Return the day on which it starts there."""
        return self.job.starts_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def over(self) -> bool:
        """Tell whether nothing is left to do in the field."""
        return self.job.state in _OVER


@dataclass(frozen=True, slots=True)
class MyDays:
    """The own jobs in order: those of before that are not over, those of today, those that come by day."""

    today: date
    before: list[DayJob]
    now: list[DayJob]
    coming: list[tuple[date, list[DayJob]]]

    @property
    def all(self) -> list[DayJob]:
        """Return every job that is shown."""
        return [*self.before, *self.now, *(one for _day, some in self.coming for one in some)]


def my_days(session: Session, actor: Actor, now: datetime) -> MyDays:
    """Return the own jobs that are not closed, as of an instant; what is over is shown on its day only."""
    jobs = own_jobs(session, actor.id, after=(FIRST_TIME, ""), limit=JOBS_MAX)
    shown = [one for one in _day_jobs(session, actor, jobs) if not one.over or _is_today(one, now)]
    today = now.astimezone(ZoneInfo(shown[0].zone if shown else "UTC")).date()
    later = [one for one in shown if one.day > _local_day(one, now)]
    return MyDays(
        today=today,
        before=[one for one in shown if one.day < _local_day(one, now)],
        now=[one for one in shown if _is_today(one, now)],
        coming=[(day, [one for one in later if one.day == day]) for day in sorted({one.day for one in later})],
    )


def _local_day(one: DayJob, now: datetime) -> date:
    return now.astimezone(ZoneInfo(one.zone)).date()


def _is_today(one: DayJob, now: datetime) -> bool:
    ends = one.job.ends_at.astimezone(ZoneInfo(one.zone))
    return one.day <= _local_day(one, now) <= (ends - timedelta(microseconds=1)).date()


def _day_jobs(session: Session, actor: Actor, jobs: Collection[OwnJob]) -> list[DayJob]:
    numbers = {one.job for one in jobs}
    own = own_technician(session, actor)
    heads, sitting = job_heads(session, numbers), crews(session, numbers)
    names = technician_heads(session, {one.person for crew in sitting.values() for one in crew})
    places = places_told(session, {one.place for one in jobs})
    kept, needs = kept_parts(session, numbers), parts_needed(session, numbers)
    return [
        DayJob(
            job=one,
            priority=heads[one.job].priority,
            place=places[one.place],
            others=tuple(
                sorted({names.get(who.person, (who.person, ""))[0] for who in sitting[one.job] if who.person != own})
            ),
            needed=len(needs[one.job]),
            kept=len(needs[one.job] & {some.part for some in kept[one.job]}),
        )
        for one in jobs
    ]


@dataclass(frozen=True, slots=True)
class MyCard:
    """The card of a job, with what somebody may tell of it from the own seats.

    `steps` are open to these seats; `stock` is what parts can be taken from; `waiting` are the own reports that a
    dispatcher decides about.
    """

    facts: CardFacts
    job: JobOut
    place: PlaceOut
    seats: tuple[str, ...]
    own: str | None
    steps: list[FieldStep]
    kept: list[ReservationOut]
    stock: list[Takeable]
    events: list[JobEventOut]
    waiting: list[QuarantinedEventOut]
    photos: list[PhotoOut]

    @property
    def answers(self) -> bool:
        """Tell whether the own seats answer the checklist: whoever does has worked, and inspects no more."""
        return any(one != Seat.INDEPENDENT_INSPECTOR for one in self.seats)

    @property
    def zone(self) -> str:
        """Return the time zone of the place."""
        return self.facts.time_zone

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of steps that are open to the own seats, each once, in the order of the table."""
        return list(dict.fromkeys(one.kind.value for one in self.steps))

    def span_of(self, event: JobEventOut) -> tuple[datetime, datetime] | None:
        """Return from when to when somebody worked or travelled, None for any other event."""
        span = event.told.get("work") or event.told.get("journey")
        return span and (datetime.fromisoformat(span["start"]), datetime.fromisoformat(span["end"]))

    def for_scripts(self, user: str) -> dict[str, object]:
        """Return what the scripts of the card need to go on without the server."""
        since = at_work_since(self.events, self.own or "")
        return {
            "user": user,
            "job": self.facts.job,
            "state": self.facts.state,
            "states": states(),
            "steps": [{"origin": one.origin, "kind": one.kind, "target": one.target} for one in self.steps],
            "bookings": sorted(BOOKINGS),
            "zone": self.zone,
            "since": since.isoformat() if since else None,
            "parts": [{"part": one.part, "alternates": one.alternates} for one in self.facts.parts if not one.used],
            "checklist": [
                {
                    "number": one.number,
                    "called": called(one),
                    "kind": one.kind,
                    "mandatory": one.mandatory,
                    "lowest": None if one.lowest is None else plain(one.lowest),
                    "highest": None if one.highest is None else plain(one.highest),
                    "settled": one.settled,
                }
                for one in self.facts.checklist
            ],
            "stock": [
                {
                    "part": one.part,
                    "lot": one.lot,
                    "condition": one.condition,
                    "owner": one.owner,
                    "place": one.place,
                    "quantity": plain(one.quantity),
                    "reservation": None if one.reservation is None else str(one.reservation),
                }
                for one in self.stock
            ],
        }


def my_card(session: Session, actor: Actor, number: str) -> MyCard:
    """Return the card of a job; raises NotFound for an unknown number."""
    facts, job = job_card(session, number), job_by_number(session, number)
    own = own_technician(session, actor)
    seats = tuple(sorted({one.seat for one in facts.seats if own is not None and one.technician == own}))
    parts = {code for one in facts.parts if not one.used for code in (one.part, *one.alternates)}
    return MyCard(
        facts=facts,
        job=job,
        place=places_told(session, [facts.place])[facts.place],
        seats=seats,
        own=own,
        steps=field_steps(job_to_read(session, number).terms, seats),
        kept=kept_parts(session, [number])[number],
        stock=takeable(session, number, facts.place, parts) if seats else [],
        events=event_page(session, number, limit=EVENTS_MAX),
        waiting=[one for one in quarantine_page(session, limit=JOBS_MAX, job=number) if one.recorded_by == actor.id],
        photos=photo_page(session, number, limit=PHOTOS_MAX),
    )


def plain(quantity: Decimal) -> str:
    """Return a quantity without needless zeros."""
    return f"{quantity.normalize():f}"
