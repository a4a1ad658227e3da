"""Routes of certificates: what people hold and have done, what they cost, and what they lack."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from fieldops.workforce.certificates import queries, service
from fieldops.workforce.certificates.schemas import (
    Gap,
    NeedOut,
    NewCertificate,
    NewCostRate,
    NewExperience,
    NewNeed,
    Standard,
)
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Day
from inventory.kernel.routes import Elsewhere, Route, needs

ROWS_MAX = 1_000
Replace = Annotated[bool, Query(description="Whether what differs with the same key takes the place of what is there.")]

router = APIRouter(tags=["certificates"], route_class=Route)

_READS, _WRITES = needs("workforce.read", Elsewhere.HIDDEN), needs("workforce.write", Elsewhere.REFUSED)
_READS_SHARED, _WRITES_SHARED = needs("workforce.read", Elsewhere.SHARED), needs("workforce.write", Elsewhere.NETWORK)


@router.get("/licence-standards", dependencies=[_READS_SHARED])
def licence_standards(session: Reading, paging: Paged) -> Page[Standard]:
    """List the standards by which authorities license people, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.standard_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/licence-standards", status_code=201, dependencies=[_WRITES_SHARED])
def add_licence_standards(
    session: Writing, actor: Acting, standards: Annotated[list[Standard], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[Standard]:
    """Add licence standards, all or none."""
    service.add_standards(session, actor, standards)
    return standards


@router.get("/certificates", dependencies=[_READS])
def certificates(
    session: Reading,
    paging: Paged,
    technician: str | None = None,
    expires_by: Annotated[Day | None, Query(description="Those that end on this day or before.")] = None,
) -> Page[NewCertificate]:
    """List what people hold, by holder, code and first day."""
    after = paging.after(queries.FIRST_HELD)
    rows = queries.certificate_page(
        session, after=after, limit=paging.rows, technician=technician, expires_by=expires_by
    )
    return paging.page(rows, queries.certificate_key)


@router.post("/certificates", status_code=201, dependencies=[_WRITES])
def set_certificates(
    session: Writing,
    actor: Acting,
    certificates: Annotated[list[NewCertificate], Body(min_length=1, max_length=ROWS_MAX)],
    replace: Replace = False,
) -> list[NewCertificate]:
    """Keep certificates, all or none; to change one with the same code and first day takes `replace`."""
    service.set_certificates(session, actor, certificates, replace=replace)
    return certificates


@router.get("/experience", dependencies=[_READS])
def experience(session: Reading, paging: Paged) -> Page[NewExperience]:
    """List what people have worked on, by technician, type and first day."""
    rows = queries.experience_page(session, after=paging.after(queries.FIRST_HELD), limit=paging.rows)
    return paging.page(rows, queries.experience_key)


@router.post("/experience", status_code=201, dependencies=[_WRITES])
def add_experience(
    session: Writing,
    actor: Acting,
    experience: Annotated[list[NewExperience], Body(min_length=1, max_length=ROWS_MAX)],
    replace: Replace = False,
) -> list[NewExperience]:
    """Add what people have worked on, all or none; it counts as recency."""
    service.add_experience(session, actor, experience, replace=replace)
    return experience


@router.get("/cost-rates", dependencies=[_READS])
def cost_rates(session: Reading, paging: Paged) -> Page[NewCostRate]:
    """List what people cost from days on, by technician and day."""
    rows = queries.rate_page(session, after=paging.after(queries.FIRST_RATE), limit=paging.rows)
    return paging.page(rows, queries.rate_key)


@router.post("/cost-rates", status_code=201, dependencies=[_WRITES])
def set_cost_rates(
    session: Writing,
    actor: Acting,
    rates: Annotated[list[NewCostRate], Body(min_length=1, max_length=ROWS_MAX)],
    replace: Replace = False,
) -> list[NewCostRate]:
    """Keep what people cost from days on, all or none."""
    service.set_cost_rates(session, actor, rates, replace=replace)
    return rates


@router.get("/authorisation-needs", dependencies=[_READS_SHARED])
def authorisation_needs(session: Reading, paging: Paged, authorisation: str | None = None) -> Page[NeedOut]:
    """List what must be in place before authorisations are given, in the order in which it was added."""
    (after,) = paging.after((queries.FIRST_KEY,))
    rows = queries.need_page(session, after=after, limit=paging.rows, authorisation=authorisation)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/authorisation-needs", status_code=201, dependencies=[_WRITES_SHARED])
def add_authorisation_needs(
    session: Writing, actor: Acting, wanted: Annotated[list[NewNeed], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewNeed]:
    """Add what must be in place before authorisations are given, all or none."""
    service.add_needs(session, actor, wanted)
    return wanted


@router.get("/technicians/{code}/missing", dependencies=[_READS])
def missing(
    session: Reading,
    edge: Here,
    code: Annotated[str, Path(description="Code of a technician.")],
    authorisation: Annotated[str, Query(description="Code of the authorisation.")],
    on: Annotated[Day | None, Query(description="The day; left out, today.")] = None,
) -> Gap:
    """Tell what a technician lacks for an authorisation."""
    day: date = on or edge.clock().date()
    return queries.gap(session, code, authorisation, day)
