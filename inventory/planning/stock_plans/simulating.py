"""The use case of judging a plan: its worst parts are simulated, outside any transaction, and the result is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from inventory.catalogue.models import Part
from inventory.catalogue.service import part_ids
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.installation import demo_time
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.kernel.texts import gettext as _
from inventory.planning.stock_plans.asking import asked, terms_told
from inventory.planning.stock_plans.models import NETWORK, TargetPlan, TargetPlanForecast, TargetPlanSimulation
from inventory.planning.stock_plans.picture import take_picture
from inventory.planning.stock_plans.queries import plan_by_number
from inventory.planning.stock_plans.repairing import waits_for_benches
from inventory.planning.stock_plans.schemas import Document
from inventory.planning.stock_plans.simulation_schemas import EffectOut, Simulate, SimulatedLine, SimulationOut
from inventory.planning.stock_plans.solving import Report
from inventory.planning.stock_plans.standing import decided_of, nodes_by_cell, standing_stock
from inventory.planning.stock_plans.stated import Stated
from inventory.ports import Exposure
from optimizer.run import Limit, Progress, ShouldStop, never_stop
from optimizer.simulation.check import check
from optimizer.simulation.judge import SHOWN, Finding, Judgement, judge
from optimizer.simulation.model import Problem, World
from optimizer.simulation.simulate import Simulation, simulate
from optimizer.stocking.evaluate import Evaluation, Method, evaluated
from optimizer.stocking.tree import Tree, tree_of

REMOVALS = 50_000.0
"""So many removals of all parts a replication is to see; twenty take about a second."""
SHORTEST_DAYS, LONGEST_DAYS = 365.0, 100 * 365.0
LINES_MAX = 100
"""So many lines are told at most."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What is simulated: the plan, what is asked of its parts, and the stock by node."""

    number: str
    region: str
    version: int
    stated: Stated
    tree: Tree
    stock: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the plan's model and the simulation say of the stock, and what was made of both."""

    plan: Evaluation
    seen: Simulation
    judgement: Judgement


def simulate_plan(
    engine: Engine,
    actor: Actor,
    number: str,
    wanted: Simulate,
    exposure: Exposure,
    *,
    clock: Clock,
    should_stop: ShouldStop = never_stop,
    report: Report = lambda _stage, _done, _total: None,
) -> SimulationOut:
    """Simulate parts of a plan with the targets that are decided there, compare what waits, and keep that with it.

    Raises NotFound for an unknown plan, Forbidden for one of a region that is not the actor's, Invalid for an unknown
    part, Conflict where nothing can be simulated, DomainError where the work was stopped; nothing is kept then.
    """
    report(_("Reading stock and demand"), 0, 0)
    with reading(engine, actor) as session:
        plan = plan_by_number(session, number)
        actor.require_planning(None if plan.region == NETWORK else plan.region)
    # as for the plan: what is read of all regions is told to nobody
    with reading(engine, SYSTEM) as session:
        case = _read(session, exposure, number, wanted, demo_time(session, clock))
    found = _judged(case, wanted, should_stop, report)
    if found is None or should_stop():
        raise DomainError(_("The work was stopped; nothing was changed"), code="stopped")
    told = _told(case, wanted, found, actor.id, clock())
    with writing(engine, actor, clock=clock) as session:
        _keep(session, case, told)
    return told


def _read(session: Session, exposure: Exposure, number: str, wanted: Simulate, now: datetime) -> _Case:
    plan = plan_by_number(session, number)
    parts = list(wanted.parts) if wanted.parts is not None else _worst(session, plan, wanted.count)
    part_ids(session, parts)
    picture = take_picture(session, exposure, now.date(), now, parts=parts)
    region = None if plan.region == NETWORK else plan.region
    terms = terms_told(region, Document.model_validate(plan.document))
    stated = asked(picture, replace(terms, loads=())) if parts else None
    if stated is None:
        raise Conflict(
            _("Nothing of plan {plan} can be simulated: nobody waits for these parts").format(plan=number),
            code="nothing_to_simulate",
        )
    stated = waits_for_benches(stated, terms.loads or ())
    tree = tree_of(stated.scenario)
    nodes = nodes_by_cell(stated, tree)
    stock = np.zeros(tree.place.size, np.int64)
    decided = decided_of(session, plan, [item.id for item in picture.items])
    for cell, pieces in standing_stock(stated, picture, decided).items():
        if cell in nodes:
            stock[nodes[cell]] = pieces
    return _Case(number, plan.region, plan.version, stated, tree, stock)


