"""Routes of the workforce."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from fieldops.workforce import queries, service
from fieldops.workforce.schemas import (
    NewQualification,
    NewTechnician,
    QualificationOut,
    TechnicianChange,
    TechnicianOut,
)
from inventory.kernel.bulk import EACH_TOLD, How, Mode, add_many
from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import region_ids

QUALIFICATIONS_MAX = 1_000
TECHNICIANS_MAX = 1_000

router = APIRouter(tags=["workforce"], route_class=Route)

Code = Annotated[str, Path(description="Code of a technician.")]


@router.get("/qualifications", dependencies=[needs("workforce.read", Elsewhere.SHARED)])
def qualifications(session: Reading, paging: Paged) -> Page[QualificationOut]:
    """List what technicians can be qualified for, by code."""
    (after,) = paging.after(("",))
    return paging.page(queries.qualification_page(session, after=after, limit=paging.rows), lambda one: (one.code,))


@router.post("/qualifications", status_code=201, dependencies=[needs("workforce.write", Elsewhere.NETWORK)])
def add_qualifications(
    session: Writing,
    actor: Acting,
    qualifications: Annotated[list[NewQualification], Body(min_length=1, max_length=QUALIFICATIONS_MAX)],
) -> list[NewQualification]:
    """Add what technicians can be qualified for, all or none."""
    service.add_qualifications(session, actor, qualifications)
    return qualifications


@router.get("/technicians", dependencies=[needs("workforce.read", Elsewhere.HIDDEN)])
def technicians(session: Reading, paging: Paged, region: str | None = None) -> Page[TechnicianOut]:
    """List technicians with what they are qualified for, by code."""
    (after,) = paging.after(("",))
    if region is not None:
        region_ids(session, [region])
    rows = queries.technician_page(session, after=after, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.code,))


@router.get("/technicians/{code}", dependencies=[needs("workforce.read", Elsewhere.HIDDEN)])
def technician(session: Reading, response: Response, code: Code) -> TechnicianOut:
    """Return a technician."""
    found = queries.technician_by_code(session, code)
    tag(response, found.version)
    return found


@router.patch("/technicians/{code}", dependencies=[needs("workforce.write", Elsewhere.HIDDEN)])
def patch_technician(
    session: Writing, actor: Acting, response: Response, version: Changing, code: Code, change: TechnicianChange
) -> TechnicianOut:
    """Change a technician."""
    service.change_technician(session, actor, code, change, version)
    return technician(session, response, code)


@router.post("/technicians", status_code=201, dependencies=[needs("workforce.write", Elsewhere.REFUSED)])
def add_technician(session: Writing, actor: Acting, technician: NewTechnician) -> TechnicianOut:
    """Add a technician with qualifications and shifts."""
    service.add_technicians(session, actor, [technician])
    (added,) = queries.technician_page(session, code=technician.code)
    return added


@router.post(
    "/technicians/bulk",
    status_code=201,
    response_model=list[NewTechnician],
    responses=EACH_TOLD,
    dependencies=[needs("workforce.write", Elsewhere.REFUSED)],
)
def add_many_technicians(
    session: Writing,
    actor: Acting,
    technicians: Annotated[list[NewTechnician], Body(min_length=1, max_length=TECHNICIANS_MAX)],
    mode: How = Mode.ALL,
) -> list[NewTechnician] | Response:
    """Add technicians: all or none, or each that can be added."""
    return add_many(
        session,
        mode,
        technicians,
        lambda some: service.add_technicians(session, actor, some),
        key=lambda one: one.code,
    )
