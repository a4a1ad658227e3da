"""Use cases of crews. `assign` is the only way to an assignment, and asks the one decision of the whole crew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.engagements import Sitting, crew_of, move_ends
from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.queries import Case, case_of, is_known, lock_crew, person_of
from fieldops.dispatch.execution.lifecycle import EventKind, JobState
from fieldops.dispatch.execution.recording import step
from fieldops.dispatch.models import Job
from fieldops.dispatch.rules import working_seat
from fieldops.workforce.kinds import SIGNING, Seat
from fieldops.workforce.refusals import Refusal
from fieldops.workforce.rest import Span
from fieldops.workforce.service import unknown_technician
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell

_UNDER_WAY = frozenset({JobState.DISPATCHED, JobState.ACCEPTED, JobState.TRAVELLING, JobState.ON_SITE, JobState.PAUSED})


@dataclass(frozen=True, slots=True)
class Refused:
    """What stands against somebody in a seat."""

    person: str
    seat: Seat
    refusals: tuple[Refusal, ...]


class CrewRefused(Conflict):
    """The one decision refuses a crew; `failing` tells every rule that stands against whom."""

    def __init__(self, job: str, refused: Sequence[Refused]) -> None:
        failing = [(one, refusal) for one in refused for refusal in one.refusals if refusal.hard]
        told = "; ".join(f"{one.person} ({one.seat}): {refusal.text}" for one, refusal in failing)
        super().__init__(
            _("Job {job} refuses the crew: {reasons}. Choose somebody else or another time").format(
                job=job, reasons=told
            ),
            code="seat_refused",
        )
        self.details = [(f"{one.person}.{one.seat}.{refusal.code}", refusal.text) for one, refusal in failing]


def assign(session: Session, actor: Actor, job: Job, seat: Seat, person: str, span: Span, now: datetime) -> Assignment:
    """Give somebody a seat of a job, which is locked, for a span.

    The whole crew is judged with its new member, by the one decision, under the lock of its people: nobody overrides
    that. Raises CrewRefused with every failing rule, Conflict for a job that is locked or has no such seat left,
    Invalid for a span that is past, too short or not within the job's window, NotFound for an unknown technician.
    """
    refuse_kept(job)
    if not is_known(session, person, job, span):
        raise unknown_technician(person)
    (technician,) = lock_crew(session, [person])
    new = Sitting(person, seat, *span)
    case = case_of(session, job, [new], [person])
    _refuse_seat(case, new)
    _refuse_span(case, new, now)
    judge(case, (*case.crew, new))
    made = Assignment(
        id=uuid7(),
        job_id=job.id,
        technician_id=technician.id,
        seat=seat,
        starts_at=span[0],
        ends_at=span[1],
        made_by=actor.id,
        made_at=now,
        ended_by=None,
        ended_at=None,
    )
    session.add(made)
    step(session, actor, job, EventKind.ASSIGN, {"person": person, "seat": seat.value}, now)
    touch(session, job)
    tell(session, "job.assigned", {job.place_id: [job.number]})
    return made


def unassign(session: Session, actor: Actor, job: Job, keys: Collection[UUID], now: datetime) -> None:
    """Take seats of a job, which is locked, away from who has them.

    Raises NotFound where nobody has one, CrewRefused where somebody who remains may not sit there without those who
    go, Conflict where nobody would be left to do the work of a job that is dispatched, and for one whose place is kept.
    """
    refuse_kept(job)
    query = select(Assignment).where(Assignment.id.in_(list(keys)), Assignment.job_id == job.id)
    found = session.scalars(query.where(Assignment.ended_at.is_(None)).order_by(Assignment.id)).all()
    if len(found) < len(keys):
        raise NotFound(
            _("Nobody has this seat of job {job} any more; read its crew again").format(job=job.number),
            code="unknown_assignment",
        )
    leaving = [Sitting(person_of(session, one.technician_id), one.seat, one.starts_at, one.ends_at) for one in found]
    _refuse_leaving(case_of(session, job, (), ()), leaving)
    for one, sitting in zip(found, leaving, strict=True):
        one.ended_at, one.ended_by = now, actor.id
        step(session, actor, job, EventKind.UNASSIGN, {"person": sitting.person, "seat": one.seat.value}, now)
    touch(session, job)
    tell(session, "job.unassigned", {job.place_id: [job.number]})


def refuse_kept(job: Job) -> None:
    """Raise Conflict for a planned job that somebody has locked: its people and its time stay."""
    if is_kept(job):
        raise Conflict(
            _("Job {job} is locked by {who}: its people and its time stay; unlock it first").format(
                job=job.number, who=job.locked_by
            ),
            code="job_locked",
        )


def is_kept(job: Job) -> bool:
    """Tell whether a job is planned, and locked where it is."""
    return job.locked_by is not None and job.state is JobState.PLANNED


def judge(case: Case, crew: Collection[Sitting]) -> None:
    """Raise CrewRefused unless everybody of a crew may sit where they do."""
    refused = [Refused(one.person, one.seat, case.refusals(one, crew)) for one in crew]
    if any(refusal.hard for one in refused for refusal in one.refusals):
        raise CrewRefused(case.job.number, refused)


def judge_anew(session: Session, job: Job, now: datetime) -> None:
    """Judge the crew of a job, which is locked, after the job was changed.

    Raises CrewRefused for who may not sit there any more, Conflict for a seat that there is not any more, Invalid for
    a span that does not fit the job any more.
    """
    people = {one.person for one in crew_of(session, [job.id])[job.id]}
    if not people:
        return
    lock_crew(session, people)
    case = case_of(session, job, (), ())
    for seat, taken in Counter(one.seat for one in case.crew).items():
        if seat not in case.seats or taken > case.seats[seat].count:
            raise Conflict(
                _("{count} sit in seat {seat} of job {job}, which would be too many; take somebody out first").format(
                    count=taken, seat=seat, job=job.number
                ),
                code="seats_taken",
                field="seats",
            )
    for one in case.crew:
        _refuse_span(case, one, now)
    judge(case, case.crew)


def prolong(session: Session, job: Job, longer: timedelta) -> None:
    """Let a job under way, which is locked, take longer: everybody sits there as much longer, whatever comes next."""
    lock_crew(session, {one.person for one in crew_of(session, [job.id])[job.id]})
    move_ends(session, job.id, longer)
    job.duration_s += longer // timedelta(seconds=1)


def touch(session: Session, job: Job) -> None:
    """Make a job's version count a change of what belongs to it, so that who changes it meanwhile hears of it."""
    session.flush()
    flag_modified(job, "state")
    session.flush()


