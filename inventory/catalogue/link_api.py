"""Routes of the links between parts."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response

from inventory.catalogue import link_queries, link_service
from inventory.catalogue.link_schemas import (
    ComponentOut,
    ComponentsOut,
    ContainedOut,
    InterchangeOut,
    NewComponent,
    NewInterchange,
    ReplacementOut,
    ReplacementsOut,
    UsesOut,
)
from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.errors import Invalid
from inventory.kernel.fields import Code, Day
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.kernel.texts import gettext as _

LINKS_MAX = 1_000
_FIRST = UUID(int=0)

router = APIRouter(route_class=Route)

PartNumber = Annotated[Code, Query(description="A part number.")]


@router.get("/interchangeability", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def interchanges(
    session: Reading,
    paging: Paged,
    part: Annotated[Code | None, Query(description="A part number, on either side of the link.")] = None,
) -> Page[InterchangeOut]:
    """List what may replace what, oldest first."""
    (after,) = paging.after((_FIRST,))
    key = None if part is None else part_ids(session, [part])[part]
    rows = link_queries.interchange_page(session, after=after, limit=paging.rows, part=key)
    return paging.page(rows, lambda one: (one.id,))


@router.post(
    "/interchangeability",
    status_code=201,
    response_model=list[NewInterchange],
    responses=EACH_TOLD,
    dependencies=[needs("catalogue.write", Elsewhere.NETWORK)],
)
def add_interchanges(
    session: Writing,
    actor: Acting,
    links: Annotated[list[NewInterchange], Body(min_length=1, max_length=LINKS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewInterchange] | Response:
    """Add alternatives of parts: all or none, or each that can be added."""
    return add_many(session, mode, links, lambda some: link_service.add_interchanges(session, actor, some))


@router.get("/interchangeability/replacements", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def part_replacements(
    session: Reading,
    edge: Here,
    part: PartNumber,
    aircraft_type: Annotated[
        Code | None, Query(description="Type of the aircraft; left out, the answer is what holds on all aircraft.")
    ] = None,
    serial: Annotated[Code | None, Query(description="The aircraft's serial number by its maker.")] = None,
    operator: Annotated[Code | None, Query(description="Code of the aircraft's operator.")] = None,
    modification: Annotated[tuple[Code, ...], Query(description="Modifications that the aircraft has.")] = (),
    on: Annotated[Day | None, Query(description="The day; today in UTC, if left out.")] = None,
) -> ReplacementsOut:
    """Return what may stand in for a part on an aircraft on a day, the best first."""
    if aircraft_type is None and (serial or operator or modification):
        raise Invalid(
            _("Name the type of the aircraft too, or nothing of it"), code="wrong_parameters", field="aircraft_type"
        )
    aircraft = (
        None
        if aircraft_type is None
        else Aircraft(aircraft_type, serial=serial, operator=operator, modifications=frozenset(modification))
    )
    day: date = on or edge.clock().date()
    found = link_queries.replacements_of(session, part, aircraft, day)
    return ReplacementsOut(part=part, on=day, replacements=[ReplacementOut.model_validate(one) for one in found])


@router.get("/interchangeability/{link}", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def interchange(session: Reading, response: Response, link: UUID) -> InterchangeOut:
    """Return an alternative of a part."""
    found = link_queries.interchange_by_key(session, link)
    tag(response, found.version)
    return found


@router.delete(
    "/interchangeability/{link}", status_code=204, dependencies=[needs("catalogue.write", Elsewhere.NETWORK)]
)
def remove_interchange(session: Writing, actor: Acting, version: Changing, link: UUID) -> None:
    """Remove an alternative of a part, as if it had never been there; what held once is better given an end."""
    link_service.remove_interchange(session, actor, link, version)


@router.get("/assemblies", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def components(
    session: Reading,
    paging: Paged,
    assembly: Annotated[Code | None, Query(description="Part number of an assembly or a kit.")] = None,
) -> Page[ComponentOut]:
    """List what assemblies and kits hold directly, oldest first."""
    (after,) = paging.after((_FIRST,))
    key = None if assembly is None else part_ids(session, [assembly])[assembly]
    rows = link_queries.component_page(session, after=after, limit=paging.rows, assembly=key)
    return paging.page(rows, lambda one: (one.id,))


@router.post(
    "/assemblies",
    status_code=201,
    response_model=list[NewComponent],
    responses=EACH_TOLD,
    dependencies=[needs("catalogue.write", Elsewhere.NETWORK)],
)
def add_components(
    session: Writing,
    actor: Acting,
    components: Annotated[list[NewComponent], Body(min_length=1, max_length=LINKS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewComponent] | Response:
    """Add components of assemblies and kits: all or none, or each that can be added."""
    return add_many(session, mode, components, lambda some: link_service.add_components(session, actor, some))


@router.get("/assemblies/components", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def components_in_all(session: Reading, part: PartNumber) -> ComponentsOut:
    """Return what one of an assembly or kit holds, through all its levels."""
    found = link_queries.components_of(session, part)
    return ComponentsOut(part=part, components=[ContainedOut.model_validate(one) for one in found])


@router.get("/assemblies/uses", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def uses_of_part(session: Reading, part: PartNumber) -> UsesOut:
    """Return which assemblies and kits hold a part, through all their levels."""
    found = link_queries.used_in(session, part)
    return UsesOut(part=part, assemblies=[ContainedOut.model_validate(one) for one in found])


@router.get("/assemblies/{component}", dependencies=[needs("catalogue.read", Elsewhere.SHARED)])
def component(session: Reading, response: Response, component: UUID) -> ComponentOut:
    """Return a component of an assembly or a kit."""
    found = link_queries.component_by_key(session, component)
    tag(response, found.version)
    return found


@router.delete("/assemblies/{component}", status_code=204, dependencies=[needs("catalogue.write", Elsewhere.NETWORK)])
def remove_component(session: Writing, actor: Acting, version: Changing, component: UUID) -> None:
    """Remove a component from its assembly or kit."""
    link_service.remove_component(session, actor, component, version)
