"""The ends of periods: what is carried over, and what counts before its invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.carrying import carry_over, preview_carry_over
from fieldops.finance.budgets.models import BudgetEntry, BudgetLine, EntryKind
from fieldops.finance.budgets.queries import budget_lines, disagreements, transfer_page
from fieldops.finance.budgets.schemas import Freeze, NewBudgetLine, NewCarryOver
from fieldops.finance.budgets.service import open_lines, set_frozen
from fieldops.finance.calendars.rules import Pattern
from fieldops.finance.calendars.schemas import NewCalendar
from fieldops.finance.calendars.service import add_calendar, close_period
from fieldops.finance.categories import Category
from fieldops.finance.control.accruals import accrue
from fieldops.finance.control.actual_schemas import NewAccrual, NewActual, Reversal
from fieldops.finance.control.actuals import post_actuals, reverse_actual
from fieldops.finance.control.queries import actual_page, earmark_page
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError
from tests.conftest import NOW
from tests.fieldops.finance.spending import BOSS, CHIEF, DAY, hold, wanted
from tests.worlds import load_tiny

FIRST, LAST, NEXT = date(2026, 3, 1), date(2026, 3, 19), date(2026, 3, 20)
"""The first and the last day of a period, and the first of the one that follows."""


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    """The small world with training lines of a period and, in CNY, of the next; labour of both is one line."""
    load_tiny(any_engine)
    with writing(any_engine, SYSTEM) as session:
        rate = NewRate(currency="CNY", valid_from=date(2026, 1, 1), rate=Decimal("0.25"), source="own")
        add_rates(session, SYSTEM, [rate])
        open_lines(session, SYSTEM, [training(FIRST, NEXT, "USD"), training(NEXT, date(2026, 5, 1), "CNY")], NOW)
    return any_engine


def training(start: date, end: date, currency: str, budget: int = 1000) -> NewBudgetLine:
    """A line of SEA for courses."""
    told = {"region": "SEA", "category": "training", "period_start": start, "period_end": end}
    return NewBudgetLine.model_validate(told | {"currency": currency, "budget": budget})


def refused(code: str) -> Any:
    """Expect a refusal."""
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def lines(engine: Engine, category: Category = Category.TRAINING) -> list[BudgetLine]:
    """The lines of SEA for a category, by their first day."""
    with reading(engine, SYSTEM) as session:
        keys = [one.id for one in budget_lines(session, regions=["SEA"], category=category)]
        found = [session.get_one(BudgetLine, key) for key in keys]
        session.expunge_all()
        return found


def carried(engine: Engine, **more: Any) -> list[Any]:
    """Carry over from the period that ends."""
    asked = NewCarryOver.model_validate({"region": "SEA", "period_end": NEXT, "reason": "end of the period"} | more)
    with reading(engine, CHIEF) as session:
        before = preview_carry_over(session, CHIEF, asked)
    with writing(engine, CHIEF, clock=lambda: NOW) as session:
        told = carry_over(session, CHIEF, asked, NOW, DAY)
    assert [one.model_copy(update={"document": None}) for one in told] == before
    return told


def accrued(engine: Engine, *documents: str, day: date = LAST, back: date = NEXT, **item: Any) -> int:
    """Accrue what documents commit."""
    items = [{"document_kind": "order", "document": one} | item for one in documents]
    told = NewAccrual.model_validate({"day": day, "reverse_on": back, "items": items})
    with writing(engine, CHIEF, clock=lambda: NOW) as session:
        return accrue(session, CHIEF, told, NOW)


def spent_until(session: Session, day: date) -> Decimal:
    """What the entries of SEA say was spent by a day, of all lines, in the currencies' own amounts."""
    entries = select(func.sum(BudgetEntry.amount)).where(BudgetEntry.kind == EntryKind.ACTUAL, BudgetEntry.day <= day)
    return session.scalar(entries.where(BudgetEntry.document.like("O-%"))) or Decimal(0)


def test_commitments_go_over_with_their_money_and_what_is_left_stays(world: Engine) -> None:
    hold(world, wanted("O-1", "300", category="training", recovery="40"))
    hold(world, wanted("O-2", "50", category="training", stage="reservation"))
    (told,) = carried(world)
    assert [told.committed, told.commitments, told.remainder] == [300, 1, 0]
    ending, following = lines(world)
    assert [ending.budget, ending.committed, ending.reserved, ending.available] == [700, 0, 50, 650]
    # 300 USD and the 40 that come back of it, at 0.25 USD a CNY
    assert [following.budget, following.committed, following.recovery, following.available] == [
        2_200,
        1_200,
        160,
        1_000,
    ]
    with reading(world, SYSTEM) as session:
        (document,) = transfer_page(session)
        assert [document.kind, document.amount, document.received] == ["carry_over", 300, 1_200]
        (still, moved) = earmark_page(session, document="O-1", held=False)
        assert [still.amount, moved.amount] == [0, 1_200]
        assert disagreements(session) == []


def test_what_is_left_goes_over_too_where_that_is_wanted(world: Engine) -> None:
    hold(world, wanted("O-1", "300", category="training"))
    (told,) = carried(world, remainder=True)
    assert [told.committed, told.remainder, told.document] == [300, 700, "BT-000001"]
    ending, following = lines(world)
    assert [ending.budget, ending.available] == [0, 0]
    assert [following.budget, following.available] == [5_000, 3_800]
    with refused("nothing_to_carry"):
        carried(world, remainder=True)


