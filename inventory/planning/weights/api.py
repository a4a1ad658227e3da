"""Routes of what waiting weighs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.planning.weights import queries, service
from inventory.planning.weights.schemas import NewWeight, WeightOut

ROWS_MAX = 100

router = APIRouter(route_class=Route)


@router.get("/weights", dependencies=[needs("targets.read", Elsewhere.SHARED)])
def weights(session: Reading, paging: Paged) -> Page[WeightOut]:
    """List what waiting for a part weighs, by its essentiality and MEL category."""
    rows = queries.weight_page(session, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, queries.weight_key)


@router.post("/weights", status_code=201, dependencies=[needs("targets.write", Elsewhere.NETWORK)])
def set_weights(
    session: Writing, actor: Acting, weights: Annotated[list[NewWeight], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewWeight]:
    """Set what waiting weighs, all or none; a row replaces what stood for its essentiality and MEL category."""
    service.set_weights(session, actor, weights)
    return weights
