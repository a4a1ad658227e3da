"""Everything a day plan looks at, read in one transaction and then left alone."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from fieldops.dispatch.eligibility import Failing, Permissions, judgements
from fieldops.dispatch.queries import OpenJob, assignments, count_jobs, open_jobs, tasks_of
from fieldops.dispatch.service import AssignmentLine
from fieldops.dispatch.tasks.queries import durations_of
from fieldops.equipment.queries import ToolStand, equivalents, tools_for_plan
from fieldops.planning.crews import crew_wanted, given_start
from fieldops.planning.rules import HORIZON_DAYS
from fieldops.planning.shelves import needing_what_is_kept, shelves
from fieldops.planning.travelling import PlanWays, ways_kept
from fieldops.workforce.facts import Engagement
from fieldops.workforce.queries import Person, count_technicians, technicians_for_plan
from fieldops.workforce.rest import Span
from fieldops.workforce.rules import local_midnight
from inventory.catalogue.queries import PartRow, parts_for_plan
from inventory.kernel.errors import NotFound, NotReady
from inventory.kernel.installation import CURRENCY, fact
from inventory.kernel.texts import gettext as _
from inventory.network.models import Tier
from inventory.network.queries import LaneRow, Site, lanes, region_codes, sites
from inventory.orders.due import under_way
from inventory.planning.queries import targets
from optimizer.run import Reason

MEDIAN = 50
"""The percentile of durations that a plan counts with where nobody names another."""
_NOT_HASHED = ("id", "version", "work")
"""What a plan does not depend on; what a job asks of people shows in who is permitted."""
_SENIORITY = {Tier.CENTRAL: 0, Tier.REGIONAL: 1, Tier.CENTRE: 2, Tier.OUTLET: 3}


@dataclass(frozen=True, slots=True)
class Freeze:
    """What begins from `now` to `until` keeps its people and its order; nothing else begins before `now`."""

    now: datetime
    until: datetime


@dataclass(frozen=True)
class Snapshot:
    """The data of a plan for `regions`. Jobs, people and targets are those of the regions, and the central depot's
    targets with them; lanes are all.

    `stock` is what reservations, and plans in force in other regions, leave of it; `kept` are the pieces that are
    reserved for a job, (part, place, job, pieces): they are that job's alone. `aside` are open jobs that this plan
    cannot take up, and why. `area_starts` is the first minute of the plan's date in each dispatch area, by the clock of
    its most senior place. `ways` are those within the areas of the regions. `permitted` says who may take which seat of
    which job when, `failing` what keeps the others from it, `engaged` what people are assigned to already, `away` when
    they are absent: nobody keeps a seat then. `tools` are those at the places of the regions, `equivalents` which kinds
    do the work of others. `running` are the seats of the plan in force by job, from which a plan of dispatch departs
    only where that pays, and of which it leaves what `freeze` says as it is.
    All is in the order of its codes as Python sorts them,
    since databases differ in how they sort text.
    """

    plan_date: date
    regions: tuple[str, ...]
    currency: str
    counts: dict[str, int]
    sites: dict[str, Site]
    lanes: list[LaneRow]
    parts: list[PartRow]
    stock: list[tuple[str, str, Decimal]]
    targets: list[tuple[str, str, Decimal]]
    people: list[Person]
    jobs: list[OpenJob]
    aside: dict[str, Reason]
    area_starts: dict[str, datetime]
    ways: PlanWays
    permitted: Permissions
    failing: Failing
    engaged: Mapping[str, Sequence[Engagement]]
    away: Mapping[str, Sequence[Span]]
    tools: list[ToolStand]
    equivalents: dict[str, list[str]]
    kept: Sequence[tuple[str, str, str, int]] = ()
    running: Mapping[str, Sequence[AssignmentLine]] = field(default_factory=dict)
    freeze: Freeze | None = None

    @cached_property
    def central(self) -> Site:
        """The central depot."""
        return next(site for site in self.sites.values() if site.tier is Tier.CENTRAL)

    @cached_property
    def start(self) -> datetime:
        """When the plan's orders may leave: the first minute of its date at the central depot."""
        return local_midnight(self.plan_date, ZoneInfo(self.central.time_zone))

    def areas(self) -> list[str]:
        """Return the dispatch areas with jobs, in alphabetical order."""
        return sorted({self.sites[job.place].area for job in self.jobs})

    def fingerprint(self) -> str:
        """Return a hash of everything that the plan depends on, apart from keys and versions of rows."""
        digest = hashlib.sha256()
        for rows in (self.sites.values(), self.lanes, self.parts, self.people, self.jobs, self.tools):
            for row in rows:
                digest.update(repr([getattr(row, name) for name in row.__slots__ if name not in _NOT_HASHED]).encode())
        for stock_rows in (self.stock, self.targets):
            # 3 pieces are 3 pieces, whichever way a database writes them down
            digest.update(repr([(part, place, quantity.normalize()) for part, place, quantity in stock_rows]).encode())
        permitted = [
            (job, seat.value, sorted(people.items()))
            for job, seats in sorted(self.permitted.items())
            for seat, people in sorted(seats.items())
        ]
        engaged = [(code, sorted(repr(one) for one in known)) for code, known in sorted(self.engaged.items())]
        away = [(code, sorted(known)) for code, known in sorted(self.away.items()) if known]
        rest = (sorted(self.equivalents.items()), engaged, away, sorted(self.aside.items()), self.ways.fingerprint())
        if self.kept:
            digest.update(repr(self.kept).encode())
        digest.update(repr((self.plan_date, self.regions, permitted, rest)).encode())
        for number, lines in sorted(self.running.items()):
            told = [(one.position, one.technician, one.starts_at.isoformat()) for one in lines]
            digest.update(repr((number, told)).encode())
        if self.freeze is not None:
            digest.update(repr((self.freeze.now.isoformat(), self.freeze.until.isoformat())).encode())
        return digest.hexdigest()


