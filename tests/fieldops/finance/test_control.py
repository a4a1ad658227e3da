"""Check and hold, what goes beyond it, and what is spent of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from uuid_utils.compat import uuid7

from fieldops.finance.approvals.models import ApprovalState
from fieldops.finance.approvals.queries import approval_page, inbox
from fieldops.finance.approvals.schemas import NewSubstitution
from fieldops.finance.approvals.service import approve, ask_for_plan, escalate, substitute
from fieldops.finance.budgets.models import BudgetEntry, EntryKind
from fieldops.finance.budgets.schemas import Freeze, NewTransfer
from fieldops.finance.budgets.service import set_frozen, transfer
from fieldops.finance.calendars.rules import Pattern
from fieldops.finance.calendars.schemas import NewCalendar
from fieldops.finance.calendars.service import add_calendar, close_period, reopen_period
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import Reversal
from fieldops.finance.control.actuals import reverse_actual
from fieldops.finance.control.authority import (
    lift_hold,
    place_hold,
    review_override,
)
from fieldops.finance.control.authority_schemas import NewComplianceHold
from fieldops.finance.control.holding import release
from fieldops.finance.control.plans import Override, reserve
from fieldops.finance.control.queries import earmark_page, holds, override_page
from fieldops.finance.control.schemas import Release
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tests.conftest import NOW
from tests.fieldops.finance.money import request
from tests.fieldops.finance.spending import (
    BOSS,
    CHIEF,
    DAY,
    LI,
    add_people,
    by_key,
    decide,
    enveloped,
    hold,
    line,
    person,
    post_all,
    refused,
    set_control,
    sound,
    spent,
    wanted,
)
from tests.worlds import load_tiny


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world: 50,000 for labour in SEA, 10 for freight; managers approve to 20,000, finance to 100,000."""
    load_tiny(any_engine)
    return any_engine


def test_what_fits_is_held_and_what_nears_the_end_is_warned_of(world: Engine) -> None:
    told = hold(world, wanted("O-1", "44000"))
    assert [told.outcome, told.held] == ["pass", True]
    told = hold(world, wanted("O-2", "2000"))
    assert [told.outcome, told.held] == ["warn", True]
    assert [line(world).committed, line(world).available] == [46_000, 4_000]
    assert sound(world)


def test_a_document_holds_what_it_names_last_and_gives_back_the_rest(world: Engine) -> None:
    hold(world, wanted("O-1", "300", stage="reservation"))
    assert [line(world).reserved, line(world).committed] == [300, 0]
    hold(world, wanted("O-1", "500"))
    assert [line(world).reserved, line(world).committed] == [0, 500]
    hold(world, wanted("O-1", "120"))
    assert line(world).committed == 120
    with refused("committed_already"):
        hold(world, wanted("O-1", "10", stage="reservation"))
    with writing(world, LI) as session:
        release(session, LI, Release(document_kind="order", document="O-1", reason="off"), NOW, DAY)
    assert line(world).available == 50_000
    with refused("nothing_held"), writing(world, LI) as session:
        release(session, LI, Release(document_kind="order", document="O-1", reason="off"), NOW, DAY)
    assert sound(world)


def test_a_commitment_takes_over_what_the_plan_reserved_for_the_job(world: Engine) -> None:
    plan = uuid7()
    with writing(world, SYSTEM) as session:
        asked = request(session, "J-1", {("SEA", Category.LABOUR): 400, ("SEA", Category.FREIGHT): 10})
        reserve(session, SYSTEM, plan, [asked], override=None, cap=None, now=NOW)
    hold(world, wanted("J-1", "380", document_kind="job"))
    assert [line(world).reserved, line(world).committed] == [0, 380]
    assert line(world, Category.FREIGHT).available == 10
    assert sound(world)


