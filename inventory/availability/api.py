"""Routes of promises, availability by date, reservations and pre-emption."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from inventory.availability import preemption, service
from inventory.availability.promise import promise
from inventory.availability.queries import Expected, availability
from inventory.availability.reservation_queries import FIRST, reservation_by_key, reservation_page
from inventory.availability.reservation_schemas import (
    Extension,
    NewReservation,
    NextStage,
    Preempted,
    Preemption,
    Preview,
    ReleaseWhy,
    ReservationOut,
)
from inventory.availability.rules import Claim
from inventory.availability.schemas import AvailabilityOut, BucketOut, PromiseOut
from inventory.catalogue.rules import Aircraft
from inventory.catalogue.service import part_ids
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.errors import Invalid
from inventory.kernel.fields import Code, Instant, QuantityAboveZero
from inventory.kernel.priority import Priority
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.kernel.texts import gettext as _
from inventory.ledger.models import ReservationState
from inventory.network.scope import shelves_seen
from inventory.network.service import place_ids

router = APIRouter(prefix="/stock", tags=["availability"], route_class=Route)

_ONE = Decimal(1)
PartNumber = Annotated[Code, Query(description="A part number.")]
Destination = Annotated[Code, Query(description="Code of the place where it is needed.")]


async def fitted_to(
    aircraft_type: Annotated[
        Code | None, Query(description="Type of the aircraft; left out, only what may replace the part on all counts.")
    ] = None,
    serial: Annotated[Code | None, Query(description="The aircraft's serial number by its maker.")] = None,
    registry_authority: Annotated[
        Code | None, Query(description="Authority of its registry, whose acceptance rules are asked.")
    ] = None,
    operator: Annotated[Code | None, Query(description="Code of the aircraft's operator.")] = None,
    modification: Annotated[tuple[Code, ...], Query(description="Modifications that the aircraft has.")] = (),
) -> Aircraft | None:
    """Read which aircraft a part is for; raises Invalid for what is said of one without its type."""
    if aircraft_type is None:
        if serial or registry_authority or operator or modification:
            raise Invalid(
                _("Name the type of the aircraft too, or nothing of it"), code="wrong_parameters", field="aircraft_type"
            )
        return None
    return Aircraft(aircraft_type, serial, registry_authority, operator, frozenset(modification))


Fitted = Annotated[Aircraft | None, Depends(fitted_to)]


async def expected_supply() -> Expected | None:
    """Return what tells of expected supply; the composition root puts one that knows plans and orders in its place."""
    return None


@router.get("/promise", dependencies=[needs("stock.read", Elsewhere.SHARED)])
def part_promise(
    session: Reading,
    edge: Here,
    aircraft: Fitted,
    part: PartNumber,
    destination: Destination,
    quantity: QuantityAboveZero = _ONE,
    ready_at: Annotated[Instant | None, Query(description="When it can leave; now, if left out.")] = None,
) -> PromiseOut:
    """Tell from where a part can come, when it arrives and what that costs: own shelves, central depot, offers."""
    return promise(session, part, destination, edge.clock(), quantity, aircraft=aircraft, ready_at=ready_at)


@router.get("/availability", dependencies=[needs("stock.read", Elsewhere.REFUSED)])
def part_availability(
    session: Reading,
    actor: Acting,
    edge: Here,
    aircraft: Fitted,
    expected: Annotated[Expected | None, Depends(expected_supply)],
    part: PartNumber,
    place: Annotated[Code, Query(description="Code of a place that you may look into, or of the central depot.")],
) -> AvailabilityOut:
    """Tell what a place can promise, by day, of a part and of those that may stand in for it."""
    service.require_among(session, actor, place_ids(session, [place])[place], shelves_seen)
    parts, buckets = availability(session, part, place, edge.clock(), aircraft=aircraft, expected=expected)
    return AvailabilityOut(
        part=part, place=place, parts=parts, buckets=[BucketOut.model_validate(one) for one in buckets]
    )


@router.get("/reservations", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def reservations(
    session: Reading,
    paging: Paged,
    part: str | None = None,
    place: Annotated[str | None, Query(description="The shelf or the destination.")] = None,
    demand: str | None = None,
    state: ReservationState | None = None,
) -> Page[ReservationOut]:
    """List reservations of and for places that you may look into, oldest first."""
    (after,) = paging.after((FIRST,))
    if place is not None:
        place_ids(session, [place])
    if part is not None:
        part_ids(session, [part])
    rows = reservation_page(session, after=after, limit=paging.rows, part=part, place=place, demand=demand, state=state)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/reservations/{key}", dependencies=[needs("stock.read", Elsewhere.HIDDEN)])
def reservation(session: Reading, response: Response, key: UUID) -> ReservationOut:
    """Return a reservation."""
    found = reservation_by_key(session, key)
    tag(response, found.version)
    return found


@router.post("/reservations", status_code=201, dependencies=[needs("stock.reserve", Elsewhere.REFUSED)])
def reserve(session: Writing, actor: Acting, edge: Here, wanted: NewReservation) -> list[ReservationOut]:
    """Reserve stock of a shelf of yours, or of the central depot, for a demand of yours: the whole, or nothing."""
    made = service.reserve(session, actor, wanted, edge.clock())
    return reservation_page(session, keys=made, limit=len(made))


@router.post("/reservations/{key}/extend", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def extend(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: UUID, until: Extension
) -> ReservationOut:
    """Let a reservation last until another instant, for those of its destination."""
    service.extend(session, actor, key, version, until.expires_at, edge.clock())
    return reservation(session, response, key)


@router.post("/reservations/{key}/stage", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def advance(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: UUID, to: NextStage
) -> ReservationOut:
    """Say that reserved stock is picked, packed or cleared, for those of its shelf."""
    service.advance(session, actor, key, version, to.stage, edge.clock())
    return reservation(session, response, key)


@router.post("/reservations/{key}/release", dependencies=[needs("stock.reserve", Elsewhere.HIDDEN)])
def release(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, key: UUID, why: ReleaseWhy
) -> ReservationOut:
    """Give back what a reservation keeps, for those of its destination."""
    service.release(session, actor, key, version, why.reason, edge.clock())
    return reservation(session, response, key)


@router.get("/preemptions/preview", dependencies=[needs("stock.preempt", Elsewhere.HIDDEN)])
def preview(
    session: Reading,
    edge: Here,
    aircraft: Fitted,
    part: PartNumber,
    destination: Destination,
    demand: Annotated[Code, Query(description="Number of the job or order that wants it.")],
    priority: Priority,
    contract: Annotated[Code | None, Query(description="The contract that it is for.")] = None,
) -> Preview:
    """Tell whose reservations a demand could take over, what forbids it, and what it would cost the other."""
    claim = Claim(demand, priority, contract)
    return Preview(victims=preemption.preview(session, part, destination, claim, edge.clock(), aircraft=aircraft))


@router.post("/preemptions", status_code=201, dependencies=[needs("stock.preempt", Elsewhere.HIDDEN)])
def preempt(session: Writing, actor: Acting, edge: Here, wanted: Preemption) -> Preempted:
    """Take over a reservation for a more urgent demand, in the version that the preview showed."""
    taken = preemption.preempt(session, actor, wanted, edge.clock())
    keys = [taken.preempted, taken.made, *taken.rebooked]
    told = {one.id: one for one in reservation_page(session, keys=keys, limit=len(keys))}
    return Preempted(
        preempted=told[taken.preempted],
        made=told[taken.made],
        rebooked=[told[key] for key in taken.rebooked],
    )
