"""Use cases of the links between parts: add and remove what replaces what and what is built of what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from uuid_utils.compat import uuid7

from inventory.catalogue.consistency import require_countable
from inventory.catalogue.link_queries import supersessions_from, unknown_component, unknown_interchange, uses_from
from inventory.catalogue.link_schemas import NewComponent, NewInterchange
from inventory.catalogue.models import Interchange, InterchangeKind, Part, PartComponent
from inventory.catalogue.rules import cycle_among
from inventory.catalogue.service import part_ids, tell, unlisted_part
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict
from inventory.kernel.lookup import keys_by_code
from inventory.kernel.texts import gettext as _

BATCH = 5_000
"""How many links are added with one set of statements."""

_ADDING = 0x6C696E6B
"""The advisory lock of whoever adds links."""


def add_interchanges(session: Session, _actor: Actor, links: Sequence[NewInterchange]) -> None:
    """Add alternatives of parts.

    Raises Invalid for an unknown part, Conflict for a link that exists and for a cycle of supersessions.
    """
    _one_at_a_time(session)
    for start in range(0, len(links), BATCH):
        _add_interchanges(session, links[start : start + BATCH])


def _add_interchanges(session: Session, links: Sequence[NewInterchange]) -> None:
    ids = part_ids(session, chain.from_iterable((link.part, link.alternative) for link in links))
    keys = [(ids[link.part], ids[link.alternative], link.kind, link.source) for link in links]
    known = _known(session, keys, Interchange.part_id, Interchange.alternative_id, Interchange.kind, Interchange.source)
    for key, link in zip(keys, links, strict=True):
        if key in known:
            raise _interchange_exists(link)
        known.add(key)
    new = [link for link in links if link.kind is InterchangeKind.SUPERSEDES]
    if new:
        before = supersessions_from(session, {ids[link.alternative] for link in new})
        if cycle := cycle_among([*before, *((link.part, link.alternative) for link in new)]):
            raise _supersession_cycle(cycle)
    rows = [
        {
            **link.model_dump(exclude={"part", "alternative"}),
            "id": uuid7(),
            "part_id": ids[link.part],
            "alternative_id": ids[link.alternative],
        }
        for link in links
    ]
    session.execute(insert(Interchange), rows)
    tell(session, "part.interchange_changed", ids)


def remove_interchange(session: Session, _actor: Actor, key: UUID, version: int) -> None:
    """Remove an alternative of a part; raises NotFound, Stale. One that held once is better ended by its date."""
    link = session.get(Interchange, key)
    if link is None:
        raise unknown_interchange(key)
    require_version(link.version, version)
    _remove(session, link, "part.interchange_changed", [link.part_id, link.alternative_id])


def add_components(session: Session, _actor: Actor, components: Sequence[NewComponent]) -> None:
    """Add components of assemblies and kits.

    Raises Invalid for an unknown part and a fraction of a piece, Conflict for a component that is there already at its
    position and for an assembly that would hold itself.
    """
    _one_at_a_time(session)
    for start in range(0, len(components), BATCH):
        _add_components(session, components[start : start + BATCH])


def _add_components(session: Session, components: Sequence[NewComponent]) -> None:
    ids = part_ids(session, chain.from_iterable((one.assembly, one.component) for one in components))
    units = keys_by_code(session, Part.part_number, Part.unit, (one.component for one in components), unlisted_part)
    for one in components:
        require_countable(one.component, units[one.component], one.quantity)
    keys = [(ids[one.assembly], ids[one.component], one.position) for one in components]
    known = _known(session, keys, PartComponent.assembly_id, PartComponent.component_id, PartComponent.position)
    for key, one in zip(keys, components, strict=True):
        if key in known:
            raise _component_exists(one)
        known.add(key)
    before = uses_from(session, {ids[one.component] for one in components})
    edges = [(assembly, component) for assembly, component, _quantity in before]
    if cycle := cycle_among([*edges, *((one.assembly, one.component) for one in components)]):
        raise _assembly_cycle(cycle)
    rows = [
        {
            "id": uuid7(),
            "assembly_id": ids[one.assembly],
            "component_id": ids[one.component],
            "quantity": one.quantity,
            "position": one.position,
        }
        for one in components
    ]
    session.execute(insert(PartComponent), rows)
    tell(session, "part.assembly_changed", ids)


def remove_component(session: Session, _actor: Actor, key: UUID, version: int) -> None:
    """Remove a component from its assembly; raises NotFound, Stale."""
    component = session.get(PartComponent, key)
    if component is None:
        raise unknown_component(key)
    require_version(component.version, version)
    _remove(session, component, "part.assembly_changed", [component.assembly_id, component.component_id])


def _remove(session: Session, link: Interchange | PartComponent, kind: str, parts: Sequence[UUID]) -> None:
    session.delete(link)
    session.flush()
    tell(session, kind, session.scalars(select(Part.part_number).where(Part.id.in_(parts))).all())


def _one_at_a_time(session: Session) -> None:
    """Wait for whoever else adds links: two that do not see each other's could close a cycle together.

    On SQLite writers wait for each other anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ADDING)))


def _known(
    session: Session, keys: Sequence[tuple[Any, ...]], *columns: InstrumentedAttribute[Any]
) -> set[tuple[Any, ...]]:
    """Return what stands already in columns that are unique together, of the rows with the first of the keys."""
    query = select(*columns).where(columns[0].in_({key[0] for key in keys}))
    return {tuple(row) for row in session.execute(query)}


def _interchange_exists(link: NewInterchange) -> Conflict:
    return Conflict(
        _("{alternative} for {part} by “{source}” is there already; remove it first or name another source").format(
            alternative=link.alternative, part=link.part, source=link.source
        ),
        code="interchange_exists",
        field="alternative",
    )


def _component_exists(one: NewComponent) -> Conflict:
    return Conflict(
        _("{assembly} holds {component} at this position already; add up the quantities or name another").format(
            assembly=one.assembly, component=one.component
        ),
        code="component_exists",
        field="component",
    )


def _supersession_cycle(cycle: Sequence[str]) -> Conflict:
    return Conflict(
        _("Part numbers would supersede each other in a circle: {cycle}; correct one of them").format(
            cycle=" → ".join(cycle)
        ),
        code="supersession_cycle",
        field="alternative",
    )


def _assembly_cycle(cycle: Sequence[str]) -> Conflict:
    return Conflict(
        _("An assembly would hold itself: {cycle}; correct one of the components").format(cycle=" → ".join(cycle)),
        code="assembly_cycle",
        field="component",
    )