def _worst(session: Session, plan: TargetPlan, count: int) -> list[str]:
    """Return the parts in which most waits by the plan, weighted."""
    one = TargetPlanForecast
    query = (
        select(Part.part_number)
        .join(one, one.part_id == Part.id)
        .where(one.plan_id == plan.id, one.weighted > 0)
        .order_by(one.weighted.desc(), Part.part_number)
        .limit(count)
    )
    return list(session.scalars(query))


def _judged(case: _Case, wanted: Simulate, should_stop: ShouldStop, report: Report) -> _Found | None:
    """Return what a simulation finds, None where it was stopped."""
    scenario, varies = case.stated.scenario, wanted.variation
    removals = float(case.tree.own.sum())
    days = min(LONGEST_DAYS, max(SHORTEST_DAYS, REMOVALS / removals if removals > 0 else 0.0))
    world = World(turn_around_variation=varies, transit_variation=varies, lead_variation=varies)
    problem = Problem(scenario, case.stock, days, world)
    plan = evaluated(scenario, case.tree, case.stock, Method.NEGATIVE_BINOMIAL)

    def progress(told: Progress) -> None:
        report(_("Simulating the plan"), told.iteration, wanted.replications)

    limit = Limit(iterations=wanted.replications)
    seen = simulate(problem, limit=limit, seed=wanted.seed, should_stop=should_stop, on_progress=progress)
    if seen.replications < wanted.replications:
        return None
    wrong = check(problem, seen)
    if wrong:
        raise RuntimeError(f"the books of the simulation of {case.number} do not add up: {wrong[:3]}")
    report(_("Looking for what makes them differ"), 0, 0)
    return _Found(plan, seen, judge(problem, plan, seen, should_stop=should_stop))


def _told(case: _Case, wanted: Simulate, found: _Found, made_by: str, made_at: datetime) -> SimulationOut:
    """Return what is told of a simulation: of the places that the plan is of, and of no others."""
    seen, judgement = found.seen, found.judgement
    lines = _lines(case, found)
    return SimulationOut(
        parts=sorted(item.number for item in case.stated.items),
        days=seen.days,
        warm_up_days=seen.warm_up_days,
        replications=seen.replications,
        variation=wanted.variation,
        seed=wanted.seed,
        planned=judgement.planned,
        simulated=judgement.simulated,
        half_width=judgement.half_width,
        compared=len(lines),
        agreeing=sum(not one.causes for one in lines),
        lines=lines[:LINES_MAX],
        plan_version=case.version,
        made_by=made_by,
        made_at=made_at,
    )


def _lines(case: _Case, found: _Found) -> list[SimulatedLine]:
    """Return the lines that are compared: those that differ first, then by what waits."""
    plan, seen = found.plan, found.seen
    planned, simulated = plan.backorders, seen.backorders.mean
    apart: Mapping[tuple[str, str], Finding] = {(one.part, one.place): one for one in found.judgement.findings}
    names = {node: cell for cell, node in nodes_by_cell(case.stated, case.tree).items()}
    here = case.stated.open[case.tree.place]
    shown: Sequence[int] = np.flatnonzero(here & (np.maximum(planned, simulated) > SHOWN)).tolist()
    ordered = sorted(shown, key=lambda node: (names[node] not in apart, -max(planned[node], simulated[node]), node))
    return [_line(names[node], plan, seen, node, apart.get(names[node])) for node in ordered]


def _line(cell: tuple[str, str], plan: Evaluation, seen: Simulation, node: int, apart: Finding | None) -> SimulatedLine:
    width = float(seen.backorders.half_width[node]) if apart is None else apart.half_width
    return SimulatedLine(
        part=cell[0],
        place=cell[1],
        planned=float(plan.backorders[node]),
        simulated=float(seen.backorders.mean[node]),
        half_width=width,
        causes=[] if apart is None else [EffectOut(cause=one.cause, backorders=one.backorders) for one in apart.causes],
    )


def _keep(session: Session, case: _Case, told: SimulationOut) -> None:
    plan = plan_by_number(session, case.number)
    session.merge(
        TargetPlanSimulation(
            plan_id=plan.id,
            plan_version=case.version,
            document=told.model_dump(mode="json"),
            made_by=told.made_by,
            made_at=told.made_at,
        )
    )
    audience = NETWORK_ONLY if case.region == NETWORK else case.region
    emit(session, "target.simulated", {"plan": case.number}, told.made_at, audience=audience)
    session.flush()
