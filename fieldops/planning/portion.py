"""A plan as its reader may see it: whole, or the part that lies within the reader's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch import queries as dispatch
from fieldops.finance.control import queries as control
from fieldops.planning.costing import cents
from fieldops.planning.models import DayPlan
from fieldops.planning.schemas import (
    BudgetOut,
    CostOut,
    DayPlanOut,
    DispatchOut,
    NetworkOut,
    OverrideOut,
    ReasonOut,
    ReplenishmentOut,
)
from fieldops.workforce.queries import count_technicians
from inventory.availability.rules import band
from inventory.kernel.scope import actor_of, readable_regions
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from inventory.network.scope import places_seen, shelves_seen
from inventory.planning import queries as stock


def told_plan(session: Session, plan: DayPlan) -> DayPlanOut:
    """Return a plan as it was told when it was made; to a reader of some of its regions, only what is theirs.

    Such a part has no objective and no bound: they belong to the whole. Without the right
    budget.read there is no budget.
    """
    told = DayPlanOut.model_validate(plan.document)
    actor = actor_of(session)
    scope = actor.scope
    if not actor.may("budget.read"):
        told = told.model_copy(update={"budget": BudgetOut(lines=[], held=[], overrides=[])})
    if scope.everything:
        return told
    regions = sorted(set(told.regions).intersection(readable_regions(scope)))
    places = set(session.scalars(select(Place.code).where(Place.id.in_(places_seen(scope)))))
    discretion = discretion_of(session)
    return told.model_copy(
        update={
            "regions": regions,
            "network": NetworkOut(
                places=told.network.places,
                regions=told.network.regions,
                parts=told.network.parts,
                technicians=count_technicians(session),
                jobs=dispatch.count_jobs(session),
            ),
            "dispatch": _dispatch_part(session, plan, told.dispatch, discretion),
            "replenishment": _stock_part(session, plan, told.replenishment, places, discretion),
            "changes": told.changes if regions == told.regions else None,
            "lost_locks": [
                one.model_copy(update={"reasons": discretion.told(one.reasons)})
                for one in told.lost_locks
                if one.job in discretion.jobs
            ],
            "caused_by": told.caused_by if regions == told.regions else [],
            "budget": BudgetOut(
                lines=[one for one in told.budget.lines if one.region in regions],
                held=[one for one in told.budget.held if one.region in regions],
                overrides=[
                    OverrideOut(by=one.by, reason=one.reason, amount=one.amount)
                    for one in control.overrides(session, plan.id)
                    if actor.may("budget.read")
                ],
            ),
        }
    )


@dataclass(frozen=True, slots=True)
class Discretion:
    """What reasons may name: the reader's jobs, and the places whose stock the reader sees. None: everything.

    Of any other place only the region is told, of its stock only the band, as in an offer.
    """

    regions: Mapping[str, str]
    shelves: frozenset[str] | None
    jobs: frozenset[str]

    def told(self, reasons: Iterable[ReasonOut]) -> list[ReasonOut]:
        """Return reasons as the reader may hear them."""
        return [one if self.shelves is None or one.values is None else self._cut(one) for one in reasons]

    def _cut(self, reason: ReasonOut) -> ReasonOut:
        values = dict(reason.values or {})
        place = values.get("place")
        if isinstance(place, str) and not self._sees(place):
            values["place"] = self.regions.get(place, place)
            if "pieces" in values:
                low, high = band(Decimal(str(values["pieces"])))
                values["pieces"] = f"{low}+" if high is None else f"{low}–{high}" if high > low else low
        told = [rank for rank in range(1, _HOLDERS_MAX + 1) if f"each_{rank}" in values]
        for rank in [rank for rank in told if not self._sees_holder(values, rank)]:
            each = values.pop(f"each_{rank}")
            values["each_other"] = int(values.get("each_other", 0)) + int(each)
            values.pop(f"job_{rank}", None)
            values.pop(f"target_{rank}", None)
        kept = [rank for rank in told if f"each_{rank}" in values]
        for rank, old in enumerate(kept, start=1):
            for name in ("each", "job", "target"):
                if f"{name}_{old}" in values:
                    values[f"{name}_{rank}"] = values.pop(f"{name}_{old}")
        return ReasonOut(code=reason.code, text="", misses_by=reason.misses_by, values=values)

    def _sees(self, place: str) -> bool:
        return self.shelves is None or place in self.shelves

    def _sees_holder(self, values: Mapping[str, str | int | float], rank: int) -> bool:
        job, target = values.get(f"job_{rank}"), values.get(f"target_{rank}")
        return (job is None or job in self.jobs) and (target is None or self._sees(str(target)))


_HOLDERS_MAX = 3
"""How many holders of stock a reason names."""


def discretion_of(session: Session) -> Discretion:
    """Return what may be named to the session's actor."""
    scope = actor_of(session).scope
    regions = session.execute(select(Place.code, Region.code).join(Region, Region.id == Place.region_id))
    return Discretion(
        regions={place: _("the region {region}").format(region=region) for place, region in regions},
        shelves=None
        if scope.everything
        else frozenset(session.scalars(select(Place.code).where(Place.id.in_(shelves_seen(scope))))),
        jobs=dispatch.job_numbers(session),
    )


def _dispatch_part(session: Session, plan: DayPlan, whole: DispatchOut, discretion: Discretion) -> DispatchOut:
    lines = dispatch.assignments(session, plan.id)
    mine = {line.job for line in lines}
    seen = dispatch.job_heads(session, [one.job for one in whole.unassigned])
    return whole.model_copy(
        update={
            "objective": None,
            "bound": None,
            "gap": None,
            "terms": {},
            "assigned": len(mine),
            "unassigned": [
                one.model_copy(update={"reasons": discretion.told(one.reasons)})
                for one in whole.unassigned
                if one.job in seen
            ],
            "late": sum(one.lateness_cost > 0 for one in lines),
            "cost": _cost(
                whole.cost.currency,
                {
                    "labour": sum((line.labour_cost for line in lines), Decimal(0)),
                    "travel": sum((line.travel_cost for line in lines), Decimal(0)),
                    "lateness": sum((line.lateness_cost for line in lines), Decimal(0)),
                },
            ),
            "assignments": [one for one in whole.assignments if one.job in mine],
        }
    )


def _stock_part(
    session: Session, plan: DayPlan, whole: ReplenishmentOut, places: set[str], discretion: Discretion
) -> ReplenishmentOut:
    lines = stock.orders(session, plan.id)
    mine = {line.number for line in lines}
    received = [line for line in lines if line.destination in places]
    return whole.model_copy(
        update={
            "objective": None,
            "bound": None,
            "gap": None,
            "orders": len(lines),
            "unmet": [
                one.model_copy(update={"reasons": discretion.told(one.reasons)})
                for one in whole.unmet
                if one.place in places
            ],
            "cost": _cost(
                whole.cost.currency,
                {
                    "freight": sum((line.freight_cost for line in received), Decimal(0)),
                    "purchase": sum((line.purchase_cost for line in received), Decimal(0)),
                },
            ),
            "moves": [
                one if one.job is None or one.job in discretion.jobs else one.model_copy(update={"job": None})
                for one in whole.moves
                if one.number in mine
            ],
        }
    )


def _cost(currency: str, by_term: Mapping[str, Decimal]) -> CostOut:
    told = {term: cents(amount) for term, amount in by_term.items()}
    return CostOut(currency=currency, total=sum(told.values(), Decimal(0)), by_term=told)
