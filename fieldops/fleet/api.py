"""Routes of the fleet."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query, Response

from fieldops.fleet import queries, service
from fieldops.fleet.models import Resolution
from fieldops.fleet.schemas import (
    AircraftChange,
    AircraftOut,
    Correction,
    Discard,
    GroundTime,
    NewAircraft,
    NewRotation,
    QuarantinedOut,
    RotationChange,
    RotationOut,
    Taken,
)
from fieldops.fleet.utilisation.api import router as utilisation_router
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Instant
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.service import region_ids

ROWS_MAX = 1_000
DAYS_MAX = 31

router = APIRouter(tags=["fleet"], route_class=Route)
router.include_router(utilisation_router)

Registration = Annotated[str, Path(description="Registration of an aircraft.")]
Key = Annotated[UUID, Path(description="The id of a rotation in quarantine.")]
Rotated = Annotated[UUID, Path(description="The id of a rotation.")]


@router.get("/aircraft", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def aircraft(session: Reading, paging: Paged, region: str | None = None) -> Page[AircraftOut]:
    """List aircraft, by registration."""
    (after,) = paging.after(("",))
    if region is not None:
        region_ids(session, [region])
    rows = queries.aircraft_page(session, after=after, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.registration,))


@router.post("/aircraft", status_code=201, dependencies=[needs("fleet.write", Elsewhere.REFUSED)])
def add_aircraft(
    session: Writing, actor: Acting, aircraft: Annotated[list[NewAircraft], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewAircraft]:
    """Add aircraft, all or none."""
    service.add_aircraft(session, actor, aircraft)
    return aircraft


@router.get("/aircraft/{registration}", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def one_aircraft(session: Reading, response: Response, registration: Registration) -> AircraftOut:
    """Return an aircraft."""
    found = queries.aircraft_told(session, registration)
    tag(response, found.version)
    return found


@router.patch("/aircraft/{registration}", dependencies=[needs("fleet.write", Elsewhere.HIDDEN)])
def patch_aircraft(
    session: Writing,
    actor: Acting,
    response: Response,
    version: Changing,
    registration: Registration,
    change: AircraftChange,
) -> AircraftOut:
    """Change the registry, the operator or the base of an aircraft."""
    service.change_aircraft(session, actor, registration, change, version)
    return one_aircraft(session, response, registration)


@router.get("/aircraft/{registration}/ground-windows", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def ground_windows(
    session: Reading,
    registration: Registration,
    starts_at: Annotated[Instant, Query(description="The beginning of the span.")],
    days: Annotated[int, Query(ge=1, le=DAYS_MAX, description="The length of the span.")] = 7,
) -> GroundTime:
    """Tell where an aircraft is on ground in a span, and when it departs next after its beginning."""
    return queries.ground_time(session, registration, starts_at, starts_at + timedelta(days=days))


@router.get("/rotations", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def rotations(session: Reading, paging: Paged, registration: str | None = None) -> Page[RotationOut]:
    """List rotations, by registration and arrival."""
    after = paging.after(queries.FIRST_ROTATION)
    rows = queries.rotation_page(session, after=after, limit=paging.rows, registration=registration)
    return paging.page(rows, queries.rotation_key)


# SHARED: an aircraft that the actor does not see is unknown to it, and its rotation is set aside like any other
@router.post("/rotations", status_code=201, dependencies=[needs("fleet.write", Elsewhere.SHARED)])
def take_rotations(
    session: Writing,
    actor: Acting,
    edge: Here,
    rotations: Annotated[list[NewRotation], Body(min_length=1, max_length=ROWS_MAX)],
) -> Taken:
    """Take in rotations; what contradicts itself or what is known is set aside, and the others are kept."""
    return service.take_rotations(session, actor, rotations, edge.clock())


@router.get("/rotations/quarantine", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def quarantine(session: Reading, paging: Paged, state: Resolution = Resolution.OPEN) -> Page[QuarantinedOut]:
    """List the rotations that were set aside, oldest first."""
    (after,) = paging.after((queries.FIRST_KEY,))
    rows = queries.quarantine_page(session, after=after, limit=paging.rows, state=state)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/rotations/quarantine/{key}", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def one_quarantined(session: Reading, response: Response, key: Key) -> QuarantinedOut:
    """Return a rotation that was set aside."""
    found = queries.quarantined(session, key)
    tag(response, found.version)
    return queries.quarantined_out(found)


@router.post("/rotations/quarantine/{key}/correct", dependencies=[needs("fleet.write", Elsewhere.HIDDEN)])
def correct(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    key: Key,
    correction: Correction,
) -> QuarantinedOut:
    """Take in a rotation that was set aside, as it is in truth."""
    found = service.correct(session, actor, key, correction, edge.clock(), version=version)
    tag(response, found.version)
    return queries.quarantined_out(found)


@router.post("/rotations/quarantine/{key}/discard", dependencies=[needs("fleet.write", Elsewhere.HIDDEN)])
def discard(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    key: Key,
    why: Discard,
) -> QuarantinedOut:
    """Say that a rotation which was set aside is not true."""
    found = service.discard(session, actor, key, why.note, edge.clock(), version=version)
    tag(response, found.version)
    return queries.quarantined_out(found)


@router.get("/rotations/{key}", dependencies=[needs("fleet.read", Elsewhere.HIDDEN)])
def one_rotation(session: Reading, response: Response, key: Rotated) -> RotationOut:
    """Return a rotation."""
    found = queries.rotation_told(session, key)
    tag(response, found.version)
    return found


@router.patch("/rotations/{key}", dependencies=[needs("fleet.write", Elsewhere.HIDDEN)])
def patch_rotation(
    session: Writing, actor: Acting, response: Response, version: Changing, key: Rotated, change: RotationChange
) -> RotationOut:
    """Change a rotation, such as one that is delayed; refused where it cannot be true."""
    service.change_rotation(session, actor, key, change, version=version)
    return one_rotation(session, response, key)


@router.delete("/rotations/{key}", status_code=204, dependencies=[needs("fleet.write", Elsewhere.HIDDEN)])
def cancel_rotation(session: Writing, actor: Acting, version: Changing, key: Rotated) -> None:
    """Take a rotation out that does not take place."""
    service.cancel_rotation(session, actor, key, version=version)
