"""Reads of identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from fieldops.identity.models import (
    ApiToken,
    Credential,
    LoginSession,
    MemberKind,
    Membership,
    Role,
    RolePermission,
    User,
    UserRole,
)
from fieldops.identity.rules import idle_max
from fieldops.identity.schemas import LoginOut, Member, RoleOut, TokenOut, UserOut
from inventory.kernel.errors import NotFound
from inventory.kernel.lookup import named_like, nearest
from inventory.kernel.texts import gettext as _

_USERS: Select[User, Credential] = select(User, Credential).join(Credential, Credential.user_id == User.id)


def user_page(
    session: Session, *, after: str, limit: int, text: str = "", role: str | None = None, enabled: bool | None = None
) -> list[UserOut]:
    """Return up to `limit` users with a name after `after`, by name.

    `text` stands somewhere in the login name, the name or the e-mail address of each.
    """
    query = _USERS.where(User.name > after).order_by(User.name).limit(limit)
    if text:
        told = (User.name, User.display_name, User.email)
        query = query.where(or_(*(func.lower(one).contains(text.lower(), autoescape=True) for one in told)))
    if role is not None:
        query = query.where(User.id.in_(select(UserRole.user_id).where(UserRole.role == role)))
    if enabled is not None:
        query = query.where(User.enabled == enabled)
    return _told(session, session.execute(query).all())


def all_users(session: Session) -> list[UserOut]:
    """Return all users, by name."""
    return _told(session, session.execute(_USERS.order_by(User.name)).all())


def user_by_name(session: Session, name: str) -> UserOut:
    """Return a user; raises NotFound."""
    rows = session.execute(_USERS.where(User.name == name)).all()
    if not rows:
        raise unknown_user(name)
    return _told(session, rows)[0]


def user_row(session: Session, name: str) -> User:
    """Return the row of a user; raises NotFound."""
    found = session.scalar(select(User).where(User.name == name))
    if found is None:
        raise unknown_user(name)
    return found


def unknown_user(name: str) -> NotFound:
    """Return the refusal of a name that no user has."""
    return NotFound(
        _("User {name} does not exist; GET /api/v1/users lists them").format(name=name), code="unknown_user"
    )


def permissions_of(session: Session, user_id: UUID) -> frozenset[str]:
    """Return what the roles of a user allow."""
    query = select(RolePermission.permission).join(UserRole, UserRole.role == RolePermission.role)
    return frozenset(session.scalars(query.where(UserRole.user_id == user_id)))


def unknown_role(code: str) -> NotFound:
    """Return the refusal of a code that no role has."""
    return NotFound(
        _("Role {code} does not exist; GET /api/v1/roles lists them").format(code=code), code="unknown_role"
    )


def role_page(session: Session, *, after: str, limit: int) -> list[RoleOut]:
    """Return up to `limit` roles with a code after `after`, by code."""
    roles = session.scalars(select(Role).where(Role.code > after).order_by(Role.code).limit(limit)).all()
    return _told_roles(session, roles)


def role_by_code(session: Session, code: str) -> RoleOut:
    """Return a role; raises NotFound."""
    role = session.get(Role, code)
    if role is None:
        raise unknown_role(code)
    return _told_roles(session, [role])[0]


def token_page(session: Session, user: User, *, after: UUID, limit: int) -> list[TokenOut]:
    """Return up to `limit` tokens of a user with a key after `after`, oldest first."""
    query = select(ApiToken).where(ApiToken.user_id == user.id, ApiToken.id > after).order_by(ApiToken.id).limit(limit)
    return [token_told(one, user.name) for one in session.scalars(query)]


def login_page(session: Session, user: User, now: datetime, *, limit: int) -> list[LoginOut]:
    """Return up to `limit` sessions in which a user is signed in at an instant, the one used last first."""
    roles = session.scalars(select(UserRole.role).where(UserRole.user_id == user.id)).all()
    query = (
        select(LoginSession)
        .where(
            LoginSession.user_id == user.id,
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - idle_max(roles),
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id)
        .limit(limit)
    )
    return [LoginOut.model_validate(one) for one in session.scalars(query)]


def token_told(token: ApiToken, user: str) -> TokenOut:
    """Return a token as it goes out."""
    return TokenOut(
        id=token.id,
        user=user,
        name=token.name,
        permissions=token.permissions,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )


def _told(session: Session, rows: Sequence[Row[User, Credential]]) -> list[UserOut]:
    keys = [user.id for user, _credential in rows]
    roles: defaultdict[UUID, list[str]] = defaultdict(list)
    for key, role in session.execute(
        select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(keys)).order_by(UserRole.role)
    ):
        roles[key].append(role)
    memberships: defaultdict[UUID, list[Member]] = defaultdict(list)
    for key, kind, code in session.execute(
        select(Membership.user_id, Membership.kind, Membership.code)
        .where(Membership.user_id.in_(keys))
        .order_by(Membership.kind, Membership.code)
    ):
        memberships[key].append(Member(kind=kind, code=None if kind is MemberKind.NETWORK else code))
    return [
        UserOut(
            name=user.name,
            display_name=user.display_name,
            email=user.email,
            language=user.language,
            enabled=user.enabled,
            roles=roles[user.id],
            memberships=memberships[user.id],
            operator=user.operator_id,
            has_password=credential.password_hash is not None,
            second_factor=credential.totp_step is not None,
            last_login_at=credential.last_login_at,
            version=user.version,
        )
        for user, credential in rows
    ]


def _told_roles(session: Session, roles: Sequence[Role]) -> list[RoleOut]:
    permissions: defaultdict[str, list[str]] = defaultdict(list)
    for role, permission in session.execute(
        select(RolePermission.role, RolePermission.permission)
        .where(RolePermission.role.in_([role.code for role in roles]))
        .order_by(RolePermission.permission)
    ):
        permissions[role].append(permission)
    return [
        RoleOut(code=role.code, name=role.name, permissions=permissions[role.code], version=role.version)
        for role in roles
    ]


def find_users(session: Session, text: str, limit: int) -> list[tuple[str, str]]:
    """Return (login name, name) of users of which one of them holds a text, the nearest first."""
    query = select(User.name, User.display_name).where(named_like(text, User.name, User.display_name))
    return [(name, shown) for name, shown in session.execute(query.order_by(*nearest(text, User.name)).limit(limit))]
