"""Where a part can come from, when it arrives and what that costs: one answer over shelves, routes and reservations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.availability.fitness import judged
from inventory.availability.holdings import Holding, Keeping, elsewhere, holdings
from inventory.availability.rules import band
from inventory.availability.schemas import (
    LaneTaken,
    LeftOut,
    LeftOutReason,
    PromiseOut,
    SourceKind,
    SourceOut,
    StageOut,
)
from inventory.catalogue.link_queries import replacements_of_each
from inventory.catalogue.models import Part
from inventory.catalogue.rules import Aircraft, Replacement
from inventory.kernel.actor import Scope
from inventory.kernel.scope import actor_of, unscoped
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import OWN
from inventory.network.arrival import Quantile, arrive
from inventory.network.calendar_queries import router
from inventory.network.models import Place, Region, Tier
from inventory.network.routing import Route, Router
from inventory.network.service import place_ids
from inventory.traceability.condition import USABLE, Hold
from inventory.traceability.judging import not_issuable

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quantity of a part that is wanted at a destination, for an aircraft where it is for one."""

    part: str
    destination: str
    quantity: Decimal = Decimal(1)
    aircraft: Aircraft | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for: `region` is that of the destination."""

    part: str
    destination: str
    region: str
    quantity: Decimal
    ready: datetime
    scope: Scope


def promise(
    session: Session,
    part: str,
    destination: str,
    now: datetime,
    quantity: Decimal = Decimal(1),
    *,
    aircraft: Aircraft | None = None,
    ready_at: datetime | None = None,
) -> PromiseOut:
    """Return from where a part, or one that may stand in for it on an aircraft, can come to a destination.

    It leaves when it is ready: now, where it is not said. What the acceptance rules forbid then is no source. Raises
    Invalid for an unknown part or place.
    """
    return promises(session, [Wanted(part, destination, quantity, aircraft)], now, ready_at=ready_at)[0]


def promises(
    session: Session,
    wanted: Sequence[Wanted],
    now: datetime,
    *,
    ready_at: datetime | None = None,
    claimed: Mapping[tuple[str, str], Decimal] | None = None,
    together: bool = False,
) -> list[PromiseOut]:
    """Answer several questions as `promise` does; the statements do not grow with their number.

    They grow with that of the aircraft. What is `claimed`, {(part, place): quantity}, is left alone. Each is answered
    for itself, or `together`: without what those before it take.
    """
    ready = ready_at or now
    tails = list(dict.fromkeys(one.aircraft for one in wanted))
    with unscoped(session):  # all but what is held is for everybody, and the criteria would take most of the time
        homes = _regions_of(session, {one.destination for one in wanted})
        ways = {
            tail: replacements_of_each(
                session, list({one.part: None for one in wanted if one.aircraft == tail}), tail, ready.date()
            )
            for tail in tails
        }
        numbers = {way.part for found in ways.values() for some in found.values() for way in some}
        parts = {one.part_number: one for one in session.scalars(select(Part).where(Part.part_number.in_(numbers)))}
        lanes = router(session)
    there = holdings(session, [one.id for one in parts.values()], now)
    held = {tail: _by_part(session, there, ways[tail], tail, ready) for tail in tails}
    scope = actor_of(session).scope
    gone = defaultdict(Decimal, claimed or {})
    answers = []
    for one in wanted:
        told = _answer(
            _Asked(one.part, one.destination, homes[one.destination], one.quantity, ready, scope),
            [(parts[way.part], way) for way in ways[one.aircraft][one.part]],
            {part: list(_without(known, gone)) for part, known in held[one.aircraft].items()}
            if gone
            else held[one.aircraft],
            lanes,
        )
        answers.append(told)
        for source, quantity in taken_from(told.sources, one.quantity) if together and told.arrives else ():
            gone[source.part, source.place or ""] += quantity
    return answers


def taken_from(sources: Iterable[SourceOut], quantity: Decimal) -> Iterator[tuple[SourceOut, Decimal]]:
    """Yield how much of a quantity comes from which shelves, the soonest that need nobody's grant."""
    missing = quantity
    for one in sources:
        if one.needs_grant_of is None and one.free and missing > 0:
            taken = min(one.free, missing)
            missing -= taken
            yield one, taken


