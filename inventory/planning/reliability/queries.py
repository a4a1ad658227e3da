"""Reads of the reliability of parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.kernel.lookup import portions
from inventory.planning.reliability.models import PartFit, PartReliability, RepairNeed
from inventory.planning.reliability.schemas import Fit, Need, NewReliability, ReliabilityOut


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
    return [ReliabilityOut(**one.model_dump()) for one in _told(session, session.execute(query).all())]


def known_of(session: Session, parts: Sequence[UUID]) -> dict[UUID, NewReliability]:
    """Return {part: what is known of its removals} of those of some parts of which anything is."""
    found: dict[UUID, NewReliability] = {}
    for some in portions(parts):
        query = select(PartReliability, Part.part_number).join(Part, Part.id == PartReliability.part_id)
        rows = session.execute(query.where(PartReliability.part_id.in_(some))).all()
        found.update(zip((one.part_id for one, _number in rows), _told(session, rows), strict=True))
    return found


def _told(session: Session, rows: Sequence[Any]) -> list[NewReliability]:
    keys = [one.part_id for one, _number in rows]
    fits, needs = _fits(session, keys), _needs(session, keys)
    return [
        NewReliability.model_construct(
            part=number,
            fits=tuple(fits[one.part_id]),
            no_fault_found_share=one.no_fault_found_share,
            condemned_share=one.condemned_share,
            repair_tier=one.repair_tier,
            bench_days=one.bench_days,
            needs=tuple(needs[one.part_id]),
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


def _needs(session: Session, units: list[UUID]) -> defaultdict[UUID, list[Need]]:
    found: defaultdict[UUID, list[Need]] = defaultdict(list)
    query = select(RepairNeed.unit_id, Part.part_number, RepairNeed.share).join(Part, Part.id == RepairNeed.part_id)
    for unit, part, share in session.execute(query.where(RepairNeed.unit_id.in_(units)).order_by(Part.part_number)):
        found[unit].append(Need(part=part, share=share))
    return found
