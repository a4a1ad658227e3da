"""Reads of the ways that were measured; nobody is asked for others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.dispatch.travel.models import TravelTime
from fieldops.dispatch.travel.sources import Spot, configured
from integrations.travel import Leg, Pair, Point, TableService, TravelMatrix, measured
from inventory.kernel.lookup import portions


def named(point: Point) -> str:
    """Return a point as the table writes it."""
    latitude, longitude = point
    return f"{latitude:.5f},{longitude:.5f}"


def legs_known(
    session: Session, service: TableService | None, points: Collection[Point], since: datetime | None = None
) -> dict[Pair, Leg | None]:
    """Return the ways that a service told between some points, those of `since` on or all; None where no road is."""
    if service is None:
        return {}
    by_name = {named(one): one for one in points}
    query = select(TravelTime).where(TravelTime.service == service.key)
    if since is not None:
        query = query.where(TravelTime.asked_at >= since)
    found: dict[Pair, Leg | None] = {}
    for some in portions(sorted(by_name)):
        for row in session.scalars(query.where(TravelTime.origin.in_(some))):
            if row.destination in by_name:
                pair = by_name[row.origin], by_name[row.destination]
                found[pair] = None if row.seconds is None or row.metres is None else Leg(row.seconds, row.metres)
    return found


def matrix_between(session: Session, spots: Sequence[Spot]) -> TravelMatrix:
    """Return the ways between spots, measured where that was done for a plan, else estimated."""
    sources = configured()
    points = [one.point for one in spots]
    return measured(points, sources.estimate(spots), legs_known(session, sources.service, points), sources.profile)
