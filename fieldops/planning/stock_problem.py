"""From the snapshot to the replenishment problem: codes become indices, instants seconds, Decimal float."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fieldops.dispatch.queries import OpenJob
from fieldops.planning.problems import down
from fieldops.planning.rules import PROMISED_PENALTY, REFILL_HORIZON_DAYS, UNSERVED_PENALTY, refill_value
from fieldops.planning.snapshot import Snapshot
from inventory.catalogue.models import PartClass
from inventory.network.rules import Path, paths
from optimizer.replenishment import model as replenishment

DAY_S = 86_400


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
    index = {code: number for number, code in enumerate(snapshot.sites)}
    lent = _lent(snapshot)
    parts = {part.number: number for number, part in enumerate(snapshot.parts)}
    wanted: dict[tuple[str, str], int] = {
        (part, place): math.ceil(quantity) for part, place, quantity in snapshot.targets
    }
    buys = snapshot.central.region in snapshot.regions
    values = {part.number: float(refill_value(part.standard_cost, part.essentiality)) for part in snapshot.parts}
    problem = replenishment.Problem(
        places=(*snapshot.sites, *(place for place, _job in lent)),
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
        routes=_routes(snapshot, index, lent),
        supplies=_supplies(snapshot, parts, index, lent),
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


def _lent(snapshot: Snapshot) -> dict[tuple[str, str], int]:
    """Number, after the places, where in other regions pieces lie that are reserved for a job: {(place, job): number}.

    Only these pieces may be taken from there, so they lie in the problem at places of their own.
    """
    region_of = {code: site.region for code, site in snapshot.sites.items()}
    jobs = {job.number: region_of[job.place] for job in snapshot.jobs}
    found = {
        (place, job)
        for _part, place, job, _pieces in snapshot.kept
        if job in jobs and place != snapshot.central.code and region_of[place] != jobs[job]
    }
    return {one: number for number, one in enumerate(sorted(found), len(snapshot.sites))}


def _routes(
    snapshot: Snapshot, index: Mapping[str, int], lent: Mapping[tuple[str, str], int]
) -> dict[tuple[int, int], tuple[replenishment.Route, ...]]:
    """The lanes of each region and from the central depot into it, and the ways of what is lent to a job.

    No region takes from another without its grant.
    """
    members: defaultdict[str, set[str]] = defaultdict(set)
    for site in snapshot.sites.values():
        members[site.region].add(site.code)
    routes = {}
    for region in snapshot.regions:
        inside = members[region] | {snapshot.central.code}
        for (origin, destination), modes in paths(snapshot.lanes, inside).items():
            if destination in members[region]:
                routes[index[origin], index[destination]] = _modes(modes)
    jobs = {job.number: job.place for job in snapshot.jobs}
    for origin, job in lent:
        among = members[snapshot.sites[origin].region] | members[snapshot.sites[jobs[job]].region]
        modes = paths(snapshot.lanes, among | {snapshot.central.code}).get((origin, jobs[job]), ())
        routes[lent[origin, job], index[jobs[job]]] = _modes(modes)
    return routes


def _modes(ways: Iterable[Path]) -> tuple[replenishment.Route, ...]:
    return tuple(
        replenishment.Route(way.mode, way.lead_s, float(way.cost_per_piece), float(way.cost_per_kg)) for way in ways
    )


def _supplies(
    snapshot: Snapshot, parts: Mapping[str, int], index: Mapping[str, int], lent: Mapping[tuple[str, str], int]
) -> tuple[replenishment.Supply, ...]:
    usable = {code for code, site in snapshot.sites.items() if site.region in snapshot.regions}
    usable.add(snapshot.central.code)
    free = (
        replenishment.Supply(part=parts[part], place=index[place], quantity_each=math.floor(quantity))
        for part, place, quantity in snapshot.stock
        if place in usable and quantity >= 1
    )
    kept = (
        replenishment.Supply(parts[part], lent.get((place, job), index[place]), pieces, job=job)
        for part, place, job, pieces in snapshot.kept
        if part in parts
    )
    return (*free, *kept)


def _job_needs(
    job: OpenJob,
    parts: Mapping[str, int],
    place: int,
    start: datetime,
    promised: Mapping[str, datetime] | None,
) -> list[replenishment.JobNeed]:
    pieces = sum(math.ceil(quantity) for _, quantity in job.parts)
    if promised is None:
        due_s, latest_s = down(job.window_start, start), down(job.window_end, start)
        late_per_h, penalty = float(job.delay_cost_per_h) / max(pieces, 1), UNSERVED_PENALTY[job.priority]
    else:
        due_s = latest_s = down(promised[job.number], start)
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
