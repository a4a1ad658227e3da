"""Where the travel times of a plan came from, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from integrations.travel import TravelFault, TravelSource
from inventory.kernel.texts import gettext as _


class _Told(Protocol):
    source: TravelSource
    road_pairs: int
    measured: int
    no_road: int
    fault: TravelFault | None
    flights: int


def fault_text(fault: TravelFault) -> str:
    """Return what a fault of the table service means, and what to do about it."""
    match fault:
        case TravelFault.NO_CONNECTION:
            return _("The table service cannot be reached; see that it runs and FIELDOPS_TRAVEL_URL is right.")
        case TravelFault.TIMEOUT:
            return _("The table service did not answer in time; see what slows it, or raise FIELDOPS_TRAVEL_TIMEOUT_S.")
        case TravelFault.REFUSED:
            return _("The table service refused to answer; see its log.")
        case TravelFault.TOO_MANY_POINTS:
            return _("The table service takes fewer points at once; lower FIELDOPS_TRAVEL_POINTS_MAX.")
        case TravelFault.GARBAGE:
            return _("What answers is no table service as OSRM is one; correct FIELDOPS_TRAVEL_URL.")


def travel_text(told: _Told) -> str:
    """Return the notice as sentences."""
    return " ".join(_sentences(told))


def _sentences(told: _Told) -> Iterator[str]:
    if told.source is TravelSource.GREAT_CIRCLE:
        yield _("Ways by road are estimated by great circle.")
    elif told.source is TravelSource.TABLE_SERVICE:
        yield _("All {count} ways by road were measured by the table service.").format(count=told.road_pairs)
    else:
        yield _(
            "{measured} of {count} ways by road were measured by the table service, "
            "the others are estimated by great circle."
        ).format(measured=told.measured, count=told.road_pairs)
    if told.no_road:
        yield _("For {count} of them the service knows no road.").format(count=told.no_road)
    if told.fault is not None:
        yield fault_text(told.fault)
    if told.flights:
        yield _("{count} scheduled flights were there to be taken.").format(count=told.flights)
