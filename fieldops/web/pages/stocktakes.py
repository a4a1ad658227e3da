"""The pages of stocktakes: the list, and one that is counted, submitted and approved."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from fieldops.web.pages.shell import Frame, Framed
from fieldops.web.pages.stock_view import called
from fieldops.web.pages.stock_words import grant_words, stock_words
from inventory.catalogue.queries import chapters
from inventory.kernel.routes import Elsewhere, needs
from inventory.kernel.texts import local
from inventory.ledger.models import OWN
from inventory.network.models import SITE_TIERS, Tier
from inventory.network.queries import place_by_code, shelves
from inventory.stocktakes.models import StocktakeState
from inventory.stocktakes.queries import FIRST_KEY, line_page, stocktake_by_number, stocktake_page
from inventory.traceability.condition import Condition, Hold

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS_MAX = 50
LINES_MAX = 300
_READERS = needs("stock.read", Elsewhere.HIDDEN)


@router.get("/stocktakes", dependencies=[_READERS])
def stocktakes(
    frame: Framed,
    place: Annotated[str, Query(max_length=48)] = "",
    state: Annotated[str, Query(max_length=16)] = "",
    before: Annotated[str, Query(max_length=24)] = "",
) -> str:
    """List the stocktakes within the visitor's reach, the newest first."""
    known = next((one for one in StocktakeState if one == state), None)
    found = stocktake_page(frame.session, before=before, limit=ROWS_MAX + 1, place=place or None, state=known)
    tiers = (*SITE_TIERS, Tier.KIT)
    # the central depot is among everybody's shelves, but not everybody's to count
    own = [
        one for one in shelves(frame.session, region=frame.region, tiers=tiers) if _is_own(frame, one.region, one.code)
    ]
    return frame.page(
        "stock/stocktakes.html",
        found=found[:ROWS_MAX],
        older=found[ROWS_MAX - 1].number if len(found) > ROWS_MAX else None,
        place=place,
        state=state,
        states=list(StocktakeState),
        places=own,
        chapters=chapters(frame.session),
        words=grant_words(),
        local=local,
    )


@router.get("/stocktakes/{number}", dependencies=[_READERS])
def stocktake(
    frame: Framed,
    number: str,
    part: Annotated[str, Query(max_length=48)] = "",
    line: UUID = FIRST_KEY,
) -> str:
    """Show a stocktake with its lines, to be counted, submitted, approved or sent back."""
    found = stocktake_by_number(frame.session, number)
    (told,) = stocktake_page(frame.session, number=number)
    lines = line_page(frame.session, found, after=(part, line), limit=LINES_MAX + 1)
    shown = lines[:LINES_MAX]
    may = frame.shell.may
    is_counting = told.state is StocktakeState.COUNTING
    to_approve = told.state is StocktakeState.TO_APPROVE
    return frame.page(
        "stock/stocktake.html",
        told=told,
        shown=found.version,
        zone=place_by_code(frame.session, told.place).time_zone or "UTC",
        lines=shown,
        next=(shown[-1].part, shown[-1].id) if len(lines) > LINES_MAX else None,
        names=called(frame.session, {one.part for one in shown}),
        counts=may("stock.count") and (is_counting or to_approve),
        submits=may("stock.count") and is_counting,
        approves=may("stock.approve") and to_approve,
        own_count=frame.actor.id in told.counters,
        own=OWN,
        conditions=list(Condition),
        holds=list(Hold),
        words=grant_words(),
        stock=stock_words(),
    )


def _is_own(frame: Frame, region: str, place: str) -> bool:
    scope = frame.actor.scope
    return scope.holds_region(region) or place in scope.places or bool(scope.areas)