def usual_span(job: Job, starts_at: datetime, ends_at: datetime | None) -> Span:
    """Return the span of a seat: without an end, as long as the job takes."""
    return starts_at, ends_at or starts_at + timedelta(seconds=job.duration_s)


def _refuse_leaving(case: Case, leaving: Sequence[Sitting]) -> None:
    crew = list(case.crew)
    for one in leaving:
        crew.remove(one)
    refused = []
    for one in crew:
        stood = {refusal.code for refusal in case.forbids(one, case.crew)}
        refused.append(
            Refused(
                one.person,
                one.seat,
                tuple(refusal for refusal in case.forbids(one, crew) if refusal.code not in stood),
            )
        )
    if any(one.refusals for one in refused):
        raise CrewRefused(case.job.number, refused)
    works = working_seat(case.seats)
    if (
        case.job.state in _UNDER_WAY
        and any(one.seat is works for one in leaving)
        and not any(one.seat is works for one in crew)
    ):
        raise Conflict(
            _("Job {job} is {state}, and nobody would be left to do its work; recall the job first").format(
                job=case.job.number, state=case.job.state
            ),
            code="last_seat",
        )


def _refuse_span(case: Case, new: Sitting, now: datetime) -> None:
    """Refuse a span that is over or not within the job's window; work under way is judged by its end alone."""
    job = case.job
    told = {"job": job.number, "seat": new.seat, "start": _minute(new.starts_at), "end": _minute(new.ends_at)}
    if new.ends_at <= now:
        raise Invalid(
            _("The seat {seat} of job {job} would end at {end}, which is past; choose a later time").format(**told),
            code="seat_past",
            field="ends_at",
        )
    if job.state is not JobState.PLANNED:
        return
    needed = timedelta(seconds=job.duration_s)
    latest = job.window_end + needed
    begins = latest if new.seat in SIGNING else job.window_end  # who signs may come when the work is done
    if not (job.window_start <= new.starts_at <= begins and new.ends_at <= latest):
        raise Invalid(
            _(
                "The seat {seat} of job {job} from {start} to {end} is not within the window of the job, which starts "
                "from {first} to {last} and ends by {latest}; choose another time, or change the window"
            ).format(**told, first=_minute(job.window_start), last=_minute(job.window_end), latest=_minute(latest)),
            code="seat_outside_window",
            field="starts_at",
        )
    works = new.seat not in SIGNING or new.seat is working_seat(case.seats)
    if works and new.ends_at - new.starts_at < needed:
        raise Invalid(
            _("The seat {seat} of job {job} takes {minutes} minutes; choose a later end").format(
                **told, minutes=needed // timedelta(minutes=1)
            ),
            code="seat_too_short",
            field="ends_at",
        )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"


def _refuse_seat(case: Case, new: Sitting) -> None:
    wanted = case.seats.get(new.seat)
    taken = Counter(one.seat for one in case.crew)
    if wanted is None:
        raise Conflict(
            _("Job {job} has no seat {seat}; it has {seats}").format(
                job=case.job.number, seat=new.seat, seats=", ".join(sorted(case.seats))
            ),
            code="no_such_seat",
            field="seat",
        )
    if taken[new.seat] >= wanted.count:
        raise Conflict(
            _("Every seat {seat} of job {job} is taken; take somebody out first").format(
                job=case.job.number, seat=new.seat
            ),
            code="seats_taken",
            field="seat",
        )
    if any((one.person, one.seat) == (new.person, new.seat) for one in case.crew):
        raise Conflict(
            _("{person} has a seat {seat} of job {job} already").format(
                person=new.person, seat=new.seat, job=case.job.number
            ),
            code="seats_taken",
            field="technician",
        )