def test_beyond_the_budget_somebody_with_the_authority_approves_and_the_money_is_held_with_it(world: Engine) -> None:
    told = hold(world, wanted("O-1", "60", category="freight"))
    assert [told.outcome, told.held, told.approver_role] == ["approve", False, "regional_manager"]
    assert [told.lines[0].available, told.lines[0].shortfall] == [10, 50]
    assert told.approval is not None
    assert line(world, Category.FREIGHT).committed == 0
    with refused("own_request"):
        decide(world, person("li.na", "finance"), told.approval)
    assert decide(world, BOSS, told.approval) is ApprovalState.APPROVED
    paid = line(world, Category.FREIGHT)
    assert [paid.committed, paid.overridden, paid.available] == [60, 50, -50]
    with reading(world, SYSTEM) as session:
        (one,) = override_page(session)
    assert [one.kind, one.by, one.amount, one.review_by] == ["approval", "chen.wei", 50, None]
    with refused("decided_already"):
        decide(world, BOSS, told.approval)
    assert sound(world)


def test_an_authority_ends_where_its_limit_does(world: Engine) -> None:
    told = hold(world, wanted("O-1", "60000"))
    assert told.approver_role == "finance"
    with refused("beyond_authority"):
        decide(world, BOSS, str(told.approval))
    assert decide(world, CHIEF, str(told.approval), yes=False) is ApprovalState.REJECTED
    assert line(world).committed == 0


def test_two_pairs_of_eyes_look_at_what_is_large(world: Engine) -> None:
    set_control(world, four_eyes_above="1000")
    number = str(hold(world, wanted("O-1", "50001")).approval)
    assert decide(world, CHIEF, number) is ApprovalState.SECONDED
    assert line(world).committed == 0
    with refused("own_request"):
        decide(world, CHIEF, number)
    assert decide(world, person("wang.fang", "administrator", None), number) is ApprovalState.APPROVED
    assert line(world).committed == 50_001


def test_a_substitute_decides_with_the_authority_of_the_absent(world: Engine) -> None:
    add_people(world, ("zhao.min", "finance"), ("sun.li", "regional_manager"))
    with writing(world, SYSTEM) as session:
        wish = NewSubstitution(substitute="sun.li", first_day=DAY, last_day=DAY + timedelta(days=3))
        substitute(session, CHIEF, wish, NOW)
    number = str(hold(world, wanted("O-1", "60000")).approval)
    helper = person("sun.li", "regional_manager")
    with reading(world, helper) as session:
        assert [one.number for one in inbox(session, helper, DAY)] == [number]
        assert inbox(session, helper, DAY + timedelta(days=4)) == []
    assert decide(world, helper, number) is ApprovalState.APPROVED
    with reading(world, SYSTEM) as session:
        (one,) = approval_page(session)
    assert [one.decided_by, one.decided_for] == ["sun.li", "zhao.min"]


def test_what_waits_too_long_goes_to_the_next_authority(world: Engine) -> None:
    number = str(hold(world, wanted("O-1", "60", category="freight")).approval)
    for hours, role, times in ((23, "regional_manager", 0), (24, "finance", 1), (49, "administrator", 2)):
        with writing(world, SYSTEM) as session:
            escalate(session, NOW + timedelta(hours=hours))
        with reading(world, SYSTEM) as session:
            (one,) = approval_page(session, number=number)
        assert [one.approver_role, one.escalated] == [role, times]


def test_front_line_staff_spend_within_their_limit_at_once_and_ask_beyond_it(world: Engine) -> None:
    set_control(
        world,
        bands=[{"action": "approve", "percent": "50"}],
        personal=[{"role": "dispatcher", "amount": "2000"}, {"person": "wu.lei", "amount": "5000"}],
    )
    hold(world, wanted("O-0", "24500"), CHIEF)
    told = hold(world, wanted("O-1", "2000"))
    assert [told.outcome, told.held] == ["warn", True]
    told = hold(world, wanted("O-2", "2000.01"))
    assert [told.outcome, told.held, told.beyond_personal_limit] == ["approve", False, True]
    assert hold(world, wanted("O-3", "4000"), person("wu.lei", "dispatcher")).held
    told = hold(world, wanted("O-4", "100"), CHIEF)
    assert [told.outcome, told.held, told.beyond_personal_limit] == ["approve", False, False]


