"""The one way in which the plan in force is changed: seats, parts, money and rows together, or nothing.

What was done is kept as the change that undoes it, which goes the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fieldops.dispatch.crew.engagements import crew_of, engagements
from fieldops.dispatch.crew.queries import lock_crew, seats_of
from fieldops.dispatch.crew.service import assign, is_kept, touch, unassign
from fieldops.dispatch.models import Job, PlanAssignment
from fieldops.dispatch.service import AssignmentLine, keep_assignments
from fieldops.finance.control.plans import PlanRef
from fieldops.finance.control.replacing import held_of, reserve_anew
from fieldops.finance.control.rules import Request
from fieldops.planning.costing import NOTHING
from fieldops.planning.desk.kept import KeptAnswer, KeptMoney, KeptOption, KeptSeat, KeptStand, KeptTour
from fieldops.planning.desk.money import refusals, request_again, requests_of
from fieldops.planning.desk.parts import give_back
from fieldops.planning.desk.queries import Spot, lines_of, rows_of, seats_of_plan, spots_of, versions_of
from fieldops.planning.desk.restating import Otherwise, restate
from fieldops.planning.desk.tours import tour
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import regions_in_force
from fieldops.planning.telling import telling_whose_work_changes
from fieldops.planning.versions.standing import unseated
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


class AnswerRefused(Conflict):
    """The plan in force cannot be changed so; `details` name each thing that has changed, or is taken, and how."""

    details: list[tuple[str, str]]

    def __init__(self, job: str, conflicts: list[tuple[str, str]], *, again: bool = False) -> None:
        told = {"job": job, "reasons": "; ".join(text for _what, text in conflicts)}
        text = (
            _("The plan cannot be changed so for job {job}: {reasons}. Ask again")
            if again
            else _("The plan cannot be changed so for job {job}: {reasons}")
        )
        super().__init__(text.format(**told), code="answer_refused")
        self.details = conflicts

    def helps_elsewhere(self, number: str) -> bool:
        """Tell whether only people stand against a job: with others, or at another time, it could be done."""
        return all(what.startswith((f"{number}.", "technician.")) for what, _text in self.details)


def lock_jobs(session: Session, numbers: Collection[str]) -> dict[str, Job]:
    """Return jobs by number, locked, and as they are now; no plan comes into force meanwhile."""
    lock_regions(session)
    held = select(Job).where(Job.number.in_(sorted(numbers))).order_by(Job.id)
    return {job.number: job for job in locked(session, Lock.JOB, held.execution_options(populate_existing=True))}


@dataclass
class Applying:
    """An option of an answer that is being done to the plan in force, and what stands against it.

    `jobs` are those that the answer knows, by number, as `lock_jobs` returns them. `stale` tells that it was made from
    something that is otherwise by now.
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
    stale: bool = False

    @property
    def names(self) -> set[str]:
        """The jobs that it changes."""
        return {line.job for line in self.option.lines} | {*self.option.gone, *self.kept.asked}

    @property
    def regions(self) -> list[str]:
        """The regions whose jobs it changes."""
        return sorted({self.kept.region, *self.option.regions})

    @cached_property
    def spots(self) -> dict[str, Spot]:
        """Where the jobs are."""
        return spots_of(self.session, self.jobs)

    def done(self, number: str) -> KeptAnswer:
        """Do all of it, and return what undoes it; raises AnswerRefused with each thing that stands against it.

        Raises Forbidden where it changes jobs of a region that is not the actor's. Locks come in the order people,
        stock, budget.
        """
        for region in self.regions:
            self.actor.require_region(region)
        option = self.option
        people = {one.technician for one in (*option.seats, *option.leaves)}
        people |= {line.technician for line in option.lines} | {one.technician for one in option.tours}
        lock_crew(self.session, people)
        self._check_plan()
        self._check_tours()
        if self.conflicts:
            raise AnswerRefused(number, self.conflicts, again=self.stale)
        before = lines_of(self.session, self.plan.id, self.names)
        seats = self._change_seats()
        parts = self._change_parts()
        money = self._change_money()
        if self.conflicts:
            raise AnswerRefused(number, self.conflicts, again=self.stale)
        with telling_whose_work_changes(self.session, self.actor, self.regions, self.now, self.names):
            stand = self._write_plan(before)
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
                        regions=self.regions,
                        tours=list(self._tours_now()),
                        stand=stand,
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
        in_force = regions_in_force(self.session, self.plan.id)
        for region in self.regions:
            if region not in in_force:
                text = _("plan {plan} is not in force in region {region}").format(plan=kept.plan, region=region)
                found.append((kept.plan, text))
        rows = rows_of(self.session, self.plan.id, self.names)
        for number in sorted(self.names):
            job, mine = self.jobs.get(number), rows.get(number, [])
            if job is None or job.version != kept.versions[number]:
                found.append((number, _("job {job} was changed meanwhile").format(job=number)))
            elif [row.id for row in mine] != kept.rows.get(number, []):
                found.append((number, _("job {job} has another place in the plan by now").format(job=number)))
            elif number not in kept.asked and is_kept(job):
                found.append((number, _("job {job} is locked").format(job=number)))
            elif number in kept.asked and any(row.held for row in mine):
                text = _("the money of job {job} waits for an approval, which is to be decided first")
                found.append((number, text.format(job=number)))
                continue
            else:
                continue
            self.stale = True

    def _tours_now(self) -> Iterator[KeptTour]:
        """Yield the tours that it changes, as they are now."""
        kept = self.option.tours
        if not kept:
            return
        people = {one.technician for one in kept}
        span = (min(one.starts_at for one in kept), max(one.ends_at for one in kept))
        seats, work = seats_of_plan(self.session, self.plan.id, people), engagements(self.session, people, *span)
        for one in kept:
            yield tour(one.technician, one.starts_at, one.ends_at, seats, work)

    def _check_tours(self) -> None:
        """Note whose work is not what it was in a shift that is planned anew: ways and rests were reckoned with it."""
        for was, now in zip(self.option.tours, self._tours_now(), strict=True):
            if was != now:
                text = _("the work of {technician} in the shift from {start} was changed meanwhile").format(
                    technician=was.technician, start=f"{was.starts_at:%Y-%m-%d %H:%MZ}"
                )
                self.conflicts.append((f"technician.{was.technician}", text))
                self.stale = True

    def _change_seats(self) -> tuple[list[KeptSeat], list[KeptSeat]]:
        """Take seats away and give others, but those that their people have already; returns which: given, taken."""
        session, option = self.session, self.option
        asked = [self.jobs[number] for number in self.kept.asked]
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
            if one.starts_at < self.now and option.stand is None:
                text = _("the work on job {job} would have begun at {at}").format(
                    job=one.job, at=f"{one.starts_at:%Y-%m-%d %H:%MZ}"
                )
                self.conflicts.append((f"{one.job}.{one.seat}.{one.technician}", text))
                self.stale = True
                continue
            with self._each(f"{one.job}.{one.seat}.{one.technician}"):
                span = (one.starts_at, one.ends_at)
                assign(session, self.actor, self.jobs[one.job], one.seat, one.technician, span, self.now)
        for job in asked:
            if job.version == self.kept.versions[job.number]:
                touch(session, job)
        others = [line for line in option.lines if line.job not in self.kept.asked]
        self.conflicts += unseated(session, self.kept.plan_date, others)
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
        before: list[KeptMoney] = []
        with self._each("budget"):
            requests = list(self._requests())
            held = held_of(self.session, self.plan.id, [one.document for one in requests])
            weighed = reserve_anew(self.session, self.actor, self.plan, requests, self.kept.plan_date, self.now)
            before += [
                KeptMoney(
                    document=one.document,
                    priority=one.priority,
                    rank=one.rank,
                    cost_avoided=one.cost_avoided,
                    amounts={line: held.get((one.document, line), NOTHING) for line in one.amounts},
                )
                for one in weighed.requests
            ]
            self.conflicts += refusals(self.session, weighed)
        return before

    def _requests(self) -> Iterator[Request]:
        """Yield the money of each job that changes; what waits for an approval waits on."""
        session, kept = self.session, self.kept
        yield from map(request_again, self.option.money)
        rows = rows_of(session, self.plan.id, {bill.document for bill in self.option.bills})
        held = {number for number, mine in rows.items() if any(row.held for row in mine)}
        passing = [one for one in self.option.bills if one.document not in held]
        yield from requests_of(session, passing, kept.currency, kept.plan_date)

    def _write_plan(self, before: Sequence[AssignmentLine]) -> KeptStand:
        """Put the changed jobs into the plan as they now are, and let it tell so; returns what it told before."""
        session, option = self.session, self.option
        rows = rows_of(session, self.plan.id, {line.job for line in option.lines} | set(option.gone))
        held = {number for number, mine in rows.items() if any(row.held for row in mine)}
        keys = [row.id for mine in rows.values() for row in mine]
        session.execute(delete(PlanAssignment).where(PlanAssignment.id.in_(keys)))
        now = [replace(line, held=line.job in held) for line in option.lines]
        keep_assignments(session, self.plan.id, now)
        jobs = {name: self.jobs[name] for name in sorted(self.names)}
        what = Otherwise(jobs, self.kept.asked, self.spots, before, now)
        bills = [bill for bill in option.bills if bill.document not in held]
        with unscoped(session):  # a plan of several regions has one revision
            plan = session.get_one(DayPlan, self.plan.id, populate_existing=True)
            stand = restate(session, plan, what, bills, option.stand)
            session.flush()
        return stand

    def _tell(self, number: str) -> None:
        places: dict[UUID, list[str]] = {}
        for name in sorted(self.names):
            places.setdefault(self.jobs[name].place_id, []).append(name)
        tell(self.session, "job.placed", places)
        others = self.names - {*self.kept.asked}
        for region in self.regions:
            # of other jobs the number is told to those who see the plan there, and them alone
            own = sorted(one for one in others if self.spots[one].region == region)
            changed = {
                "plan": self.kept.plan,
                "region": region,
                "document": number,
                "by": self.actor.id,
                "moved": [one for one in own if one not in self.option.gone],
                "left_out": [one for one in own if one in self.option.gone],
            }
            emit(self.session, "plan.changed", changed, self.now, audience=region)
