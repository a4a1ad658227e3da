"""Another target than a plan's, decided by a person: what it costs, and what it leaves waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import floor
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import check_rows, unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.network.service import site_ids
from inventory.planning.stock_plans.models import NETWORK, TargetPlan, TargetPlanLine
from inventory.planning.stock_plans.override_schemas import NewOverride, OverrideOut
from inventory.planning.stock_plans.picture import Picture, take_picture
from inventory.planning.stock_plans.queries import plan_by_number
from inventory.planning.stock_plans.schemas import Document
from inventory.planning.stock_plans.service import unknown_line
from inventory.planning.stock_plans.stating import Stated, state
from inventory.ports import Exposure
from optimizer.stocking.evaluate import evaluate


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Mean pieces waited for at the place, the weighted sum of the whole part, and what the line is like."""

    here: float
    weighted: float
    per_day: float
    weight: float
    fill: float


def foresee_override(
    session: Session, exposure: Exposure, number: str, wanted: NewOverride, now: datetime
) -> OverrideOut:
    """Return what another target than the plan's would cost and leave waiting; keep nothing. Raises as `override`."""
    return _override(session, exposure, plan_by_number(session, number), wanted, now)[0]


def override(
    session: Session,
    actor: Actor,
    exposure: Exposure,
    number: str,
    wanted: NewOverride,
    version: int,
    now: datetime,
) -> OverrideOut:
    """Decide another target than the plan's for a part at a place, also where the plan has no line of it.

    Raises Stale for another version of the plan, Forbidden for a place that is not the actor's, NotFound for a part or
    place that the plan does not reach, Conflict for a line that is accepted.
    """
    plan = plan_by_number(session, number)
    require_version(plan.version, version)
    told, line, waiting = _override(session, exposure, plan, wanted, now)
    if line is None:
        line = _new_line(session, plan, wanted, waiting)
    line.override, line.override_reason = wanted.quantity, wanted.reason
    line.override_by, line.override_at, line.override_waits = actor.id, now, told.waits
    plan.changed_at = now
    session.flush()
    return told


def _override(
    session: Session, exposure: Exposure, plan: TargetPlan, wanted: NewOverride, now: datetime
) -> tuple[OverrideOut, TargetPlanLine | None, _Waiting]:
    part, place = part_ids(session, [wanted.part])[wanted.part], site_ids(session, [wanted.place])[wanted.place]
    check_rows(session, TargetPlanLine, {"place_id": [place]})
    line = session.get(TargetPlanLine, (plan.id, part, place))
    if line is not None and line.acceptance_id is not None:
        raise Conflict(
            _("{part} at {place} is accepted already; take the acceptance back first").format(
                part=wanted.part, place=wanted.place
            ),
            code="line_accepted",
        )
    planned = line.after if line is not None else Decimal(0)
    before, after = _waiting(session, exposure, plan, wanted, planned, now)
    price = line.price if line is not None else session.get_one(Part, part).standard_cost
    told = OverrideOut(
        part=wanted.part,
        place=wanted.place,
        planned=planned,
        quantity=wanted.quantity,
        costs=price * (wanted.quantity - planned),
        currency=plan.currency,
        waits_planned=before.here,
        waits=after.here,
        weighted_planned=before.weighted,
        weighted=after.weighted,
    )
    return told, line, before


def _waiting(
    session: Session,
    exposure: Exposure,
    plan: TargetPlan,
    wanted: NewOverride,
    planned: Decimal,
    now: datetime,
) -> tuple[_Waiting, _Waiting]:
    """Return what waits with the plan's target and with the other one.

    The demand and the stock of other regions count in both, and are told to nobody.
    """
    document = Document.model_validate(plan.document)
    with unscoped(session):
        picture = take_picture(session, exposure, now.date(), now, parts=[wanted.part])
        decided = _decided(session, plan, wanted.part)
    region = None if plan.region == NETWORK else plan.region
    stated = state(picture, region=region, assumed_days=document.assumed_days, one_budget=True, candidate_per_day=0.0)
    if (
        stated is None
        or wanted.part not in {item.number for item in stated.items}
        or wanted.place not in {site.code for site in stated.sites}
    ):
        raise unknown_line(plan.number, wanted.part, wanted.place)
    stock = _stock(stated, picture, wanted.part, decided)
    told = []
    for quantity in (planned, wanted.quantity):
        stock[wanted.part, wanted.place] = floor(quantity)
        told.append(_evaluated(stated, stock, wanted))
    return told[0], told[1]


def _decided(session: Session, plan: TargetPlan, part: str) -> Mapping[str, Decimal]:
    query = (
        select(TargetPlanLine, Place.code)
        .join(Part, Part.id == TargetPlanLine.part_id)
        .join(Place, Place.id == TargetPlanLine.place_id)
        .where(TargetPlanLine.plan_id == plan.id, Part.part_number == part)
    )
    return {place: line.decided for line, place in session.execute(query)}


def _stock(stated: Stated, picture: Picture, part: str, decided: Mapping[str, Decimal]) -> dict[tuple[str, str], int]:
    """Return the targets that would stand: the plan's, and the present ones where it plans nothing.

    Parts that it replaces, or that replace it, are beside it: their present targets stand.
    """
    places: dict[UUID, str] = {site.id: site.code for site in stated.sites}
    parts: dict[UUID, str] = {item.id: item.number for item in stated.items}
    present = {
        (parts[key], places[place]): quantity
        for (key, place), quantity in picture.targets.items()
        if key in parts and place in places
    }
    planned = {(part, place): quantity for place, quantity in decided.items()}
    return {cell: floor(quantity) for cell, quantity in (present | planned).items()}


def _evaluated(stated: Stated, stock: Mapping[tuple[str, str], int], wanted: NewOverride) -> _Waiting:
    codes, numbers = [site.code for site in stated.sites], [item.number for item in stated.items]
    try:
        told = evaluate(stated.scenario, stock)
    except ValueError:  # no line is there or below: nothing is asked for, and nothing waits
        raise Conflict(
            _("Nobody asks for {part} at {place}, nor below; a plan of it says nothing").format(
                part=wanted.part, place=wanted.place
            ),
            code="nobody_asks",
        ) from None
    lines, part, place = stated.scenario.lines, numbers.index(wanted.part), codes.index(wanted.place)
    at = list(zip(told.part.tolist(), told.place.tolist(), strict=True)).index((part, place))
    mine = (lines.part == part) & (lines.place == place)
    return _Waiting(
        here=float(told.own_backorders[at]),
        weighted=told.weighted,
        per_day=float(lines.rate_per_day[mine].sum()),
        weight=float(lines.weight[mine].sum()),
        fill=float(told.fill[at]),
    )


def _new_line(session: Session, plan: TargetPlan, wanted: NewOverride, waiting: _Waiting) -> TargetPlanLine:
    """Return a line of a part at a place where the plan holds nothing, nor is anything held."""
    part, place = part_ids(session, [wanted.part])[wanted.part], site_ids(session, [wanted.place])[wanted.place]
    line = TargetPlanLine(
        plan_id=plan.id,
        part_id=part,
        place_id=place,
        before=Decimal(0),
        after=Decimal(0),
        price=session.get_one(Part, part).standard_cost,
        weight=waiting.weight,
        per_day=waiting.per_day,
        waits_before=waiting.here,
        waits_after=waiting.here,
        fill_before=waiting.fill,
        fill_after=waiting.fill,
        worth=0.0,
    )
    session.add(line)
    return line
