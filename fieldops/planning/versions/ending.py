"""How a plan of dispatch ends: in force where it may be and can, else proposed, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fieldops.planning.models import PlanMode, PlanStatus
from fieldops.planning.queries import plan_by_number, summary_of
from fieldops.planning.schemas import DayPlanOut
from fieldops.planning.versions.queries import difference
from fieldops.planning.versions.schemas import SeatTaken
from fieldops.planning.versions.service import publish
from inventory.kernel.actor import Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import writing
from inventory.kernel.errors import Conflict, DomainError
from inventory.kernel.outbox import emit
from inventory.kernel.texts import gettext as _

TOLD_MAX = 20
"""So many jobs are told to those who are to decide; the difference has all of them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is wanted of a plan when it is made; more than `changes_max` changed jobs are not put in force."""

    mode: PlanMode = PlanMode.PROPOSE
    changes_max: int | None = None
    asks: bool = False
    """Whether somebody is told to decide where it stays proposed: whoever asked for it by hand looks at it anyway."""


def end(engine: Engine, actor: Actor, plan: DayPlanOut, terms: Terms, clock: Clock) -> dict[str, Any]:
    """Put a plan in force if that is wanted and can be; returns how it ended, and the code and text of why not.

    Repeating it does nothing twice. Raises Forbidden for a region that is not the actor's.
    """
    why: DomainError | None = None
    if terms.mode is PlanMode.APPLY:
        try:
            _apply(engine, actor, plan, terms, clock)
        except Conflict as refused:
            why = refused
    told = {"code": why.code, "text": why.message} if why is not None else None
    with writing(engine, actor, clock=clock) as session:
        states = summary_of(session, plan_by_number(session, plan.plan)).states
        waits = [one.region for one in states if one.status is PlanStatus.PROPOSED]
        for region in waits if terms.asks else ():
            emit(session, "plan.undecided", _undecided(session, plan, region, told), clock(), audience=region)
    return {"ending": "proposed" if waits else "in_force", "why": told if waits else None}


def _undecided(session: Session, plan: DayPlanOut, region: str, why: dict[str, str] | None) -> dict[str, Any]:
    """Return what is told to those who are to decide: how much is otherwise, and of which jobs first."""
    found = difference(session, plan.plan, None)
    jobs = [
        {"job": one.job, "before": _crew(one.crew_before), "after": _crew(one.crew)} for one in found.jobs[:TOLD_MAX]
    ]
    counts = found.model_dump(include={"unchanged", "other_technician", "moved", "added", "left_out"})
    more = len(found.jobs) - len(jobs)
    return {"plan": plan.plan, "region": region, "why": why, "counts": counts, "jobs": jobs, "more": more}


def _crew(crew: Iterable[SeatTaken]) -> str:
    return ", ".join(f"{one.technician} {one.start:%Y-%m-%d %H:%MZ}" for one in crew)


def _apply(engine: Engine, actor: Actor, plan: DayPlanOut, terms: Terms, clock: Clock) -> None:
    if terms.changes_max is not None and (plan.changes or 0) > terms.changes_max:
        raise Conflict(
            _("It does {count} jobs otherwise, more than the {most} for which nobody is asked").format(
                count=plan.changes, most=terms.changes_max
            ),
            code="too_many_changes",
        )
    with writing(engine, actor, clock=clock) as session:
        publish(session, actor, plan.plan)
