"""The terms of the control: bands, limits of persons and of authorities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fieldops.finance.budgets.models import BudgetLine
from fieldops.finance.budgets.schemas import NewTransfer
from fieldops.finance.categories import Category
from fieldops.finance.control.models import EVERY, ApprovalLimit, ControlTerms
from fieldops.finance.control.rules import Band, covers
from fieldops.finance.control.term_schemas import ApprovalLimits, Terms
from fieldops.finance.rates.queries import load_rates
from fieldops.identity.models import RolePermission
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.base import require_version
from inventory.kernel.errors import Forbidden, Invalid, NotFound, NotReady
from inventory.kernel.installation import require_currency
from inventory.kernel.texts import gettext as _

_THE_ONE = 1
APPROVING = "budget.approve"
"""The permission of those who may approve."""


def terms_version(session: Session) -> int:
    """Return the version of the terms, 0 while none were ever set."""
    found = session.get(ControlTerms, _THE_ONE)
    return 0 if found is None else found.version


def load_terms(session: Session) -> Terms:
    """Return the terms, the usual ones while none were set."""
    found = session.get(ControlTerms, _THE_ONE)
    return Terms() if found is None else Terms.model_validate(found.document)


def set_terms(session: Session, terms: Terms, *, version: int) -> None:
    """Set the terms as a whole; raises Stale for another version."""
    require_version(terms_version(session), version)
    found = session.get(ControlTerms, _THE_ONE)
    document = terms.model_dump(mode="json")
    if found is None:
        session.add(ControlTerms(id=_THE_ONE, document=document))
    else:
        found.document = document
    session.flush()


def bands_of(terms: Terms) -> list[Band]:
    """Return the bands as the rules take them."""
    return [Band(one.action, one.percent, one.excess, one.category, one.document_kind) for one in terms.bands]


def within_personal(terms: Terms, actor: Actor, amounts: Mapping[Category, Decimal]) -> bool | None:
    """Tell whether a document is within what its actor may commit alone; None where the actor has no such limit.

    A limit of the person goes before those of the roles, of which the largest holds; one of the category before the
    general one, which bounds the whole document.
    """
    own = [one for one in terms.personal if one.person == actor.id]
    mine = own or [one for one in terms.personal if one.role in actor.roles]
    if not mine:
        return None
    general = [one.amount for one in mine if one.category is None]
    if general and sum(amounts.values(), Decimal(0)) > max(general):
        return False
    for category, amount in amounts.items():
        special = [one.amount for one in mine if one.category is category]
        if special and amount > max(special):
            return False
        if not special and not general:
            return False
    return True


def limits_version(session: Session) -> int:
    """Return how often the approval limits were set, 0 while there are none: the version of all together."""
    return session.scalar(select(func.sum(ApprovalLimit.version))) or 0


def limits_set(session: Session) -> ApprovalLimits:
    """Return what each role may approve, all in one currency; raises NotFound while no limit is set."""
    rows = session.scalars(select(ApprovalLimit).order_by(ApprovalLimit.category, ApprovalLimit.role)).all()
    if not rows:
        raise NotFound(_("No approval limits are set; set one for each role that may approve"), code="no_limits")
    by_category: dict[Category, dict[str, Decimal | None]] = {}
    for row in rows:
        if row.category != EVERY:
            by_category.setdefault(Category(row.category), {})[row.role] = row.amount
    return ApprovalLimits(
        currency=rows[0].currency,
        limits={row.role: row.amount for row in rows if row.category == EVERY},
        by_category=by_category,
    )


def set_approval_limits(
    session: Session,
    limits: Mapping[str, Decimal | None],
    currency: str,
    by_category: Mapping[Category, Mapping[str, Decimal | None]] | None = None,
) -> None:
    """Set the largest amount that each role may approve; with `by_category` those of the categories named anew.

    Raises Invalid for a role that may not approve, and where no role is left that may approve every amount.
    """
    require_currency(session, [currency])
    for role, amount in limits.items():
        session.merge(ApprovalLimit(role=role, category=EVERY, amount=amount, currency=currency))
    for category, told in (by_category or {}).items():
        gone = (ApprovalLimit.category == category) & ApprovalLimit.role.not_in(list(told))
        session.execute(delete(ApprovalLimit).where(gone))
        for role, amount in told.items():
            session.merge(ApprovalLimit(role=role, category=category, amount=amount, currency=currency))
    session.flush()
    _require_approvers(session, {*limits, *(role for told in (by_category or {}).values() for role in told)})
    _require_somebody(session)


def approval_limits(session: Session, categories: Collection[Category] = ()) -> dict[str, Decimal | None]:
    """Return {role: largest amount} for a document of some categories, of each role the lowest that holds.

    Raises NotReady while none is set.
    """
    general: dict[str, Decimal | None] = {}
    special: dict[str, list[Decimal | None]] = {}
    for limit in session.scalars(select(ApprovalLimit)):
        if limit.category == EVERY:
            general[limit.role] = limit.amount
        elif limit.category in categories:
            special.setdefault(limit.role, []).append(limit.amount)
    if not general:
        raise NotReady(_("No approval limits are set; set one for each role that may approve"), code="no_limits")
    # a role that has a limit of its own for each category needs no general one
    return {
        role: _lowest(
            special.get(role, [])
            + ([general[role]] if role in general and len(special.get(role, [])) < max(len(set(categories)), 1) else [])
        )
        for role in sorted(general.keys() | {one for one in special if len(special[one]) == len(set(categories))})
    }


def require_supplement(session: Session, actor: Actor, wanted: NewTransfer, today: date) -> None:
    """Raise Forbidden for a supplement beyond what its maker may approve: else nobody need ask for an approval."""
    line = session.get(BudgetLine, wanted.to_line)
    if line is None or actor.id == SYSTEM.id:
        return
    rates = load_rates(session)
    amount = rates.convert(wanted.amount, line.currency, rates.reporting, today)
    if not covers(actor.roles, amount, approval_limits(session, [line.category])):
        raise Forbidden(
            _(
                "A supplement of {amount} {currency} is beyond your authority; let somebody with a larger one make it"
            ).format(amount=amount, currency=rates.reporting),
            code="beyond_authority",
            field="amount",
        )


def _require_approvers(session: Session, roles: Collection[str]) -> None:
    """Raise Invalid for a role that may not approve at all."""
    able = set(session.scalars(select(RolePermission.role).where(RolePermission.permission == APPROVING)))
    for role in sorted(set(roles) - able):
        raise Invalid(
            _("The role {role} may not approve budgets; give it that right, or leave it out").format(role=role),
            code="wrong_role",
            field="limits",
        )


def _require_somebody(session: Session) -> None:
    """Raise Invalid where no role may approve every amount: what is beyond all limits would wait for ever."""
    for category in Category:
        if None not in approval_limits(session, [category]).values():
            raise Invalid(
                _("No role may approve every amount for {category}; leave one without a limit").format(
                    category=category
                ),
                code="no_last_authority",
                field="limits",
            )


def _lowest(amounts: Collection[Decimal | None]) -> Decimal | None:
    bounded = [amount for amount in amounts if amount is not None]
    return min(bounded) if bounded else None
