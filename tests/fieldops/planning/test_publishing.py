"""A plan becomes assignments: through the one decision, once, and with a reason where it is refused by now."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, select, update

from fieldops.dispatch.crew.models import Assignment
from fieldops.dispatch.crew.publishing import publish
from fieldops.planning.models import DayPlan
from fieldops.planning.service import PlanRequest, make_day_plan
from fieldops.workforce.models import HeldQualification, Technician
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.worlds import TINY_DATE, load_tiny


def test_a_plan_becomes_assignments_once(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan = make_day_plan(any_engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    wanted = {one.job: one.technician for one in plan.dispatch.assignments if not one.held}
    assert wanted
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        key = session.scalars(select(DayPlan.id)).one()
        told = publish(session, SYSTEM, key)
    assert {one.job: one.technician for one in told if one.assigned} == wanted
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        assert publish(session, SYSTEM, key) == []
        assert len(session.scalars(select(Assignment)).all()) == len(wanted)


def test_what_is_refused_by_now_is_told_and_left(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan = make_day_plan(any_engine, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=50)), clock=lambda: NOW)
    lost = next(one for one in plan.dispatch.assignments if not one.held)
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        who = select(Technician.id).where(Technician.code == lost.technician).scalar_subquery()
        gone = update(HeldQualification).where(HeldQualification.technician_id == who)
        session.execute(gone.values(valid_until=date(2026, 2, 1)))
    with writing(any_engine, SYSTEM, clock=lambda: NOW) as session:
        told = {one.job: one for one in publish(session, SYSTEM, session.scalars(select(DayPlan.id)).one())}
    assert not told[lost.job].assigned
    assert told[lost.job].code == "seat_refused"
    assert "valid until 2026-02-0" in (told[lost.job].detail or "")
