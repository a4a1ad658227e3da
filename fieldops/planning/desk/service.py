"""An answer is taken: seats, parts and money together, against the data as they are by now, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.queries import lock_crew
from fieldops.dispatch.crew.service import assign
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.service import job_to_read, keep_assignments
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.control.plans import PlanRef, reserve_anew
from fieldops.finance.rates.queries import load_rates
from fieldops.planning.costing import Bill
from fieldops.planning.desk.models import DeskAnswer
from fieldops.planning.desk.queries import answer_by_key, rows_of
from fieldops.planning.desk.schemas import KeptAnswer, KeptOption, TakenOut
from fieldops.planning.models import PlanRegion, PlanStatus
from fieldops.planning.telling import telling_whose_work_changes
from inventory.availability.service import reserve
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.locks import Lock, locked
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _
from inventory.network.service import lock_regions


class AnswerRefused(Conflict):
    """An answer cannot be taken any more; `details` name each thing that has changed, or is taken, and how."""

    def __init__(self, job: str, conflicts: list[tuple[str, str]]) -> None:
        told = "; ".join(text for _what, text in conflicts)
        super().__init__(
            _("The answer about job {job} cannot be taken any more: {reasons}. Ask again").format(
                job=job, reasons=told
            ),
            code="answer_refused",
        )
        self.details = conflicts


@dataclass
class _Taking:
    """An answer that is being taken, and what stands against it."""

    session: Session
    actor: Actor
    now: datetime
    plan: PlanRef
    kept: KeptAnswer
    option: KeptOption
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    reserved: list[UUID] = field(default_factory=list)

    @contextmanager
    def each(self, what: str) -> Iterator[None]:
        """Try something, and note why it is refused."""
        try:
            with self.session.begin_nested():
                yield
        except DomainError as refusal:
            self.conflicts.append((what, refusal.message))


def take(session: Session, actor: Actor, number: str, key: UUID, option: int, now: datetime) -> TakenOut:
    """Do what an option of an answer says: give seats, reserve parts, hold money, and change the plan in force.

    Everything that it names is checked anew, in one transaction: locks come in the order region, job, people, stock,
    budget. Raises NotFound for an unknown answer, Conflict for one that is over or taken, AnswerRefused with each
    thing that stands against it.
    """
    job_to_read(session, number)
    kept = KeptAnswer.model_validate(answer_by_key(session, number, key).document)
    lock_regions(session)
    held = select(Job).where(Job.number.in_(sorted(kept.versions))).order_by(Job.id)
    jobs = {job.number: job for job in locked(session, Lock.JOB, held.execution_options(populate_existing=True))}
    answer = answer_by_key(session, number, key)
    _refuse_over(answer, number, now)
    chosen = next((one for one in kept.options if one.told.option == option), None)
    if chosen is None:
        raise Conflict(
            _("The answer about job {job} has {count} options, not number {option}").format(
                job=number, count=len(kept.options), option=option
            ),
            code="no_such_option",
            field="option",
        )
    actor.require_region(kept.region)
    taking = _Taking(session, actor, now, PlanRef(answer.plan_id, kept.plan), kept, chosen)
    _check_plan(taking, jobs)
    if not taking.conflicts:
        _give_seats(taking, jobs)
        _reserve_parts(taking)
        _hold_money(taking)
    if taking.conflicts:
        raise AnswerRefused(number, taking.conflicts)
    with telling_whose_work_changes(session, actor, [kept.region], now):
        _write_plan(taking)
    answer.taken_at = now
    changed = {"plan": kept.plan, "region": kept.region, "document": number}
    emit(session, "plan.changed", changed, now, audience=kept.region)
    session.flush()
    return TakenOut(plan=kept.plan, taken=chosen.told, reservations=taking.reserved)


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


def _check_plan(taking: _Taking, jobs: Mapping[str, Job]) -> None:
    """Note where the plan, or a job that the option names, is not what it was."""
    session, kept, found = taking.session, taking.kept, taking.conflicts
    in_force = select(PlanRegion.status).where(PlanRegion.plan_id == taking.plan.id, PlanRegion.region == kept.region)
    if session.scalar(in_force) is not PlanStatus.CURRENT:
        text = _("plan {plan} is not in force in region {region} any more").format(plan=kept.plan, region=kept.region)
        found.append((kept.plan, text))
    names = {bill.document for bill in taking.option.bills} | set(kept.asked)
    rows = rows_of(session, taking.plan.id, names)
    for number in sorted(names):
        job, mine = jobs.get(number), rows.get(number, [])
        if job is None or job.version != kept.versions[number]:
            found.append((number, _("job {job} was changed meanwhile").format(job=number)))
        elif [row.id for row in mine] != kept.rows.get(number, []):
            found.append((number, _("job {job} has another place in the plan by now").format(job=number)))
        elif number in kept.asked and any(row.held for row in mine):
            found.append((number, _("the money of job {job} waits for an approval").format(job=number)))


def _give_seats(taking: _Taking, jobs: Mapping[str, Job]) -> None:
    """Give the seats of the jobs that were asked about, but those that their people have already."""
    session, asked = taking.session, set(taking.kept.asked)
    lines = sorted((line for line in taking.option.lines if line.job in asked), key=lambda one: one.position)
    there = crew_of(session, [jobs[number].id for number in asked])
    known = {(number, one.person, one.seat) for number in asked for one in there[jobs[number].id]}
    lock_crew(session, {line.technician for line in lines})
    for line in lines:
        if (line.job, line.technician, line.seat) in known:
            continue
        with taking.each(f"{line.job}.{line.seat}.{line.technician}"):
            span = (line.starts_at, line.ends_at)
            assign(session, taking.actor, jobs[line.job], line.seat, line.technician, span, taking.now)


def _reserve_parts(taking: _Taking) -> None:
    for wanted in taking.option.reservations:
        with taking.each(f"{wanted.demand}.{wanted.part}"):
            taking.reserved += reserve(taking.session, taking.actor, wanted, taking.now)


def _hold_money(taking: _Taking) -> None:
    """Reserve for the plan what the changed jobs cost now, all of them or none; what waits for an approval waits on."""
    session, kept = taking.session, taking.kept
    with taking.each("budget"):
        rows = rows_of(session, taking.plan.id, {bill.document for bill in taking.option.bills})
        lines = lines_on(session, kept.plan_date, [kept.region])
        rates = load_rates(session)

        def convert(amount: Decimal, currency: str) -> Decimal:
            return rates.convert(amount, kept.currency, currency, kept.plan_date)

        requests = []
        for one in taking.option.bills:
            mine = rows.get(one.document, [])
            if any(row.held for row in mine) or not (mine or one.document in kept.asked):
                continue
            amounts = {
                (kept.region, category): amount
                for category, amount in one.amounts.items()
                if amount or (kept.region, category) in lines
            }
            bill = Bill(one.document, "job", one.priority, one.rank, one.cost_avoided, amounts)
            requests.append(bill.request(lines, convert))
        decision = reserve_anew(session, taking.actor, taking.plan, requests, taking.now)
        for short in (*decision.held, *decision.stopped):
            text = _(
                "the budget has {available} left for job {job}, which takes {amount}: an approval is needed"
            ).format(available=short.available, job=short.request.document, amount=short.amount)
            taking.conflicts.append((f"budget.{short.request.document}", text))


def _write_plan(taking: _Taking) -> None:
    """Put the changed jobs into the plan as they now are; those that it does not have are assigned by hand."""
    session, kept, option = taking.session, taking.kept, taking.option
    rows = rows_of(session, taking.plan.id, {line.job for line in option.lines} | set(option.gone))
    held = {number for number, mine in rows.items() if any(row.held for row in mine)}
    keys = [row.id for mine in rows.values() for row in mine]
    session.execute(delete(PlanAssignment).where(PlanAssignment.id.in_(keys)))
    lines = [
        replace(line, held=line.job in held) for line in option.lines if line.job in rows or line.job in kept.asked
    ]
    keep_assignments(session, taking.plan.id, lines)
