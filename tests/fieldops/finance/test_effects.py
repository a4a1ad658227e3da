"""What an approval would do to the lines, told before somebody decides."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine

from fieldops.finance.approvals.effects import Effect, effects
from fieldops.finance.approvals.queries import decided_lately, waiting_page
from fieldops.finance.budgets.schemas import Freeze
from fieldops.finance.budgets.service import set_frozen
from fieldops.finance.categories import Category
from fieldops.planning.service import PlanRequest, make_day_plan
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from optimizer.run import Limit
from tests.conftest import NOW
from tests.fieldops.finance.spending import BOSS, CHIEF, DAY, decide, hold, line, set_control, wanted
from tests.statements import statements
from tests.worlds import TINY_DATE, load_tiny


@pytest.fixture
def tiny(engine: Engine) -> Engine:
    load_tiny(engine)
    return engine


def effect(engine: Engine, number: str, actor: Actor = BOSS) -> Effect:
    """What an approval would do."""
    with reading(engine, actor) as session:
        return effects(session, actor, [number], DAY)[number]


def test_a_document_is_told_item_by_item_with_what_its_line_has_left(tiny: Engine) -> None:
    number = hold(tiny, wanted("O-1", "51000", recovery="1000")).approval
    assert number is not None
    told = effect(tiny, number)
    (of_line,) = told.lines
    assert (of_line.line, of_line.amount, of_line.available) == (line(tiny).id, Decimal(51_000), Decimal(50_000))
    assert [(one.amount, one.recovery) for one in told.items] == [(Decimal(51_000), Decimal(1_000))]
    assert told.roles == ("finance", "administrator"), "the smallest authority first"
    assert told.problem is None
    decide(tiny, CHIEF, number)
    assert line(tiny).available == of_line.available - of_line.amount
    with reading(tiny, SYSTEM) as session:
        assert waiting_page(session, limit=9) == []
        assert [one.number for one in decided_lately(session, limit=9)] == [number]


def test_a_document_of_a_plan_takes_what_is_told(tiny: Engine) -> None:
    make_day_plan(tiny, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)
    with reading(tiny, BOSS) as session:
        first = waiting_page(session, limit=1)[0].number
    told = effect(tiny, first)
    assert told.lines
    before = {one.line: one for one in told.lines}
    decide(tiny, CHIEF, first)
    freight = line(tiny, Category.FREIGHT)
    assert freight.available == before[freight.id].available - before[freight.id].amount < 0


def test_what_stands_in_the_way_is_told(tiny: Engine) -> None:
    number = hold(tiny, wanted("O-1", "51000")).approval
    assert number is not None
    with writing(tiny, SYSTEM, clock=lambda: NOW) as session:
        set_frozen(session, SYSTEM, line(tiny).id, Freeze(frozen=True, reason="stop"), NOW)
    assert "frozen" in (effect(tiny, number).problem or "")
    with writing(tiny, SYSTEM, clock=lambda: NOW) as session:
        set_frozen(session, SYSTEM, line(tiny).id, Freeze(frozen=False, reason="go"), NOW)
    set_control(tiny, bands=[{"action": "block", "percent": "100"}])
    assert "blocked" in (effect(tiny, number).problem or "")


def test_nobody_is_told_of_another_region(tiny: Engine) -> None:
    number = hold(tiny, wanted("O-1", "51000")).approval
    assert number is not None
    stranger = Actor("wu", roles=BOSS.roles, permissions=BOSS.permissions, scope=type(BOSS.scope)(frozenset({"CN"})))
    with reading(tiny, stranger) as session:
        assert effects(session, stranger, [number], DAY) == {}
        assert waiting_page(session, limit=9) == []


def test_the_first_of_a_region_are_its_own_however_many_wait_elsewhere(tiny: Engine) -> None:
    make_day_plan(tiny, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)
    with reading(tiny, BOSS) as session:
        waiting = waiting_page(session, limit=99)
        for region in {one.region for one in waiting}:
            first = next(one for one in waiting if one.region == region)
            assert waiting_page(session, region=region, limit=1) == [first]
        assert waiting_page(session, region="none", limit=9) == []
        assert decided_lately(session, region="none", limit=9) == []


def test_the_effects_of_many_requests_of_a_plan_take_no_more_statements_than_of_one(tiny: Engine) -> None:
    make_day_plan(tiny, SYSTEM, PlanRequest(TINY_DATE, limit=Limit(iterations=20)), clock=lambda: NOW)
    with reading(tiny, BOSS) as session:
        numbers = [one.number for one in waiting_page(session, limit=99) if one.plan_id is not None]
        assert len(numbers) > 1
        kinds = len({tuple(one.categories) for one in waiting_page(session, limit=99)})
        with statements(tiny) as of_one:
            effects(session, BOSS, numbers[:1], DAY)
        with statements(tiny) as of_all:
            assert len(effects(session, BOSS, numbers, DAY)) == len(numbers)
        # the limits are read once for each set of categories
        assert len(of_all) <= len(of_one) + kinds - 1
