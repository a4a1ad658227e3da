"""What tests of the control share: documents that spend, and people with roles."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine

from fieldops.finance.approvals.service import spend
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.queries import lines_on
from fieldops.finance.categories import Category
from fieldops.finance.control.schemas import NewHold, VerdictOut
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_terms, terms_version
from inventory.kernel.actor import ALL_PERMISSIONS, NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW

DAY = date(2026, 3, 2)


def person(name: str, role: str, region: str | None = "SEA") -> Actor:
    """Return somebody with one role and every right in a region, or in the network."""
    scope = NETWORK if region is None else Scope(regions=frozenset({region}))
    return Actor(name, roles=frozenset({role}), permissions=ALL_PERMISSIONS, scope=scope)


LI = person("li.na", "dispatcher")
BOSS = person("chen.wei", "regional_manager")
CHIEF = person("zhao.min", "finance", None)


def wanted(document: str, amount: str, *, category: str = "labour", **more: Any) -> NewHold:
    """Return a document of SEA with one item."""
    item = {"category": category, "amount": amount, "currency": "USD", "day": DAY}
    item |= {name: more.pop(name) for name in ("currency", "day", "recovery", "cost_centre") if name in more}
    told = {"document_kind": "order", "document": document, "region": "SEA", "items": [item]}
    return NewHold.model_validate(told | more)


def hold(engine: Engine, asked: NewHold, actor: Actor = LI, today: date = DAY) -> VerdictOut:
    """Hold what a document costs, or ask for it."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        return spend(session, actor, asked, NOW, today)


def set_control(engine: Engine, **terms: Any) -> None:
    """Set the terms of the control."""
    with writing(engine, SYSTEM, clock=lambda: NOW) as session:
        set_terms(session, Terms.model_validate(terms), version=terms_version(session))


def line(engine: Engine, category: Category = Category.LABOUR, region: str = "SEA") -> BudgetLine:
    """Return a line as it is."""
    with reading(engine, SYSTEM) as session:
        found = lines_on(session, DAY, [region])[region, category]
        session.expunge(found)
        return found
