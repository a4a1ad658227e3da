"""Routes of the AOG desk: answers while the customer is on the line, and single changes of the plan in force."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from fieldops.dispatch.queries import job_by_number
from fieldops.dispatch.schemas import JobOut
from fieldops.planning.desk import appointing, asking, moving, service
from fieldops.planning.desk.applying import AnswerRefused
from fieldops.planning.desk.appointment_schemas import AppointmentQuestion, AppointmentsOut
from fieldops.planning.desk.queries import desk_time
from fieldops.planning.desk.schemas import (
    Because,
    MoveQuestion,
    MoveVerdict,
    NewMove,
    RecommendationOut,
    RecommendationQuestion,
    TakenOut,
    Taking,
)
from inventory.kernel.edge import Acting, Here, Writing
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag

router = APIRouter(tags=["desk"], route_class=Route)

Number = Annotated[str, Path(description="Number of a job.")]


@router.post("/jobs/{number}/recommendations", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def recommend_places(edge: Here, actor: Acting, number: Number, question: RecommendationQuestion) -> RecommendationOut:
    """Rank the ways to do a job on the plan in force, each with its cost; one can be taken for some minutes."""
    return asking.recommend(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/appointments", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def find_appointments(edge: Here, actor: Acting, number: Number, question: AppointmentQuestion) -> AppointmentsOut:
    """Tell which appointments can be promised for a job, at which cost, and why not the others."""
    return appointing.appointments(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/check-move", dependencies=[needs("plan.read", Elsewhere.HIDDEN)])
def check_move(edge: Here, actor: Acting, number: Number, question: MoveQuestion) -> MoveVerdict:
    """Tell which rules it would break if these people did a job from then on, and its cost; nothing is kept."""
    return moving.check_move(edge.engine, actor, number, question, edge.clock)


@router.post("/jobs/{number}/recommendations/{key}/take", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def take_recommendation(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    number: Number,
    key: Annotated[UUID, Path(description="Key of an answer.")],
    wanted: Taking,
) -> TakenOut:
    """Take an answer: its seats are given, parts reserved and money held together, or it tells what has changed."""
    taken = service.take(session, actor, number, key, wanted.option, desk_time(session, edge.clock))
    tag(response, taken.version)
    return taken


@router.post("/jobs/{number}/move", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def move_job(
    session: Writing, edge: Here, actor: Acting, response: Response, version: Changing, number: Number, wanted: NewMove
) -> TakenOut:
    """Assign a job to people from a time, or move it there: seats, parts, money and the plan in force together.

    Every hard rule that it breaks is named and refuses it, one that warns asks for a reason.
    """
    moved = moving.move(edge.engine, session, actor, number, wanted, version, edge.clock)
    tag(response, moved.version)
    return moved


@router.post("/jobs/{number}/unassign", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def unassign_job(
    session: Writing, edge: Here, actor: Acting, response: Response, version: Changing, number: Number, why: Because
) -> TakenOut:
    """Take a job out of the plan in force: its seats, parts and money are given back; the next plan takes it up."""
    out = moving.take_out(edge.engine, session, actor, number, why.reason, version, edge.clock)
    tag(response, out.version)
    return out


@router.post("/jobs/{number}/undo-change", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def undo_job_change(
    session: Writing, edge: Here, actor: Acting, response: Response, version: Changing, number: Number
) -> TakenOut:
    """Undo the last answer taken, move or unassignment of a job: all is as it was before, or it tells why not."""
    undone = service.undo_change(session, actor, number, version, desk_time(session, edge.clock))
    tag(response, undone.version)
    return undone


@router.post("/jobs/{number}/lock", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def lock_job(
    session: Writing, edge: Here, actor: Acting, response: Response, version: Changing, number: Number, why: Because
) -> JobOut:
    """Lock a job where it is: its people and its time stay in every plan until it is unlocked.

    Where that is not possible, the cheapest way out is told.
    """
    try:
        service.lock(session, actor, number, version, why.reason, desk_time(session, edge.clock))
    except AnswerRefused as refusal:
        if refusal.helps_elsewhere(number):
            refusal.details += moving.way_out(edge.engine, actor, number, edge.clock)
        raise
    return _job(session, response, number)


@router.post("/jobs/{number}/unlock", dependencies=[needs("dispatch.write", Elsewhere.HIDDEN)])
def unlock_job(
    session: Writing, edge: Here, actor: Acting, response: Response, version: Changing, number: Number
) -> JobOut:
    """Unlock a job; the seats that were given when it was locked are taken back."""
    service.unlock(session, actor, number, version, desk_time(session, edge.clock))
    return _job(session, response, number)


def _job(session: Session, response: Response, number: str) -> JobOut:
    found = job_by_number(session, number)
    tag(response, found.version)
    return found
