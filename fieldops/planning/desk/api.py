"""Routes of the AOG desk: answers while the customer is on the line, and taking one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from fieldops.planning.desk import asking, service
from fieldops.planning.desk.queries import desk_time
from fieldops.planning.desk.schemas import (
    AppointmentQuestion,
    AppointmentsOut,
    MoveQuestion,
    MoveVerdict,
    RecommendationOut,
    RecommendationQuestion,
    TakenOut,
    Taking,
)
from inventory.kernel.edge import Acting, Here, Writing
from inventory.kernel.routes import Elsewhere, Route, needs

router = APIRouter(tags=["desk"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]


@router.post("/jobs/{number}/recommendations", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def recommend_places(edge: Here, actor: Acting, number: Number, question: RecommendationQuestion) -> RecommendationOut:
    """Rank the ways to do a job on the plan in force, each with its cost; one can be taken for some minutes."""
    return asking.recommend(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/appointments", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def find_appointments(edge: Here, actor: Acting, number: Number, question: AppointmentQuestion) -> AppointmentsOut:
    """Tell which appointments can be promised for a job, at which cost, and why not the others."""
    return asking.appointments(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/check-move", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def check_move(edge: Here, actor: Acting, number: Number, question: MoveQuestion) -> MoveVerdict:
    """Tell which rules it would break if these people did a job from then on, and its cost; nothing is kept."""
    return asking.check_move(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/recommendations/{key}/take", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def take_recommendation(
    session: Writing,
    actor: Acting,
    edge: Here,
    number: Number,
    key: Annotated[UUID, Path(description="Key of an answer.")],
    wanted: Taking,
) -> TakenOut:
    """Take an answer: its seats are given, parts reserved and money held together, or it tells what has changed."""
    return service.take(session, actor, number, key, wanted.option, desk_time(session, edge.clock))