def _without(held: Iterable[Holding], gone: Mapping[tuple[str, str], Decimal]) -> Iterator[Holding]:
    """Yield holdings without quantities of a part at a place."""
    left: dict[tuple[str, str], Decimal] = {}
    for one in held:
        cell = one.part, one.place
        missing = left.setdefault(cell, gone.get(cell, Decimal(0)))
        taken = min(one.free, missing) if one.usable else Decimal(0)
        left[cell] = missing - taken
        yield replace(one, quantity=one.quantity - taken) if taken else one


def _by_part(
    session: Session,
    there: Iterable[Holding],
    ways: Mapping[str, Sequence[Replacement]],
    aircraft: Aircraft | None,
    ready: datetime,
) -> Mapping[str, list[Holding]]:
    """Return the holdings of what may go on an aircraft, judged for it, by part."""
    allowed = {way.part for some in ways.values() for way in some}
    held: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in judged(session, [one for one in there if one.part in allowed], aircraft, ready):
        held[holding.part].append(holding)
    return held


def _answer(
    asked: _Asked,
    ways: Sequence[tuple[Part, Replacement]],
    held: Mapping[str, list[Holding]],
    lanes: Router,
) -> PromiseOut:
    numbers = [way.part for _part, way in ways]
    sources: list[SourceOut] = []
    left_out: list[LeftOut] = []
    for one, way in ways:
        known = held.get(way.part, [])
        origins = {holding.place: asked.ready for holding in known if holding.usable and holding.free > 0}
        routes = lanes.earliest(origins, asked.destination, one.weight_kg, one.dg_limit) if origins else {}
        sources += _on_shelves(asked, one, way, known, routes)
        sources += _in_regions(asked, one, way, known, routes)
        left_out += _left_out(one, known, routes)
    sources.sort(key=lambda source: (source.arrives, source.freight, numbers.index(source.part), source.place or ""))
    arrives, short = _whole(sources, asked.quantity)
    return PromiseOut(
        part=asked.part,
        destination=asked.destination,
        quantity=asked.quantity,
        ready_at=asked.ready,
        arrives=arrives,
        short=short,
        sources=sources,
        left_out=left_out,
    )


def _regions_of(session: Session, places: Collection[str]) -> dict[str, str]:
    """Return {place: code of its region}, nothing for one without; raises Invalid for an unknown place."""
    query = select(Place.code, Region.code).outerjoin(Region, Place.region_id == Region.id)
    known = {code: region or "" for code, region in session.execute(query.where(Place.code.in_(places)))}
    place_ids(session, set(places) - known.keys())
    return known


def _on_shelves(
    asked: _Asked, part: Part, way: Replacement, held: Iterable[Holding], routes: Mapping[str, Route]
) -> Iterator[SourceOut]:
    """Yield the shelves that the actor may look into."""
    free: defaultdict[tuple[str, str, Tier], Decimal] = defaultdict(Decimal)
    for one in held:
        if one.seen and one.usable and one.place in routes and not _expires(one, routes[one.place]):
            free[one.place, one.region, one.tier] += one.free
    for (place, region, tier), quantity in free.items():
        if quantity > 0:
            kind = SourceKind.OWN if region == asked.region else SourceKind.REGION
            kind = SourceKind.CENTRAL if tier is Tier.CENTRAL else kind
            route = routes[place]
            yield SourceOut(
                kind=kind,
                region=region,
                place=place,
                free=quantity,
                at_least=None,
                at_most=None,
                needs_grant_of=region if kind is SourceKind.REGION and not asked.scope.holds_region(region) else None,
                lanes=[
                    LaneTaken(origin=lane.origin, destination=lane.destination, mode=lane.mode) for lane in route.links
                ],
                stages=_stages(asked, route),
                **_costs(asked, part, way, route),
            )


def _in_regions(
    asked: _Asked, part: Part, way: Replacement, held: Sequence[Holding], routes: Mapping[str, Route]
) -> Iterator[SourceOut]:
    """Yield the regions that the actor may not look into: each as one band, without shelf and route."""
    hidden = [one for one in held if not one.seen and one.place in routes and not _expires(one, routes[one.place])]
    for shelves in elsewhere(hidden, asked.region):
        low, high = band(sum(shelves.free.values(), Decimal(0)))
        route = min((routes[place] for place in shelves.free), key=lambda one: (one.arrives, one.cost))
        yield SourceOut(
            kind=SourceKind.REGION,
            region=shelves.region,
            place=None,
            free=None,
            at_least=low,
            at_most=high,
            needs_grant_of=shelves.region,
            lanes=[],
            stages=[],
            **_costs(asked, part, way, route),
        )


