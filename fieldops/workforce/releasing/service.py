"""Use cases of the rules by which people may work and sign: add them, give them other terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.workforce.releasing.models import AccessRule, OrganisationApproval, ReleaseRule, RestRule
from fieldops.workforce.releasing.schemas import AccessRuleTerms, NewApproval
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.lookup import portions, refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.service import site_ids

Rule = TypeVar("Rule", ReleaseRule, AccessRule, RestRule)


def add_rules(session: Session, _actor: Actor, table: type[Rule], rules: Sequence[BaseModel]) -> None:
    """Add rules of one table; raises Conflict for a code that exists, Invalid for an unknown place."""
    rows = [_columns(rule) for rule in rules]
    refuse_taken(session, table.code, (row["code"] for row in rows), _rule_exists)
    _check_places(session, rules)
    session.add_all(table(**row) for row in rows)
    session.flush()


def change_rule(session: Session, actor: Actor, table: type[Rule], code: str, terms: BaseModel, version: int) -> Rule:
    """Give a rule other terms; raises NotFound, Stale, Invalid for an unknown place."""
    rule = rule_by_code(session, table, code)
    require_version(rule.version, version)
    change_rules(session, actor, table, {code: terms})
    return rule


def change_rules(session: Session, _actor: Actor, table: type[Rule], changes: Mapping[str, BaseModel]) -> None:
    """Give rules of one table that there are other terms, {code: terms}."""
    _check_places(session, list(changes.values()))
    for some in portions(sorted(changes)):
        for rule in session.scalars(select(table).where(table.code.in_(some))):
            for name, value in _columns(changes[rule.code]).items():
                setattr(rule, name, value)
    session.flush()


def rule_by_code(session: Session, table: type[Rule], code: str) -> Rule:
    """Return a rule; raises NotFound."""
    rule = session.scalar(select(table).where(table.code == code))
    if rule is None:
        raise NotFound(
            _("There is no rule {code}; the list of rules shows those there are").format(code=code), code="unknown_rule"
        )
    return rule


def add_approvals(session: Session, _actor: Actor, approvals: Sequence[NewApproval]) -> None:
    """Add approvals of the organisation; raises Conflict for a number that exists."""
    refuse_taken(session, OrganisationApproval.number, (one.number for one in approvals), _rule_exists)
    session.add_all(OrganisationApproval(**_columns(one)) for one in approvals)
    session.flush()


def _columns(told: BaseModel) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.model_dump().items()}


def _check_places(session: Session, rules: Sequence[BaseModel]) -> None:
    site_ids(session, {rule.place for rule in rules if isinstance(rule, AccessRuleTerms) and rule.place})


def _rule_exists(code: str) -> Conflict:
    return Conflict(
        _("There is a rule {code} already; change that, or choose another code").format(code=code),
        code="rule_exists",
        field="code",
    )
