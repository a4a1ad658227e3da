"""What tests of the control share: documents that spend, and people with roles."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from fieldops.finance.approvals.models import Approval, ApprovalState
from fieldops.finance.approvals.service import approve, reject, spend
from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.queries import budget_lines, disagreements, lines_on
from fieldops.finance.budgets.schemas import NewBudgetLine
from fieldops.finance.budgets.service import open_lines
from fieldops.finance.categories import Category
from fieldops.finance.control.actual_schemas import NewActual, Reversal
from fieldops.finance.control.actuals import post_actuals, reverse_actual
from fieldops.finance.control.authority import grant_authority
from fieldops.finance.control.authority_schemas import NewAuthority
from fieldops.finance.control.proof import wrong_records
from fieldops.finance.control.schemas import NewHold, VerdictOut
from fieldops.finance.control.term_schemas import Terms
from fieldops.finance.control.terms import set_terms, terms_version
from fieldops.identity.schemas import NewUser
from fieldops.identity.service import add_user
from inventory.kernel.actor import ALL_PERMISSIONS, NETWORK, SYSTEM, Actor, Scope
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError
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
    item |= {name: more.pop(name) for name in ("currency", "day", "recovery", "item") if name in more}
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


def refused(code: str) -> Any:
    """Expect a refusal."""
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def spent(source: str, amount: str, document: str = "O-1", **more: Any) -> NewActual:
    """Return an expense of SEA."""
    told = {"source": source, "document_kind": "order", "document": document, "region": "SEA", "category": "labour"}
    return NewActual.model_validate(told | {"day": DAY, "amount": amount, "currency": "USD"} | more)


def post_all(engine: Engine, *actuals: NewActual) -> int:
    """Post expenses."""
    with writing(engine, CHIEF, clock=lambda: NOW) as session:
        return post_actuals(session, CHIEF, actuals, NOW)


def decide(engine: Engine, actor: Actor, number: str, *, yes: bool = True) -> ApprovalState:
    """Decide about a request at the version that it has."""
    with writing(engine, actor, clock=lambda: NOW) as session:
        version = session.scalars(select(Approval.version).where(Approval.number == number)).one()
        decided = approve if yes else reject
        return decided(session, actor, number, "as discussed", NOW, DAY, version=version).state


def sound(engine: Engine) -> bool:
    """Tell whether every line is the sum of its entries and of what documents hold."""
    with reading(engine, SYSTEM) as session:
        return disagreements(session) == [] and wrong_records(session) == []


def enveloped(engine: Engine, by: Actor) -> UUID:
    """Grant SEA an envelope of 1,000 for a day, 500 a document; return its line."""
    key = opened(engine, programme="AOG-DESK")
    with writing(engine, by) as session:
        grant_authority(session, by, authority(key), NOW)
    return key


def authority(key: UUID) -> NewAuthority:
    """Return a standing authority for a line."""
    told = {"region": "SEA", "line": key, "document_max": 500, "valid_from": DAY, "valid_until": DAY}
    return NewAuthority.model_validate(told | {"reason": "AOG desk at night"})


def year_line(**more: Any) -> NewBudgetLine:
    """Return an expedite line of SEA with 1,000."""
    told = {"region": "SEA", "category": "expedite", "period_start": "2026-01-01", "period_end": "2027-01-01"}
    return NewBudgetLine.model_validate(told | {"currency": "USD", "budget": "1000"} | more)


def opened(engine: Engine, **more: Any) -> UUID:
    """Open such a line and return its key."""
    with writing(engine, SYSTEM) as session:
        open_lines(session, SYSTEM, [year_line(**more)], NOW)
    with reading(engine, SYSTEM) as session:
        return next(one.id for one in budget_lines(session) if one.programme == more["programme"])


def by_key(engine: Engine, key: UUID) -> BudgetLine:
    """Return a line as it is."""
    with reading(engine, SYSTEM) as session:
        found = session.get_one(BudgetLine, key)
        session.expunge(found)
        return found


def add_people(engine: Engine, *people: tuple[str, ...]) -> None:
    """Add users with a role, of the network or a region."""
    with writing(engine, SYSTEM) as session:
        for name, role, *region in people:
            member = {"kind": "region" if region else "network", "code": region[0] if region else None}
            told = {"name": name, "display_name": name, "roles": [role], "memberships": [member]}
            add_user(session, SYSTEM, NewUser.model_validate(told))


def reverse(engine: Engine, source: str) -> None:
    """Take an expense back."""
    with writing(engine, CHIEF) as session:
        reverse_actual(session, CHIEF, Reversal(source=source, day=DAY, reason="credit note"), NOW)