def test_above_the_block_nobody_approves_but_an_aog_authority_overrides(world: Engine) -> None:
    set_control(world, bands=[{"action": "approve", "percent": "100"}, {"action": "block", "excess": "100"}])
    with refused("budget_blocked"):
        hold(world, wanted("O-1", "110.01", category="freight"))
    number = str(hold(world, wanted("O-1", "90", category="freight")).approval)
    hold(world, wanted("O-2", "25", category="freight"), CHIEF)
    with reading(world, SYSTEM) as session:
        assert [one.document for one in approval_page(session)] == ["O-1", "O-2"]
    assert decide(world, BOSS, number) is ApprovalState.APPROVED
    with refused("budget_blocked"):
        decide(world, BOSS, "AR-000002")
    urgent: dict[str, Any] = {"category": "freight", "priority": "AOG", "override": True}
    told = hold(world, wanted("O-3", "700", **urgent, reason="aircraft in VTE"), BOSS)
    assert [told.outcome, told.held] == ["block", True]
    with reading(world, SYSTEM) as session:
        waiting = override_page(session, to_review=True)
    assert [(one.kind, one.document, one.by, one.reason) for one in waiting] == [
        ("named", "O-3", "chen.wei", "aircraft in VTE")
    ]
    with refused("own_request"), writing(world, BOSS) as session:
        review_override(session, BOSS, waiting[0].id, "fine", NOW, version=1)
    with writing(world, CHIEF) as session:
        review_override(session, CHIEF, waiting[0].id, "fine", NOW, version=1)
    with reading(world, SYSTEM) as session:
        assert override_page(session, to_review=True) == []
    assert sound(world)


def test_an_override_needs_the_right_to_it(world: Engine) -> None:
    staff = Actor("li.na", permissions=frozenset({"budget.spend"}), scope=LI.scope)
    urgent = wanted("O-1", "700", category="freight", priority="AOG", override=True, reason="why not")
    with pytest.raises(Forbidden):
        hold(world, urgent, staff)


def test_a_standing_envelope_pays_for_aog_at_once_within_its_limits(world: Engine) -> None:
    envelope = enveloped(world, CHIEF)
    assert not hold(world, wanted("O-1", "400", category="freight")).held
    for _time in range(2):  # told again it takes nothing more, and there is one record
        told = hold(world, wanted("O-2", "400", category="freight", priority="AOG"))
        assert [told.held, told.lines[0].account] == [True, "SEA/expedite/AOG-DESK"]
    assert [by_key(world, envelope).committed, line(world, Category.FREIGHT).committed] == [400, 0]
    assert not hold(world, wanted("O-3", "501", category="freight", priority="AOG")).held
    assert not hold(world, wanted("O-4", "50", category="freight", priority="AOG"), today=DAY + timedelta(days=1)).held
    with reading(world, SYSTEM) as session:
        (one,) = override_page(session)
    assert [one.kind, one.document, one.amount, one.reason] == ["envelope", "O-2", 400, "AOG desk at night"]
    assert one.review_by == NOW + timedelta(days=1)
    assert sound(world)


def test_a_hold_of_trade_compliance_is_lifted_by_nothing_but_trade_compliance(world: Engine) -> None:
    number = str(hold(world, wanted("O-1", "60", category="freight")).approval)
    stop = NewComplianceHold(region="SEA", document_kind="order", document="O-1", reason="licence")
    with writing(world, SYSTEM) as session:
        key = place_hold(session, SYSTEM, stop, NOW).id
    with refused("on_hold_already"), writing(world, SYSTEM) as session:
        place_hold(session, SYSTEM, stop, NOW)
    urgent = wanted("O-1", "60", category="freight", priority="AOG", override=True, reason="aircraft waits")
    with refused("compliance_hold"):
        hold(world, urgent, BOSS)
    with refused("compliance_hold"):
        decide(world, CHIEF, number)
    with writing(world, SYSTEM) as session:
        lift_hold(session, SYSTEM, key, "licence is there", NOW, version=1)
    assert decide(world, CHIEF, number) is ApprovalState.APPROVED


