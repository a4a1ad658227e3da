"""Reads of the approvals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from fieldops.finance.approvals.models import OPEN_STATES, Approval, ApprovalState, Substitution
from fieldops.finance.approvals.schemas import ApprovalOut, SubstitutionOut
from fieldops.finance.categories import Category
from fieldops.finance.control.rules import covers
from fieldops.finance.control.terms import approval_limits
from fieldops.identity.models import User, UserRole
from inventory.kernel.actor import Actor
from inventory.kernel.errors import NotFound
from inventory.kernel.priority import Priority
from inventory.kernel.scope import unscoped
from inventory.kernel.texts import gettext as _
from inventory.network.models import Region

NO_KEY = UUID(int=0)
INBOX_MAX = 200
"""How many requests an inbox shows; once they are decided it shows the next."""


def approval_page(
    session: Session,
    *,
    after: str = "",
    limit: int | None = None,
    number: str | None = None,
    state: ApprovalState | None = None,
    document: str | None = None,
    approver_role: str | None = None,
) -> list[ApprovalOut]:
    """Return the requests after `after` by number."""
    query = (
        select(Approval, Region.code)
        .join(Region, Region.id == Approval.region_id)
        .where(Approval.number > after)
        .order_by(Approval.number)
        .limit(limit)
    )
    for column, wanted in (
        (Approval.number, number),
        (Approval.state, state),
        (Approval.document, document),
        (Approval.approver_role, approver_role),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    return [_told(one, region) for one, region in session.execute(query)]


def inbox(session: Session, actor: Actor, today: date, *, limit: int = INBOX_MAX) -> list[ApprovalOut]:
    """Return the requests that the actor may decide now, the most urgent and oldest first, so many at most."""
    urgency = case({priority.value: rank for rank, priority in enumerate(Priority)}, value=Approval.priority)
    rows = session.execute(
        select(Approval, Region.code)
        .join(Region, Region.id == Approval.region_id)
        .where(Approval.state.in_(OPEN_STATES))
        .order_by(urgency, Approval.requested_at, Approval.number)
    )
    authorities = authorities_of(session, actor, today)
    authority = Authority(session)
    mine: list[ApprovalOut] = []
    for one, region in rows:
        if len(mine) == limit:
            break
        if actor.id not in (one.requested_by, one.seconded_by) and authority.deciding_for(one, authorities) is not None:
            mine.append(_told(one, region))
    return mine


def authorities_of(session: Session, actor: Actor, today: date) -> dict[str, Collection[str]]:
    """Return {person: roles} of the actor, and of those for whom the actor decides today."""
    persons = session.scalars(
        select(Substitution.person).where(
            Substitution.substitute == actor.id,
            Substitution.first_day <= today,
            Substitution.last_day >= today,
            Substitution.ended_at.is_(None),
        )
    ).all()
    found: dict[str, Collection[str]] = {actor.id: actor.roles}
    roles = (
        select(User.name, UserRole.role)
        .join(UserRole, UserRole.user_id == User.id)
        .where(User.name.in_(persons), User.enabled)
        .order_by(User.name)
    )
    with unscoped(session):  # of a colleague elsewhere only the roles are used
        for name, role in session.execute(roles):
            found[name] = {*found.get(name, ()), role}
    return found


def substitutes_of(session: Session, persons: Collection[str], today: date) -> set[str]:
    """Return who decides in the stead of some persons today."""
    return set(
        session.scalars(
            select(Substitution.substitute).where(
                Substitution.person.in_(persons),
                Substitution.first_day <= today,
                Substitution.last_day >= today,
                Substitution.ended_at.is_(None),
            )
        )
    )


def may_sign_in(session: Session, name: str) -> bool:
    """Tell whether there is a user of a name who can sign in, in whichever region."""
    with unscoped(session):
        return session.scalar(select(User.id).where(User.name == name, User.enabled)) is not None


class Authority:
    """What the limits say of requests; those of the same categories are read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._limits: dict[tuple[str, ...], dict[str, Decimal | None]] = {}

    def deciding_for(self, approval: Approval, authorities: Mapping[str, Collection[str]]) -> str | None:
        """Return whose authority covers a request, one's own first, None where nobody's does; nobody's own request."""
        names = tuple(approval.categories)
        if names not in self._limits:
            self._limits[names] = approval_limits(self._session, [Category(one) for one in names])
        for person, roles in authorities.items():
            if person != approval.requested_by and covers(roles, approval.amount, self._limits[names]):
                return person
        return None


def approval_by_number(session: Session, number: str) -> Approval:
    """Return a request; raises NotFound."""
    found = session.scalar(select(Approval).where(Approval.number == number).execution_options(populate_existing=True))
    if found is None:
        raise NotFound(
            _("There is no approval {number} here; the list shows them").format(number=number), code="unknown_approval"
        )
    return found


def substitution_page(
    session: Session, *, after: UUID = NO_KEY, limit: int | None = None, key: UUID | None = None
) -> list[SubstitutionOut]:
    """Return who decides for whom after `after`, in the order in which it was said."""
    query = select(Substitution).where(Substitution.id > after).order_by(Substitution.id).limit(limit)
    if key is not None:
        query = query.where(Substitution.id == key)
    return [
        SubstitutionOut(
            id=one.id,
            person=one.person,
            substitute=one.substitute,
            first_day=one.first_day,
            last_day=one.last_day,
            ended_at=one.ended_at,
        )
        for one in session.scalars(query)
    ]


def _told(one: Approval, region: str) -> ApprovalOut:
    return ApprovalOut(
        number=one.number,
        region=region,
        document_kind=one.document_kind,
        document=one.document,
        plan_id=one.plan_id,
        priority=one.priority,
        amount=one.amount,
        currency=one.currency,
        categories=one.categories,
        reason=one.reason,
        approver_role=one.approver_role,
        two_needed=one.two_needed,
        state=one.state,
        requested_by=one.requested_by,
        requested_at=one.requested_at,
        due_at=one.due_at,
        escalated=one.escalated,
        seconded_by=one.seconded_by,
        decided_by=one.decided_by,
        decided_for=one.decided_for,
        decided_at=one.decided_at,
        note=one.note,
        version=one.version,
    )
