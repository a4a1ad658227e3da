"""Reads of what replaces what and what is built of what.

A walk through the links takes two statements, however long: the part, then all links that can be reached from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, RowMapping, Select, and_, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from inventory.catalogue.link_schemas import ComponentOut, InterchangeOut
from inventory.catalogue.models import Interchange, InterchangeKind, Part, PartComponent
from inventory.catalogue.rules import (
    Aircraft,
    Contained,
    Effectivity,
    Link,
    Replacement,
    exploded,
    replacements,
)
from inventory.catalogue.service import part_ids
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.texts import gettext as _

_One, _Other = aliased(Part), aliased(Part)

_LINKS = (
    select(
        _One.part_number.label("part"),
        _Other.part_number.label("alternative"),
        Interchange.kind,
        Interchange.source,
        Interchange.starts_on,
        Interchange.ends_on,
        Interchange.effectivity,
        Interchange.modifications,
        Interchange.ship_set,
        Interchange.needs_acceptance,
        Interchange.accepted_by,
    )
    .join(_One, _One.id == Interchange.part_id)
    .join(_Other, _Other.id == Interchange.alternative_id)
)
_INTERCHANGES = _LINKS.add_columns(Interchange.id, Interchange.version)
_USES = (
    select(
        _One.part_number.label("assembly"),
        _Other.part_number.label("component"),
        PartComponent.quantity,
    )
    .join(_One, _One.id == PartComponent.assembly_id)
    .join(_Other, _Other.id == PartComponent.component_id)
)
_COMPONENTS = _USES.add_columns(PartComponent.position, PartComponent.id, PartComponent.version)


def interchange_page(session: Session, *, after: UUID, limit: int, part: UUID | None = None) -> list[InterchangeOut]:
    """Return up to `limit` links with a key after `after`, oldest first; `part` keeps those on either side of it."""
    query = _INTERCHANGES.where(Interchange.id > after).order_by(Interchange.id).limit(limit)
    if part is not None:
        query = query.where(or_(Interchange.part_id == part, Interchange.alternative_id == part))
    return [InterchangeOut(**row) for row in session.execute(query).mappings()]


def interchange_by_key(session: Session, key: UUID) -> InterchangeOut:
    """Return a link; raises NotFound for an unknown key."""
    row = session.execute(_INTERCHANGES.where(Interchange.id == key)).mappings().one_or_none()
    if row is None:
        raise unknown_interchange(key)
    return InterchangeOut(**row)


def unknown_interchange(key: UUID) -> NotFound:
    """Return the refusal of a link that does not exist."""
    return NotFound(
        _("There is no interchangeability {key}; list those of the part").format(key=key), code="unknown_interchange"
    )


def replacements_of(session: Session, number: str, aircraft: Aircraft | None, on: date) -> list[Replacement]:
    """Return what may stand in for a part on an aircraft on a day; raises Invalid for an unknown number."""
    return replacements_of_each(session, [number], aircraft, on)[number]


def replacements_of_each(
    session: Session, numbers: Collection[str], aircraft: Aircraft | None, on: date
) -> dict[str, list[Replacement]]:
    """Return {part: what may stand in for it} as `replacements_of` does, in two statements."""
    reached = _reached(
        part_ids(session, numbers).values(),
        lambda so_far: select(
            case((Interchange.part_id == so_far.c.id, Interchange.alternative_id), else_=Interchange.part_id)
        ).join(
            so_far,
            or_(
                Interchange.part_id == so_far.c.id,
                and_(Interchange.alternative_id == so_far.c.id, Interchange.kind == InterchangeKind.TWO_WAY),
            ),
        ),
    )
    rows = session.execute(_LINKS.where(Interchange.part_id.in_(reached))).mappings()
    links = [_link(row) for row in rows]
    return {number: replacements(links, number, aircraft, on) for number in numbers}


def require_replacement(session: Session, number: str, by: str, aircraft: Aircraft, on: date) -> None:
    """Raise Conflict unless a part may stand in for another on an aircraft on a day, Invalid for an unknown number."""
    allowed = [one.part for one in replacements_of(session, number, aircraft, on)]
    if by not in allowed:
        raise Conflict(
            _("{by} may not stand in for {part} on this aircraft on {day}; what may: {allowed}").format(
                by=by, part=number, day=on, allowed=", ".join(allowed)
            ),
            code="not_interchangeable",
            field="replaces",
        )


def supersessions_from(session: Session, parts: Collection[UUID]) -> list[tuple[str, str]]:
    """Return every supersession, (old number, new number), that can be reached from parts, whatever its date."""
    superseding = Interchange.kind == InterchangeKind.SUPERSEDES
    reached = _reached(parts, _along(Interchange.part_id, Interchange.alternative_id, superseding))
    rows = session.execute(_LINKS.where(superseding, Interchange.part_id.in_(reached)))
    return [(row.part, row.alternative) for row in rows]


def component_page(session: Session, *, after: UUID, limit: int, assembly: UUID | None = None) -> list[ComponentOut]:
    """Return up to `limit` components with a key after `after`, oldest first; `assembly` keeps those that it holds."""
    query = _COMPONENTS.where(PartComponent.id > after).order_by(PartComponent.id).limit(limit)
    if assembly is not None:
        query = query.where(PartComponent.assembly_id == assembly)
    return [ComponentOut(**row) for row in session.execute(query).mappings()]


def component_by_key(session: Session, key: UUID) -> ComponentOut:
    """Return a component of an assembly; raises NotFound for an unknown key."""
    row = session.execute(_COMPONENTS.where(PartComponent.id == key)).mappings().one_or_none()
    if row is None:
        raise unknown_component(key)
    return ComponentOut(**row)


def unknown_component(key: UUID) -> NotFound:
    """Return the refusal of a component that does not exist."""
    return NotFound(
        _("There is no component {key}; list those of the assembly").format(key=key), code="unknown_component"
    )


def components_of(session: Session, number: str) -> list[Contained]:
    """Return what one of an assembly or kit holds, through all its levels; raises Invalid for an unknown number."""
    return exploded(uses_from(session, part_ids(session, [number]).values()), number)


def used_in(session: Session, number: str) -> list[Contained]:
    """Return what holds a part, and how much one of each holds of it; raises Invalid for an unknown number."""
    reached = _reached(
        part_ids(session, [number]).values(), _along(PartComponent.component_id, PartComponent.assembly_id)
    )
    rows = session.execute(_USES.where(PartComponent.component_id.in_(reached)))
    return exploded([(row.component, row.assembly, row.quantity) for row in rows], number)


def uses_from(session: Session, assemblies: Collection[UUID]) -> list[tuple[str, str, Decimal]]:
    """Return every use, (assembly, component, quantity), that can be reached from assemblies."""
    reached = _reached(assemblies, _along(PartComponent.assembly_id, PartComponent.component_id))
    rows = session.execute(_USES.where(PartComponent.assembly_id.in_(reached)))
    return [(row.assembly, row.component, row.quantity) for row in rows]


def _along(
    origin: InstrumentedAttribute[UUID], end: InstrumentedAttribute[UUID], *only: ColumnElement[bool]
) -> Callable[[CTE], Select[Any]]:
    return lambda so_far: select(end).join(so_far, origin == so_far.c.id).where(*only)


def _reached(parts: Collection[UUID], onward: Callable[[CTE], Select[Any]]) -> Select[Any]:
    """Return the SELECT of the keys that repeated steps lead to from parts, with those of the parts themselves."""
    first = select(Part.id.label("id")).where(Part.id.in_(parts)).cte("reached", recursive=True)
    return select(first.union(onward(first)).c.id)


def _link(row: RowMapping) -> Link:
    told = dict(row)
    told["effectivity"] = tuple(Effectivity(**one) for one in row["effectivity"])
    told["modifications"] = frozenset(row["modifications"])
    told["accepted_by"] = frozenset(row["accepted_by"])
    return Link(**told)