def test_the_invoice_of_the_new_period_takes_the_commitment_that_was_carried_over(world: Engine) -> None:
    hold(world, wanted("O-1", "300", category="training"))
    carried(world)
    told: dict[str, Any] = {"document_kind": "order", "document": "O-1", "region": "SEA", "category": "training"}
    invoice = NewActual.model_validate(
        told | {"source": "i/1", "day": NEXT, "amount": "290", "currency": "USD", "final": True}
    )
    with writing(world, CHIEF, clock=lambda: NOW) as session:
        post_actuals(session, CHIEF, [invoice], NOW)
    ending, following = lines(world)
    assert [ending.actual, following.actual, following.committed, following.available] == [0, 1_160, 0, 1_040]


def test_a_carry_over_is_refused_as_a_whole(world: Engine) -> None:
    hold(world, wanted("O-1", "300", category="training"))
    following = lines(world)[1].id
    with writing(world, SYSTEM) as session:
        set_frozen(session, SYSTEM, following, Freeze(frozen=True, reason="stop"), NOW)
    with refused("line_frozen"):
        carried(world)
    with writing(world, SYSTEM) as session:
        set_frozen(session, SYSTEM, following, Freeze(frozen=False, reason="go"), NOW)
        open_lines(session, SYSTEM, [training(FIRST, NEXT, "USD").model_copy(update={"person": "li.na"})], NOW)
    with refused("no_next_line"):
        carried(world, remainder=True)
    with refused("nothing_to_carry"):
        carried(world, period_end=date(2026, 6, 1))
    assert [one.committed for one in lines(world) if one.person is None] == [300, 0]
    aog = {"priority": "AOG", "override": True, "reason": "aircraft waits"}
    hold(world, wanted("O-9", "2000", category="training", **aog), BOSS)
    with refused("line_beyond_budget"):
        carried(world)


def test_an_accrual_counts_in_its_period_and_is_gone_in_the_next(world: Engine) -> None:
    hold(world, wanted("O-1", "500", recovery="100"))
    before = lines(world, Category.LABOUR)[0]
    assert accrued(world, "O-1") == 1
    after = lines(world, Category.LABOUR)[0]
    assert [after.actual, after.committed, after.recovery, after.recovered] == [0, 500, 100, 0]
    assert after.available == before.available
    with reading(world, SYSTEM) as session:
        assert [spent_until(session, day) for day in (date(2026, 3, 18), LAST, NEXT)] == [0, 500, 0]
        expense, back = actual_page(session, document="O-1")
        assert [expense.amount, expense.day, back.amount, back.day] == [500, LAST, -500, NEXT]
        assert back.reverses == expense.id
        assert disagreements(session) == []
    with refused("accrued_already"):
        accrued(world, "O-1")
    with refused("reversed_already"), writing(world, CHIEF) as session:
        reverse_actual(session, CHIEF, Reversal(source=expense.source, day=NEXT, reason="x"), NOW)


def test_an_accrual_of_a_line_that_ends_goes_on_in_the_line_that_follows(world: Engine) -> None:
    hold(world, wanted("O-1", "300", category="training", recovery="30"))
    accrued(world, "O-1", amount="100")
    ending, following = lines(world)
    assert [ending.actual, ending.committed, ending.recovery, ending.recovered] == [100, 200, 20, 10]
    assert [following.actual, following.committed, following.recovery, following.recovered] == [-400, 400, 40, -40]
    assert [ending.available, following.available] == [700, 1_000]
    told: dict[str, Any] = {"document_kind": "order", "document": "O-1", "region": "SEA", "category": "training"}
    # told again, the document holds what it held: nothing of what was accrued comes loose, nor is it expected twice
    hold(world, wanted("O-1", "300", category="training", recovery="30"))
    assert [[one.committed, one.recovery] for one in lines(world)] == [[200, 20], [400, 40]]
    # an invoice of the new period takes the money there first
    for number in (1, 2):
        told |= {"source": f"i/{number}", "day": NEXT, "amount": "50", "currency": "USD", "final": True}
        with writing(world, CHIEF, clock=lambda: NOW) as session:
            post_actuals(session, CHIEF, [NewActual.model_validate(told)], NOW)
        assert [one.committed for one in lines(world)] == [[200, 0], [0, 0]][number - 1]
    with reading(world, SYSTEM) as session:
        assert [one.amount for one in earmark_page(session, document="O-1", held=False)] == [0, 0]
        assert disagreements(session) == []


@pytest.mark.parametrize(
    ("documents", "more", "code"),
    [
        (["O-9"], {}, "nothing_held"),
        (["O-1"], {"amount": "301"}, "not_committed"),
        (["O-1"], {"item": "duty"}, "nothing_held"),
        (["O-2"], {"amount": "5"}, "several_lines"),
        (["O-1"], {"day": date(2026, 1, 31)}, "period_closed"),
        (["O-1"], {"back": date(2027, 5, 1)}, "no_budget_line"),
    ],
)
def test_what_cannot_be_accrued(world: Engine, documents: list[str], more: dict[str, Any], code: str) -> None:
    hold(world, wanted("O-1", "300", category="training"))
    both = wanted("O-2", "5")
    freight = both.items[0].model_copy(update={"category": Category.FREIGHT})
    hold(world, both.model_copy(update={"items": (*both.items, freight)}))
    first = date(2026, 1, 1)
    with writing(world, SYSTEM) as session:
        add_calendar(session, SYSTEM, NewCalendar(code="G", name="G", pattern=Pattern.MONTHS, first_day=first))
        close_period(session, SYSTEM, "G", "2026-P01", "done", NOW, version=1)
    with refused(code):
        accrued(world, *documents, **more)
    with reading(world, SYSTEM) as session:
        assert actual_page(session) == []
        assert disagreements(session) == []
