"""From what the optimizer answers to what is told of it, and what is kept to be taken. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from fieldops.dispatch.service import AssignmentLine
from fieldops.finance.categories import Category
from fieldops.planning.costing import NOTHING, assignment_lines, job_bill, money
from fieldops.planning.desk.kept import KeptBill
from fieldops.planning.desk.question import Asked
from fieldops.planning.desk.running import Desk
from fieldops.planning.desk.schemas import MovedJob, PriceOut, RefusedPerson, SeatPlace
from fieldops.planning.problems import AreaProblem
from fieldops.planning.refusing import with_rules
from fieldops.planning.schemas import ReasonOut
from optimizer.dispatch.live.answers import Moved, Option, Place, Refused
from optimizer.dispatch.plan import Plan, StopKind


@dataclass(frozen=True)
class Told:
    """Tells what options change of the plan of a desk, with the names of its people."""

    desk: Desk
    asked: Asked
    ready: Mapping[str, datetime | None]
    names: Mapping[str, str]
    freight_held: Mapping[str, Decimal] = field(default_factory=dict)
    """What jobs of the plan hold for the ways of their parts: it is given back with a job that is left out."""

    @cached_property
    def area(self) -> AreaProblem:
        """The area with the crews of the jobs that are asked about; its problem is that of the question."""
        crews = {**self.desk.area.crews, **self.asked.crews}
        asked = {job.number for job in self.asked.jobs}
        kept = tuple(job for job in self.desk.area.problem.jobs if job.number not in asked)
        return replace(
            self.desk.area, crews=crews, problem=replace(self.desk.area.problem, jobs=kept + self.asked.jobs)
        )

    def change(self, option: Option, freight: Mapping[Category, Decimal], out: tuple[str, ...] = ()) -> Change:
        """Return what an option makes of the plan's assignments and its money; the jobs `out` are taken out."""
        before, after = self.desk.running.plan, option.plan
        tours = _tours_changed(before, after)
        ready = {**self.desk.ready, **self.ready}
        currency = self.desk.snapshot.currency
        # work by hand that the plan does not have comes into no plan by this, nor its money
        mine = self.desk.rows.keys() | self.asked.open.keys()
        old = assignment_lines(self.desk.area, _only(before, tours), self.desk.ready, currency)
        new = assignment_lines(self.area, _only(after, tours), ready, currency)
        old, new = ([line for line in lines if line.job in mine] for lines in (old, new))
        left = sum((money(one.left_out.cost) for one in option.displaced if one.left_out), NOTHING)
        terms = {
            "labour": _sum(new, "labour_cost") - _sum(old, "labour_cost"),
            "travel": _sum(new, "travel_cost") - _sum(old, "travel_cost"),
            "lateness": _sum(new, "lateness_cost") - _sum(old, "lateness_cost"),
            "unserved": left,
            "freight": sum(freight.values(), NOTHING),
            "plan_change": money(option.terms.get("plan_change", 0.0)),
        }
        found = Change(old, new, terms, out)
        anew = {job for job in self.ready if job not in self.desk.ready}
        terms["freight"] -= sum((self.freight_held.get(job, NOTHING) for job in anew.union(found.gone)), NOTHING)
        return replace(found, terms={term: amount for term, amount in terms.items() if amount})

    def cost(self, terms: Mapping[str, Decimal]) -> PriceOut:
        """Return an amount by terms as it is told."""
        return PriceOut.of(self.desk.snapshot.currency, terms)

    def seats(self, places: Iterable[Place], lines: Iterable[AssignmentLine] = ()) -> list[SeatPlace]:
        """Return who sits where; a person who works and signs has a row for each."""
        ways = {(line.job, line.technician): line.travel_s for line in lines if line.travel_s}
        return [
            SeatPlace(
                job=one.job,
                seat=seat,
                technician=one.technician,
                name=self.names.get(one.technician, ""),
                start=self.desk.at(one.start_s),
                end=self.desk.at(one.end_s),
                travel_min=ways.get((one.job, one.technician), 0) // 60,
            )
            for one in places
            for seat in self.area.crews[one.job].posts[one.seat].seats
        ]

    def moved(self, jobs: Iterable[Moved]) -> list[MovedJob]:
        """Return what becomes of jobs of the plan."""
        return [
            MovedJob(
                job=one.job,
                technicians_before=list(one.technicians_before),
                start_before=self.desk.at(one.start_before_s),
                technicians=list(one.technicians),
                start=None if one.start_s is None else self.desk.at(one.start_s),
            )
            for one in jobs
        ]

    def refused(self, people: Iterable[Refused]) -> list[RefusedPerson]:
        """Return who cannot, and why; only whom the reader knows."""
        return [
            RefusedPerson(
                job=one.job,
                seat=self.area.crews[one.job].posts[one.seat].seats[0],
                technician=one.technician,
                name=self.names[one.technician],
                reasons=[
                    ReasonOut.of(
                        with_rules(one.reason, self.asked.kept_from(one.job, one.seat), one.technician), of_one=True
                    )
                ],
            )
            for one in people
            if one.technician in self.names
        ]

    def bills(self, change: Change, freight: Mapping[str, Mapping[Category, Decimal]]) -> list[KeptBill]:
        """Return what each job that an option changes is to reserve; freight is that of the jobs asked about."""
        crews: defaultdict[str, list[AssignmentLine]] = defaultdict(list)
        for line in change.new:
            crews[line.job].append(line)
        snapshot = self.desk.snapshot
        jobs = {job.number: job for job in snapshot.jobs} | dict(self.asked.open)
        found = []
        for number in change.jobs:
            region = snapshot.sites[jobs[number].place].region
            ways = {(region, category): amount for category, amount in freight.get(number, {}).items()}
            bill = job_bill(snapshot, jobs[number], crews[number], ways)
            # a job that is left out gives back what its parts cost on the way
            moved = (Category.FREIGHT, Category.EXPEDITE) if number in change.gone else freight.get(number, ())
            own = dict.fromkeys((Category.LABOUR, Category.TRAVEL, *moved), NOTHING)
            own |= {category: amount for (_region, category), amount in bill.amounts.items()}
            found.append(
                KeptBill(
                    document=number,
                    region=region,
                    priority=bill.priority,
                    rank=bill.rank,
                    cost_avoided=bill.cost_avoided,
                    amounts=own,
                )
            )
        return found


