"""Routes of plans of stock targets; that which has one made is a route of what knows the fleet."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from inventory.kernel.edge import Acting, Here, Page, Paged, Reading, Writing
from inventory.kernel.fields import Code
from inventory.kernel.installation import demo_time
from inventory.kernel.routes import Changing, Elsewhere, Route, needs, tag
from inventory.planning.stock_plans import overriding, queries, service
from inventory.planning.stock_plans.comparing import differences
from inventory.planning.stock_plans.figure_schemas import Curves
from inventory.planning.stock_plans.forecast_schemas import ForecastOut
from inventory.planning.stock_plans.override_schemas import NewOverride, OverrideOut
from inventory.planning.stock_plans.schemas import (
    Accept,
    AcceptanceOut,
    Accepted,
    LineDifference,
    LineState,
    NoteOut,
    TakeBack,
    TargetLineOut,
    TargetPlanHead,
    TargetPlanOut,
)
from inventory.ports import Exposure

router = APIRouter(route_class=Route)

Number = Annotated[str, Path(description="Number of a target plan, such as T-000001.")]
_READERS = needs("targets.read", Elsewhere.HIDDEN)
_WRITERS = needs("targets.write", Elsewhere.REFUSED)


async def exposing() -> Exposure:
    """Return what knows how the fleet is used; `fieldops.app` supplies it."""
    raise NotImplementedError


Exposed = Annotated[Exposure, Depends(exposing)]


@router.get("/target-plans", dependencies=[_READERS])
def target_plans(
    session: Reading, paging: Paged, region: Annotated[Code | None, Query(description="Only plans of a region.")] = None
) -> Page[TargetPlanHead]:
    """List the target plans of one's regions and of the network, the newest first."""
    (before,) = paging.after((queries.NEWEST,))
    rows = queries.plan_page(session, before=before, limit=paging.rows, region=region)
    return paging.page(rows, lambda one: (one.number,))


@router.get("/target-plans/{number}", dependencies=[_READERS])
def target_plan(session: Reading, response: Response, number: Number) -> TargetPlanOut:
    """Return a target plan, as far as one sees it."""
    found = queries.plan_told(session, number)
    tag(response, found.version)
    return found


@router.get("/target-plans/{number}/lines", dependencies=[_READERS])
def target_lines(
    session: Reading,
    paging: Paged,
    number: Number,
    part: Annotated[Code | None, Query(description="A part number.")] = None,
    place: Annotated[Code | None, Query(description="A place.")] = None,
    region: Annotated[Code | None, Query(description="A region.")] = None,
    state: Annotated[LineState | None, Query(description="What became of the lines.")] = None,
) -> Page[TargetLineOut]:
    """List the lines of a target plan at one's places, by part and place."""
    plan = queries.plan_by_number(session, number)
    chosen = queries.Chosen(part, place, region, state)
    rows = queries.line_page(session, plan.id, chosen, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.part, one.place))


@router.get("/target-plans/{number}/notes", dependencies=[_READERS])
def target_notes(
    session: Reading,
    paging: Paged,
    number: Number,
    reason: Annotated[str | None, Query(max_length=32, description="Why, as the counts of the plan name it.")] = None,
) -> Page[NoteOut]:
    """List what a target plan left out and what it assumed, each with its reason."""
    plan = queries.plan_by_number(session, number)
    (after,) = paging.after((0,))
    rows = queries.note_page(session, plan, after=after, limit=paging.rows, reason=reason)
    return paging.page(rows, lambda one: (one.id,))


@router.get("/target-plans/{number}/forecasts", dependencies=[_READERS])
def target_forecasts(
    session: Reading,
    paging: Paged,
    number: Number,
    part: Annotated[Code | None, Query(description="A part number.")] = None,
) -> Page[ForecastOut]:
    """List how a target plan forecast the demand of its parts, by part; nothing for who does not see all of it."""
    plan = queries.plan_by_number(session, number)
    (after,) = paging.after(("",))
    parts = None if part is None else [part]
    rows = queries.forecast_page(session, plan.id, after=after, limit=paging.rows, parts=parts)
    return paging.page(rows, lambda one: (one.part,))


