"""From what a job asks for to the seat and the level of its release. Pure."""

from __future__ import annotations

from collections.abc import Collection

from fieldops.dispatch.models import JobKind
from fieldops.workforce.kinds import Seat

LINE, BASE, INSPECTION = "line", "base", "inspection"


def seat_of(kind: JobKind, scopes: Collection[str]) -> Seat:
    """Return the seat of who does a job alone, from the words that the authorisations which it asks for cover."""
    if kind is JobKind.ADVISORY:
        return Seat.ADVISORY_ENGINEER
    if LINE in scopes or BASE in scopes:
        return Seat.RELEASE_SIGNATORY
    return Seat.INDEPENDENT_INSPECTOR if INSPECTION in scopes else Seat.MECHANIC


def level_of(scopes: Collection[str]) -> str:
    """Return the level of the release that a job needs."""
    return BASE if BASE in scopes else LINE
