"""Reads of the reliability of parts."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.planning.reliability.models import PartFit, PartReliability
from inventory.planning.reliability.schemas import Fit, ReliabilityOut


def reliability_page(session: Session, *, after: str = "", limit: int, part: str | None = None) -> list[ReliabilityOut]:
    """Return what is known of the removals of up to `limit` parts after a number, by number."""
    query = (
        select(PartReliability, Part.part_number)
        .join(Part, Part.id == PartReliability.part_id)
        .where(Part.part_number > after)
        .order_by(Part.part_number)
        .limit(limit)
    )
    if part is not None:
        query = query.where(Part.part_number == part)
    rows = session.execute(query).all()
    fits = _fits(session, [one.part_id for one, _number in rows])
    return [
        ReliabilityOut(
            part=number,
            fits=fits[one.part_id],
            no_fault_found_share=one.no_fault_found_share,
            condemned_share=one.condemned_share,
            repair_tier=one.repair_tier,
            source=one.source,
        )
        for one, number in rows
    ]


def _fits(session: Session, parts: list[UUID]) -> defaultdict[UUID, list[Fit]]:
    found: defaultdict[UUID, list[Fit]] = defaultdict(list)
    query = select(PartFit).where(PartFit.part_id.in_(parts)).order_by(PartFit.aircraft_type)
    for one in session.scalars(query):
        found[one.part_id].append(Fit(aircraft_type=one.aircraft_type, quantity=one.quantity))
    return found
