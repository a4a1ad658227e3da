"""Whatever is proposed, published and undone: one plan is in force a region, and money is held once."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from fieldops.checking import check_ledgers
from fieldops.finance.budgets.models import Earmark
from fieldops.planning.models import DayPlan, PlanRegion, PlanStatus
from fieldops.planning.queries import plan_by_number
from fieldops.planning.versions.service import publish, undo
from fieldops.settings import sqlite_url
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import DomainError
from tests.conftest import NOW
from tests.fieldops.planning.versions.test_versions import day, proposed
from tests.rivals import at_once
from tests.worlds import load_tiny

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("day", "propose")), st.sampled_from((None, "SEA", "CN"))),
        st.tuples(st.sampled_from(("publish", "undo")), st.integers(0, 5)),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_one_plan_is_in_force_a_region_whatever_happens(migrated_file: Path, steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "world.db"
        shutil.copyfile(migrated_file, file)
        engine = open_engine(sqlite_url(file))
        load_tiny(engine)
        plans = [day(engine)]
        for what, which in steps:
            if what in ("day", "propose"):
                region = which if isinstance(which, str) else None
                plans.append((day if what == "day" else proposed)(engine, region))
            elif isinstance(which, int):
                _change(engine, what, plans[which % len(plans)])
            _look(engine)
        assert check_ledgers(engine).sound
        engine.dispose()


def _change(engine: Engine, what: str, number: str) -> bool:
    try:
        with writing(engine, SYSTEM, clock=lambda: NOW) as session:
            (publish if what == "publish" else undo)(session, SYSTEM, number)
    except DomainError:
        return False
    return True


def _look(engine: Engine) -> None:
    with reading(engine, SYSTEM) as session:
        current = select(PlanRegion).where(PlanRegion.status == PlanStatus.CURRENT)
        in_force = list(session.scalars(current))
        holders = set(session.scalars(select(Earmark.holder).where(Earmark.amount > 0)))
    assert Counter(one.region for one in in_force) == {"CN": 1, "SEA": 1}
    assert holders <= {str(one.plan_id) for one in in_force}


@pytest.mark.postgres
def test_of_those_who_publish_and_undo_at_once_each_finds_a_whole_plan(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    day(postgres_engine)
    rivals = [proposed(postgres_engine, region) for region in (None, "SEA", "CN", None)]
    done = at_once(4, lambda number: _change(postgres_engine, "publish", rivals[number]))
    assert 1 <= sum(done) <= 2  # of both regions together, or one of each
    _look(postgres_engine)
    with reading(postgres_engine, SYSTEM) as session:
        numbers = [plan_by_number(session, one).number for one in rivals]
        joined = select(DayPlan.number).join(PlanRegion, PlanRegion.plan_id == DayPlan.id)
        current = set(session.scalars(joined.where(PlanRegion.status == PlanStatus.CURRENT)))
    for number in numbers:
        if number in current:
            assert _change(postgres_engine, "undo", number)
    _look(postgres_engine)
    assert check_ledgers(postgres_engine).sound
