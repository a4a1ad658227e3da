"""Whether what a plan stands on is still so: its jobs, its people, its pieces and the lines that pay for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting, crew_of, given_since
from fieldops.dispatch.crew.queries import Wanted, cases_of, lock_crew
from fieldops.dispatch.crew.ways import ways_between
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import judgements
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine, changed
from fieldops.finance.budgets.queries import line_missing, lines_on
from fieldops.planning.models import DayPlan
from fieldops.planning.rules import HORIZON_DAYS
from fieldops.planning.shelves import beyond_own, shelves
from fieldops.planning.versions.basis import Basis, KeptPieces
from fieldops.workforce.queries import duties_for_plan
from fieldops.workforce.rest import Span
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _

Detail = tuple[str, str]
"""What does not stand any more, as `job.J-1`, and a text."""


class PlanConflicts(Conflict):
    """A plan cannot come into force as it is; `details` name all that stands against it."""

    def __init__(self, plan: str, details: Sequence[Detail], way_out: str = "") -> None:
        super().__init__(
            _("Plan {plan} does not hold any more: {reasons}; {way_out}").format(
                plan=plan,
                reasons="; ".join(text for _about, text in details[:_TOLD]),
                way_out=way_out or _("make a new one"),
            ),
            code="plan_conflicts",
        )
        self.details = details


_TOLD = 5
"""So many reasons are told in one line; `errors` has them all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan that is to be in force in regions, and what it stands on there."""

    plan: DayPlan
    basis: Basis
    regions: Sequence[str]


def require_standing(session: Session, plans: Sequence[Standing]) -> None:
    """Raise PlanConflicts unless all that plans stand on is as it was; until the commit it stays so.

    Locks their jobs, then their people.
    """
    versions = {job.number: job.version for one in plans for job in one.basis.jobs}
    gone = changed(session, versions)
    details = [
        (f"job.{number}", _("job {job} was changed, dispatched or closed").format(job=number)) for number in gone
    ]
    crews = [_lines(session, one.plan.id, versions.keys() - set(gone)) for one in plans]
    lock_crew(session, {line.technician for lines in crews for line in lines})
    for one, lines in zip(plans, crews, strict=True):
        details += unseated(session, one.plan.plan_date, lines, one.plan.made_at)
        details += [*_pieces(session, one), *_accounts(session, one)]
    if details:
        raise PlanConflicts(plans[0].plan.number, details)


def _lines(session: Session, plan_id: UUID, jobs: Collection[str]) -> list[AssignmentLine]:
    with unscoped(session):  # who is lent to a region is of another
        return [line for line in assignments(session, plan_id) if line.job in jobs]


def _pieces(session: Session, one: Standing) -> Iterator[Detail]:
    for part, place in short_of(session, one.basis.pieces, one.regions):
        yield f"part.{part}", _("{part} at {place} is not there any more, or taken").format(part=part, place=place)


def _accounts(session: Session, one: Standing) -> Iterator[Detail]:
    open_lines = lines_on(session, one.plan.plan_date, one.regions)
    accounts = {(region, category) for bill in one.basis.bills for region, category, _amount in bill.amounts}
    for region, category in sorted(accounts - open_lines.keys()):
        yield f"budget_line.{region}.{category}", line_missing(region, category, one.plan.plan_date).message


def short_of(session: Session, pieces: Iterable[KeptPieces], regions: Collection[str]) -> list[tuple[str, str]]:
    """Return (part, place) of which a plan for regions counts on more than is free there, or kept for its jobs."""
    with unscoped(session):
        there = shelves(session, regions)
    taken = beyond_own((one.use for one in pieces), there.own)
    return [cell for cell, count in sorted(taken.items()) if there.free.get(cell, Decimal(0)) < count]


def unseated(
    session: Session, day: date, lines: Sequence[AssignmentLine], since: datetime | None = None
) -> Iterator[Detail]:
    """Yield who may not take a seat any more, and why; the one decision is asked of all at once.

    With `since` also who would not get in time to, or from, work that was given by hand after that.
    """
    if not lines:
        return
    numbers = sorted({line.job for line in lines})
    within = (min(line.starts_at for line in lines), max(line.ends_at for line in lines) + timedelta(days=1))
    people = sorted({line.technician for line in lines})
    with unscoped(session):
        works = [work for some in portions(numbers) for work in works_of(session, Job.number.in_(some))]
        judged = judgements(session, works, people, within)
        crews = crew_of(session, [work.key for work in works])
        duties: dict[str, tuple[Span, ...]] = {}
        for some in portions(people):
            duties |= duties_for_plan(session, day, HORIZON_DAYS, some)
    given = {(work.number, one.person, one.seat) for work in works for one in crews[work.key]}
    refused = []
    for line in lines:
        if (line.job, line.technician, line.seat) in given:
            continue
        spans = judged.permitted[line.job][line.seat].get(line.technician, ())
        if not any(since <= line.starts_at and line.ends_at <= until for since, until in spans):
            refused.append(line)
        elif not any(since <= line.starts_at < until for since, until in duties.get(line.technician, ())):
            text = _("{technician} is not on duty for job {job} at {start}")
            yield f"technician.{line.technician}", text.format(**_told(line))
    yield from _refused(session, refused)
    if since is not None:
        yield from _too_far(session, lines, {work.number: work.place for work in works}, since)


def _told(line: AssignmentLine) -> dict[str, str]:
    return {
        "technician": line.technician,
        "job": line.job,
        "seat": line.seat,
        "start": f"{line.starts_at:%Y-%m-%d %H:%MZ}",
    }


def _refused(session: Session, lines: Sequence[AssignmentLine]) -> Iterator[Detail]:
    """Yield what the one decision says against people in seats, read for all of them at once."""
    if not lines:
        return
    with unscoped(session):
        numbers = sorted({line.job for line in lines})
        jobs = {
            job.number: job
            for some in portions(numbers)
            for job in session.scalars(select(Job).where(Job.number.in_(some)))
        }
        seats = {line: Sitting(line.technician, line.seat, line.starts_at, line.ends_at) for line in lines}
        mine = {number: [seat for line, seat in seats.items() if line.job == number] for number in numbers}
        wanted = [Wanted(jobs[number], mine[number], {seat.person for seat in mine[number]}) for number in numbers]
        cases = cases_of(session, wanted)
    for line, seat in seats.items():
        case = cases[line.job]
        why = "; ".join(one.text for one in case.refusals(seat, (*case.crew, seat)) if one.hard)
        text = _("{technician} cannot take seat {seat} of job {job} at {start}: {why}")
        why = why or _("not free or not permitted then")
        yield f"technician.{line.technician}", text.format(why=why, **_told(line))


def _too_far(
    session: Session, lines: Sequence[AssignmentLine], place_of: Mapping[str, str], since: datetime
) -> Iterator[Detail]:
    """Yield who does not get from a job of a plan to work given by hand since, or back, in the time between them."""
    work = given_since(session, {line.technician for line in lines}, since)
    if not work:
        return
    places = {*place_of.values(), *(one.place for known in work.values() for one in known)}
    times = ways_between(session, places, {}).times
    for line in lines:
        for one in work.get(line.technician, ()):
            if one.job == line.job:
                continue
            here, there = place_of[line.job], one.place
            way, time = (
                ((here, there), one.starts - line.ends_at)
                if line.ends_at <= one.starts
                else ((there, here), line.starts_at - one.ends)
            )
            needed = times.get(way, timedelta())
            if timedelta() <= time < needed:
                text = _(
                    "{technician} has {minutes} min for the way between job {job} and job {other}, {needed} needed"
                )
                yield (
                    f"technician.{line.technician}",
                    text.format(
                        technician=line.technician,
                        minutes=time // _MINUTE,
                        job=line.job,
                        other=one.job,
                        needed=needed // _MINUTE,
                    ),
                )


_MINUTE = timedelta(minutes=1)
