"""From the snapshot to the optimizers' problems: codes become indices, instants seconds, Decimal float."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from fieldops.dispatch.crew.ways import PROFILE
from fieldops.dispatch.queries import OpenJob
from fieldops.planning.rules import (
    HORIZON_DAYS,
    PROMISED_PENALTY,
    REFILL_HORIZON_DAYS,
    UNSERVED_PENALTY,
    refill_value,
)
from fieldops.planning.snapshot import Snapshot
from fieldops.workforce.rest import Span
from integrations.travel import travel_matrix
from inventory.catalogue.models import PartClass
from inventory.network.rules import paths
from optimizer.dispatch.first import model as dispatch
from optimizer.replenishment import model as replenishment

HORIZON_S = HORIZON_DAYS * 86_400
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class AreaProblem:
    """The dispatch problem of one area, and the instant that its second 0 stands for."""

    area: str
    start: datetime
    problem: dispatch.Problem


def area_problem(snapshot: Snapshot, area: str, ready: Mapping[str, datetime | None]) -> AreaProblem:
    """Build the dispatch problem of an area; `ready` says for jobs with parts when these are there (None: never)."""
    start = snapshot.area_starts[area]
    places = [site for site in snapshot.sites.values() if site.area == area]
    index = {site.code: number for number, site in enumerate(places)}
    travel = travel_matrix(
        np.array([site.latitude for site in places]), np.array([site.longitude for site in places]), PROFILE
    )
    technicians = tuple(
        dispatch.Technician(
            code=person.code,
            base=index[person.base],
            duties=tuple(dispatch.Duty(*span) for span in _clipped(person.duties, start)),
            qualifications={
                # whole spans: one that ended before the horizon explains why its holder cannot go
                code: tuple(dispatch.Validity(_up(first, start), _down(last, start)) for first, last in spans)
                for code, spans in person.qualifications.items()
            },
            cost_per_h=float(person.cost_per_h),
        )
        for person in snapshot.people
        if person.base in index
    )
    jobs = tuple(
        _dispatch_job(job, index[job.place], start, ready, snapshot.permitted[job.number])
        for job in snapshot.jobs
        if job.place in index
    )
    problem = dispatch.Problem(
        places=tuple(index),
        travel_s=travel.seconds,
        travel_cost=travel.cost,
        technicians=technicians,
        jobs=jobs,
        horizon_s=HORIZON_S,
    )
    return AreaProblem(area, start, problem)


def _dispatch_job(
    job: OpenJob,
    place: int,
    start: datetime,
    ready: Mapping[str, datetime | None],
    permitted: Mapping[str, tuple[Span, ...]],
) -> dispatch.Job:
    arrives = ready.get(job.number, start)
    return dispatch.Job(
        number=job.number,
        place=place,
        duration_s=job.duration_s,
        priority=dispatch.Priority[job.priority.name],
        earliest_s=max(0, _up(job.window_start, start)),
        latest_start_s=_down(job.window_end, start),
        due_s=_down(job.due_at, start),
        lateness_cost_per_h=float(job.delay_cost_per_h),
        qualifications=frozenset(job.qualifications),
        unserved_penalty=UNSERVED_PENALTY[job.priority],
        parts_ready_s=None if arrives is None else max(0, _up(arrives, start)),
        permitted={
            code: tuple(
                dispatch.Validity(first, last)
                for first, last in ((_up(since, start), _down(until, start)) for since, until in spans)
                if first < last
            )
            for code, spans in permitted.items()
        },
    )


def _clipped(spans: Collection[Span], start: datetime) -> list[tuple[int, int]]:
    inside = ((max(0, _up(first, start)), min(HORIZON_S, _down(last, start))) for first, last in spans)
    return [(first, last) for first, last in inside if first < last]


def _up(instant: datetime, start: datetime) -> int:
    return math.ceil((instant - start).total_seconds())


def _down(instant: datetime, start: datetime) -> int:
    return math.floor((instant - start).total_seconds())


@dataclass(frozen=True, slots=True)
class StockProblem:
    """The replenishment problem, and the instant that its second 0 stands for."""

    start: datetime
    problem: replenishment.Problem


def stock_problem(
    snapshot: Snapshot, *, asking: Collection[str] = (), promised: Mapping[str, datetime] | None = None
) -> StockProblem:
    """Build the replenishment problem of the snapshot's regions.

    The jobs `asking` want their parts from the start of their window; those `promised` get theirs by the start that
    the schedule gave them. The central depot's own target competes in every region's plan, but only its own region's
    buys for it.
    """
    start = snapshot.start
    places = tuple(snapshot.sites)
    index = {code: number for number, code in enumerate(places)}
    parts = {part.number: number for number, part in enumerate(snapshot.parts)}
    wanted: dict[tuple[str, str], int] = {
        (part, place): math.ceil(quantity) for part, place, quantity in snapshot.targets
    }
    buys = snapshot.central.region in snapshot.regions
    values = {part.number: float(refill_value(part.standard_cost, part.essentiality)) for part in snapshot.parts}
    problem = replenishment.Problem(
        places=places,
        parts=tuple(
            replenishment.Part(
                number=part.number,
                unit_cost=float(part.standard_cost),
                weight_kg=float(part.weight_kg),
                # A rotable that is missing comes back from repair; buying one is a decision of its own.
                purchase_lead_s=part.lead_time_days * DAY_S
                if buys and part.part_class is not PartClass.ROTABLE
                else None,
            )
            for part in snapshot.parts
        ),
        routes=_routes(snapshot, index),
        supplies=_supplies(snapshot, parts, index),
        job_needs=tuple(
            need
            for job in snapshot.jobs
            if job.number in asking or (promised is not None and job.number in promised)
            for need in _job_needs(job, parts, index[job.place], start, promised)
        ),
        target_needs=tuple(
            replenishment.TargetNeed(
                part=parts[part],
                place=index[place],
                quantity_each=quantity,
                unmet_penalty=values[part],
                latest_s=REFILL_HORIZON_DAYS * DAY_S,
            )
            for (part, place), quantity in wanted.items()
        ),
        central=index[snapshot.central.code],
    )
    return StockProblem(start, problem)


def _routes(snapshot: Snapshot, index: Mapping[str, int]) -> dict[tuple[int, int], tuple[replenishment.Route, ...]]:
    """The lanes of each region and from the central depot into it; no region takes from another without its grant."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for site in snapshot.sites.values():
        members[site.region].add(site.code)
    routes = {}
    for region in snapshot.regions:
        for (origin, destination), modes in paths(snapshot.lanes, members[region] | {snapshot.central.code}).items():
            if destination in members[region]:
                routes[index[origin], index[destination]] = tuple(
                    replenishment.Route(way.mode, way.lead_s, float(way.cost_per_piece), float(way.cost_per_kg))
                    for way in modes
                )
    return routes


