"""The running plan of an area: taken up from the database once, and kept as long as nothing that it is of changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.desk.changes import is_changed_since
from fieldops.planning.desk.queries import PlannedSeat, Spot, plan_in_force, rows_of, seats_of_plan
from fieldops.planning.desk.rules import DESKS_MAX, RUNNING_MAX, STILL, WITHOUT_MAX
from fieldops.planning.models import DayPlan
from fieldops.planning.problems import AreaProblem, change_cost
from fieldops.planning.running import area_as_planned, as_told, fitting, standing
from fieldops.planning.snapshot import MEDIAN, Snapshot, take_snapshot
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import Mark, mark
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.network.queries import sites
from optimizer.dispatch.jobs import PinKind
from optimizer.dispatch.live.events import JobCancelled, happened
from optimizer.dispatch.live.running import RunningPlan, timed
from optimizer.dispatch.model import Problem
from optimizer.dispatch.plan import Plan, StopKind
from optimizer.dispatch.technicians import Window


@dataclass(frozen=True)
class Desk:
    """The running plan of an area, with the data that it was taken up from at `made_at`, when it is `now_s` (seconds).

    `area` has the problem that was left then; `told` are the problem and the plan with what is past. `rows` are the
    keys of the plan's rows of each job there, `seats` these rows by person, `unfit` those of its jobs that do not fit
    any more where it puts them. One question at a time, which `lock` is for. `kept` are running plans without some of
    its jobs.
    """

    plan_id: UUID
    plan: str
    made_at: datetime
    now_s: float
    mark: Mark
    revision: int
    snapshot: Snapshot
    area: AreaProblem
    ready: Mapping[str, datetime | None]
    rows: Mapping[str, tuple[UUID, ...]]
    seats: Sequence[PlannedSeat]
    told: tuple[Problem, Plan]
    running: RunningPlan
    unfit: tuple[str, ...]
    lock: Lock = field(default_factory=Lock)
    kept: OrderedDict[tuple[tuple[str, ...], bool], RunningPlan] = field(default_factory=OrderedDict)

    def seconds(self, at: datetime) -> float:
        """Return an instant as seconds of the problem."""
        return (at - self.area.start).total_seconds()

    def at(self, seconds: float) -> datetime:
        """Return the instant of a second of the problem."""
        return self.area.start + timedelta(seconds=round(seconds))

    def without(self, numbers: Sequence[str], *, still: bool = False) -> RunningPlan:
        """Return the running plan without some jobs; the last ones are kept.

        The others stay where they are; with `still` none of them may begin otherwise by more than STILL. A job that is
        planned still when its time is over was not done: nobody went there. Raises Conflict where the others cannot
        stay where they are.
        """
        planned = tuple(sorted(number for number in numbers if number in self.area.jobs))
        if not planned and not still:
            return self.running
        with self.lock:
            if (planned, still) not in self.kept:
                left = self._left(planned) if planned else self.running
                self.kept[planned, still] = self._staying(left) if still else left
            self.kept.move_to_end((planned, still))
            while len(self.kept) > WITHOUT_MAX:
                self.kept.popitem(last=False)
            return self.kept[planned, still]

    def _left(self, gone: Collection[str]) -> RunningPlan:
        pins = {job.number: job.pin for job in self.running.problem.jobs if job.number in gone}
        missed = {number for number, pin in pins.items() if pin is not None and pin.kind is PinKind.DONE}
        problem, plan = self.told
        if missed:
            stay = {job.number for job in problem.jobs} - missed
            problem = replace(self.area, problem=problem).only(stay).problem
            plan = _apart_from(plan, missed)
        events = [JobCancelled(number) for number in gone if number not in missed]
        return self._held(*happened(problem, plan, self.now_s, events))

    def _staying(self, left: RunningPlan) -> RunningPlan:
        try:
            return RunningPlan(*_still(left.problem, left.plan))
        except ValueError as why:
            raise _stale(self.plan, self.area.area, why) from None

    def _held(self, problem: Problem, plan: Plan) -> RunningPlan:
        try:
            return RunningPlan(problem, plan)
        except ValueError as why:
            raise _stale(self.plan, self.area.area, why) from None

    def is_current(self, session: Session, plan: DayPlan, now: datetime) -> bool:
        """Tell whether the running plan is still what it would be if it were taken up now from the plan in force."""
        stands = now < self.area.start or timedelta() <= now - self.made_at <= RUNNING_MAX
        if not stands or plan.id != self.plan_id or is_changed_since(session, self.mark, self.area.area, self.own):
            return False
        return plan.revision == self.revision or _rows(session, plan.id, self.area.area) == self.rows

    @cached_property
    def own(self) -> frozenset[UUID]:
        """The keys of the jobs and people of the area."""
        jobs = {job.work.key for job in self.snapshot.jobs if self.snapshot.sites[job.place].area == self.area.area}
        return frozenset(jobs | {one.id for one in self.snapshot.people if one.code in self.area.people})


@dataclass(slots=True)
class _Place:
    """Where the running plan of an area is kept; whoever takes it up or looks whether it stands, holds the lock."""

    lock: Lock = field(default_factory=Lock)
    desk: Desk | None = None


class Desks:
    """The running plans that a process keeps, the ones asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Engine, str, str], _Place] = OrderedDict()
        self._lock = Lock()

    def of(self, engine: Engine, spot: Spot, now: datetime) -> Desk:
        """Return the running plan of the area of a spot. Raises Conflict where there is none, or it cannot be taken up.

        It is read for the product: what the actor may be told of it, the caller decides. Nobody waits for another area;
        of those who ask about one at once, the first takes it up.
        """
        place = self._place((engine, spot.region, spot.area))
        with place.lock:
            with reading(engine, SYSTEM) as session:
                plan, seen, kept = plan_in_force(session, spot.region), mark(session), place.desk
                if kept is not None and kept.is_current(session, plan, now):
                    place.desk = replace(kept, mark=seen, revision=plan.revision)
                    return place.desk
                read = _read(session, plan, spot, now)
            place.desk = taken_up(read, now)
            return place.desk

    def _place(self, key: tuple[Engine, str, str]) -> _Place:
        with self._lock:
            place = self._kept.setdefault(key, _Place())
            self._kept.move_to_end(key)
            while len(self._kept) > DESKS_MAX:
                self._kept.popitem(last=False)
            return place


