"""Reads of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Essentiality, Part, PartClass
from inventory.catalogue.schemas import PartOut
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as plans see it; cost in `currency`, weight in kg."""

    id: UUID
    number: str
    part_class: PartClass
    essentiality: Essentiality
    standard_cost: Decimal
    currency: str
    weight_kg: Decimal
    lead_time_days: int


def parts_for_plan(session: Session) -> list[PartRow]:
    """Return every part, by number."""
    rows = session.execute(
        select(
            Part.id,
            Part.part_number,
            Part.part_class,
            Part.essentiality,
            Part.standard_cost,
            Part.currency,
            Part.weight_kg,
            Part.lead_time_days,
        ).order_by(Part.part_number)
    )
    return [PartRow(*row) for row in rows]


def part_numbers(session: Session) -> list[str]:
    """Return every part number, sorted."""
    return list(session.scalars(select(Part.part_number).order_by(Part.part_number)))


def part_descriptions(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Return {number: description} of parts."""
    rows = session.execute(select(Part.part_number, Part.description).where(Part.part_number.in_(numbers)))
    return dict(rows.all())


def part_by_number(session: Session, number: str) -> PartOut:
    """Return a part; raises NotFound for an unknown number."""
    part = session.scalar(select(Part).where(Part.part_number == number))
    if part is None:
        raise NotFound(
            _("There is no part {number}; the list of parts shows those there are").format(number=number),
            code="unknown_part",
            field="number",
        )
    return PartOut.model_validate(part)


def part_page(session: Session, *, after: str, limit: int, ata: Collection[str] = ()) -> list[PartOut]:
    """Return up to `limit` parts with a number after `after`, by number; `ata` keeps those chapters."""
    query = select(Part).where(Part.part_number > after).order_by(Part.part_number).limit(limit)
    if ata:
        query = query.where(func.substr(Part.ata_chapter, 1, 2).in_(ata))
    return [PartOut.model_validate(part) for part in session.scalars(query)]
