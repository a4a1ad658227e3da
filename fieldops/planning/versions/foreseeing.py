"""What a step of a plan would do: it is taken as it would be, looked at, and given up again."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.finance.control.plans import PlanRef
from fieldops.finance.control.queries import holds
from fieldops.planning.document import budget_part
from fieldops.planning.models import DayPlan
from fieldops.planning.queries import in_force, plan_by_number
from fieldops.planning.schemas import HeldOut, PlanLineOut
from fieldops.planning.versions.schemas import LineForeseen, Obstacle, PlanStep, StepForeseen
from fieldops.planning.versions.service import publish, undo, withdraw
from fieldops.planning.versions.standing import PlanConflicts
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import unit_of_work
from inventory.kernel.errors import Conflict

_STEPS: dict[PlanStep, Callable[[Session, Actor, str], DayPlan]] = {
    PlanStep.PUBLISH: publish,
    PlanStep.WITHDRAW: withdraw,
    PlanStep.UNDO: undo,
}


class _GivenUp(Exception):
    """Ends a unit of work without keeping it."""


def foresee(engine: Engine, actor: Actor, number: str, step: PlanStep, clock: Clock) -> StepForeseen:
    """Return what a step would do by now, or what stands against it; nothing of it is kept.

    Raises NotFound, and Forbidden for regions that are not the actor's.
    """
    told: list[StepForeseen] = []

    def look(session: Session) -> None:
        told.append(_taken(session, actor, number, step))
        raise _GivenUp

    try:
        unit_of_work(engine, actor, look, clock=clock)
    except _GivenUp:
        return told[-1]
    except Conflict as refused:
        details = refused.details if isinstance(refused, PlanConflicts) else ()
        return StepForeseen(
            plan=number,
            step=step,
            possible=False,
            code=refused.code,
            text=refused.message,
            obstacles=[Obstacle(what=what, text=text) for what, text in details],
            in_force={},
            held=[],
            lines=[],
        )
    raise AssertionError("a look always ends by giving up")


def _taken(session: Session, actor: Actor, number: str, step: PlanStep) -> StepForeseen:
    plan = plan_by_number(session, number)
    regions = list(plan.document["regions"])
    reads_money = actor.may("budget.read")
    before = _lines(session, plan, regions) if reads_money else {}
    _STEPS[step](session, actor, number)
    after = _lines(session, plan, regions) if reads_money else {}
    running = {region: session.get_one(DayPlan, key) for region, key in in_force(session, regions).items()}
    numbers = {one.id: one.number for one in running.values()}
    held = holds(session, numbers) if reads_money and step is not PlanStep.WITHDRAW else []
    return StepForeseen(
        plan=number,
        step=step,
        possible=True,
        code=None,
        text=None,
        obstacles=[],
        in_force={region: one.number for region, one in running.items()},
        held=[HeldOut.model_validate(one.model_dump(exclude={"plan"})) for one in held if one.region in running],
        lines=[
            LineForeseen(
                region=line.region,
                category=line.category,
                currency=line.currency,
                reserved_before=before[key].reserved,
                reserved=line.reserved,
                available=line.available,
            )
            for key, line in sorted(after.items())
            if line.reserved != before[key].reserved
        ],
    )


def _lines(session: Session, plan: DayPlan, regions: list[str]) -> dict[tuple[str, str, str], PlanLineOut]:
    part = budget_part(session, PlanRef(plan.id, plan.number), plan.plan_date, regions)
    return {(line.region, line.category, line.currency): line for line in part.lines}
