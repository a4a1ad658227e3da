"""Plans that reserve the last money at the same time."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from fieldops.finance.approvals.models import Approval
from fieldops.finance.budgets.queries import disagreements
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import post_actuals
from fieldops.finance.control.models import BudgetHold
from fieldops.finance.control.plans import PlanRef, announce, release_plan, reserve
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import open_engine, reading, writing
from inventory.kernel.errors import Conflict
from tests.conftest import NOW
from tests.fieldops.finance.money import Account, lines, request, reserve_all, told
from tests.fieldops.finance.spending import hold, wanted
from tests.rivals import at_once
from tests.worlds import TINY_DATE, load_tiny

LABOUR, FREIGHT = Category.LABOUR, Category.FREIGHT


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world, on each database; its freight line of SEA holds 10."""
    load_tiny(any_engine)
    return any_engine


def test_the_last_money_is_given_out_once(world: Engine) -> None:
    def plan(rival: int) -> bool:
        # each names its lines in another order
        wanted: dict[Account, Decimal | int] = {("SEA", FREIGHT): 3, ("CN", LABOUR): 100, ("SEA", LABOUR): 100}
        ordered = dict(sorted(wanted.items(), reverse=bool(rival % 2)))
        ref = PlanRef(uuid7(), f"P-{rival}")
        with writing(world, SYSTEM) as session:
            one = request(session, "J-1", ordered)
            decision = reserve(session, SYSTEM, ref.id, [one], override=None, cap=None, now=NOW)
            announce(session, ref, NOW)
        return not decision.held

    passed = at_once(8, plan)
    assert passed.count(True) == 10 // 3
    expected = {("SEA", FREIGHT): 9, ("CN", LABOUR): 300, ("SEA", LABOUR): 300}
    with reading(world, SYSTEM) as session:
        assert {account: line.reserved for account, line in lines(session).items() if line.reserved} == expected
        assert told(session) == expected
        assert disagreements(session) == []
        assert session.scalar(select(func.count()).select_from(BudgetHold)) == passed.count(False)


@pytest.mark.postgres
def test_a_plan_that_read_the_lines_early_reserves_on_what_they_are_now(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    with writing(postgres_engine, SYSTEM) as session:
        early = lines(session)
        with writing(postgres_engine, SYSTEM) as other:
            reserve_all(other, PlanRef(uuid7(), "P-1"), {("SEA", FREIGHT): 8})
        assert early["SEA", FREIGHT].reserved == 0
        late = [request(session, "J-2", {("SEA", FREIGHT): 3})]
        decision = reserve(session, SYSTEM, uuid7(), late, override=None, cap=None, now=NOW)
    assert [(short.available, short.shortfall) for short in decision.held] == [(Decimal(2), Decimal(1))]


def test_plans_that_replace_each_other_leave_nothing_behind(world: Engine) -> None:
    def replace(rival: int) -> None:
        for turn in range(4):
            ref = PlanRef(uuid7(), f"P-{rival}-{turn}")
            amounts: dict[Account, Decimal | int] = {("SEA", LABOUR): 10, ("CN", LABOUR): 20}
            with writing(world, SYSTEM) as session:
                reserve(session, SYSTEM, ref.id, [request(session, "J", amounts)], override=None, cap=None, now=NOW)
                announce(session, ref, NOW)
            for region in ("SEA", "CN") if rival % 2 else ("CN", "SEA"):
                with writing(world, SYSTEM) as session:
                    release_plan(session, SYSTEM, ref, region, NOW)

    at_once(4, replace)
    with reading(world, SYSTEM) as session:
        assert not any(line.reserved for line in lines(session).values())
        assert told(session) == {}
        assert disagreements(session) == []


def test_eight_documents_commit_the_last_money_and_exactly_those_that_fit_succeed(world: Engine) -> None:
    def commit(rival: int) -> bool:
        return hold(world, wanted(f"O-{rival}", "3", category="freight")).held

    held = at_once(8, commit)
    assert held.count(True) == 10 // 3
    with reading(world, SYSTEM) as session:
        line = lines(session)["SEA", FREIGHT]
        assert (line.committed, line.overridden) == (Decimal(9), Decimal(0))
        waiting = session.scalars(select(Approval.number).order_by(Approval.number)).all()
        assert waiting == [f"AR-{number:06d}" for number in range(1, 6)]
        assert disagreements(session) == []


def commit_in_a_process(url: str, rival: int) -> bool:
    """Commit 3 of freight, as one of several processes; tell whether it is held."""
    engine = open_engine(url)
    held = hold(engine, wanted(f"O-{rival}", "3", category="freight")).held
    engine.dispose()
    return held


@pytest.mark.postgres
def test_eight_processes_commit_the_last_money_and_exactly_those_that_fit_succeed(postgres_engine: Engine) -> None:
    load_tiny(postgres_engine)
    url = postgres_engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(8, mp_context=multiprocessing.get_context("spawn")) as pool:
        held = list(pool.map(commit_in_a_process, [url] * 8, range(8)))
    assert held.count(True) == 10 // 3
    with reading(postgres_engine, SYSTEM) as session:
        line = lines(session)["SEA", FREIGHT]
        assert (line.committed, line.overridden) == (Decimal(9), Decimal(0))
        assert session.scalar(select(func.count()).select_from(Approval)) == 5
        assert disagreements(session) == []


def test_one_expense_that_eight_post_is_posted_once(world: Engine) -> None:
    told = {"source": "h/1", "document_kind": "order", "document": "O-1", "region": "SEA", "category": "labour"}
    actual = NewActual.model_validate(told | {"day": TINY_DATE, "amount": "7", "currency": "USD"})

    def post(_rival: int) -> int:
        try:
            with writing(world, SYSTEM) as session:
                return post_actuals(session, SYSTEM, [actual], NOW)
        except (IntegrityError, Conflict):
            return 0

    assert sum(at_once(8, post)) == 1
    with reading(world, SYSTEM) as session:
        assert lines(session)["SEA", LABOUR].actual == Decimal(7)
        assert disagreements(session) == []
