"""Whether what a plan stands on is still so: its jobs, its people, its pieces and the lines that pay for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import Sitting, crew_of
from fieldops.dispatch.crew.queries import case_of, lock_crew
from fieldops.dispatch.demands import works_of
from fieldops.dispatch.eligibility import judgements
from fieldops.dispatch.models import Job
from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine, changed
from fieldops.finance.budgets.queries import line_missing, lines_on
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import claimed_elsewhere
from fieldops.planning.rules import HORIZON_DAYS
from fieldops.planning.versions.basis import Basis, KeptPieces
from fieldops.workforce.queries import technicians_for_plan
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import portions
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.queries import serviceable_stock

Detail = tuple[str, str]
"""What does not stand any more, as `job.J-1`, and a text."""


class PlanConflicts(Conflict):
    """A plan cannot come into force as it is; `details` name all that stands against it."""

    def __init__(self, plan: str, details: Sequence[Detail]) -> None:
        super().__init__(
            _("Plan {plan} does not hold any more: {reasons}. Make a new one").format(
                plan=plan, reasons="; ".join(text for _about, text in details[:_TOLD])
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
        details += [*unseated(session, one.plan.plan_date, lines), *_pieces(session, one), *_accounts(session, one)]
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
    """Return (part, place) of which a plan for regions counts on more than is there, and not another plan's."""
    used: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in pieces:
        used[one.part, one.place] += one.pieces
    with unscoped(session):
        held = {(part, place): quantity for part, place, quantity in serviceable_stock(session)}
        claimed = claimed_elsewhere(session, regions)
    nothing = Decimal(0)
    return [
        cell for cell, count in sorted(used.items()) if held.get(cell, nothing) - claimed.get(cell, nothing) < count
    ]


def unseated(session: Session, day: date, lines: Sequence[AssignmentLine]) -> Iterator[Detail]:
    """Yield who may not take a seat any more; the one decision is asked of all at once, and of these again why."""
    if not lines:
        return
    numbers = sorted({line.job for line in lines})
    within = (min(line.starts_at for line in lines), max(line.ends_at for line in lines) + timedelta(days=1))
    with unscoped(session):
        works = [work for some in portions(numbers) for work in works_of(session, Job.number.in_(some))]
        judged = judgements(session, works, sorted({line.technician for line in lines}), within)
        crews = crew_of(session, [work.key for work in works])
        duties = {one.code: one.duties for one in technicians_for_plan(session, day, HORIZON_DAYS)}
    given = {(work.number, one.person, one.seat) for work in works for one in crews[work.key]}
    for line in lines:
        if (line.job, line.technician, line.seat) in given:
            continue
        span = (line.starts_at, line.ends_at)
        spans = judged.permitted[line.job][line.seat].get(line.technician, ())
        about = f"technician.{line.technician}"
        told = {
            "technician": line.technician,
            "job": line.job,
            "seat": line.seat,
            "start": f"{span[0]:%Y-%m-%d %H:%MZ}",
        }
        if not any(since <= span[0] and span[1] <= until for since, until in spans):
            why = _why(session, line) or _("not free or not permitted then")
            yield (
                about,
                _("{technician} cannot take seat {seat} of job {job} at {start}: {why}").format(why=why, **told),
            )
        elif not any(since <= span[0] < until for since, until in duties.get(line.technician, ())):
            yield about, _("{technician} is not on duty for job {job} at {start}").format(**told)


def _why(session: Session, line: AssignmentLine) -> str:
    """Return what the one decision says against somebody, "" where it has nothing to say."""
    with unscoped(session):
        job = session.scalars(select(Job).where(Job.number == line.job)).one()
        new = Sitting(line.technician, line.seat, line.starts_at, line.ends_at)
        case = case_of(session, job, [new], [line.technician])
        return "; ".join(one.text for one in case.refusals(new, (*case.crew, new)) if one.hard)
