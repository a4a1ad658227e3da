"""From a user's rows to the Actor that every use case gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.identity.models import Membership, RolePermission, User, UserRole
from fieldops.identity.rules import scope_of
from inventory.kernel.actor import SYSTEM, Actor, Scope
from inventory.kernel.errors import Unauthenticated
from inventory.kernel.texts import gettext as _

Granted = Callable[[Session, Scope, datetime], frozenset[str]]
"""Which regions beyond its own a scope may read at an instant."""


Lent = Callable[[Session, str], frozenset[str]]
"""On which jobs beyond its scope a user sits, by number, because somebody is lent there."""


def no_loans(_session: Session, _user: str) -> frozenset[str]:
    """Lend nobody."""
    return frozenset()


def no_grants(_session: Session, _scope: Scope, _now: datetime) -> frozenset[str]:
    """Grant nothing."""
    return frozenset()


def load_actor(
    session: Session,
    user_id: UUID,
    now: datetime,
    *,
    origin: str = "",
    limited_to: frozenset[str] | None = None,
    granted: Granted = no_grants,
    lent: Lent = no_loans,
) -> Actor:
    """Return a user as an actor, with no more permissions than `limited_to` where given.

    Two statements, `granted` and `lent`.

    Who does jobs, and gives none, reaches those that it is lent to.

    Needs a session of the whole network. Raises Unauthenticated for a disabled user.
    """
    rows = session.execute(
        select(User.name, User.operator_id, UserRole.role, RolePermission.permission)
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .outerjoin(RolePermission, RolePermission.role == UserRole.role)
        .where(User.id == user_id, User.enabled)
    ).all()
    if not rows:
        raise Unauthenticated(_("This account is disabled; ask an administrator to enable it"), code="account_disabled")
    roles = frozenset(row.role for row in rows if row.role)
    permissions = frozenset(row.permission for row in rows if row.permission)
    memberships = session.execute(select(Membership.kind, Membership.code).where(Membership.user_id == user_id))
    scope = scope_of(roles, [(kind, code) for kind, code in memberships], rows[0].operator_id)
    if "dispatch.execute" in permissions and "dispatch.write" not in permissions:
        scope = replace(scope, jobs=lent(session, rows[0].name))
    return Actor(
        id=rows[0].name,
        roles=roles,
        permissions=permissions if limited_to is None else permissions & limited_to,
        scope=replace(scope, granted=granted(session, scope, now)),
        origin=origin,
    )


def in_the_name_of(name: str, origin: str) -> Actor:
    """Return the product itself acting for somebody on the tables of identity, which the person may not see.

    The audit trail then names the person.
    """
    return replace(SYSTEM, id=name, origin=origin)
