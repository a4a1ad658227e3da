"""Another target than a plan's, decided by a person: what it costs, and what it leaves waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from math import floor
from uuid import UUID

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.engine import reading
from inventory.kernel.errors import Conflict
from inventory.kernel.scope import check_rows, unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.service import site_ids
from inventory.planning.stock_plans.asking import asked, terms_told
from inventory.planning.stock_plans.models import NETWORK, TargetPlan, TargetPlanLine
from inventory.planning.stock_plans.override_schemas import NewOverride, OverrideOut
from inventory.planning.stock_plans.picture import take_picture
from inventory.planning.stock_plans.queries import plan_by_number
from inventory.planning.stock_plans.schemas import Document
from inventory.planning.stock_plans.service import unknown_line
from inventory.planning.stock_plans.solving import waited
from inventory.planning.stock_plans.standing import decided_of, ends_of, nodes_by_cell, standing_stock
from inventory.planning.stock_plans.stated import Stated
from inventory.ports import Exposure
from optimizer.stocking.evaluate import Method
from optimizer.stocking.tree import tree_of


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Mean pieces waited for at the place, the weighted sum of the whole part, and what the line is like.

    `own` is false where the part is planned with another, whose line tells what waits.
    """

    here: float
    weighted: float
    per_day: float
    weight: float
    fill: float
    own: bool


def foresee_override(
    session: Session, exposure: Exposure, number: str, wanted: NewOverride, now: datetime
) -> OverrideOut:
    """Return what another target than the plan's would cost and leave waiting; keep nothing. Raises as `override`."""
    return _reckoned(session, exposure, plan_by_number(session, number), wanted, now)[0]


def override(
    engine: Engine,
    session: Session,
    actor: Actor,
    exposure: Exposure,
    number: str,
    wanted: NewOverride,
    version: int,
    now: datetime,
) -> OverrideOut:
    """Decide another target than the plan's for a part at a place, also where the plan has no line of it.

    What that leaves waiting is reckoned from a snapshot before `session` reads or writes anything; what was decided
    since makes it stale. Raises Stale for another version of the plan, Forbidden for a place that is not the actor's,
    NotFound for a part or place that the plan does not reach, Conflict for a line that is accepted.
    """
    with reading(engine, actor) as snapshot:
        seen = plan_by_number(snapshot, number)
        require_version(seen.version, version)
        told, before = _reckoned(snapshot, exposure, seen, wanted, now)
    plan = plan_by_number(session, number)
    require_version(plan.version, version)
    part, place = _cell(session, wanted)
    line = _open_line(session, plan, part, place, wanted)
    if line is None:
        line = _new_line(session, plan, part, place, before)
    line.override, line.override_reason = wanted.quantity, wanted.reason
    line.override_by, line.override_at = actor.id, now
    line.override_waits = told.waits if before.own else None
    plan.changed_at = now
    session.flush()
    return told


def _cell(session: Session, wanted: NewOverride) -> tuple[UUID, UUID]:
    return part_ids(session, [wanted.part])[wanted.part], site_ids(session, [wanted.place])[wanted.place]


def _open_line(
    session: Session, plan: TargetPlan, part: UUID, place: UUID, wanted: NewOverride
) -> TargetPlanLine | None:
    """Return the line of a part at a place that the actor may write, None where there is none yet."""
    check_rows(session, TargetPlanLine, {"place_id": [place]})
    line = session.get(TargetPlanLine, (plan.id, part, place))
    if line is not None and line.acceptance_id is not None:
        raise Conflict(
            _("{part} at {place} is accepted already; take the acceptance back first").format(
                part=wanted.part, place=wanted.place
            ),
            code="line_accepted",
        )
    return line


def _reckoned(
    session: Session, exposure: Exposure, plan: TargetPlan, wanted: NewOverride, now: datetime
) -> tuple[OverrideOut, _Waiting]:
    """Return what another target means, and how the line is with the plan's."""
    part, place = _cell(session, wanted)
    line = _open_line(session, plan, part, place, wanted)
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
    return told, before


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
        decided = decided_of(session, plan, {item.id for item in picture.items})
    region = None if plan.region == NETWORK else plan.region
    stated = asked(picture, replace(terms_told(region, document), candidate_per_day=0.0))
    if stated is None or wanted.place not in {site.code for site in stated.sites}:
        raise unknown_line(plan.number, wanted.part, wanted.place)
    ends = ends_of(stated)
    if wanted.part not in ends:
        raise unknown_line(plan.number, wanted.part, wanted.place)
    stock = standing_stock(stated, picture, decided)
    cell = ends[wanted.part], wanted.place
    stock[cell] += floor(planned) - floor(decided.get((wanted.part, wanted.place), Decimal(0)))
    before = _evaluated(stated, stock, wanted, cell)
    stock[cell] += floor(wanted.quantity) - floor(planned)
    return before, _evaluated(stated, stock, wanted, cell)


def _evaluated(
    stated: Stated, stock: Mapping[tuple[str, str], int], wanted: NewOverride, cell: tuple[str, str]
) -> _Waiting:
    tree = tree_of(stated.scenario)
    nodes, stock_at = nodes_by_cell(stated, tree), np.zeros(tree.place.size, np.int64)
    if cell not in nodes:  # no line is there or below: nothing is asked for, and nothing waits
        raise Conflict(
            _("Nobody asks for {part} at {place}, nor below; a plan of it says nothing").format(
                part=wanted.part, place=wanted.place
            ),
            code="nobody_asks",
        )
    for key, pieces in stock.items():
        if key in nodes:
            stock_at[nodes[key]] = max(0, pieces)
    told, at = waited(stated, stock_at, Method.NEGATIVE_BINOMIAL), nodes[cell]
    return _Waiting(
        here=float(told.own_backorders[at]),
        weighted=told.weighted,
        per_day=float(tree.own[at]),
        weight=float(tree.weight[at]),
        fill=float(told.fill[at]),
        own=cell[0] == wanted.part,
    )


def _new_line(session: Session, plan: TargetPlan, part: UUID, place: UUID, waiting: _Waiting) -> TargetPlanLine:
    """Return a line of a part at a place where the plan holds nothing, nor is anything held."""
    line = TargetPlanLine(
        plan_id=plan.id,
        part_id=part,
        place_id=place,
        before=Decimal(0),
        after=Decimal(0),
        price=session.get_one(Part, part).standard_cost,
        weight=waiting.weight,
        per_day=waiting.per_day if waiting.own else 0.0,
        waits_before=waiting.here if waiting.own else 0.0,
        waits_after=waiting.here if waiting.own else 0.0,
        fill_before=waiting.fill,
        fill_after=waiting.fill,
        worth=0.0,
    )
    session.add(line)
    return line