def _costs(asked: _Asked, part: Part, way: Replacement, route: Route) -> dict[str, Any]:
    legs = [leg for link in route.links for leg in link.legs]
    return {
        "part": part.part_number,
        "ship_set": way.ship_set,
        "arrives": route.arrives,
        "arrives_p90": arrive(asked.ready, legs, Quantile.P90).at,
        "freight": (route.cost * asked.quantity).quantize(_CENT),
        "unit_cost": part.standard_cost,
        "currency": part.currency,
    }


def _stages(asked: _Asked, route: Route) -> list[StageOut]:
    legs = [leg for link in route.links for leg in link.legs]
    return [StageOut(kind=stage.kind, starts=stage.starts, ends=stage.ends) for stage in arrive(asked.ready, legs).legs]


def _expires(one: Holding, route: Route) -> bool:
    return one.expires_on is not None and one.expires_on < route.arrives.date()


def _left_out(part: Part, held: Iterable[Holding], routes: Mapping[str, Route]) -> Iterator[LeftOut]:
    """Yield what lies on shelves that the actor may look into and does not count."""
    for one in held:
        if one.seen:
            for quantity, reason, detail in _reasons(part, one, routes):
                yield LeftOut(part=one.part, place=one.place, quantity=quantity, reason=reason, detail=detail)


def _reasons(part: Part, one: Holding, routes: Mapping[str, Route]) -> Iterator[tuple[Decimal, LeftOutReason, str]]:
    if one.hold is not Hold.NONE:
        yield one.quantity, LeftOutReason.ON_HOLD, _("On hold: {hold}").format(hold=one.hold)
    elif one.condition not in USABLE:
        yield one.quantity, LeftOutReason.NOT_USABLE, _("Condition: {condition}").format(condition=one.condition)
    elif one.owner != OWN:
        yield one.quantity, LeftOutReason.OTHER_OWNER, _("It belongs to {owner}").format(owner=one.owner)
    elif one.refused is not None:
        reason = LeftOutReason.EXPIRED if one.refused.code == "lot_expired" else LeftOutReason.NOT_ACCEPTABLE
        yield one.quantity, reason, not_issuable(one.part, one.lot, one.refused, "lot").message
    else:
        if one.quantity > one.free:
            yield one.quantity - one.free, LeftOutReason.RESERVED, told_keepers(one.kept)
        if one.free > 0 and one.place not in routes:
            yield one.free, LeftOutReason.NO_LANE, _no_lane(part)
        elif one.free > 0 and _expires(one, routes[one.place]):
            detail = _("{lot} expires on {day}, before it arrives").format(lot=one.lot, day=one.expires_on)
            yield one.free, LeftOutReason.EXPIRED, detail


def _no_lane(part: Part) -> str:
    if part.un_number is None:
        return _("No lanes from here take {weight} kg").format(weight=plain(part.weight_kg))
    return _("No lanes from here take {un} ({limit}) of {weight} kg").format(
        un=part.un_number, limit=part.dg_limit, weight=plain(part.weight_kg)
    )


def told_keepers(kept: Iterable[Keeping]) -> str:
    """Return who keeps how much, as far as the actor may know; the rest is of others."""
    told = [
        _("{quantity} for {demand} ({priority})").format(
            quantity=plain(one.quantity), demand=one.demand, priority=one.priority
        )
        for one in kept
        if one.seen
    ]
    others = sum((one.quantity for one in kept if not one.seen), Decimal(0))
    if others:
        told.append(_("{quantity} for others").format(quantity=plain(others)))
    return ", ".join(told)


def plain(quantity: Decimal) -> str:
    """Return a quantity without zeros at its end."""
    return f"{quantity.normalize():f}"


def _whole(sources: Iterable[SourceOut], quantity: Decimal) -> tuple[datetime | None, Decimal]:
    """Return when the whole quantity is there without anybody's grant, or what lacks."""
    missing = quantity
    for source in sources:
        if source.needs_grant_of is None and source.free is not None:
            missing -= source.free
            if missing <= 0:
                return source.arrives, Decimal(0)
    return None, missing