@router.get("/target-plans/{number}/curve", dependencies=[_READERS])
def target_curve(session: Reading, number: Number) -> Curves:
    """Return what waits for each sum of money, by budget; nothing for who does not see all regions of the plan."""
    return Curves(curves=queries.curves_of(session, number))


@router.get("/target-plans/{number}/difference", dependencies=[_READERS])
def target_difference(
    session: Reading,
    paging: Paged,
    number: Number,
    other: Annotated[
        str | None, Query(alias="with", max_length=24, description="Another target plan; default: the present targets.")
    ] = None,
) -> Page[LineDifference]:
    """List where a target plan says otherwise than another, or than the targets that stand now, by part and place."""
    plan = queries.plan_by_number(session, number)
    beside = None if other is None else queries.plan_by_number(session, other).id
    rows = differences(session, plan.id, beside, after=paging.after(("", "")), limit=paging.rows)
    return paging.page(rows, lambda one: (one.part, one.place))


@router.get("/target-plans/{number}/acceptances", dependencies=[_READERS])
def target_acceptances(session: Reading, paging: Paged, number: Number) -> Page[AcceptanceOut]:
    """List what was accepted of a target plan and taken back, oldest first."""
    plan = queries.plan_by_number(session, number)
    (after,) = paging.after((queries.FIRST_ACCEPTANCE,))
    rows = queries.acceptances(session, plan.id, after=after, limit=paging.rows)
    return paging.page(rows, lambda one: (one.id,))


@router.post("/target-plans/{number}/accept/check", dependencies=[_WRITERS])
def check_acceptance(session: Reading, actor: Acting, number: Number, wanted: Accept) -> Accepted:
    """Return what accepting lines would set now, and which targets stand against it; keep nothing."""
    return service.foresee(session, actor, number, wanted)


@router.post("/target-plans/{number}/accept", dependencies=[_WRITERS])
def accept_lines(
    session: Writing,
    actor: Acting,
    edge: Here,
    response: Response,
    version: Changing,
    number: Number,
    wanted: Accept,
) -> Accepted:
    """Make lines of a target plan the stock targets: those named, else all that are open at one's own places.

    Refused where targets were changed since the plan was made; `errors` names them. Of a plan that does not meet its
    floors, lines must be named.
    """
    told = service.accept(session, actor, number, wanted, version, edge.clock())
    tag(response, queries.plan_by_number(session, number).version)
    return told


@router.post("/target-acceptances/{key}/undo", status_code=201, dependencies=[needs("targets.write", Elsewhere.HIDDEN)])
def undo_acceptance(
    session: Writing,
    actor: Acting,
    edge: Here,
    key: Annotated[UUID, Path(description="The id of an acceptance.")],
    why: TakeBack,
) -> AcceptanceOut:
    """Set the targets of an acceptance back to what they were, if none was changed since."""
    return AcceptanceOut.model_validate(service.take_back(session, actor, key, why.reason, edge.clock()))


@router.post("/target-plans/{number}/lines/override/check", dependencies=[_WRITERS])
def check_override(session: Reading, edge: Here, exposure: Exposed, number: Number, wanted: NewOverride) -> OverrideOut:
    """Return what another target than the plan's would cost and leave waiting; keep nothing."""
    return overriding.foresee_override(session, exposure, number, wanted, demo_time(session, edge.clock))


@router.post("/target-plans/{number}/lines/override", dependencies=[_WRITERS])
def override_line(
    session: Writing,
    actor: Acting,
    edge: Here,
    exposure: Exposed,
    response: Response,
    version: Changing,
    number: Number,
    wanted: NewOverride,
) -> OverrideOut:
    """Decide another target than the plan's for a part at a place, with the reason; returns what that costs."""
    now = demo_time(session, edge.clock)
    told = overriding.override(edge.engine, session, actor, exposure, number, wanted, version, now)
    tag(response, queries.plan_by_number(session, number).version)
    return told
