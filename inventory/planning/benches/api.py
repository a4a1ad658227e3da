"""Routes of repair benches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from inventory.kernel.edge import Acting, Page, Paged, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs
from inventory.planning.benches import queries, service
from inventory.planning.benches.schemas import BenchesOut, NewBenches

ROWS_MAX = 1_000

router = APIRouter(route_class=Route)


@router.get("/repair-benches", dependencies=[needs("targets.read", Elsewhere.HIDDEN)])
def repair_benches(session: Reading, paging: Paged) -> Page[BenchesOut]:
    """List how many pieces places can repair at a time, by place and ATA chapter; others repair any number."""
    rows = queries.bench_page(session, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, queries.bench_key)


@router.post("/repair-benches", status_code=201, dependencies=[needs("targets.write", Elsewhere.REFUSED)])
def set_repair_benches(
    session: Writing, actor: Acting, told: Annotated[list[NewBenches], Body(min_length=1, max_length=ROWS_MAX)]
) -> list[NewBenches]:
    """Tell how many pieces places can repair at a time, all or none; a row replaces that of its place and chapter."""
    service.set_benches(session, actor, told)
    return told
