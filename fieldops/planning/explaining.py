"""Why a plan decided so, and why not the next best: from the plan, and from the data that it was made on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, computed_field
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.dispatch import queries as dispatch_queries
from fieldops.dispatch.eligibility import Rules
from fieldops.dispatch.papers.words import seat as seat_name
from fieldops.dispatch.service import AssignmentLine
from fieldops.planning.costing import money, order_lines
from fieldops.planning.models import DayPlan, PlanKind
from fieldops.planning.portion import Discretion, discretion_of, told_plan
from fieldops.planning.queries import bases_of, plan_by_number
from fieldops.planning.refusing import with_rules
from fieldops.planning.running import area_as_planned, as_plan
from fieldops.planning.schemas import DayPlanOut, ReasonOut
from fieldops.planning.snapshot import MEDIAN, Snapshot, of_dispatch, take_snapshot
from fieldops.planning.stock_problem import stock_problem
from fieldops.workforce.kinds import Seat
from fieldops.workforce.queries import technician_codes
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading
from inventory.kernel.errors import NotFound
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.network.scope import places_seen
from inventory.planning.service import OrderLine
from optimizer.dispatch.choices import Choices, Other
from optimizer.replenishment.explain import OrderExplanation, explain_order
from optimizer.replenishment.solve import solve as solve_stock
from optimizer.run import Limit


class Alternative(BaseModel):
    """Another technician for a seat of a job: what he would cost more (negative: less), or why he cannot."""

    technician: str
    extra_cost: Decimal | None
    reasons: list[ReasonOut]


class SeatExplanation(BaseModel):
    """Who has a seat of a job in a plan, from when, for what money, and who else could have it."""

    seat: Seat
    technician: str
    start: datetime
    cost: Decimal
    alternatives: list[Alternative]


class JobExplanation(BaseModel):
    """Why a job is where it is in a plan: its crew, the seat of who does the work first; `cost` is that of all.

    `technician`, `start` and `alternatives` are those of the first seat.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000001",
                    "job": "J-104",
                    "data_changed": False,
                    "technician": "T-9",
                    "start": "2026-03-03T01:00:00Z",
                    "cost": "102.50",
                    "reasons": [],
                    "crew": [
                        {
                            "seat": "mechanic",
                            "technician": "T-9",
                            "start": "2026-03-03T01:00:00Z",
                            "cost": "102.50",
                            "alternatives": [{"technician": "T-2", "extra_cost": "18.00", "reasons": []}],
                        }
                    ],
                    "alternatives": [{"technician": "T-2", "extra_cost": "18.00", "reasons": []}],
                }
            ]
        }
    )

    plan: str
    job: str
    data_changed: bool
    technician: str | None
    start: datetime | None
    cost: Decimal | None
    reasons: list[ReasonOut]
    crew: list[SeatExplanation]

    @computed_field  # type: ignore[prop-decorator]  # mypy allows nothing above a property
    @property
    def alternatives(self) -> list[Alternative]:
        """The other technicians for the first seat."""
        return self.crew[0].alternatives if self.crew else []

    def as_text(self) -> str:
        """Return the explanation for a person."""
        if self.technician is None:
            lines = [_("Job {job} has no technician in plan {plan}:").format(job=self.job, plan=self.plan)]
            lines += [f"  {reason.text}" for reason in self.reasons]
        else:
            lines = [
                _("Job {job} goes to {technician} from {start:%Y-%m-%d %H:%M} UTC, for {cost:,.2f}.").format(
                    job=self.job, technician=self.technician, start=self.start, cost=self.cost
                ),
                _("The others, with the rest of the plan as it is:"),
            ]
            for one in self.crew:
                if len(self.crew) > 1:
                    lines.append(f"{seat_name(one.seat)}: {one.technician}")
                lines += [_alternative_text(other) for other in one.alternatives]
        return "\n".join([*lines, *_changed_note(self.data_changed)])


class MoveExplanation(BaseModel):
    """Why a quantity of a part moves, and what speaks against its other sources."""

    text: str
    serves: str
    cost: Decimal
    penalty_avoided: Decimal
    others: list[ReasonOut]


class ShortageExplanation(BaseModel):
    """Why a place or job does not get what it needs."""

    place: str
    job: str | None
    quantity: int
    reasons: list[ReasonOut]