def test_a_plan_leaves_what_trade_compliance_stops_even_with_an_override(world: Engine) -> None:
    with writing(world, SYSTEM) as session:
        stop = NewComplianceHold(region="SEA", document_kind="job", document="J-1", reason="licence")
        place_hold(session, SYSTEM, stop, NOW)
    plan = uuid7()
    with writing(world, SYSTEM) as session:
        asked = [request(session, "J-1", {("SEA", Category.LABOUR): 5}, rank=0)]
        decision = reserve(session, SYSTEM, plan, asked, override=Override("chief", "waits"), cap=None, now=NOW)
        assert not decision.passed
        (one,) = holds(session, {plan: "P-1"})
    assert [one.document, one.approver_role] == ["J-1", "trade_compliance"]


def test_a_document_of_a_plan_is_approved_and_reserved_for_it(world: Engine) -> None:
    plan, settled = uuid7(), []
    with writing(world, SYSTEM) as session:
        asked = [request(session, "J-1", {("SEA", Category.LABOUR): 100, ("SEA", Category.FREIGHT): 40})]
        decision = reserve(session, SYSTEM, plan, asked, override=None, cap=None, now=NOW)
        ask_for_plan(session, SYSTEM, plan, decision.held, "USD", NOW)
    with writing(world, BOSS) as session:
        approve(
            session,
            BOSS,
            "AR-000001",
            "go",
            NOW,
            DAY,
            version=1,
            settle=lambda _session, key, document, _now: settled.append((key, document)),
        )
    assert settled == [(plan, "J-1")]
    assert [line(world).reserved, line(world, Category.FREIGHT).reserved] == [100, 40]
    assert line(world, Category.FREIGHT).overridden == 30
    with reading(world, SYSTEM) as session:
        assert holds(session, {plan: "P-1"}) == []
        assert {(one.document, one.plan) for one in earmark_page(session)} == {("J-1", plan)}
    assert sound(world)


def test_an_actual_takes_the_money_of_its_commitment_once(world: Engine) -> None:
    hold(world, wanted("O-1", "300", recovery="120"))
    assert post_all(world, spent("h/1", "180", recovered="60")) == 1
    now = line(world)
    assert [now.committed, now.actual, now.recovery, now.recovered] == [120, 180, 60, 60]
    assert post_all(world, spent("h/1", "180", recovered="60")) == 0
    assert line(world).actual == 180
    with refused("source_used"):
        post_all(world, spent("h/1", "181"))
    assert post_all(world, spent("h/2", "150")) == 1
    assert [line(world).committed, line(world).actual] == [0, 330]
    assert sound(world)


def test_the_last_expense_gives_back_what_its_commitment_has_left(world: Engine) -> None:
    hold(world, wanted("O-1", "300"))
    post_all(world, spent("h/1", "250", final=True))
    assert [line(world).committed, line(world).actual, line(world).available] == [0, 250, 49_750]


def test_an_expense_is_a_fact_and_more_than_the_line_holds_is_reviewed(world: Engine) -> None:
    post_all(world, spent("f/1", "25", "O-9", category="freight"))
    paid = line(world, Category.FREIGHT)
    assert [paid.actual, paid.overridden] == [25, 15]
    with reading(world, SYSTEM) as session:
        (one,) = override_page(session, to_review=True)
    assert [one.kind, one.document, one.amount] == ["overrun", "O-9", 15]


def test_a_reversal_commits_again_what_the_expense_took(world: Engine) -> None:
    hold(world, wanted("O-1", "300"))
    post_all(world, spent("h/1", "180"))
    back = Reversal(source="h/1", day=DAY, reason="wrong order")
    with writing(world, CHIEF) as session:
        reverse_actual(session, CHIEF, back, NOW)
    assert [line(world).committed, line(world).actual] == [300, 0]
    with refused("reversed_already"), writing(world, CHIEF) as session:
        reverse_actual(session, CHIEF, back, NOW)
    assert sound(world)
    with pytest.raises(NotFound), writing(world, CHIEF) as session:
        reverse_actual(session, CHIEF, Reversal(source="h/9", day=DAY, reason="x"), NOW)


