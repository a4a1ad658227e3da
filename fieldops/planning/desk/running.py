"""The running plan of an area: taken up from the database once, and kept as long as nothing that it is of changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.dispatch.queries import assignments
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.desk.queries import (
    PlannedSeat,
    Spot,
    is_changed_since,
    plan_in_force,
    rows_of,
    seats_of_plan,
)
from fieldops.planning.desk.rules import DESKS_MAX, RUNNING_MAX, WITHOUT_MAX
from fieldops.planning.models import DayPlan
from fieldops.planning.problems import AreaProblem
from fieldops.planning.running import area_as_planned, as_told, fitting, standing
from fieldops.planning.snapshot import MEDIAN, Snapshot, take_snapshot
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import Mark, mark
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict
from inventory.kernel.texts import gettext as _
from inventory.network.queries import sites
from optimizer.dispatch.live.events import JobCancelled, happened
from optimizer.dispatch.live.running import RunningPlan


@dataclass(frozen=True, slots=True)
class Desk:
    """The running plan of an area, with the data that it was taken up from at `made_at`, when it is `now_s` (seconds).

    `area` has the problem that was left then. `rows` are the keys of the plan's rows of each job, `seats` these rows by
    person, `unfit` the jobs that do not fit any more where the plan puts them. One question at a time, which `lock` is
    for. `kept` are running plans without some of its jobs.
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
    running: RunningPlan
    unfit: tuple[str, ...]
    lock: Lock = field(default_factory=Lock)
    kept: OrderedDict[tuple[str, ...], RunningPlan] = field(default_factory=OrderedDict)

    def seconds(self, at: datetime) -> float:
        """Return an instant as seconds of the problem."""
        return (at - self.area.start).total_seconds()

    def at(self, seconds: float) -> datetime:
        """Return the instant of a second of the problem."""
        return self.area.start + timedelta(seconds=round(seconds))

    def without(self, numbers: Sequence[str]) -> RunningPlan:
        """Return the running plan without some jobs; the others stay where they are. The last ones are kept."""
        planned = tuple(sorted(number for number in numbers if number in self.area.jobs))
        if not planned:
            return self.running
        with self.lock:
            if planned not in self.kept:
                events = [JobCancelled(number) for number in planned]
                left = happened(self.running.problem, self.running.plan, self.now_s, events)
                self.kept[planned] = RunningPlan(*left)
            self.kept.move_to_end(planned)
            while len(self.kept) > WITHOUT_MAX:
                self.kept.popitem(last=False)
            return self.kept[planned]

    def is_current(self, session: Session, plan: DayPlan, now: datetime) -> bool:
        """Tell whether the running plan is still what it would be if it were taken up now from the plan in force."""
        stands = now < self.area.start or timedelta() <= now - self.made_at <= RUNNING_MAX
        return stands and plan.revision == self.revision and not is_changed_since(session, self.mark)


class Desks:
    """The running plans that a process keeps, the ones asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Engine, UUID, str], Desk] = OrderedDict()
        self._lock = Lock()

    def of(self, engine: Engine, spot: Spot, now: datetime) -> Desk:
        """Return the running plan of the area of a spot. Raises Conflict where there is none, or it cannot be taken up.

        It is read for the product: what the actor may be told of it, the caller decides.
        """
        with self._lock:
            with reading(engine, SYSTEM) as session:
                plan = plan_in_force(session, spot.region)
                key = (engine, plan.id, spot.area)
                kept = self._kept.pop(key, None)
                found = kept if kept is not None and kept.is_current(session, plan, now) else _read(session, plan, spot)
            desk = found if isinstance(found, Desk) else taken_up(found, now)
            self._kept[key] = desk
            while len(self._kept) > DESKS_MAX:
                self._kept.popitem(last=False)
            return desk


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


def _read(session: Session, plan: DayPlan, spot: Spot) -> _Read:
    regions = {site.region for site in sites(session) if site.area == spot.area}
    percentile = plan.document.get("duration_percentile", MEDIAN)
    region = spot.region if regions == {spot.region} else None
    snapshot = take_snapshot(session, plan.plan_date, region, percentile=percentile)
    here = {one.number for one in snapshot.jobs if snapshot.sites[one.place].area == spot.area}
    told = [line for line in assignments(session, plan.id) if line.job in here]
    rows = {number: tuple(row.id for row in own) for number, own in rows_of(session, plan.id).items()}
    seats = seats_of_plan(session, plan.id)
    return _Read(plan.id, plan.number, spot.area, mark(session), plan.revision, snapshot, told, rows, seats)


def taken_up(read: _Read, now: datetime) -> Desk:
    """Take up the plan of an area as it stands; raises Conflict where it does not fit the data any more."""
    snapshot, told = read.snapshot, read.told
    area = area_as_planned(snapshot, read.area, told)
    lines, gone = fitting(area, list(standing(area, told, snapshot.currency)))
    area = area.only({line.job for line in lines})
    now_s = max(0.0, (now - area.start).total_seconds())
    try:
        problem, plan = happened(area.problem, as_told(area, lines), now_s)
        running = RunningPlan(problem, plan)
    except ValueError as why:
        raise Conflict(
            _("Plan {plan} does not fit the data of area {area} any more ({why}); make the plan again").format(
                plan=read.plan, area=read.area, why=why
            ),
            code="plan_stale",
        ) from None
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
        running=running,
        unfit=tuple(gone),
    )
