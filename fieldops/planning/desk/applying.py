"""The one way in which the plan in force is changed: seats, parts, money and rows together, or nothing.

What was done is kept as the change that undoes it, which goes the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from fieldops.dispatch.crew.engagements import crew_of
from fieldops.dispatch.crew.queries import lock_crew, seats_of
from fieldops.dispatch.crew.service import assign, touch, unassign
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.service import keep_assignments
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.control.plans import PlanRef, held_of, reserve_anew
from fieldops.finance.control.rules import Request
from fieldops.finance.rates.queries import load_rates
from fieldops.planning.costing import NOTHING, Bill
from fieldops.planning.desk.parts import give_back
from fieldops.planning.desk.queries import lines_of, rows_of, versions_of
from fieldops.planning.desk.schemas import KeptAnswer, KeptMoney, KeptOption, KeptSeat
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.telling import telling_whose_work_changes
from inventory.availability.reservation_schemas import NewReservation
from inventory.availability.service import reserve
from inventory.kernel.actor import Actor
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.locks import Lock, locked
from inventory.kernel.outbox import emit
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.events import tell
from inventory.network.service import lock_regions

DOCUMENT = "job"
"""The kind of document that the money of a job is held for."""


class AnswerRefused(Conflict):
    """The plan in force cannot be changed so; `details` name each thing that has changed, or is taken, and how."""

    details: list[tuple[str, str]]

    def __init__(self, job: str, conflicts: list[tuple[str, str]]) -> None:
        told = "; ".join(text for _what, text in conflicts)
        super().__init__(
            _("The plan cannot be changed so for job {job}: {reasons}. Ask again").format(job=job, reasons=told),
            code="answer_refused",
        )
        self.details = conflicts


def lock_jobs(session: Session, numbers: Collection[str]) -> dict[str, Job]:
    """Return jobs by number, locked, and as they are now; no plan comes into force meanwhile."""
    lock_regions(session)
    held = select(Job).where(Job.number.in_(sorted(numbers))).order_by(Job.id)
    return {job.number: job for job in locked(session, Lock.JOB, held.execution_options(populate_existing=True))}


@dataclass
class Applying:
    """An option of an answer that is being done to the plan in force, and what stands against it.

    `jobs` are those that the answer knows, by number, as `lock_jobs` returns them.
    """

    session: Session
    actor: Actor
    now: datetime
    plan: PlanRef
    kept: KeptAnswer
    option: KeptOption
    jobs: Mapping[str, Job]
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    reserved: list[UUID] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The jobs that it changes."""
        return {line.job for line in self.option.lines} | {*self.option.gone, *self.kept.asked}

    def done(self, number: str) -> KeptAnswer:
        """Do all of it, and return what undoes it; raises AnswerRefused with each thing that stands against it.

        Locks come in the order people, stock, budget.
        """
        self._check_plan()
        if self.conflicts:
            raise AnswerRefused(number, self.conflicts)
        before = lines_of(self.session, self.plan.id, self.names)
        seats = self._change_seats()
        parts = self._change_parts()
        money = self._change_money()
        if self.conflicts:
            raise AnswerRefused(number, self.conflicts)
        with telling_whose_work_changes(self.session, self.actor, [self.kept.region], self.now):
            self._write_plan()
        self._tell(number)
        after = rows_of(self.session, self.plan.id, self.names)
        return self.kept.model_copy(
            update={
                "versions": versions_of(self.session, self.names),
                "rows": {job: [row.id for row in own] for job, own in after.items()},
                "options": [
                    KeptOption(
                        told=self.option.told,
                        lines=before,
                        gone=sorted(after.keys() - {line.job for line in before}),
                        bills=[],
                        money=money,
                        reservations=parts,
                        releases=self.reserved,
                        seats=seats[1],
                        leaves=seats[0],
                    )
                ],
            }
        )

    @contextmanager
    def _each(self, what: str) -> Iterator[None]:
        """Try something, and note why it is refused."""
        try:
            with self.session.begin_nested():
                yield
        except DomainError as refusal:
            self.conflicts.append((what, refusal.message))

    def _check_plan(self) -> None:
        """Note where the plan, or a job that the option names, is not what it was."""
        kept, found = self.kept, self.conflicts
        in_force = select(PlanRegion.status).where(PlanRegion.plan_id == self.plan.id, PlanRegion.region == kept.region)
        if self.session.scalar(in_force) is not PlanStatus.CURRENT:
            text = _("plan {plan} is not in force in region {region} any more").format(
                plan=kept.plan, region=kept.region
            )
            found.append((kept.plan, text))
        rows = rows_of(self.session, self.plan.id, self.names)
        for number in sorted(self.names):
            job, mine = self.jobs.get(number), rows.get(number, [])
            if job is None or job.version != kept.versions[number]:
                found.append((number, _("job {job} was changed meanwhile").format(job=number)))
            elif [row.id for row in mine] != kept.rows.get(number, []):
                found.append((number, _("job {job} has another place in the plan by now").format(job=number)))
            elif number in kept.asked and any(row.held for row in mine):
                found.append((number, _("the money of job {job} waits for an approval").format(job=number)))

    def _change_seats(self) -> tuple[list[KeptSeat], list[KeptSeat]]:
        """Take seats away and give others, but those that their people have already; returns which: given, taken."""
        session, option = self.session, self.option
        asked = [self.jobs[number] for number in self.kept.asked]
        lock_crew(session, {one.technician for one in (*option.seats, *option.leaves)})
        for job in asked:
            going = {(one.technician, one.seat) for one in option.leaves if one.job == job.number}
            if going:
                keys = [key for key, person, seat in seats_of(session, job.id) if (person, seat) in going]
                with self._each(job.number):
                    unassign(session, self.actor, job, keys, self.now)
        there = crew_of(session, [job.id for job in asked])
        known = {(job.number, one.person, one.seat) for job in asked for one in there[job.id]}
        given = [one for one in option.seats if (one.job, one.technician, one.seat) not in known]
        for one in given:
            with self._each(f"{one.job}.{one.seat}.{one.technician}"):
                span = (one.starts_at, one.ends_at)
                assign(session, self.actor, self.jobs[one.job], one.seat, one.technician, span, self.now)
        for job in asked:
            if job.version == self.kept.versions[job.number]:
                touch(session, job)
        return given, list(option.leaves)

    def _change_parts(self) -> list[NewReservation]:
        """Give reservations back and make others; returns what those given back were."""
        was: list[NewReservation] = []
        for key in self.option.releases:
            with self._each(f"reservation.{key}"):
                was.append(give_back(self.session, self.actor, key, self.now))
        for wanted in self.option.reservations:
            with self._each(f"{wanted.demand}.{wanted.part}"):
                self.reserved += reserve(self.session, self.actor, wanted, self.now)
        return was

    def _change_money(self) -> list[KeptMoney]:
        """Reserve for the plan what the changed jobs cost now, all of them or none; returns what they held before."""
        requests = list(self._requests())
        before: list[KeptMoney] = []
        with self._each("budget"):
            held = held_of(self.session, self.plan.id, [one.document for one in requests])
            before = [
                KeptMoney(
                    document=one.document,
                    priority=one.priority,
                    rank=one.rank,
                    cost_avoided=one.cost_avoided,
                    amounts={line: held.get((one.document, line), NOTHING) for line in one.amounts},
                )
                for one in requests
            ]
            decision = reserve_anew(self.session, self.actor, self.plan, requests, self.now)
            for short in (*decision.held, *decision.stopped):
                text = _(
                    "the budget has {available} left for job {job}, which takes {amount}: an approval is needed"
                ).format(available=short.available, job=short.request.document, amount=short.amount)
                self.conflicts.append((f"budget.{short.request.document}", text))
        return before

    def _requests(self) -> Iterator[Request]:
        """Yield the money of each job that changes; what waits for an approval waits on."""
        session, kept = self.session, self.kept
        for was in self.option.money:
            total = sum(was.amounts.values(), NOTHING)
            yield Request(was.document, DOCUMENT, was.priority, was.rank, was.cost_avoided, was.amounts, total)
        rows = rows_of(session, self.plan.id, {bill.document for bill in self.option.bills})
        lines = lines_on(session, kept.plan_date, [kept.region])
        rates = load_rates(session)

        def convert(amount: Decimal, currency: str) -> Decimal:
            return rates.convert(amount, kept.currency, currency, kept.plan_date)

        for one in self.option.bills:
            mine = rows.get(one.document, [])
            if any(row.held for row in mine) or not (mine or one.document in kept.asked):
                continue
            amounts = {
                (kept.region, category): amount
                for category, amount in one.amounts.items()
                if amount or (kept.region, category) in lines
            }
            bill = Bill(one.document, DOCUMENT, one.priority, one.rank, one.cost_avoided, amounts)
            yield bill.request(lines, convert)

    def _write_plan(self) -> None:
        """Put the changed jobs into the plan as they now are; those that it does not have are assigned by hand."""
        session, option = self.session, self.option
        rows = rows_of(session, self.plan.id, {line.job for line in option.lines} | set(option.gone))
        held = {number for number, mine in rows.items() if any(row.held for row in mine)}
        keys = [row.id for mine in rows.values() for row in mine]
        session.execute(delete(PlanAssignment).where(PlanAssignment.id.in_(keys)))
        lines = [replace(line, held=line.job in held) for line in option.lines]
        # of the others that are not in it, none comes into it
        known = rows.keys() | set(self.kept.asked)
        keep_assignments(session, self.plan.id, [line for line in lines if line.job in known])
        with unscoped(session):  # a plan of several regions has one revision
            flag_modified(session.get_one(DayPlan, self.plan.id), "kind")
            session.flush()

    def _tell(self, number: str) -> None:
        places: dict[UUID, list[str]] = {}
        for name in sorted(self.names):
            places.setdefault(self.jobs[name].place_id, []).append(name)
        tell(self.session, "job.placed", places)
        changed = {"plan": self.kept.plan, "region": self.kept.region, "document": number, "by": self.actor.id}
        emit(self.session, "plan.changed", changed, self.now, audience=self.kept.region)
