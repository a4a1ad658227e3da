"""Reads of plans of stock targets; each tells what its reader's scope lets it see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from inventory.catalogue.models import Part
from inventory.kernel.errors import NotFound
from inventory.kernel.scope import actor_of
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region
from inventory.planning.stock_plans.figure_schemas import ALL, CurveOut, SpendingOut
from inventory.planning.stock_plans.forecast_schemas import ForecastMethod, ForecastOut
from inventory.planning.stock_plans.models import (
    NETWORK,
    TargetAcceptance,
    TargetPlan,
    TargetPlanForecast,
    TargetPlanLine,
    TargetPlanNote,
    TargetPlanSimulation,
)
from inventory.planning.stock_plans.picture import RESTORED
from inventory.planning.stock_plans.schemas import (
    AcceptanceOut,
    Document,
    LineState,
    NoteOut,
    TargetLineOut,
    TargetPlanHead,
    TargetPlanOut,
    TargetPlanState,
)
from inventory.planning.stock_plans.simulation_schemas import SimulationOut
from optimizer.stocking.model import Budget

NEWEST = "~"
"""Comes after every number: the list is told backwards."""
FIRST_LINE = ("", "")


def decided(line: type[TargetPlanLine]) -> ColumnElement[Decimal]:
    """Return the target that accepting a line sets."""
    return func.coalesce(line.override, line.after)


DECIDED = decided(TargetPlanLine)
SAVES = TargetPlanLine.weight * (
    TargetPlanLine.waits_before - func.coalesce(TargetPlanLine.override_waits, TargetPlanLine.waits_after)
)
"""What the change of a line saves of weighted waiting, of those whom its place serves itself."""


def plan_by_number(session: Session, number: str) -> TargetPlan:
    """Return a plan; raises NotFound."""
    plan = session.scalar(select(TargetPlan).where(TargetPlan.number == number))
    if plan is None:
        raise NotFound(
            _("There is no target plan {number}; the list of target plans shows yours").format(number=number),
            code="unknown_target_plan",
        )
    return plan


def plan_page(session: Session, *, before: str = NEWEST, limit: int, region: str | None = None) -> list[TargetPlanHead]:
    """Return up to `limit` plans with a number below another, the newest first."""
    query = select(TargetPlan).where(TargetPlan.number < before).order_by(TargetPlan.number.desc()).limit(limit)
    if region is not None:
        query = query.where(TargetPlan.region == region)
    plans = session.scalars(query).all()
    progress = _progress(session, [plan.id for plan in plans])
    return [TargetPlanHead(**_head(plan, *progress[plan.id])) for plan in plans]


def _progress(session: Session, plans: Collection[UUID]) -> defaultdict[UUID, tuple[int, int]]:
    """Return how many lines of plans change something, and how many of these are accepted."""
    taken = TargetPlanLine.acceptance_id.is_not(None)
    changes = (TargetPlanLine.before != DECIDED) | taken
    query = (
        select(
            TargetPlanLine.plan_id,
            func.sum(case((changes, 1), else_=0)),
            func.sum(case((taken, 1), else_=0)),
        )
        .where(TargetPlanLine.plan_id.in_(plans))
        .group_by(TargetPlanLine.plan_id)
    )
    found: defaultdict[UUID, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({key: (int(changing), int(accepted)) for key, changing, accepted in session.execute(query)})
    return found


def _head(plan: TargetPlan, changing: int, accepted: int) -> dict[str, Any]:
    state = TargetPlanState.PROPOSED
    if accepted:
        state = TargetPlanState.ACCEPTED if accepted == changing else TargetPlanState.PARTLY_ACCEPTED
    return {
        "number": plan.number,
        "region": None if plan.region == NETWORK else plan.region,
        "currency": plan.currency,
        "state": state,
        "changing": changing,
        "accepted": accepted,
        "made_by": plan.made_by,
        "made_at": plan.made_at,
        "version": plan.version,
    }


def plan_told(session: Session, number: str) -> TargetPlanOut:
    """Return a plan as its reader may know it; raises NotFound."""
    plan = plan_by_number(session, number)
    told = Document.model_validate(plan.document)
    head = _head(plan, *_progress(session, [plan.id])[plan.id])
    kept = told.model_dump(exclude={"curves"})
    if not sees_whole(session, plan):
        hidden = dict.fromkeys(("objective", "bound", "gap", "parts", "lines", "planned"))
        seen = [one for one in told.regions if one.region in _regions_read(session)]
        kept |= hidden | {"notes": [], "spending": [], "regions": seen, "floors": [], "way_out": [], "ordering": None}
        kept["fleets"] = [one for one in told.fleets if one.region in _regions_read(session)]
    if not actor_of(session).scope.everything:
        kept["benches"] = [one for one in told.benches if one.region in _regions_read(session)]
    if kept["spending"]:
        kept["spending"] = _with_overrides(session, plan, told.spending)
    kept["simulation"] = simulation_of(session, plan)
    return TargetPlanOut(**head, input_hash=plan.input_hash, made_with=plan.made_with, **kept)


def _with_overrides(session: Session, plan: TargetPlan, spending: list[SpendingOut]) -> list[SpendingOut]:
    """Return how budgets are used with what was decided otherwise."""
    query = select(TargetPlanLine, Part.part_class).join(Part, Part.id == TargetPlanLine.part_id)
    lines = session.execute(query.where(TargetPlanLine.plan_id == plan.id, TargetPlanLine.override.is_not(None)))
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line, part_class in lines:
        cost = line.price * (line.decided - line.after)
        costs[Budget.CAPITAL if part_class in RESTORED else Budget.OPERATING] += cost
        costs[ALL] += cost
    return [one.model_copy(update={"overrides": costs[one.budget]}) for one in spending]


def simulation_of(session: Session, plan: TargetPlan) -> SimulationOut | None:
    """Return the last simulation of a plan, None without any and for who does not see all of the plan."""
    if not sees_whole(session, plan):
        return None
    told = session.scalar(select(TargetPlanSimulation).where(TargetPlanSimulation.plan_id == plan.id))
    return None if told is None else SimulationOut.model_validate(told.document)


def sees_whole(session: Session, plan: TargetPlan) -> bool:
    """Tell whether a reader sees all of a plan's regions: its money and its proof are then his to know."""
    return actor_of(session).scope.everything or plan.region in _regions_read(session)