@dataclass(frozen=True)
class Change:
    """What a plan's assignments were on some tours, and what they become; `terms` is what that costs more.

    `out` are jobs that are taken out, whether or not they were on these tours.
    """

    old: list[AssignmentLine]
    new: list[AssignmentLine]
    terms: dict[str, Decimal]
    out: tuple[str, ...] = ()

    @cached_property
    def jobs(self) -> list[str]:
        """The jobs of which a line is otherwise, by number."""
        return sorted({line.job for line in {*self.old} ^ {*self.new}}.union(self.out))

    @property
    def lines(self) -> list[AssignmentLine]:
        """The assignments of these jobs as they become."""
        return [line for line in self.new if line.job in self.jobs]

    @property
    def gone(self) -> list[str]:
        """The jobs that are in the plan no more."""
        return sorted({line.job for line in self.old}.union(self.out) - {line.job for line in self.new})


def _tours_changed(before: Plan, after: Plan) -> set[tuple[str, int]]:
    """Return the tours that differ, and those that other people of their jobs are on."""
    one = {(route.technician, route.shift): route for route in before.routes}
    other = {(route.technician, route.shift): route for route in after.routes}
    changed = {key for key in one.keys() | other.keys() if one.get(key) is not other.get(key)}
    changed = {key for key in changed if one.get(key) != other.get(key)}
    jobs = {
        stop.name
        for plan in (before, after)
        for route in plan.routes
        if (route.technician, route.shift) in changed
        for stop in route.stops
        if stop.kind is StopKind.JOB
    }
    return {
        (route.technician, route.shift)
        for plan in (before, after)
        for route in plan.routes
        if any(stop.kind is StopKind.JOB and stop.name in jobs for stop in route.stops)
    } | changed


def _only(plan: Plan, tours: Collection[tuple[str, int]]) -> Plan:
    return replace(plan, routes=tuple(one for one in plan.routes if (one.technician, one.shift) in tours))


def _sum(lines: Iterable[AssignmentLine], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), NOTHING)