def take_snapshot(
    session: Session, plan_date: date, region: str | None, *, percentile: int = MEDIAN, now: datetime | None = None
) -> Snapshot:
    """Read what a plan of the date needs, for one region or for all; who works on past the told end at `now`, is busy.

    Jobs with a task last as long as `percentile` of a hundred stay below.

    Raises NotFound for an unknown region, NotReady without a central depot.
    """
    regions = planned_regions(session, region)
    places = {site.code: site for site in sorted(sites(session), key=lambda site: site.code)}
    if sum(site.tier is Tier.CENTRAL for site in places.values()) != 1:
        raise NotReady(_("A plan needs exactly one central depot; add one place of tier “central”"), code="no_central")
    inside = {code for code, site in places.items() if site.region in regions}
    central = next(code for code, site in places.items() if site.tier is Tier.CENTRAL)
    starts = _area_starts(places.values(), plan_date)
    last = max(starts.values()) + timedelta(days=HORIZON_DAYS)
    network_lanes = sorted(lanes(session), key=lambda lane: (lane.origin, lane.destination, lane.mode))
    parts = sorted(parts_for_plan(session), key=lambda part: part.number)
    people = [one for one in technicians_for_plan(session, plan_date, HORIZON_DAYS) if one.base in inside]
    jobs = sorted((job for job in open_jobs(session, last) if job.place in inside), key=lambda job: job.number)
    jobs = _lasting(session, jobs, percentile)
    begins = {job.number: starts[places[job.place].area] for job in jobs}
    planned = [job for job in jobs if _is_in_time(job, begins[job.number])]
    there, currency = shelves(session, regions), fact(session, CURRENCY) or "USD"
    planned = [needing_what_is_kept(session, job, there.of(job.number), plan_date) for job in planned]
    # a job that lies within duties ends within the horizon; a day more leaves room for its last seconds
    within = (min(starts.values()), last + timedelta(days=1))
    judged = judgements(session, [job.work for job in planned], [one.code for one in people], within, now=now)
    aside = {
        job.number: Reason("window_lapsed", (begins[job.number] - job.window_end) / timedelta(minutes=1))
        for job in jobs
        if _end(job) < begins[job.number]
    }
    area_of = {code: site.area for code, site in places.items()}
    aside |= _left_to_people(planned, judged.permitted, people, area_of, begins)
    aside |= _waiting(planned, aside, area_of)
    return Snapshot(
        plan_date=plan_date,
        regions=regions,
        currency=currency,
        counts={
            "places": len(places),
            "regions": len(region_codes(session)),
            "parts": len(parts),
            "technicians": count_technicians(session),
            "jobs": count_jobs(session),
        },
        sites=places,
        lanes=network_lanes,
        parts=parts,
        stock=sorted((part, place, quantity) for (part, place), quantity in there.free.items()),
        targets=[target for target in _still_wanted(session) if target[1] in inside or target[1] == central],
        people=sorted(people, key=lambda one: one.code),
        jobs=[job for job in planned if job.number not in aside],
        aside=aside,
        area_starts=starts,
        ways=ways_kept(session, [places[code] for code in places if code in inside], starts, currency, plan_date),
        permitted=judged.permitted,
        failing=judged.failing,
        engaged=judged.engaged,
        away=judged.away,
        tools=[one for one in tools_for_plan(session, *within) if one.place in inside],
        equivalents=equivalents(session),
        kept=sorted(one for job in planned for one in there.pieces_for(job)),
    )


