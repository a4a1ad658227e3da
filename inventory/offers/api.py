"""Routes of offers and grants."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.base import require_version
from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.network.models import Place
from inventory.network.service import site_ids
from inventory.offers import queries, service
from inventory.offers.models import Grant, GrantState
from inventory.offers.schemas import AogWait, Decision, GrantOut, NewGrant, OfferOut, Remark

router = APIRouter(tags=["grants"], route_class=Route)

Number = Annotated[str, Path(description="Number of a grant, such as G-000001.")]


@router.get("/stock/offers", dependencies=[needs("grants.read", Elsewhere.SHARED)])
def offers(
    session: Reading,
    edge: Here,
    part: Annotated[str, Query(description="A part number.")],
    place: Annotated[str, Query(description="Code of the place where it is needed.")],
) -> list[OfferOut]:
    """Say what other regions could send of a part, how soon and for how much, and whose grant that needs."""
    wanted = session.get_one(Part, part_ids(session, [part])[part])
    return queries.offers(session, wanted, session.get_one(Place, site_ids(session, [place])[place]), edge.clock())


@router.get("/aog-wait", dependencies=[needs("grants.read", Elsewhere.SHARED)])
def aog_wait(session: Reading) -> AogWait:
    """Say how long an AOG request waits for its region, before the AOG controller may grant it."""
    return AogWait(minutes=service.aog_wait_min(session))


@router.post("/aog-wait", dependencies=[needs("network.write", Elsewhere.NETWORK)])
def set_aog_wait(session: Writing, actor: Acting, wanted: AogWait) -> AogWait:
    """Set how long AOG requests wait from now on; those that were asked before keep their time."""
    service.set_aog_wait(session, actor, wanted)
    return wanted


@router.get("/grants", dependencies=[needs("grants.read", Elsewhere.HIDDEN)])
def grants(
    session: Reading,
    paging: Paged,
    state: GrantState | None = None,
    to_review: Annotated[bool, Query(description="Only those taken by the AOG controller and not reviewed.")] = False,
) -> Page[GrantOut]:
    """List the grants that one's regions ask for or are asked for, by number."""
    (after,) = paging.after(("",))
    rows = queries.grant_page(session, after=after, limit=paging.rows, state=state, to_review=to_review)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/grants/{number}", dependencies=[needs("grants.read", Elsewhere.HIDDEN)])
def grant(session: Reading, response: Response, number: Number) -> GrantOut:
    """Return a grant."""
    return _told(session, response, queries.grant_by_number(session, number))


@router.post("/grants", status_code=201, dependencies=[needs("grants.request", Elsewhere.REFUSED)])
def ask(session: Writing, actor: Acting, edge: Here, response: Response, wanted: NewGrant) -> GrantOut:
    """Ask another region for pieces of a part, which holds its offer, or for access to its data."""
    return _told(session, response, service.ask(session, actor, wanted, edge.clock()))


@router.post("/grants/{number}/decision", dependencies=[needs("grants.decide", Elsewhere.HIDDEN)])
def decide(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number, told: Decision
) -> GrantOut:
    """Grant or refuse a request, for the region that is asked."""
    found = _version(session, number, version)
    service.decide(session, actor, found, told, edge.clock())
    return _told(session, response, found)


@router.post("/grants/{number}/withdrawal", dependencies=[needs("grants.request", Elsewhere.HIDDEN)])
def withdraw(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number
) -> GrantOut:
    """Take a request back, or end a grant before its time."""
    found = _version(session, number, version)
    service.withdraw(session, actor, found, edge.clock())
    return _told(session, response, found)


@router.post("/grants/{number}/taking", dependencies=[needs("grants.control", Elsewhere.HIDDEN)])
def take(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number, why: Remark
) -> GrantOut:
    """Grant an AOG request in the other region's stead, once its time to decide is over."""
    found = _version(session, number, version)
    service.take(session, actor, found, why.note, edge.clock())
    return _told(session, response, found)


@router.post("/grants/{number}/review", dependencies=[needs("grants.decide", Elsewhere.HIDDEN)])
def review(
    session: Writing, actor: Acting, edge: Here, response: Response, version: Changing, number: Number, found: Remark
) -> GrantOut:
    """Write down what the granting region finds about a request that the AOG controller took."""
    grant = _version(session, number, version)
    service.review(session, actor, grant, found.note, edge.clock())
    return _told(session, response, grant)


def _version(session: Session, number: str, version: int) -> Grant:
    found = queries.grant_by_number(session, number)
    require_version(found.version, version)
    return found


def _told(session: Session, response: Response, grant: Grant) -> GrantOut:
    tag(response, grant.version)
    (told,) = queries.grant_page(session, number=grant.number)
    return told
