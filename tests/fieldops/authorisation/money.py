"""What the world of the matrix holds of money: in each region what is committed, spent, let pass, stopped and asked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.models import Approval
from fieldops.finance.approvals.schemas import NewSubstitution
from fieldops.finance.approvals.service import spend, substitute
from fieldops.finance.budgets.queries import budget_lines
from fieldops.finance.budgets.schemas import NewBudgetLine, NewCostCentre, NewTransfer, NewVersion
from fieldops.finance.budgets.service import add_cost_centres, open_lines, transfer
from fieldops.finance.budgets.versions import propose
from fieldops.finance.calendars.rules import Pattern
from fieldops.finance.calendars.schemas import NewCalendar
from fieldops.finance.calendars.service import add_calendar, close_period
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual
from fieldops.finance.control.actuals import post_actuals
from fieldops.finance.control.authority import grant_authority, place_hold
from fieldops.finance.control.authority_schemas import NewAuthority, NewComplianceHold
from fieldops.finance.control.models import BudgetOverride, ComplianceHold, StandingAuthority
from fieldops.finance.control.schemas import NewHold
from fieldops.finance.rates.schemas import NewRate
from fieldops.finance.rates.service import add_rates
from fieldops.identity.schemas import NewUser
from fieldops.identity.service import add_user
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from tests.conftest import NOW

REGIONS = ("SEA", "CN", "EU")
DAY = date(2026, 3, 2)


def add_money(engine: Engine) -> dict[str, str]:
    """Add all that; returns the keys of what is SEA's, and of the substitution."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        add_rates(
            session,
            SYSTEM,
            [NewRate(currency="CNY", valid_from=date(2026, 1, 1), rate=Decimal("0.14"), source="own")],
        )
        first = date(2026, 1, 1)
        add_calendar(session, SYSTEM, NewCalendar(code="GROUP", name="Group", pattern=Pattern.MONTHS, first_day=first))
        close_period(session, SYSTEM, "GROUP", "2026-P01", "done", NOW, version=1)
        add_cost_centres(
            session, SYSTEM, [NewCostCentre(code=f"CC-{code}", name="Line", region=code) for code in REGIONS]
        )
        propose(session, SYSTEM, NewVersion(name="Second quarter", lines=tuple(_line(code) for code in REGIONS)), NOW)
    known: dict[str, str] = {}
    for code in REGIONS:
        for step in (_transfer, _ending, _spending, _urgent, _waiting, _others):
            with writing(engine, SYSTEM, clock=lambda: NOW) as session:
                told = step(session, code)
        known |= told if code == "SEA" else {}
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        deputy: dict[str, Any] = {"name": "deputy", "display_name": "Deputy", "roles": ["finance"]}
        add_user(session, SYSTEM, NewUser.model_validate(deputy | {"memberships": [{"kind": "network", "code": None}]}))
        wanted = NewSubstitution(substitute="deputy", first_day=DAY, last_day=DAY + timedelta(days=7))
        known["substitution"] = str(substitute(session, SYSTEM, wanted, NOW).id)
    return known


def _line(region: str) -> NewBudgetLine:
    return NewBudgetLine(
        region=region,
        category=Category.LABOUR,
        period_start=date(2026, 4, 1),
        period_end=date(2026, 7, 1),
        currency="USD",
        budget=Decimal(900),
    )


def _labour(session: Session, region: str) -> UUID:
    (line,) = budget_lines(session, regions=[region], day=DAY, category=Category.LABOUR)
    return line.id


def _transfer(session: Session, region: str) -> dict[str, str]:
    wanted = NewTransfer(to_line=_labour(session, region), amount=Decimal(10), reason="more work")
    transfer(session, SYSTEM, wanted, NOW, DAY)
    return {}


def _ending(session: Session, region: str) -> dict[str, str]:
    """Commit something of a line that ends, and open the one that follows it."""
    first, last, following = date(2026, 3, 1), date(2026, 3, 20), date(2026, 5, 1)
    own = {"category": Category.TRAINING, "cost_centre": f"CC-{region}"}
    lines = [
        _line(region).model_copy(update=own | {"period_start": start, "period_end": end})
        for start, end in ((first, last), (last, following))
    ]
    open_lines(session, SYSTEM, lines, NOW)
    asked = _hold(region, f"E-{region}", "training", "5")
    items = tuple(one.model_copy(update=own) for one in asked.items)
    spend(session, SYSTEM, asked.model_copy(update={"items": items}), NOW, DAY)
    return {}


def _spending(session: Session, region: str) -> dict[str, str]:
    spend(session, SYSTEM, _hold(region, f"O-{region}", "labour", "25"), NOW, DAY)
    return {}


def _urgent(session: Session, region: str) -> dict[str, str]:
    aog = _hold(region, f"A-{region}", "freight", "60000", priority="AOG", override=True, reason="aircraft waits")
    spend(session, SYSTEM, aog, NOW, DAY)
    return {}


def _waiting(session: Session, region: str) -> dict[str, str]:
    spend(session, SYSTEM, _hold(region, f"W-{region}", "freight", "30"), NOW, DAY)
    return {}


def _others(session: Session, region: str) -> dict[str, str]:
    labour = _labour(session, region)
    expense: dict[str, Any] = {
        "source": f"hours/{region}",
        "document_kind": "job",
        "document": f"H-{region}",
        "region": region,
        "category": "labour",
        "day": DAY,
        "amount": "12",
        "currency": "USD",
    }
    post_actuals(session, SYSTEM, [NewActual.model_validate(expense)], NOW)
    own = {"category": Category.EXPEDITE, "cost_centre": f"CC-{region}", "programme": "AOG-DESK"}
    year = {"period_start": date(2026, 1, 1), "period_end": date(2027, 1, 1)}
    open_lines(session, SYSTEM, [_line(region).model_copy(update=own | year)], NOW)
    (envelope,) = (one.id for one in budget_lines(session, regions=[region]) if one.programme == "AOG-DESK")
    authority = NewAuthority(
        region=region,
        line=envelope,
        document_max=Decimal(50),
        valid_from=DAY + timedelta(days=30),
        valid_until=DAY + timedelta(days=60),
        reason="AOG desk",
    )
    grant_authority(session, SYSTEM, authority, NOW)
    stop = NewComplianceHold(region=region, document_kind="order", document=f"C-{region}", reason="licence")
    place_hold(session, SYSTEM, stop, NOW)
    keys = {
        "override": select(BudgetOverride.id).where(BudgetOverride.document == f"A-{region}"),
        "authority": select(StandingAuthority.id).where(StandingAuthority.line_id == envelope),
        "stop": select(ComplianceHold.id).where(ComplianceHold.document == f"C-{region}"),
        "request": select(Approval.number).where(Approval.document == f"W-{region}"),
    }
    return {"labour": str(labour), "envelope": str(envelope)} | {
        name: str(session.scalars(query).one()) for name, query in keys.items()
    }


def _hold(region: str, document: str, category: str, amount: str, **more: Any) -> NewHold:
    item = {"category": category, "amount": amount, "currency": "USD", "day": DAY}
    told = {"document_kind": "order", "document": document, "region": region, "items": [item]}
    return NewHold.model_validate(told | more)