def of_dispatch(
    session: Session, snapshot: Snapshot, bases: Mapping[str, UUID], freeze: Freeze | None = None
) -> Snapshot:
    """Return a snapshot for a plan of dispatch alone: without targets, and with what plans in force give whom.

    `bases` are these plans, {region: key}, of which `freeze` tells what is left as it is.
    """
    places = {job.number: job.place for job in snapshot.jobs}
    running: defaultdict[str, list[AssignmentLine]] = defaultdict(list)
    for key in sorted(set(bases.values())):
        for line in assignments(session, key):
            place = places.get(line.job)
            if place is not None and bases.get(snapshot.sites[place].region) == key:
                running[line.job].append(line)
    return replace(snapshot, targets=[], running=dict(running), freeze=freeze)


def _still_wanted(session: Session) -> list[tuple[str, str, Decimal]]:
    """Return the targets in order, less what orders bring there for stock."""
    due: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in under_way(session):
        if one.serves_job is None:
            due[one.part, one.destination] += one.quantity
    wanted = ((part, place, quantity - due[part, place]) for part, place, quantity in targets(session))
    return sorted(target for target in wanted if target[2] > 0)


def _end(job: OpenJob) -> datetime:
    """Return the latest start: the end of the window, or when the work was given to somebody."""
    return max(job.window_end, given_start(job) or job.window_end)


def _is_in_time(job: OpenJob, begins: datetime) -> bool:
    first = max(job.window_start, given_start(job) or job.window_start)
    return _end(job) >= begins and first < begins + timedelta(days=HORIZON_DAYS)


def _left_to_people(
    jobs: Iterable[OpenJob],
    permitted: Permissions,
    people: Sequence[Person],
    area_of: Mapping[str, str],
    begins: Mapping[str, datetime],
) -> dict[str, Reason]:
    """Return the jobs of which no seat is left to a plan: all are given to people of elsewhere, or for what is past."""
    here: defaultdict[str, set[str]] = defaultdict(set)
    for one in people:
        here[area_of[one.base]].add(one.code)
    return {
        job.number: Reason("given_by_hand")
        for job in jobs
        if not crew_wanted(job, permitted[job.number], here[area_of[job.place]], begins[job.number]).posts
    }


def _waiting(jobs: Sequence[OpenJob], aside: Mapping[str, Reason], area_of: Mapping[str, str]) -> dict[str, Reason]:
    """Return the jobs that come after one which is not planned with them: in another area, later, or set aside."""
    area = {job.number: area_of[job.place] for job in jobs if job.number not in aside}
    waiting: dict[str, Reason] = {}
    left = [job for job in jobs if job.number in area]
    while True:
        found = {
            job.number: Reason("waits_for_other", None, {"job": before})
            for job in left
            for before in job.after
            if area.get(before) != area_of[job.place]
        }
        if not found:
            return waiting
        waiting |= found
        left = [job for job in left if job.number not in found]
        for number in found:
            del area[number]


def _lasting(session: Session, jobs: list[OpenJob], percentile: int) -> list[OpenJob]:
    """Return jobs as long as so many of a hundred of their task stay below."""
    if percentile == MEDIAN:
        return jobs
    tasks = tasks_of(session, [job.number for job in jobs])
    factors = {code: one.factor(percentile) for code, one in durations_of(session, set(tasks.values())).items()}
    return [
        replace(job, duration_s=round(job.duration_s * factors[tasks[job.number]])) if job.number in tasks else job
        for job in jobs
    ]


def planned_regions(session: Session, region: str | None) -> tuple[str, ...]:
    """Return the codes of the regions that a plan is for, one or all; raises NotFound for an unknown one."""
    known = sorted(region_codes(session).values())
    if region is None:
        return tuple(known)
    if region not in known:
        raise NotFound(
            _("Region {region} does not exist; there are {known}").format(region=region, known=", ".join(known)),
            code="unknown_region",
            field="region",
        )
    return (region,)


def _area_starts(places: Iterable[Site], plan_date: date) -> dict[str, datetime]:
    senior: dict[str, Site] = {}
    for site in sorted(places, key=lambda site: (_SENIORITY[site.tier], site.code)):
        senior.setdefault(site.area, site)
    return {area: local_midnight(plan_date, ZoneInfo(site.time_zone)) for area, site in senior.items()}
