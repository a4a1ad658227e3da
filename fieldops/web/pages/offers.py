"""The page of help between regions: what others could lend, what is asked of us and by us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from fieldops.web.pages.shell import Frame, Framed
from fieldops.web.pages.stock_view import called
from fieldops.web.pages.stock_words import grant_words
from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.edge import Here
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import local, ngettext
from inventory.network.models import Place
from inventory.network.queries import Shelf, region_page, shelves
from inventory.offers.models import IN_FORCE, GrantState
from inventory.offers.queries import grant_page
from inventory.offers.queries import offers as offers_of
from inventory.offers.schemas import GrantOut, OfferOut

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 60
_REGIONS_MAX = 200
_DAYS = (1, 3, 7, 30)
"""For how long help is asked, to choose from."""


@dataclass(frozen=True, slots=True)
class Row:
    """A grant, and what its reader may do about it."""

    grant: GrantOut
    decide: bool
    withdraw: bool
    take: bool
    review: bool

    @property
    def waits(self) -> bool:
        """Tell whether somebody has something to do about it: it is asked and not decided, or not reviewed."""
        return self.grant.state is GrantState.REQUESTED or self.review


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for; `found` is None where nothing was, `at` the place where it is needed."""

    part: str
    place: str
    name: str | None
    at: Shelf | None
    found: list[OfferOut] | None


@router.get("/offers", dependencies=[needs("grants.read", Elsewhere.HIDDEN)])
def offers(
    frame: Framed,
    edge: Here,
    part: Annotated[str, Query(max_length=48)] = "",
    place: Annotated[str, Query(max_length=48)] = "",
) -> str:
    """Show what other regions could lend of a part, and the requests between regions."""
    now = edge.clock()
    own = [one for one in shelves(frame.session, region=frame.region) if frame.actor.scope.holds_region(one.region)]
    rows = [_row(frame, one, now) for one in _grants(frame.session)]
    return frame.page(
        "stock/offers.html",
        search=_search(frame.session, part.strip(), place, own, now),
        places=own,
        asked_of_us=[one for one in rows if one.waits and frame.actor.scope.holds_region(one.grant.granting_region)],
        waiting=[one for one in rows if one.waits and not frame.actor.scope.holds_region(one.grant.granting_region)],
        others=[one for one in rows if not one.waits],
        regions=region_page(frame.session, after="", limit=_REGIONS_MAX),
        periods=list(_periods(now)),
        now=now,
        words=grant_words(),
        local=local,
    )


def _grants(session: Session) -> list[GrantOut]:
    """Return those that wait for somebody, then the newest of the rest, each once."""
    open_ones = grant_page(session, limit=ROWS_MAX, state=GrantState.REQUESTED)
    found = (*open_ones, *grant_page(session, limit=ROWS_MAX, to_review=True))
    return list({one.number: one for one in (*found, *grant_page(session, limit=ROWS_MAX, newest=True))}.values())


def _row(frame: Frame, grant: GrantOut, now: datetime) -> Row:
    actor: Actor = frame.actor
    asking, granting = (actor.scope.holds_region(one) for one in (grant.asking_region, grant.granting_region))
    is_open = grant.state is GrantState.REQUESTED and grant.ends_at > now
    in_force = grant.state in IN_FORCE and grant.ends_at > now
    of_asking = asking and not actor.scope.everything
    waited = grant.takeable_at is not None and grant.takeable_at <= now
    return Row(
        grant,
        decide=is_open and granting and actor.may("grants.decide"),
        withdraw=actor.may("grants.request") and (((is_open or in_force) and asking) or (in_force and granting)),
        take=is_open and waited and actor.may("grants.control") and not of_asking and actor.id != grant.asked_by,
        review=grant.review_by is not None and grant.reviewed_at is None and granting and actor.may("grants.decide"),
    )


def _search(session: Session, part: str, place: str, own: list[Shelf], now: datetime) -> Search:
    at = next((one for one in own if one.code == place), None)
    name = called(session, [part]).get(part) if part else None
    if name is None or at is None:
        return Search(part, place, name, at, None)
    wanted = session.get_one(Part, part_ids(session, [part])[part])
    return Search(part, place, name, at, offers_of(session, wanted, session.get_one(Place, at.id), now))


def _periods(now: datetime) -> Iterator[tuple[str, str]]:
    """Yield (instant until when, how it is told) of the times that help may be asked for."""
    for days in _DAYS:
        told = ngettext("for {days} day", "for {days} days", days).format(days=days)
        yield (now + timedelta(days=days)).isoformat(), told
