"""Routes of the one decision: may somebody take a seat, and what runs out against what is planned."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query

from fieldops.dispatch.absences import add_absences
from fieldops.dispatch.forecast import expiry_forecast
from fieldops.dispatch.rights_schemas import AbsenceKept, Expiring, SeatAnswer, SeatQuestion
from fieldops.dispatch.seats import answer
from fieldops.workforce.roster.schemas import NewAbsence
from inventory.kernel.edge import Acting, Here, Reading, Writing
from inventory.kernel.routes import Elsewhere, Route, needs

ABSENCES_MAX = 1_000

router = APIRouter(tags=["release rights"], route_class=Route)


@router.post("/assignments/check", dependencies=[needs("dispatch.read", Elsewhere.HIDDEN)])
def check_assignment(session: Reading, question: SeatQuestion) -> SeatAnswer:
    """Tell whether a technician may take a seat of a job, with every rule that stands against it; nothing is kept."""
    return answer(session, question)


@router.post("/absences", status_code=201, dependencies=[needs("workforce.write", Elsewhere.REFUSED)])
def add_some_absences(
    session: Writing,
    actor: Acting,
    edge: Here,
    absences: Annotated[list[NewAbsence], Body(min_length=1, max_length=ABSENCES_MAX)],
) -> list[AbsenceKept]:
    """Add absences, all or none; the answer names the jobs that each person sits on meanwhile."""
    return add_absences(session, actor, absences, edge.clock())


@router.get("/certificates/forecast", dependencies=[needs("workforce.read", Elsewhere.HIDDEN)])
def forecast(
    session: Reading, edge: Here, months: Annotated[int, Query(ge=1, le=24, description="How many months.")] = 6
) -> list[Expiring]:
    """Tell what runs out in the coming months, by region, month and code, against the jobs that ask for it."""
    return expiry_forecast(session, edge.clock().date(), months)
