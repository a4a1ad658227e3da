"""Opening lines, reserving on them and giving back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from fieldops.finance.budgets.queries import budget_lines, disagreements, line_missing, lines_on
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.models import ApprovalLimit, BudgetHold
from fieldops.finance.control.plans import COST_EVENT, Override, PlanRef, announce, release_plan, reserve
from fieldops.finance.control.queries import holds, overrides
from fieldops.finance.control.terms import approval_limits, set_approval_limits
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Invalid, NotReady
from inventory.kernel.outbox import OutboxEvent
from tests.conftest import NOW
from tests.fieldops.finance.money import lines, request, reserve_all, told
from tests.worlds import TINY_DATE, load_tiny

LABOUR, TRAVEL, FREIGHT = Category.LABOUR, Category.TRAVEL, Category.FREIGHT
PLANNER = Actor(id="planner")


def new_line(**changes: Any) -> NewBudgetLine:
    """A training line of CN for the first quarter."""
    usual: dict[str, Any] = {
        "region": "CN",
        "category": Category.TRAINING,
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 4, 1),
        "currency": "USD",
        "budget": Decimal("1000.5"),
        "committed": Decimal("200.25"),
        "actual": Decimal("300.12"),
    }
    return NewBudgetLine(**usual | changes)


@pytest.fixture
def world(engine: Engine) -> Engine:
    """The small world."""
    load_tiny(engine)
    return engine


def _plan() -> PlanRef:
    key = uuid7()
    return PlanRef(key, f"P-{key.hex[-6:]}")


def test_a_line_is_opened_with_what_is_spent_so_far(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        open_lines(session, PLANNER, [new_line(), new_line(category=Category.CAPITAL, committed=0, actual=0)], NOW)
    with reading(world, SYSTEM) as session:
        (out,) = budget_lines(session, regions=["CN"], category=Category.TRAINING)
        entries = session.execute(
            select(
                BudgetEntry.kind, BudgetEntry.amount, BudgetEntry.document, BudgetEntry.actor, BudgetEntry.entered_at
            )
            .join(BudgetLine)
            .where(BudgetLine.category == Category.TRAINING)
            .order_by(BudgetEntry.id)
        )
        assert [tuple(entry) for entry in entries] == [
            (EntryKind.BUDGET, Decimal("1000.5"), "opening", "planner", NOW),
            (EntryKind.COMMITMENT, Decimal("200.25"), "opening", "planner", NOW),
            (EntryKind.ACTUAL, Decimal("300.12"), "opening", "planner", NOW),
        ]
        assert disagreements(session) == []
    assert (out.budget, out.reserved, out.committed, out.actual, out.available) == (
        Decimal("1000.5"),
        Decimal(0),
        Decimal("200.25"),
        Decimal("300.12"),
        Decimal("500.13"),
    )


@pytest.mark.parametrize(
    ("new", "kind", "code"),
    [
        ([new_line(), new_line(region="MARS")], Invalid, "unknown_region"),
        ([new_line(), new_line()], Conflict, "budget_exists"),
        ([new_line(), new_line(category=LABOUR)], Conflict, "budget_exists"),
        (
            [new_line(category=LABOUR, period_start=date(2026, 3, 31), period_end=date(2026, 7, 1))],
            Conflict,
            "budget_exists",
        ),
        (
            [new_line(category=LABOUR, period_start=date(2025, 1, 1), period_end=date(2027, 1, 1))],
            Conflict,
            "budget_exists",
        ),
    ],
)
def test_a_wrong_line_stops_all(world: Engine, new: list[NewBudgetLine], kind: type[DomainError], code: str) -> None:
    with writing(world, SYSTEM) as session, pytest.raises(kind) as refusal:
        open_lines(session, PLANNER, new, NOW)
    assert refusal.value.code == code
    with reading(world, SYSTEM) as session:
        assert len(budget_lines(session)) == 10


def test_periods_may_follow_each_other(world: Engine) -> None:
    following = new_line(category=LABOUR, period_start=date(2026, 4, 1), period_end=date(2026, 7, 1))
    with writing(world, SYSTEM) as session:
        open_lines(session, PLANNER, [following], NOW)
    with reading(world, SYSTEM) as session:
        for day, start in ((date(2026, 3, 31), date(2026, 1, 1)), (date(2026, 4, 1), date(2026, 4, 1))):
            assert lines_on(session, day, ["CN"])["CN", LABOUR].period_start == start
        assert ("CN", LABOUR) not in lines_on(session, date(2026, 7, 1), ["CN"])
        assert [line.period_start for line in budget_lines(session, day=date(2026, 4, 1))] == [date(2026, 4, 1)]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"period_end": date(2026, 1, 1)}, "the period ends before it begins"),
        ({"committed": Decimal("700.39")}, "more is committed and spent than the budget holds"),
        ({"budget": -1}, "budget"),
        ({"actual": -1}, "actual"),
        ({"currency": "usd"}, "currency"),
        ({"category": "gifts"}, "category"),
    ],
)
def test_a_senseless_line_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        new_line(**wrong)


def test_what_fits_is_reserved_and_the_rest_held_for_whoever_may_approve_it(any_engine: Engine) -> None:
    load_tiny(any_engine)
    plan = _plan()
    with writing(any_engine, SYSTEM) as session:
        decision = reserve(
            session,
            PLANNER,
            plan.id,
            [
                request(session, "J-1", {("SEA", LABOUR): 100, ("SEA", TRAVEL): Decimal("0.5")}, rank=0),
                request(session, "J-2", {("SEA", LABOUR): 40_000, ("SEA", FREIGHT): Decimal("10.01")}, rank=1),
                request(session, "R-1", {("SEA", FREIGHT): 10}),
                request(session, "J-3", {}),
            ],
            override=None,
            cap=None,
            now=NOW,
        )
        assert {one.document for one in decision.passed} == {"J-1", "R-1", "J-3"}
        announce(session, plan, NOW)
    with reading(any_engine, SYSTEM) as session:
        assert {account: line.reserved for account, line in lines(session).items() if line.reserved} == {
            ("SEA", LABOUR): 100,
            ("SEA", TRAVEL): Decimal("0.5"),
            ("SEA", FREIGHT): 10,
        }
        (hold,) = holds(session, {plan.id: plan.number})
        assert (hold.plan, hold.document, hold.category, hold.region) == (plan.number, "J-2", FREIGHT, "SEA")
        assert (hold.amount, hold.available, hold.shortfall) == (Decimal("10.01"), Decimal(10), Decimal("0.01"))
        # the role must be able to approve the whole document, not only the part that is short
        assert (hold.priority, hold.approver_role) == ("CRITICAL", "finance")
        assert told(session) == {("SEA", LABOUR): 100, ("SEA", TRAVEL): Decimal("0.5"), ("SEA", FREIGHT): 10}
        assert disagreements(session) == []


def test_an_override_is_recorded_with_name_and_reason(world: Engine) -> None:
    plan = _plan()
    with writing(world, SYSTEM) as session:
        wanted = [request(session, "J-1", {("SEA", FREIGHT): Decimal("12.5")}, rank=0)]
        reserve(session, PLANNER, plan.id, wanted, override=Override("chief", "aircraft waits"), cap=None, now=NOW)
    with reading(world, SYSTEM) as session:
        (one,) = overrides(session, plan.id)
        assert (one.document, one.amount, one.by, one.reason, one.allowed_at) == (
            "J-1",
            Decimal("2.5"),
            "chief",
            "aircraft waits",
            NOW,
        )
        line = lines(session)["SEA", FREIGHT]
        assert (line.reserved, line.overridden, line.available) == (Decimal("12.5"), Decimal("2.5"), Decimal("-2.5"))


def test_a_release_takes_back_one_region_and_only_once(world: Engine) -> None:
    first, second = _plan(), _plan()
    with writing(world, SYSTEM) as session:
        reserve_all(session, first, {("CN", LABOUR): 30, ("SEA", LABOUR): 40})
        reserve_all(session, second, {("CN", LABOUR): 5})
    for _ in range(2):
        with writing(world, SYSTEM) as session:
            release_plan(session, PLANNER, first, "CN", NOW)
        with reading(world, SYSTEM) as session:
            expected = {("CN", LABOUR): 5, ("SEA", LABOUR): 40}
            assert {account: line.reserved for account, line in lines(session).items() if line.reserved} == expected
            reserved = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.kind == COST_EVENT)
            assert session.scalar(reserved) == 4
            assert disagreements(session) == []


def test_a_plan_tells_one_event_for_each_line(world: Engine) -> None:
    plan = _plan()
    with writing(world, SYSTEM) as session:
        wanted = [request(session, f"J-{number}", {("CN", LABOUR): 10, ("CN", TRAVEL): 1}) for number in range(3)]
        reserve(session, PLANNER, plan.id, wanted, override=None, cap=None, now=NOW)
        announce(session, plan, NOW)
    with reading(world, SYSTEM) as session:
        reserved = select(OutboxEvent).where(OutboxEvent.kind == COST_EVENT)
        events = session.scalars(reserved.order_by(OutboxEvent.key)).all()
    assert [event.payload for event in events] == [
        {
            "document": plan.number,
            "region": "CN",
            "category": category,
            "day": "2026-03-01",
            "currency": "USD",
            "amount": amount,
            "effect": "reserved",
        }
        for category, amount in (("labour", "30.0000"), ("travel", "3.0000"))
    ]


def test_who_may_approve_must_be_known_before_anything_is_held(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        session.execute(delete(ApprovalLimit))
    with reading(world, SYSTEM) as session:
        wanted = [request(session, "J-1", {("SEA", FREIGHT): 11}), request(session, "J-2", {("SEA", LABOUR): 11})]
    with pytest.raises(NotReady, match="No approval limits are set"), writing(world, SYSTEM) as session:
        reserve(session, PLANNER, uuid7(), wanted, override=None, cap=None, now=NOW)
    with reading(world, SYSTEM) as session:
        assert not any(line.reserved for line in lines(session).values())
        assert session.scalar(select(func.count()).select_from(BudgetHold)) == 0


def test_limits_are_set_anew(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        set_approval_limits(session, {"finance": None, "regional_manager": Decimal(50)}, "USD")
    with reading(world, SYSTEM) as session:
        assert approval_limits(session) == {
            "administrator": None,
            "finance": None,
            "regional_manager": 50,
        }


def test_the_database_itself_refuses_to_overdraw(any_engine: Engine) -> None:
    load_tiny(any_engine)
    overdraw = update(BudgetLine).values(reserved=BudgetLine.budget + Decimal("0.0001"))
    with pytest.raises(IntegrityError, match="within_budget"), writing(any_engine, SYSTEM) as session:
        session.execute(overdraw)


def test_a_missing_line_is_named() -> None:
    assert line_missing("CN", LABOUR, TINY_DATE).message == (
        "Region CN has no budget line for labour on 2026-03-02; open one first"
    )