class PartExplanation(BaseModel):
    """What a plan does with one part, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "P-000001",
                    "part": "LAMP-1",
                    "data_changed": False,
                    "moves": [
                        {
                            "text": "2 from XIY to VTE by aog",
                            "serves": "J-104",
                            "cost": "310.00",
                            "penalty_avoided": "3600.00",
                            "others": [],
                        }
                    ],
                    "shortages": [],
                }
            ]
        }
    )

    plan: str
    part: str
    data_changed: bool
    moves: list[MoveExplanation]
    shortages: list[ShortageExplanation]

    def as_text(self) -> str:
        """Return the explanation for a person."""
        lines = [_("Part {part} in plan {plan}:").format(part=self.part, plan=self.plan)]
        for move in self.moves:
            lines.append(
                _("  {text}, for {serves}: costs {cost:,.2f}, saves a penalty of {penalty:,.2f}").format(
                    text=move.text, serves=move.serves, cost=move.cost, penalty=move.penalty_avoided
                )
            )
            lines += [f"    {other.text}" for other in move.others]
        for short in self.shortages:
            lines.append(
                _("  {place} lacks {quantity}{job}:").format(
                    place=short.place, quantity=short.quantity, job=f" ({short.job})" if short.job else ""
                )
            )
            lines += [f"    {reason.text}" for reason in short.reasons]
        if not self.moves and not self.shortages:
            lines.append(_("  nothing moves and nothing is short"))
        return "\n".join([*lines, *_changed_note(self.data_changed)])


def explain_job(engine: Engine, actor: Actor, number: str, job: str) -> JobExplanation:
    """Explain one job of a plan; raises NotFound for an unknown plan or a job that it did not look at."""
    with reading(engine, actor) as session:
        plan = plan_by_number(session, number)
        told = told_plan(session, plan)
        seen = {one.job for one in told.dispatch.assignments} | {one.job for one in told.dispatch.unassigned}
        colleagues = technician_codes(session)
    with reading(engine, SYSTEM) as session:
        snapshot = _snapshot_of(session, plan)
        lines = dispatch_queries.assignments(session, plan.id)
    changed = snapshot.fingerprint() != plan.input_hash
    crew = sorted((line for line in lines if line.job == job and job in seen), key=lambda line: line.position)
    if not crew:
        left_out = next((one for one in told.dispatch.unassigned if one.job == job), None)
        if left_out is None:
            raise NotFound(
                _("Plan {plan} did not look at job {job}: it is closed, outside the plan's week or unknown").format(
                    plan=number, job=job
                ),
                code="job_not_in_plan",
                field="job",
            )
        return JobExplanation(
            plan=number,
            job=job,
            data_changed=changed,
            technician=None,
            start=None,
            cost=None,
            reasons=left_out.reasons,
            crew=[],
        )
    others = _alternatives(snapshot, lines, job)
    return JobExplanation(
        plan=number,
        job=job,
        data_changed=changed,
        technician=crew[0].technician,
        start=crew[0].starts_at,
        cost=sum((line.labour_cost + line.travel_cost for line in crew), Decimal(0)),
        reasons=[],
        crew=[
            SeatExplanation(
                seat=line.seat,
                technician=line.technician,
                start=line.starts_at,
                cost=line.labour_cost + line.travel_cost,
                alternatives=[one for one in others.get(line.position, ()) if one.technician in colleagues],
            )
            for line in crew
        ],
    )


def _alternatives(snapshot: Snapshot, lines: list[AssignmentLine], job: str) -> dict[int, list[Alternative]]:
    """Ask the optimizer about the other technicians for each seat, {position: them}, with the area's plan as it stands.

    There is no answer where the data have changed so much that the plan itself is no longer possible.
    """
    place = {one.number: one.place for one in snapshot.jobs}
    if job not in place:
        return {}
    own = snapshot.sites[place[job]].area
    here = [one for one in lines if one.job in place and snapshot.sites[place[one.job]].area == own]
    area = area_as_planned(snapshot, own, here).only({one.job for one in here})
    try:
        choices = Choices(area.problem, as_plan(area, here))
        posts = area.crews[job].posts
        failing = snapshot.failing.get(job, {})
        return {
            post.positions[0]: [
                _alternative(other, {kind: failing.get(kind, ()) for kind in post.seats})
                for other in choices.others(job, seat)
            ]
            for seat, post in enumerate(posts)
        }
    except ValueError:
        return {}


def _alternative(other: Other, failing: Mapping[Seat, Rules]) -> Alternative:
    return Alternative(
        technician=other.technician,
        extra_cost=None if other.extra_cost is None else money(other.extra_cost),
        reasons=[ReasonOut.of(with_rules(reason, failing, other.technician), of_one=True) for reason in other.reasons],
    )


def explain_part(engine: Engine, actor: Actor, number: str, part: str) -> PartExplanation:
    """Explain what a plan does with one part; raises NotFound for an unknown plan or part."""
    with reading(engine, actor) as session:
        plan = plan_by_number(session, number)
        told = told_plan(session, plan)
        seen = set(session.scalars(select(Place.code).where(Place.id.in_(places_seen(actor.scope)))))
        discretion = discretion_of(session)
    with reading(engine, SYSTEM) as session:
        snapshot = _snapshot_of(session, plan)
        whole = DayPlanOut.model_validate(plan.document)
    if not any(row.number == part for row in snapshot.parts):
        raise NotFound(
            _("Part {part} is not in the catalogue; correct the number").format(part=part),
            code="unknown_part",
            field="part",
        )
    # parts share nothing in the model, so one part alone gives the same flow as among all
    alone = replace(
        snapshot,
        parts=[row for row in snapshot.parts if row.number == part],
        stock=[row for row in snapshot.stock if row[0] == part],
        kept=[row for row in snapshot.kept if row[0] == part],
        targets=[row for row in snapshot.targets if row[0] == part],
        jobs=[replace(job, parts=tuple(need for need in job.parts if need[0] == part)) for job in snapshot.jobs],
    )
    stock = stock_problem(alone, promised=_work_starts(whole))
    flow = solve_stock(stock.problem, limit=Limit(iterations=1))
    return PartExplanation(
        plan=number,
        part=part,
        data_changed=snapshot.fingerprint() != plan.input_hash,
        moves=[
            _move(order, explain_order(stock.problem, flow, index), discretion)
            for index, order in enumerate(order_lines(stock, flow, snapshot.currency))
            if actor.scope.everything or seen.intersection((order.origin, order.destination))
        ],
        shortages=[
            ShortageExplanation(place=line.place, job=line.job, quantity=line.quantity, reasons=line.reasons)
            for line in told.replenishment.unmet
            if line.part == part
        ],
    )


def _work_starts(plan: DayPlanOut) -> dict[str, datetime]:
    """Return {job: when the first of its crew begins}."""
    latest_first = sorted(plan.dispatch.assignments, key=lambda one: one.start, reverse=True)
    return {one.job: one.start for one in latest_first}


def _move(order: OrderLine, why: OrderExplanation, discretion: Discretion) -> MoveExplanation:
    source = _("from {place} by {mode}").format(place=order.origin, mode=order.mode) if order.origin else _("bought")
    return MoveExplanation(
        text=_("{quantity} {source} to {place}, there {arrives:%Y-%m-%d %H:%M} UTC").format(
            quantity=order.quantity, source=source, place=order.destination, arrives=order.arrives_at
        ),
        serves=_serves(order.serves_job, discretion),
        cost=money(why.cost),
        penalty_avoided=money(why.penalty_avoided),
        others=discretion.told([ReasonOut.of(reason) for reason in why.others]),
    )


def _serves(job: str | None, discretion: Discretion) -> str:
    if job is None:
        return _("the stock target")
    if job in discretion.jobs:
        return _("job {job}").format(job=job)
    return _("a job of another region")


def _snapshot_of(session: Session, plan: DayPlan) -> Snapshot:
    """Read the data again as the plan did."""
    regions, percentile = plan.document["regions"], plan.document.get("duration_percentile", MEDIAN)
    region = regions[0] if len(regions) == 1 else None
    snapshot = take_snapshot(session, plan.plan_date, region, percentile=percentile)
    return snapshot if plan.kind is PlanKind.DAY else of_dispatch(session, snapshot, bases_of(session, plan.id))


def _alternative_text(other: Alternative) -> str:
    if other.extra_cost is None:
        return f"  {other.technician}: " + "; ".join(reason.text for reason in other.reasons)
    if other.extra_cost >= 0:
        return _("  {technician}: costs {amount:,.2f} more").format(
            technician=other.technician, amount=other.extra_cost
        )
    return _("  {technician}: costs {amount:,.2f} less").format(technician=other.technician, amount=-other.extra_cost)


def _changed_note(data_changed: bool) -> list[str]:
    return (
        [_("The data have changed since the plan was made; this is said of the data of now.")] if data_changed else []
    )
