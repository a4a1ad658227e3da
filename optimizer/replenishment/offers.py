"""What each source of a part could do for each need: by which mode, when, at what price."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from optimizer.replenishment.model import Class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.replenishment.model import Need, Problem

STEPS_PER_UNIT = 10_000
_URGENCY = {Class.AOG: 0, Class.CRITICAL: 1, Class.ROUTINE: 2, None: 3}


def steps(amount: float) -> int:
    """Return money in whole ten-thousandths of its unit, in which every price per piece counts."""
    return round(amount * STEPS_PER_UNIT)


class Source(NamedTuple):
    """Pieces of one part: a supply, of one `job` alone or of all, or (`bought`) what may be purchased for central."""

    bought: bool
    place: int
    available_s: int
    quantity_each: int
    job: str | None = None


class Offer(NamedTuple):
    """A way from a source to a need: arrival and price per piece in steps. Smaller is better: cheap, then early."""

    price: int
    arrives_s: int
    mode: str
    freight: int
    purchase: int
    lateness: int


@dataclass(frozen=True, slots=True)
class Case:
    """All sources and needs of one part: a problem of its own, since nothing is shared between parts."""

    part: int
    sources: tuple[Source, ...]
    needs: tuple[Need, ...]


def cases(problem: Problem) -> list[Case]:
    """Return the problem part by part, those with the most urgent need first; parts that nobody needs are left out."""
    needs: defaultdict[int, list[Need]] = defaultdict(list)
    wanted: Iterator[Need] = chain(problem.job_needs, problem.target_needs)
    for need in wanted:
        needs[need.part].append(need)
    sources: defaultdict[int, list[Source]] = defaultdict(list)
    for supply in problem.supplies:
        held = Source(False, supply.place, supply.available_s, supply.quantity_each, supply.job)
        sources[supply.part].append(held)
    for target in problem.target_needs:
        lead_s = problem.parts[target.part].purchase_lead_s
        if target.place == problem.central and lead_s is not None:
            sources[target.part].append(Source(True, target.place, lead_s, target.quantity_each))
    urgency = {part: min(_URGENCY[need.priority] for need in lines) for part, lines in needs.items()}
    order = sorted(needs, key=lambda part: (urgency[part], part))
    return [Case(part, tuple(sources[part]), tuple(needs[part])) for part in order]


def may_serve(source: Source, need: Need) -> bool:
    """Tell whether the model lets the source serve the need at all.

    Purchases fill central's target only, and what is kept for a job serves no other need.
    """
    if source.bought:
        return need.job is None and need.place == source.place
    return source.job is None or source.job == need.job


def offers(problem: Problem, source: Source, need: Need) -> list[Offer]:
    """Return every way from the source to the need, also those that arrive too late; none where no route leads."""
    if not may_serve(source, need):
        return []
    part = problem.parts[need.part]
    if source.place == need.place:
        purchase = steps(part.unit_cost) if source.bought else 0
        lateness = _lateness(need, source.available_s)
        return [Offer(purchase + lateness, source.available_s, "", 0, purchase, lateness)]
    found = []
    for route in problem.routes.get((source.place, need.place), ()):
        arrives_s = source.available_s + route.lead_s
        freight = steps(route.cost_per_piece + part.weight_kg * route.cost_per_kg)
        lateness = _lateness(need, arrives_s)
        found.append(Offer(freight + lateness, arrives_s, route.mode, freight, 0, lateness))
    return found


def cheapest(problem: Problem, source: Source, need: Need) -> Offer | None:
    """Return the cheapest way that arrives by the need's latest_s. Modes have no limits, so no other is ever used."""
    return min((offer for offer in offers(problem, source, need) if offer.arrives_s <= need.latest_s), default=None)


def _lateness(need: Need, arrives_s: int) -> int:
    late_s = arrives_s - need.due_s
    return steps(need.lateness_cost_per_h * late_s / 3600) if late_s > 0 and need.lateness_cost_per_h else 0