def _regions_read(session: Session) -> frozenset[str]:
    scope = actor_of(session).scope
    return (scope.regions or frozenset()) | scope.granted


def curves_of(session: Session, number: str) -> list[CurveOut]:
    """Return the efficient curve of each budget, none for who does not see all of the plan; raises NotFound."""
    plan = plan_by_number(session, number)
    return Document.model_validate(plan.document).curves if sees_whole(session, plan) else []


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines of a plan are looked at; what is left out chooses nothing."""

    part: str | None = None
    place: str | None = None
    region: str | None = None
    state: LineState | None = None


def line_page(
    session: Session, plan: UUID, chosen: Chosen, *, after: tuple[str, str] = FIRST_LINE, limit: int
) -> list[TargetLineOut]:
    """Return up to `limit` lines of a plan after a part and place, in that order."""
    key = (Part.part_number, Place.code)
    query = _lines(plan, chosen).where(tuple_(*key) > tuple_(*after)).order_by(*key).limit(limit)
    return [line_out(*row) for row in session.execute(query)]


def savings_page(
    session: Session, plan: UUID, chosen: Chosen, *, after: tuple[float, str, str] | None = None, limit: int
) -> list[TargetLineOut]:
    """Return up to `limit` lines of a plan, what saves most first, then by part and place.

    `after` is `saves`, part and place of the last line seen, as they were told.
    """
    key = (Part.part_number, Place.code)
    query = _lines(plan, chosen).order_by(SAVES.desc(), *key).limit(limit)
    if after is not None:
        saves, *last = after
        query = query.where(saves >= SAVES, (saves > SAVES) | (tuple_(*key) > tuple_(*last)))
    return [line_out(*row) for row in session.execute(query)]


def _lines(plan: UUID, chosen: Chosen) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(TargetPlanLine, Part.part_number, Place.code, Region.code, SAVES)
        .join(Part, Part.id == TargetPlanLine.part_id)
        .join(Place, Place.id == TargetPlanLine.place_id)
        .join(Region, Region.id == Place.region_id)
        .where(TargetPlanLine.plan_id == plan)
    )
    if chosen.part is not None:
        query = query.where(Part.part_number == chosen.part)
    if chosen.place is not None:
        query = query.where(Place.code == chosen.place)
    if chosen.region is not None:
        query = query.where(Region.code == chosen.region)
    if chosen.state is LineState.ACCEPTED:
        return query.where(TargetPlanLine.acceptance_id.is_not(None))
    if chosen.state is not None:
        same, asked = TargetPlanLine.before == DECIDED, chosen.state is LineState.UNCHANGED
        query = query.where(TargetPlanLine.acceptance_id.is_(None), same if asked else ~same)
    return query


def line_out(line: TargetPlanLine, part: str, place: str, region: str, saves: float) -> TargetLineOut:
    """Return a line as it is told."""
    decided = line.decided
    if line.acceptance_id is not None:
        state = LineState.ACCEPTED
    else:
        state = LineState.UNCHANGED if decided == line.before else LineState.OPEN
    return TargetLineOut(
        part=part,
        place=place,
        region=region,
        before=line.before,
        after=line.after,
        override=line.override,
        override_reason=line.override_reason,
        override_by=line.override_by,
        override_at=line.override_at,
        decided=decided,
        state=state,
        price=line.price,
        costs=line.price * (decided - line.before),
        weight=line.weight,
        per_day=line.per_day,
        waits_before=line.waits_before,
        waits_after=line.waits_after if line.override_waits is None else line.override_waits,
        fill_before=line.fill_before,
        fill_after=line.fill_after,
        cover_days=float(decided) / line.per_day if line.per_day > 0 else None,
        saves=saves,
        worth=line.worth,
    )


def note_page(
    session: Session, plan: TargetPlan, *, after: int = 0, limit: int, reason: str | None = None
) -> list[NoteOut]:
    """Return up to `limit` notes of a plan: what it left out and what it assumed, in the order of their keys.

    Whoever does not see all of it is told those of his own places: those of parts count lines of others, too.
    """
    other = aliased(Part)
    query = (
        select(TargetPlanNote, Part.part_number, Place.code, other.part_number)
        .outerjoin(Part, Part.id == TargetPlanNote.part_id)
        .outerjoin(Place, Place.id == TargetPlanNote.place_id)
        .outerjoin(other, other.id == TargetPlanNote.other_id)
        .where(TargetPlanNote.plan_id == plan.id, TargetPlanNote.id > after)
        .order_by(TargetPlanNote.id)
        .limit(limit)
    )
    if not sees_whole(session, plan):
        query = query.where(TargetPlanNote.place_id.is_not(None))
    if reason is not None:
        query = query.where(TargetPlanNote.reason == reason)
    return [
        NoteOut(
            id=one.id,
            reason=one.reason,
            part=part,
            place=place,
            lines=one.lines,
            days=one.days,
            worth=one.worth,
            other=with_part,
        )
        for one, part, place, with_part in session.execute(query)
    ]


def forecast_page(
    session: Session,
    plan: UUID,
    *,
    after: str = "",
    limit: int,
    parts: Collection[str] | None = None,
) -> list[ForecastOut]:
    """Return up to `limit` forecasts of a plan after a part number, in that order; of all parts or some.

    They are told to who sees the whole of the plan; what was issued elsewhere to who sees the network.
    """
    query = (
        select(TargetPlanForecast, Part.part_number)
        .join(Part, Part.id == TargetPlanForecast.part_id)
        .where(TargetPlanForecast.plan_id == plan, Part.part_number > after)
        .order_by(Part.part_number)
        .limit(limit)
    )
    if parts is not None:
        query = query.where(Part.part_number.in_(parts))
    everything = actor_of(session).scope.everything
    return [_forecast_out(one, number, everything=everything) for one, number in session.execute(query)]


def _forecast_out(one: TargetPlanForecast, part: str, *, everything: bool) -> ForecastOut:
    told = ForecastOut(part=part, **{name: getattr(one, name) for name in ForecastOut.model_fields if name != "part"})
    if everything or told.method is not ForecastMethod.USE:
        return told
    return told.model_copy(update=dict.fromkeys(("events", "pieces", "pieces_left_out")))


FIRST_ACCEPTANCE = UUID(int=0)


def acceptances(
    session: Session, plan: UUID, *, after: UUID = FIRST_ACCEPTANCE, limit: int = 200
) -> list[AcceptanceOut]:
    """Return up to `limit` acceptances of a plan after a key, oldest first; what one takes back is named there."""
    query = select(TargetAcceptance).where(TargetAcceptance.plan_id == plan, TargetAcceptance.id > after)
    found = session.scalars(query.order_by(TargetAcceptance.id).limit(limit))
    return [AcceptanceOut.model_validate(one) for one in found]


def per_day(session: Session, part: UUID) -> dict[str, float]:
    """Return {place: pieces of a part asked for a day} as the newest plan that has the line says."""
    query = (
        select(Place.code, TargetPlanLine.per_day)
        .join(TargetPlan, TargetPlan.id == TargetPlanLine.plan_id)
        .join(Place, Place.id == TargetPlanLine.place_id)
        .where(TargetPlanLine.part_id == part)
        .order_by(TargetPlan.number)
    )
    return dict(session.execute(query).all())


def all_lines(session: Session, plan: UUID, chosen: Chosen, portion: int = 1_000) -> Iterator[TargetLineOut]:
    """Yield all lines of a plan that are looked at, by part and place."""
    after = FIRST_LINE
    while found := line_page(session, plan, chosen, after=after, limit=portion):
        yield from found
        after = (found[-1].part, found[-1].place)


def value_of(lines: Collection[TargetPlanLine]) -> Decimal:
    """Return what the decided targets of lines are worth more than those before."""
    return sum((line.price * (line.decided - line.before) for line in lines), Decimal(0))
