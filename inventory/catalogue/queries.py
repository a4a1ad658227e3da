"""Reads of the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Essentiality, InStoreAction, Part, PartClass, PartText
from inventory.catalogue.schemas import PartOut, StoreAction
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest, portions
from inventory.kernel.texts import gettext as _
from inventory.kernel.texts import local


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which parts a list is about; what is empty chooses nothing. `text` stands in the number or the description."""

    ata: str = ""
    essentiality: str = ""
    part_class: str = ""
    text: str = ""

    def criteria(self) -> list[ColumnElement[bool]]:
        """Return the criteria of these parts."""
        told = {
            func.substr(Part.ata_chapter, 1, 2): self.ata,
            Part.essentiality: self.essentiality,
            Part.part_class: self.part_class,
        }
        found: list[ColumnElement[bool]] = [column == value for column, value in told.items() if value]
        if self.text:
            found.append(named_like(self.text, Part.part_number, Part.description, Part.description_zh))
        return found


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a table says of a part."""

    number: str
    description: str
    description_zh: str | None
    ata: str
    essentiality: Essentiality
    part_class: PartClass


def part_heads(session: Session, chosen: Chosen, *, after: str = "", limit: int) -> list[PartHead]:
    """Return up to `limit` of the chosen parts with a number after `after`, by number."""
    columns = (Part.description, Part.description_zh, Part.ata_chapter, Part.essentiality, Part.part_class)
    query = select(Part.part_number, *columns).where(Part.part_number > after, *chosen.criteria())
    return [PartHead(*row) for row in session.execute(query.order_by(Part.part_number).limit(limit))]


def chosen_parts(chosen: Chosen, numbers: Collection[str] | None = None) -> Select[Any] | None:
    """Return the SELECT of the keys of the chosen parts, or of those of them with some numbers; None for all parts."""
    criteria = chosen.criteria()
    if numbers is not None:
        criteria.append(Part.part_number.in_(numbers))
    return select(Part.id).where(*criteria) if criteria else None


def chapters(session: Session) -> list[str]:
    """Return the ATA chapters that parts belong to, by their two digits."""
    chapter = func.substr(Part.ata_chapter, 1, 2)
    return list(session.scalars(select(chapter).distinct().order_by(chapter)))


def part_names(session: Session, numbers: Collection[str]) -> dict[str, tuple[str, str | None]]:
    """Return {number: (description, in Chinese where it is known)} of parts."""
    rows = session.execute(
        select(Part.part_number, Part.description, Part.description_zh).where(Part.part_number.in_(numbers))
    )
    return {number: (name, chinese) for number, name, chinese in rows}


def find_parts(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (number, what it is called) of parts whose number or description holds a text, the nearest first."""
    wanted = named_like(text, Part.part_number, Part.description, Part.description_zh)
    query = select(Part.part_number, Part.description, Part.description_zh).where(wanted)
    return [
        (number, local(name, chinese))
        for number, name, chinese in session.execute(query.order_by(*nearest(text, Part.part_number)).limit(limit))
    ]


def part_by_number(session: Session, number: str) -> PartOut:
    """Return a part; raises NotFound for an unknown number."""
    found = _told(session, _COLUMNS.where(Part.part_number == number))
    if not found:
        raise unknown_part(number)
    return found[0]


def parts_by_number(session: Session, numbers: Collection[str]) -> dict[str, PartOut]:
    """Return {number: part} of those among some that there are."""
    return {
        part.part_number: part
        for some in portions(sorted(numbers))
        for part in _told(session, _COLUMNS.where(Part.part_number.in_(some)))
    }


def part_page(session: Session, *, after: str, limit: int, ata: Collection[str] = ()) -> list[PartOut]:
    """Return up to `limit` parts with a number after `after`, by number; `ata` keeps those chapters."""
    query = _COLUMNS.where(Part.part_number > after).order_by(Part.part_number).limit(limit)
    if ata:
        query = query.where(func.substr(Part.ata_chapter, 1, 2).in_(ata))
    return _told(session, query)


def unknown_part(number: str) -> NotFound:
    """Return the refusal of a part that does not exist."""
    return NotFound(
        _("There is no part {number}; the list of parts shows those there are").format(number=number),
        code="unknown_part",
        field="number",
    )


# columns, not entities, which cost twice as much to load
_COLUMNS = select(Part.id, *(getattr(Part, name) for name in PartOut.model_fields if hasattr(Part, name)))


def _told(session: Session, query: Select[Any]) -> list[PartOut]:
    rows = session.execute(query).mappings().all()
    keys = [row["id"] for row in rows]
    texts: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for key, language, description in session.execute(
        select(PartText.part_id, PartText.language, PartText.description)
        .where(PartText.part_id.in_(keys))
        .order_by(PartText.language)
    ):
        texts[key][language] = description
    actions: defaultdict[UUID, list[StoreAction]] = defaultdict(list)
    for key, action, every_days in session.execute(
        select(InStoreAction.part_id, InStoreAction.action, InStoreAction.every_days)
        .where(InStoreAction.part_id.in_(keys))
        .order_by(InStoreAction.action)
    ):
        actions[key].append(StoreAction(action=action, every_days=every_days))
    return [
        PartOut(
            **{name: value for name, value in row.items() if name != "id"},
            descriptions=texts[row["id"]],
            in_store_actions=tuple(actions[row["id"]]),
        )
        for row in rows
    ]
