"""The ways that a plan reckons with: as kept when its data are read, then asked for outside any transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.dispatch.travel.queries import legs_known
from fieldops.dispatch.travel.service import FRESH, keep_legs
from fieldops.dispatch.travel.sources import Sources, Spot, configured, pairs_of
from fieldops.finance.rates.queries import load_rates
from fieldops.planning.rules import HORIZON_DAYS
from integrations.travel import (
    Legs,
    Notice,
    Pair,
    ScheduledFlight,
    TravelFault,
    TravelMatrix,
    TravelProfile,
    ask,
    flights_between,
    measured,
)
from inventory.kernel.actor import SYSTEM
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, unit_of_work
from inventory.network.queries import Site
from optimizer.run import ShouldStop

_FLIGHTS = timedelta(days=HORIZON_DAYS + 2)
"""Flights of so long are looked at: who is still out after the plan's days flies home then."""


@dataclass(frozen=True, slots=True, eq=False)
class AreaWays:
    """The ways between the places of a dispatch area, in the order of its sites, and the flights between them."""

    spots: tuple[Spot, ...]
    matrix: TravelMatrix
    flights: tuple[ScheduledFlight, ...] = ()

    @property
    def pairs(self) -> set[Pair]:
        """The ways by road."""
        return pairs_of(self.spots, self.matrix)


@dataclass(frozen=True, slots=True, eq=False)
class PlanWays:
    """The ways of each area of a plan, and where those by road are known from; `profile` has the plan's currency."""

    areas: Mapping[str, AreaWays]
    notice: Notice
    profile: TravelProfile

    @property
    def flights(self) -> int:
        """How many scheduled flights there are."""
        return sum(len(one.flights) for one in self.areas.values())

    def fingerprint(self) -> str:
        """Return a hash of the times, the money and the flights."""
        digest = sha256()
        for name, one in self.areas.items():
            cents = np.rint(one.matrix.cost * 100).astype(np.int64)
            digest.update(repr((name, one.matrix.seconds.tolist(), cents.tolist(), one.flights)).encode())
        return digest.hexdigest()

    def with_legs(self, legs: Legs, fault: TravelFault | None = None) -> PlanWays:
        """Return the ways as they were measured, where they were; `fault` says why others were not told."""
        areas = {
            name: AreaWays(
                one.spots, measured([spot.point for spot in one.spots], one.matrix, legs, self.profile), one.flights
            )
            for name, one in self.areas.items()
        }
        pairs = {pair for one in self.areas.values() for pair in one.pairs}
        return PlanWays(areas, Notice.of(pairs, legs, fault), self.profile)


def ways_kept(
    session: Session, sites: Iterable[Site], starts: Mapping[str, datetime], currency: str, day: date
) -> PlanWays:
    """Return the ways within the areas of a plan as far as they are kept, else estimated, in its currency.

    Raises Invalid where what they cost is in another one, which has no rate on the day.
    """
    sources = configured()
    if sources.profile.currency != currency:
        rates, profile = load_rates(session), sources.profile
        worth = float(rates.rate(profile.currency, day) / rates.rate(currency, day))
        sources = replace(
            sources, profile=profile.priced(currency, worth)
        )  # fares are in the plan's currency as they are
    members: defaultdict[str, list[Site]] = defaultdict(list)
    for site in sites:
        members[site.area].append(site)
    areas = {name: _area(sources, places, starts[name]) for name, places in members.items()}
    points = {spot.point for one in areas.values() for spot in one.spots}
    return PlanWays(areas, Notice(0, 0, 0), sources.profile).with_legs(legs_known(session, sources.service, points))


def _area(sources: Sources, places: list[Site], start: datetime) -> AreaWays:
    index = {site.code: number for number, site in enumerate(places)}
    flights = flights_between(sources.timetable, index, start, start + _FLIGHTS)
    spots = tuple(Spot(site.latitude, site.longitude, site.country) for site in places)
    flown = {(index[one.origin], index[one.destination]) for one in flights}
    return AreaWays(spots, sources.estimate(spots, flown), tuple(flights))


def ways_asked(engine: Engine, ways: PlanWays, clock: Clock, should_stop: ShouldStop) -> PlanWays:
    """Return the ways with what the table service tells of those that are not kept, or are so for too long.

    What it tells is kept. Holds no transaction while it asks; where there is no service, or it fails, the ways are as
    they were, and say so.
    """
    service = configured().service
    if service is None:
        return ways
    points = {spot.point for one in ways.areas.values() for spot in one.spots}
    with reading(engine, SYSTEM) as session:
        known = legs_known(session, service, points)
        fresh = legs_known(session, service, points, clock() - FRESH)
    missing = [one.pairs - fresh.keys() for one in ways.areas.values()]
    if not any(missing):
        return ways
    answer = ask(service, missing, should_stop)
    if answer.legs:
        unit_of_work(engine, SYSTEM, partial(keep_legs, service=service, legs=answer.legs, now=clock()), clock=clock)
    return ways.with_legs(known | answer.legs, answer.fault)
