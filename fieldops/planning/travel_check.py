"""Whether the table service answers, on the way between two places of the network that lie next to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

import numpy as np
from pydantic import BaseModel

from fieldops.dispatch.travel.sources import Sources, Spot
from fieldops.planning.travel_text import fault_text
from integrations.travel import TravelFault, ask, great_circle_km
from inventory.kernel.texts import gettext as _
from inventory.network.queries import Site


class TravelCheck(BaseModel):
    """What answered, and how; `seconds` and `metres` of the sample are null without a road or an answer.

    `estimated_seconds` is what would count without the service. `departures` counts the lines of the timetable,
    `departures_here` those that go between two places.
    """

    url: str | None
    origin: str | None
    destination: str | None
    estimated_seconds: int | None
    seconds: int | None
    metres: int | None
    fault: TravelFault | None
    answered_in_s: float | None
    departures: int
    departures_here: int

    def as_text(self) -> str:
        """Return it for a person."""
        return "\n".join(part for part in (self._service(), self._sample(), self._flights()) if part)

    def _service(self) -> str:
        if self.url is None:
            return _("Ways by road are estimated by great circle; FIELDOPS_TRAVEL_URL names what measures them.")
        if self.fault is not None:
            return f"{self.url}: {fault_text(self.fault)}"
        if self.answered_in_s is None:
            return _("{url} was not asked: there are no two places near each other.").format(url=self.url)
        return _("{url} answered in {seconds:.2f} s.").format(url=self.url, seconds=self.answered_in_s)

    def _sample(self) -> str:
        if self.origin is None or self.estimated_seconds is None:
            return ""
        estimate = timedelta(seconds=self.estimated_seconds)
        ends = {"origin": self.origin, "destination": self.destination}
        if self.seconds is not None and self.metres is not None:
            return _("From {origin} to {destination}: {time} and {km:.1f} km by road; estimated, {estimate}.").format(
                **ends, time=timedelta(seconds=self.seconds), km=self.metres / 1000, estimate=estimate
            )
        if self.url is not None and self.fault is None:
            return _("From {origin} to {destination} the service knows no road; estimated, {estimate}.").format(
                **ends, estimate=estimate
            )
        return _("From {origin} to {destination}: estimated, {estimate}.").format(**ends, estimate=estimate)

    def _flights(self) -> str:
        if not self.departures:
            return ""
        return _("The timetable has {count} departures, {here} of them between two places.").format(
            count=self.departures, here=self.departures_here
        )


def check_travel(sources: Sources, places: Sequence[Site]) -> TravelCheck:
    """Ask the service for the shortest way by road between two places, and return what came of it; keeps nothing."""
    codes = {site.code for site in places}
    found = TravelCheck(
        url=None if sources.service is None else sources.service.url,
        origin=None,
        destination=None,
        estimated_seconds=None,
        seconds=None,
        metres=None,
        fault=None,
        answered_in_s=None,
        departures=len(sources.timetable),
        departures_here=sum(one.origin in codes and one.destination in codes for one in sources.timetable),
    )
    ends = _neighbours(places)
    if ends is None:
        return found
    spots = [Spot(site.latitude, site.longitude, site.country) for site in ends]
    points = [one.point for one in spots]
    estimate = sources.estimate(spots, flown=[(0, 1)])  # by road, however far
    found.origin, found.destination = (site.code for site in ends)
    found.estimated_seconds = int(estimate.seconds[0, 1])
    if sources.service is None:
        return found
    began = monotonic()
    answer = ask(sources.service, [[(points[0], points[1])]])
    found.fault = answer.fault
    found.answered_in_s = None if answer.fault is not None else round(monotonic() - began, 3)
    leg = answer.legs.get((points[0], points[1]))
    if leg is not None:
        found.seconds, found.metres = leg.seconds, leg.metres
    return found


def _neighbours(places: Sequence[Site]) -> tuple[Site, Site] | None:
    """Return the two places that are nearest to each other, but not at one point."""
    distance_km = great_circle_km([site.latitude for site in places], [site.longitude for site in places])
    distance_km[distance_km < 0.01] = np.inf
    if not np.isfinite(distance_km).any():
        return None
    row, column = np.unravel_index(int(np.argmin(distance_km)), distance_km.shape)
    return places[int(row)], places[int(column)]
