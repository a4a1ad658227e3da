"""Use cases of the desk that change the plan in force: an answer is taken, a change undone, a job locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from fieldops.dispatch.crew.queries import seats_of
from fieldops.dispatch.crew.service import refuse_kept, touch, unassign
from fieldops.dispatch.execution.lifecycle import JobState
from fieldops.dispatch.models import Job
from fieldops.dispatch.service import AssignmentLine, job_to_change, job_to_read
from fieldops.finance.control.plans import PlanRef
from fieldops.planning.desk.applying import Applying, lock_jobs
from fieldops.planning.desk.kept import KeptAnswer, KeptOption, KeptSeat
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.desk.queries import (
    answer_by_key,
    last_change,
    lines_of,
    names_of,
    plan_in_force,
    plans_in_force,
    rows_of,
    spot_of,
    standing_changes,
)
from fieldops.planning.desk.rules import ANSWER_HOLDS
from fieldops.planning.desk.schemas import OptionOut, PriceOut, SeatPlace, TakenOut
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Invalid
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import lock_regions


def take(session: Session, actor: Actor, number: str, key: UUID, option: int, now: datetime) -> TakenOut:
    """Do what an option of an answer says: give seats, reserve parts, hold money, and change the plan in force.

    Everything that it names is checked anew, in one transaction. Raises NotFound for an unknown answer, Conflict for
    one that is over or taken, AnswerRefused with each thing that stands against it.
    """
    job_to_read(session, number)
    kept = KeptAnswer.model_validate(answer_by_key(session, number, key).document)
    jobs = lock_jobs(session, kept.versions)
    answer = answer_by_key(session, number, key)
    _refuse_over(answer, number, now)
    chosen = next((one for one in kept.options if one.told.option == option), None)
    if chosen is None:
        raise Invalid(
            _("The answer about job {job} has {count} options, not number {option}").format(
                job=number, count=len(kept.options), option=option
            ),
            code="no_such_option",
            field="option",
        )
    return _done(Applying(session, actor, now, PlanRef(answer.plan_id, kept.plan), kept, chosen, jobs), answer, number)


def change(
    session: Session,
    actor: Actor,
    number: str,
    plan: PlanRef,
    kept: KeptAnswer,
    now: datetime,
    *,
    version: int,
    reason: str | None,
) -> TakenOut:
    """Do at once what an answer with one option says, as if it were taken; the reason is kept.

    Raises Stale for another version of the job, Conflict for one that is locked, and as `take` does.
    """
    jobs = lock_jobs(session, kept.versions)
    require_version(jobs[number].version, version)
    refuse_kept(jobs[number])
    return _changed(Applying(session, actor, now, plan, kept, kept.options[0], jobs), number, reason)


def _changed(applying: Applying, number: str, reason: str | None, *, locks: bool = False) -> TakenOut:
    actor, now = applying.actor, applying.now
    answer = DeskAnswer(
        id=uuid7(),
        job_id=applying.jobs[number].id,
        plan_id=applying.plan.id,
        made_by=actor.id,
        made_at=now,
        expires_at=now + ANSWER_HOLDS,
        locks=locks,
        reason=reason,
        document=applying.kept.model_dump(mode="json"),
    )
    applying.session.add(answer)
    return _done(applying, answer, number)


def _done(applying: Applying, answer: DeskAnswer, number: str) -> TakenOut:
    session = applying.session
    undo = applying.done(number)
    answer.taken_by, answer.taken_at = applying.actor.id, applying.now
    answer.undo = undo.model_dump(mode="json")
    session.flush()
    return TakenOut(
        key=answer.id,
        version=undo.versions[number],
        plan=applying.kept.plan,
        taken=applying.option.told,
        reservations=applying.reserved,
    )


def undo_change(session: Session, actor: Actor, number: str, version: int, now: datetime) -> TakenOut:
    """Undo the last change that was made to the plan in force for a job: all of it is as it was before.

    Raises NotFound for an unknown job, Stale for another version, Conflict where nothing was changed, and for a job
    that is locked, AnswerRefused with each thing that has moved on since: another plan, a job that was changed,
    dispatched or moved again, a person who has other work, parts on their way.
    """
    job_to_read(session, number)
    told = KeptAnswer.model_validate(last_change(session, number).undo)
    jobs = lock_jobs(session, told.versions)
    require_version(jobs[number].version, version)
    refuse_kept(jobs[number])
    answer = last_change(session, number)
    kept = KeptAnswer.model_validate(answer.undo)
    applying = Applying(session, actor, now, PlanRef(answer.plan_id, kept.plan), kept, kept.options[0], jobs)
    undone = applying.done(number)
    answer.undone_by, answer.undone_at = actor.id, now
    _lead_back(session, answer, undone)
    session.flush()
    back = applying.option.lines
    return TakenOut(
        key=answer.id,
        version=undone.versions[number],
        plan=kept.plan,
        taken=applying.option.told.undone(_seats(session, [line for line in back if line.job in kept.asked])),
        reservations=applying.reserved,
    )


def _lead_back(session: Session, answer: DeskAnswer, undone: KeptAnswer) -> None:
    """Let changes of before one that was undone find what they left, so that they can be undone in their turn.

    All is as it was, but versions have gone on, and rows were written anew.
    """
    was = KeptAnswer.model_validate(answer.document)
    versions = {job: (old, undone.versions[job]) for job, old in was.versions.items() if job in undone.versions}
    _lead(session, answer.plan_id, versions, _renewed(was.rows, undone.rows))


def _renewed(before: Mapping[str, Sequence[UUID]], after: Mapping[str, Sequence[UUID]]) -> dict[UUID, UUID]:
    """Return {key of a row: that of the row which was written in its place}."""
    return {
        old: new
        for job, rows in before.items()
        if len(rows) == len(after.get(job, ()))
        for old, new in zip(rows, after.get(job, ()), strict=True)
    }


def _lead(
    session: Session, plan_id: UUID, versions: Mapping[str, tuple[int, int]], keys: Mapping[UUID, UUID] | None = None
) -> None:
    """Let the changes of a plan that can be undone find jobs, {number: (version before, now)}, and rows as they are."""
    keys = keys or {}
    for one in standing_changes(session, plan_id):
        kept = KeptAnswer.model_validate(one.undo)
        kept.versions |= {job: now for job, (old, now) in versions.items() if kept.versions.get(job) == old}
        kept.rows = {job: [keys.get(row, row) for row in rows] for job, rows in kept.rows.items()}
        for tour in kept.options[0].tours:
            tour.rows = sorted(keys.get(row, row) for row in tour.rows)
        one.undo = kept.model_dump(mode="json")


def lock(session: Session, actor: Actor, number: str, version: int, reason: str | None, now: datetime) -> Job:
    """Lock a job where it is: its people and its time stay in every plan; returns it.

    Seats that the plan in force gives, and nobody sits in yet, are given. Raises NotFound for an unknown job, Stale,
    Conflict for a job that is locked, under way or not in the plan, AnswerRefused where the plan cannot be kept so.
    """
    lock_regions(session)
    job = job_to_change(session, number, version)
    spot = spot_of(session, number)
    actor.require_region(spot.region)
    refuse_kept(job)
    if job.state is not JobState.PLANNED:
        raise Conflict(
            _("Job {job} is {state}; only a planned job is locked").format(job=number, state=job.state),
            code="job_not_open",
        )
    plan = plan_in_force(session, spot.region)
    lines = lines_of(session, plan.id, {number})
    sits = {(person, seat) for _key, person, seat in seats_of(session, job.id)}
    if not lines and not sits:
        raise Conflict(
            _("Job {job} has no place in plan {plan}; assign it first").format(job=number, plan=plan.number),
            code="job_not_in_plan",
        )
    rows = rows_of(session, plan.id, {number})
    keys = {number: [row.id for row in rows.get(number, ())]}
    if any((line.technician, line.seat) not in sits for line in lines):
        kept = KeptAnswer(
            plan=plan.number,
            region=spot.region,
            currency=lines[0].currency,
            plan_date=plan.plan_date,
            asked=[number],
            versions={number: version},
            rows=keys,
            options=[_as_planned(lines, _seats(session, lines))],
        )
        ref = PlanRef(plan.id, plan.number)
        applying = Applying(session, actor, now, ref, kept, kept.options[0], {number: job})
        _changed(applying, number, reason, locks=True)
    job.locked_by, job.locked_at, job.lock_reason = actor.id, now, reason
    session.flush()
    rows = rows_of(session, plan.id, {number})
    renewed = _renewed(keys, {number: [row.id for row in rows.get(number, ())]})
    _lead(session, plan.id, {number: (version, job.version)}, renewed)
    tell(session, "job.placed", {job.place_id: [number]})
    return job


def unlock(session: Session, actor: Actor, number: str, version: int, now: datetime) -> Job:
    """Unlock a job; the seats that were given when it was locked are taken back. Returns it.

    Raises NotFound for an unknown job, Stale, Conflict for one that is not locked.
    """
    lock_regions(session)
    job = job_to_change(session, number, version)
    if job.locked_at is None:
        raise Conflict(_("Job {job} is not locked").format(job=number), code="job_not_locked")
    job.locked_by = job.locked_at = job.lock_reason = None
    touch(session, job)
    given = session.scalar(
        select(DeskAnswer).where(
            DeskAnswer.job_id == job.id, DeskAnswer.locks.is_(True), DeskAnswer.undone_at.is_(None)
        )
    )
    if given is not None and given.undo is not None and job.state is JobState.PLANNED:
        (was,) = KeptAnswer.model_validate(given.undo).options
        mine = {(one.technician, one.seat) for one in was.leaves}
        keys = [key for key, person, seat in seats_of(session, job.id) if (person, seat) in mine]
        if keys:
            unassign(session, actor, job, keys, now)
        given.undone_by, given.undone_at = actor.id, now
    session.flush()
    for plan_id in plans_in_force(session, spot_of(session, number).region):
        _lead(session, plan_id, {number: (version, job.version)})
    session.flush()
    tell(session, "job.placed", {job.place_id: [number]})
    return job


def _seats(session: Session, lines: Sequence[AssignmentLine]) -> list[SeatPlace]:
    """Return the seats of assignments as they are told."""
    names = names_of(session, {line.technician for line in lines})
    return [
        SeatPlace(
            job=line.job,
            seat=line.seat,
            technician=line.technician,
            name=names.get(line.technician, ""),
            start=line.starts_at,
            end=line.ends_at,
            travel_min=line.travel_s // 60,
        )
        for line in lines
    ]


def _as_planned(lines: list[AssignmentLine], seats: list[SeatPlace]) -> KeptOption:
    """Return the option that leaves a job where the plan has it, with its seats given."""
    nothing = PriceOut.of(lines[0].currency, {})
    told = OptionOut(option=1, seats=seats, displaced=[], moved=[], cost=nothing, budget=[])
    return KeptOption(told=told, lines=lines, gone=[], seats=[KeptSeat.of(line) for line in lines])


def _refuse_over(answer: DeskAnswer, number: str, now: datetime) -> None:
    if answer.taken_at is not None:
        raise Conflict(
            _("The answer about job {job} was taken already, at {at}; the crew of the job shows what it gave").format(
                job=number, at=f"{answer.taken_at:%Y-%m-%d %H:%MZ}"
            ),
            code="answer_taken",
        )
    if answer.expires_at < now:
        raise Conflict(
            _("The answer about job {job} held until {at}; ask for a recommendation again").format(
                job=number, at=f"{answer.expires_at:%Y-%m-%d %H:%MZ}"
            ),
            code="answer_expired",
        )
