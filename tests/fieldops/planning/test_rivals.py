"""Plans made at once."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from fieldops.checking import check_ledgers
from fieldops.finance.budgets.models import BudgetLine
from fieldops.planning.models import PlanRegion, PlanStatus
from fieldops.planning.service import PlanRequest, make_day_plan
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from optimizer.run import Limit
from tests.conftest import NOW
from tests.rivals import at_once
from tests.worlds import TINY_DATE, load_tiny


def _reserved(engine: Engine) -> dict[object, object]:
    with reading(engine, SYSTEM) as session:
        return {line.id: line.reserved for line in session.scalars(select(BudgetLine))}


@pytest.mark.postgres
def test_both_databases_lead_to_the_same_plan(engine: Engine, postgres_engine: Engine) -> None:
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))
    plans = []
    for database in (engine, postgres_engine):
        load_tiny(database)
        plans.append(make_day_plan(database, SYSTEM, request, clock=lambda: NOW))
    first, second = (plan.model_dump(exclude={"dispatch": {"seconds"}, "replenishment": {"seconds"}}) for plan in plans)
    assert first == second


@pytest.mark.postgres
def test_of_plans_made_at_once_one_is_in_force_and_reserves_once(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    request = PlanRequest(TINY_DATE, limit=Limit(iterations=20))

    def plan(_number: int) -> None:
        make_day_plan(postgres_engine, SYSTEM, request, clock=lambda: NOW)

    plan(0)
    alone = _reserved(postgres_engine)
    at_once(4, plan)
    assert _reserved(postgres_engine) == alone
    with reading(postgres_engine, SYSTEM) as session:
        in_force = list(session.scalars(select(PlanRegion).where(PlanRegion.status == PlanStatus.CURRENT)))
    assert sorted(one.region for one in in_force) == ["CN", "SEA"]
    assert len({one.plan_id for one in in_force}) == 1
    assert check_ledgers(postgres_engine).sound