def _supplies(
    snapshot: Snapshot, parts: Mapping[str, int], index: Mapping[str, int]
) -> tuple[replenishment.Supply, ...]:
    usable = {code for code, site in snapshot.sites.items() if site.region in snapshot.regions}
    usable.add(snapshot.central.code)
    return tuple(
        replenishment.Supply(part=parts[part], place=index[place], quantity_each=math.floor(quantity))
        for part, place, quantity in snapshot.stock
        if place in usable and quantity >= 1
    )


def _job_needs(
    job: OpenJob,
    parts: Mapping[str, int],
    place: int,
    start: datetime,
    promised: Mapping[str, datetime] | None,
) -> list[replenishment.JobNeed]:
    pieces = sum(math.ceil(quantity) for _, quantity in job.parts)
    if promised is None:
        due_s, latest_s = _down(job.window_start, start), _down(job.window_end, start)
        late_per_h, penalty = float(job.delay_cost_per_h) / max(pieces, 1), UNSERVED_PENALTY[job.priority]
    else:
        due_s = latest_s = _down(promised[job.number], start)
        late_per_h, penalty = 0.0, PROMISED_PENALTY
    return [
        replenishment.JobNeed(
            part=parts[part],
            place=place,
            quantity_each=math.ceil(quantity),
            job=job.number,
            priority=replenishment.Class[job.priority.name],
            due_s=due_s,
            latest_s=latest_s,
            lateness_cost_per_h=late_per_h,
            unmet_penalty=penalty,
        )
        for part, quantity in job.parts
    ]