DESKS = Desks()


@dataclass(frozen=True, slots=True)
class _Read:
    """What a running plan is taken up from: the plan in force in an area, its assignments there and their rows."""

    plan_id: UUID
    plan: str
    area: str
    mark: Mark
    revision: int
    snapshot: Snapshot
    told: list[AssignmentLine]
    rows: Mapping[str, tuple[UUID, ...]]
    seats: Sequence[PlannedSeat]


def _read(session: Session, plan: DayPlan, spot: Spot, now: datetime) -> _Read:
    regions = {site.region for site in sites(session) if site.area == spot.area}
    percentile = plan.document.get("duration_percentile", MEDIAN)
    region = spot.region if regions == {spot.region} else None
    snapshot = take_snapshot(session, plan.plan_date, region, percentile=percentile, now=now)
    here = {one.number for one in snapshot.jobs if snapshot.sites[one.place].area == spot.area}
    told = [line for line in assignments(session, plan.id) if line.job in here]
    rows = _rows(session, plan.id, spot.area)
    seats = seats_of_plan(session, plan.id)
    return _Read(plan.id, plan.number, spot.area, mark(session), plan.revision, snapshot, told, rows, seats)


def _rows(session: Session, plan_id: UUID, area: str) -> dict[str, tuple[UUID, ...]]:
    """Return {job: keys of its rows} of a plan in an area."""
    return {number: tuple(row.id for row in own) for number, own in rows_of(session, plan_id, area=area).items()}


def taken_up(read: _Read, now: datetime) -> Desk:
    """Take up the plan of an area as it stands; raises Conflict where it does not fit the data any more."""
    snapshot, told = read.snapshot, read.told
    area = area_as_planned(snapshot, read.area, told)
    lines, gone = fitting(area, list(standing(area, told, snapshot.currency)))
    planned = {line.job for line in lines}
    lost = {line.job for line in told if line.job in area.jobs} - planned
    area = area.only(planned)
    now_s = max(0.0, (now - area.start).total_seconds())
    try:
        told_plan = as_told(area, lines)
        area = replace(area, problem=replace(area.problem, change=change_cost()))
        problem, plan = happened(area.problem, told_plan, now_s)
        running = RunningPlan(problem, plan)
    except ValueError as why:
        raise _stale(read.plan, read.area, why) from None
    return Desk(
        plan_id=read.plan_id,
        plan=read.plan,
        made_at=now,
        now_s=now_s,
        mark=read.mark,
        revision=read.revision,
        snapshot=snapshot,
        area=replace(area, problem=problem),
        ready={line.job: line.parts_ready_at for line in told if line.parts_ready_at is not None},
        rows=read.rows,
        seats=read.seats,
        told=(area.problem, told_plan),
        running=running,
        unfit=tuple(sorted(lost.union(gone))),
    )


def _apart_from(plan: Plan, jobs: Collection[str]) -> Plan:
    """Return a plan without the stops of some jobs."""
    routes = []
    for route in plan.routes:
        stops = tuple(stop for stop in route.stops if stop.kind is not StopKind.JOB or stop.name not in jobs)
        if any(stop.kind is not StopKind.BREAK for stop in stops):
            routes.append(replace(route, stops=stops))
    return replace(plan, routes=tuple(routes))


def _still(problem: Problem, plan: Plan) -> tuple[Problem, Plan]:
    """Return a plan as one of a problem in which no planned job may begin otherwise by more than STILL.

    Where a tour cannot be as it was told any more, its jobs may begin as they can. Raises ValueError if none fits.
    """
    told, soonest = _starts(plan), _starts(timed(problem, plan))
    late = {number for (number, seat), start_s in told.items() if soonest[number, seat] > start_s + 1.0}
    late |= {
        stop.name
        for route in plan.routes
        if not late.isdisjoint(stop.name for stop in route.stops)
        for stop in route.stops
    }
    jobs = tuple(
        job
        if (job.number, 0) not in told
        or job.number in late
        or (job.pin is not None and job.pin.kind is not PinKind.ASSIGNED)
        else replace(job, windows=_near(job.windows, told[job.number, 0]))
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs), plan


def _starts(plan: Plan) -> dict[tuple[str, int], float]:
    stops = (stop for route in plan.routes for stop in route.stops)
    return {(stop.name, stop.seat): stop.start_s for stop in stops if stop.kind is StopKind.JOB}


def _near(windows: Sequence[Window], start_s: float) -> tuple[Window, ...]:
    """Return what of windows is near a start; all of them, where it lies in none."""
    first_s, last_s = start_s - STILL.total_seconds(), start_s + STILL.total_seconds()
    near = tuple(
        Window(max(one.from_s, first_s), min(one.until_s, last_s))
        for one in windows
        if one.from_s <= last_s and one.until_s >= first_s
    )
    return near or tuple(windows)


def _stale(plan: str, area: str, why: ValueError) -> Conflict:
    return Conflict(
        _("Plan {plan} does not fit the data of area {area} any more ({why}); make the plan again").format(
            plan=plan, area=area, why=why
        ),
        code="plan_stale",
    )
