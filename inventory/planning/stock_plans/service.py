"""Use cases of target plans: lines become stock targets, are taken back, and are decided otherwise by a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, tuple_
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, Forbidden, NotFound
from inventory.kernel.outbox import EVERYONE
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from inventory.network.scope import places_within
from inventory.network.service import place_ids
from inventory.planning.schemas import NewTarget
from inventory.planning.service import set_targets, standing_targets
from inventory.planning.stock_plans.models import (
    TargetAcceptance,
    TargetAcceptanceLine,
    TargetPlan,
    TargetPlanLine,
)
from inventory.planning.stock_plans.queries import DECIDED, plan_by_number, value_of
from inventory.planning.stock_plans.schemas import Accept, Accepted, CellOf
from optimizer.run import Status

NAMED_MAX = 50
"""How many lines a refusal names; of more it tells the count."""
_KEYS_PER_QUERY = 1_000

Cell = tuple[UUID, UUID]
"""The keys of a part and a place."""


def foresee(session: Session, actor: Actor, number: str, wanted: Accept) -> Accepted:
    """Return what accepting lines of a plan would do now, and which lines stand against it; keep nothing."""
    plan = plan_by_number(session, number)
    _require_floors(plan, wanted)
    lines = _open_lines(session, actor, plan, wanted)
    before = {_cell(line): line.before for line in lines}
    return _told(session, plan, lines, _stale(_standing(session, before, locks=False), before))


def accept(session: Session, actor: Actor, number: str, wanted: Accept, version: int, now: datetime) -> Accepted:
    """Make lines of a plan the stock targets: those named, else all that are open within the actor's places.

    Raises NotFound for a line that the plan has not, Stale for another version of the plan, Conflict where there is
    nothing to accept, where no lines are named of a plan that does not meet its floors, and where targets are not any
    more what they were when the plan was made: `details` names them.
    """
    plan = plan_by_number(session, number)
    require_version(plan.version, version)
    _require_floors(plan, wanted)
    lines = _open_lines(session, actor, plan, wanted)
    if not lines:
        raise Conflict(_("Nothing of plan {plan} is open here").format(plan=number), code="nothing_to_accept")
    key = _set(session, actor, plan, {_cell(line): (line.before, line.decided) for line in lines}, now)
    for line in lines:
        line.acceptance_id = key
    plan.changed_at = now
    session.flush()
    return _told(session, plan, lines, {})


def take_back(session: Session, actor: Actor, key: UUID, reason: str, now: datetime) -> TargetAcceptance:
    """Set the targets of an acceptance back to what they were, by an acceptance that reverses it.

    Raises NotFound, Forbidden where lines of it lie beyond the actor's places, Conflict where it was taken back already
    or reverses another itself, and where targets were changed since: `details` names them.
    """
    accepted = session.get(TargetAcceptance, key)
    if accepted is None:
        raise NotFound(
            _("There is no such acceptance; the target plan lists those of it"), code="unknown_acceptance", field="key"
        )
    if accepted.reverses is not None or session.scalar(
        select(TargetAcceptance.id).where(TargetAcceptance.reverses == key)
    ):
        raise Conflict(_("This is taken back already; accept the lines again"), code="taken_back_already")
    mine = (TargetAcceptanceLine.acceptance_id == key, _within(TargetAcceptanceLine, actor))
    rows = session.scalars(select(TargetAcceptanceLine).where(*mine)).all()
    if len(rows) < accepted.lines:
        raise Forbidden(
            _("Lines of it lie in other regions; ask somebody who is responsible for all of them"),
            code="outside_region",
        )
    plan = session.get_one(TargetPlan, accepted.plan_id)
    cells = {(row.part_id, row.place_id): (row.after, row.before) for row in rows}
    made = _set(session, actor, plan, cells, now, reverses=key, reason=reason)
    for line in session.scalars(select(TargetPlanLine).where(TargetPlanLine.acceptance_id == key)):
        line.acceptance_id = None
    plan.changed_at = now
    session.flush()
    return session.get_one(TargetAcceptance, made)


def _require_floors(plan: TargetPlan, wanted: Accept) -> None:
    """Raise Conflict where a plan that does not meet its floors would be accepted without naming lines of it."""
    if wanted.lines is None and plan.document["status"] in (Status.INFEASIBLE, Status.TIMEOUT_NO_PLAN):
        raise Conflict(
            _("Plan {plan} does not meet its floors; plan anew with more money, or accept chosen lines of it").format(
                plan=plan.number
            ),
            code="floors_not_met",
        )


def _set(
    session: Session,
    actor: Actor,
    plan: TargetPlan,
    cells: Mapping[Cell, tuple[Decimal, Decimal]],
    now: datetime,
    *,
    reverses: UUID | None = None,
    reason: str | None = None,
) -> UUID:
    """Set targets, {cell: (what stands, what shall stand)}, and keep that as an acceptance; returns its key."""
    names = _names(session, cells)
    now_standing = _standing(session, cells)
    stale = _stale(now_standing, {cell: before for cell, (before, _after) in cells.items()})
    if stale:
        raise _changed(stale, names)
    new = [
        NewTarget(part=names[cell][0], place=names[cell][1], quantity=after) for cell, (_before, after) in cells.items()
    ]
    set_targets(session, actor, new)
    acceptance = TargetAcceptance(
        id=uuid7(),
        plan_id=plan.id,
        region=_region_of(names[cell][2] for cell in cells),
        reverses=reverses,
        lines=len(cells),
        reason=reason,
        made_by=actor.id,
        made_at=now,
    )
    session.add(acceptance)
    session.flush()
    session.add_all(
        TargetAcceptanceLine(
            acceptance_id=acceptance.id, part_id=part, place_id=place, before=now_standing[part, place], after=after
        )
        for (part, place), (_before, after) in cells.items()
    )
    session.flush()
    return acceptance.id


def _changed(stale: Mapping[Cell, Decimal], names: Mapping[Cell, tuple[str, str, str]]) -> Conflict:
    """Return the refusal of targets that are not any more what they were."""
    ordered = sorted(stale, key=names.__getitem__)
    first = names[ordered[0]]
    refusal = Conflict(
        _("{count} targets were changed since, first of all {part} at {place}; plan anew, or leave them out").format(
            count=len(stale), part=first[0], place=first[1]
        ),
        code="targets_changed",
    )
    refusal.details = [
        (f"{names[cell][0]} {names[cell][1]}", _("is {now} now").format(now=f"{stale[cell].normalize():f}"))
        for cell in ordered[:NAMED_MAX]
    ]
    return refusal


def _region_of(regions: Iterable[str]) -> str:
    found = set(regions)
    return found.pop() if len(found) == 1 else EVERYONE


def _cell(line: TargetPlanLine) -> Cell:
    return line.part_id, line.place_id


def _open_lines(session: Session, actor: Actor, plan: TargetPlan, wanted: Accept) -> Sequence[TargetPlanLine]:
    """Return the lines that accepting would take: they change something, and are not accepted yet."""
    query = select(TargetPlanLine).where(TargetPlanLine.plan_id == plan.id, _within(TargetPlanLine, actor))
    query = query.order_by(TargetPlanLine.part_id, TargetPlanLine.place_id)
    if wanted.lines is None:
        changes = (TargetPlanLine.acceptance_id.is_(None), TargetPlanLine.before != DECIDED)
        return session.scalars(query.where(*changes)).all()
    parts = part_ids(session, {one.part for one in wanted.lines})
    places = place_ids(session, {one.place for one in wanted.lines})
    cells = {(parts[one.part], places[one.place]): one for one in wanted.lines}
    found = session.scalars(
        query.where(tuple_(TargetPlanLine.part_id, TargetPlanLine.place_id).in_(sorted(cells)))
    ).all()
    missing = cells.keys() - {_cell(line) for line in found}
    if missing:
        first = cells[min(missing)]
        raise unknown_line(plan.number, first.part, first.place)
    return [line for line in found if line.acceptance_id is None and line.decided != line.before]


def unknown_line(number: str, part: str, place: str) -> NotFound:
    """Return the refusal of a line that a plan has not, or not for the actor."""
    return NotFound(
        _("Plan {plan} has no line of {part} at {place}, or it is not yours").format(
            plan=number, part=part, place=place
        ),
        code="unknown_target_line",
        field="lines",
    )


def _within(table: type[TargetPlanLine] | type[TargetAcceptanceLine], actor: Actor) -> ColumnElement[bool]:
    """Keep of lines those at places that the actor may write, which are fewer than those that he may see."""
    return true() if actor.scope.everything else table.place_id.in_(places_within(actor.scope))


def _standing(session: Session, cells: Collection[Cell], *, locks: bool = True) -> dict[Cell, Decimal]:
    """Return the targets that stand; with `locks` nobody else changes any until the transaction ends."""
    standing = standing_targets(session, cells, locks=locks)
    return {cell: standing[cell].quantity if cell in standing else Decimal(0) for cell in cells}


def _stale(now: Mapping[Cell, Decimal], before: Mapping[Cell, Decimal]) -> dict[Cell, Decimal]:
    """Return the targets that are other ones now, {cell: what stands}.

    The plan reckons in whole pieces: a fraction that stood stands for its whole.
    """
    return {cell: now[cell] for cell, was in before.items() if now[cell] // 1 != was // 1}


def _names(session: Session, cells: Collection[Cell]) -> dict[Cell, tuple[str, str, str]]:
    """Return {cell: part number, place code and region}."""
    parts: dict[UUID, str] = {}
    keys = sorted({part for part, _place in cells})
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        some = keys[start : start + _KEYS_PER_QUERY]
        parts.update(session.execute(select(Part.id, Part.part_number).where(Part.id.in_(some))).all())
    query = select(Place.id, Place.code, Region.code).join(Region, Region.id == Place.region_id)
    there = session.execute(query.where(Place.id.in_({place for _part, place in cells})))
    places = {key: (code, region) for key, code, region in there}
    return {(part, place): (parts[part], *places[place]) for part, place in cells}


def _told(
    session: Session, plan: TargetPlan, lines: Sequence[TargetPlanLine], stale: Mapping[Cell, Decimal]
) -> Accepted:
    names = _names(session, stale)
    return Accepted(
        lines=len(lines),
        pieces=sum((line.decided - line.before for line in lines), Decimal(0)),
        costs=value_of(lines),
        currency=plan.currency,
        stale=[CellOf(part=part, place=place) for part, place, _region in sorted(names.values())[:NAMED_MAX]],
    )