def test_amounts_are_converted_by_the_rate_of_their_day(world: Engine) -> None:
    with refused("no_rate"):
        hold(world, wanted("O-1", "1000", currency="CNY"))
    rates = [(date(2026, 1, 1), "0.14"), (date(2026, 3, 3), "0.15")]
    with writing(world, SYSTEM) as session:
        add_rates(
            session,
            SYSTEM,
            [NewRate(currency="CNY", valid_from=day, rate=Decimal(rate), source="own") for day, rate in rates],
        )
    hold(world, wanted("O-1", "1000", currency="CNY"))
    assert line(world).committed == 140
    hold(world, wanted("O-2", "1000", currency="CNY", day=date(2026, 3, 3)))
    assert line(world).committed == 290
    for code, day, currency in (("rate_exists", date(2026, 1, 1), "CNY"), ("own_rate", date(2026, 1, 1), "USD")):
        with refused(code), writing(world, SYSTEM) as session:
            add_rates(session, SYSTEM, [NewRate(currency=currency, valid_from=day, rate=Decimal(1), source="own")])


def test_a_closed_period_takes_nothing_until_it_is_reopened(world: Engine) -> None:
    calendar = NewCalendar(code="GROUP", name="Group", pattern=Pattern.MONTHS, first_day=date(2026, 1, 1))
    with writing(world, SYSTEM) as session:
        add_calendar(session, SYSTEM, calendar)
        with refused("earlier_open"):
            close_period(session, SYSTEM, "GROUP", "2026-P03", "done", NOW, version=1)
        for number in (1, 2, 3):
            close_period(session, SYSTEM, "GROUP", f"2026-P0{number}", "done", NOW, version=1)
    with refused("period_closed"):
        hold(world, wanted("O-1", "5"))
    with refused("period_closed"):
        post_all(world, spent("h/1", "5"))
    with writing(world, SYSTEM) as session:
        with refused("later_closed"):
            reopen_period(session, SYSTEM, "GROUP", "2026-P01", "late invoice", NOW, version=2)
        reopen_period(session, SYSTEM, "GROUP", "2026-P03", "late invoice", NOW, version=2)
    assert hold(world, wanted("O-1", "5")).held
    assert line(world).committed == 5


def test_a_frozen_line_takes_nothing_new_and_gives_back_what_it_holds(world: Engine) -> None:
    hold(world, wanted("O-1", "50"))
    key = line(world).id
    with writing(world, SYSTEM) as session:
        set_frozen(session, SYSTEM, key, Freeze(frozen=True, reason="stop"), NOW)
    with refused("line_frozen"):
        hold(world, wanted("O-2", "5"))
    with refused("line_frozen"), writing(world, SYSTEM) as session:
        transfer(session, SYSTEM, NewTransfer(to_line=key, amount=Decimal(1), reason="x"), NOW, DAY)
    assert hold(world, wanted("O-1", "40")).held
    assert line(world).committed == 40


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        (wanted("O-1", "5", day=date(2027, 1, 1)), Invalid, "no_budget_line"),
        (wanted("O-1", "5", category="training"), Invalid, "no_budget_line"),
        (wanted("O-1", "5", region="CN"), Forbidden, "outside_region"),
        (wanted("O-1", "5", region="XX"), Forbidden, "outside_region"),
    ],
)
def test_what_no_line_pays_is_refused(world: Engine, asked: Any, error: type[DomainError], code: str) -> None:
    with pytest.raises(error) as found:
        hold(world, asked)
    assert found.value.code == code


def test_a_refusal_leaves_nothing_behind(world: Engine) -> None:
    with reading(world, SYSTEM) as session:
        before = session.scalars(select(BudgetEntry.id)).all()
    with pytest.raises(Conflict):
        post_all(world, spent("h/1", "5"), spent("h/1", "6"))
    with reading(world, SYSTEM) as session:
        assert session.scalars(select(BudgetEntry.id)).all() == before
        assert session.scalars(select(BudgetEntry.kind)).all().count(EntryKind.ACTUAL) == 0
