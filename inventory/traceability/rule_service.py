"""Use cases of life limits and acceptance rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.catalogue.service import part_ids
from inventory.kernel.actor import Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Conflict, NotFound
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.traceability.models import AcceptanceRule, LifeLimit
from inventory.traceability.rule_schemas import NewLimit, NewRule, RuleTerms


def set_limits(session: Session, _actor: Actor, limits: Sequence[NewLimit]) -> None:
    """Set life limits; the last one given for a part and driver holds. Raises Invalid for an unknown part."""
    parts = part_ids(session, (limit.part for limit in limits))
    standing = {
        (row.part_id, row.driver): row
        for row in session.scalars(select(LifeLimit).where(LifeLimit.part_id.in_(parts.values())))
    }
    for new in limits:
        key = (parts[new.part], new.driver)
        if key in standing:
            standing[key].most, standing[key].source = new.most, new.source
            continue
        standing[key] = LifeLimit(part_id=key[0], driver=new.driver, most=new.most, source=new.source)
        session.add(standing[key])
    session.flush()


def add_rules(session: Session, _actor: Actor, rules: Sequence[NewRule]) -> None:
    """Add acceptance rules; raises Conflict for a code that exists."""
    refuse_taken(session, AcceptanceRule.code, (rule.code for rule in rules), _rule_exists)
    session.add_all(AcceptanceRule(**rule.model_dump(mode="python")) for rule in rules)
    session.flush()


def change_rule(session: Session, actor: Actor, code: str, terms: RuleTerms, version: int) -> AcceptanceRule:
    """Give a rule other terms; raises NotFound, Stale."""
    rule = rule_by_code(session, code)
    require_version(rule.version, version)
    change_rules(session, actor, {code: terms})
    return rule


def change_rules(session: Session, _actor: Actor, changes: Mapping[str, RuleTerms]) -> None:
    """Give rules that there are other terms."""
    for rule in session.scalars(select(AcceptanceRule).where(AcceptanceRule.code.in_(changes))):
        for name, value in changes[rule.code].model_dump().items():
            setattr(rule, name, list(value) if isinstance(value, tuple) else value)
    session.flush()


def rule_by_code(session: Session, code: str) -> AcceptanceRule:
    """Return an acceptance rule; raises NotFound."""
    rule = session.scalar(select(AcceptanceRule).where(AcceptanceRule.code == code))
    if rule is None:
        raise NotFound(
            _("There is no acceptance rule {code}; the list of rules shows those there are").format(code=code),
            code="unknown_rule",
        )
    return rule


def _rule_exists(code: str) -> Conflict:
    return Conflict(
        _("There is a rule {code} already; change that, or choose another code").format(code=code),
        code="rule_exists",
        field="code",
    )
