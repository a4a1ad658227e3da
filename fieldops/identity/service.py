"""Use cases of those who manage users: add, change, give rights, set passwords, edit roles."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from fieldops.identity.models import (
    Credential,
    MemberKind,
    Membership,
    Role,
    RolePermission,
    User,
    UserIdentity,
    UserRole,
)
from fieldops.identity.queries import permissions_of, unknown_role, user_row
from fieldops.identity.roles import ADMINISTRATOR
from fieldops.identity.schemas import Member, NewUser, Rights, UserChange
from fieldops.identity.sessions import end_sessions
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.base import Base, require_version
from inventory.kernel.errors import Conflict, Forbidden, Invalid
from inventory.kernel.lookup import refuse_taken
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place
from inventory.network.service import place_ids, region_ids

_WHOLE = "*"
_ADMINISTRATORS = (
    select(User.id)
    .join(UserRole, UserRole.user_id == User.id)
    .join(Membership, Membership.user_id == User.id)
    .where(User.enabled, UserRole.role == ADMINISTRATOR, Membership.kind == MemberKind.NETWORK)
)
"""Who can manage users."""


def add_user(session: Session, actor: Actor, new: NewUser) -> None:
    """Add a user without a password; raises Conflict for a name that exists, Forbidden for rights beyond one's own."""
    refuse_taken(session, User.name, [new.name], _taken)
    user = User(
        name=new.name,
        display_name=new.display_name,
        email=new.email,
        language=new.language,
        operator_id=new.operator,
    )
    session.add(user)
    session.flush()
    session.add(Credential(user_id=user.id))
    _give(session, actor, user.id, new)
    session.flush()


def change_user(session: Session, actor: Actor, name: str, change: UserChange, version: int) -> None:
    """Change what is given; disabling ends the user's sessions. Raises Stale, Conflict for the last administrator.

    An e-mail address that is given unbinds the user from who it was by single sign-on.
    """
    user = user_row(session, name)
    require_version(user.version, version)
    require_reach(session, actor, user)
    managed = _is_administrator(session, user)
    given = change.model_dump(exclude_unset=True)
    for field in given.keys() - {"email"}:
        if given[field] is None:
            raise Invalid(
                _("“{field}” cannot be empty; leave it out to keep it").format(field=field),
                code="cannot_be_empty",
                field=field,
            )
    for field, value in given.items():
        setattr(user, field, value)
    if "email" in given:
        _delete(session, session.scalars(select(UserIdentity).where(UserIdentity.user_id == user.id)))
    session.flush()
    if not user.enabled:
        end_sessions(session, user.id, user.name)
        if managed:
            _keep_an_administrator(session)


def set_rights(session: Session, actor: Actor, name: str, rights: Rights, version: int) -> None:
    """Replace a user's roles, memberships and operator, and make the user sign in again.

    Raises Stale, Forbidden for rights beyond one's own, Conflict for the last administrator.
    """
    user = user_row(session, name)
    require_version(user.version, version)
    require_reach(session, actor, user)
    managed = _is_administrator(session, user)
    user.operator_id = rights.operator
    flag_modified(user, "operator_id")  # a new version, even where only the rows beside it change
    _give(session, actor, user.id, rights)
    end_sessions(session, user.id, user.name)
    session.flush()
    if managed:
        _keep_an_administrator(session)


def set_password(session: Session, actor: Actor, name: str, password_hash: str) -> None:
    """Give a user a password, and make the user sign in again with it."""
    user = user_row(session, name)
    require_reach(session, actor, user)
    session.get_one(Credential, user.id).password_hash = password_hash
    record(session, "password_set", "user", user.name)
    end_sessions(session, user.id, user.name)
    session.flush()


def sign_out(session: Session, actor: Actor, name: str) -> None:
    """End every session of a user; raises NotFound, Forbidden for a user who may do more than the actor."""
    user = user_row(session, name)
    require_reach(session, actor, user)
    end_sessions(session, user.id, user.name)
    session.flush()


def set_permissions(session: Session, actor: Actor, code: str, permissions: frozenset[str], version: int) -> None:
    """Replace the permissions of a role; raises NotFound, Stale, Forbidden for permissions beyond one's own.

    The administrator's are all there are, so that nobody can be locked out of them.
    """
    role = session.get(Role, code)
    if role is None:
        raise unknown_role(code)
    require_version(role.version, version)
    if code == ADMINISTRATOR:
        raise Conflict(
            _("The administrator's rights are fixed; give others another role"), code="administrator_is_fixed"
        )
    before = {row.permission: row for row in session.scalars(select(RolePermission).where(RolePermission.role == code))}
    require_grantable(actor, permissions ^ before.keys())
    flag_modified(role, "name")  # a new version, although only the rows beside it change
    _delete(session, (row for permission, row in before.items() if permission not in permissions))
    session.add_all(RolePermission(role=code, permission=one) for one in sorted(permissions - before.keys()))
    session.flush()


def require_grantable(actor: Actor, permissions: Collection[str]) -> None:
    """Raise Forbidden unless the actor has every one of the permissions."""
    for permission in sorted(permissions):
        if not actor.may(permission):
            raise Forbidden(
                _("You do not have the right “{permission}” yourself, so you cannot give or take it").format(
                    permission=permission
                ),
                code="beyond_own_rights",
                field="permissions",
            )


def require_reach(session: Session, actor: Actor, user: User) -> None:
    """Raise Forbidden for a user who may do more than the actor: else one could take such an account over."""
    require_grantable(actor, permissions_of(session, user.id))


def _give(session: Session, actor: Actor, user_id: UUID, rights: Rights) -> None:
    """Make a user's roles and memberships those that are given; what stays is not touched."""
    known = set(session.scalars(select(Role.code).where(Role.code.in_(rights.roles))))
    for code in sorted(rights.roles - known):
        raise Invalid(
            _("Role {code} does not exist; GET /api/v1/roles lists them").format(code=code),
            code="role_missing",
            field="roles",
        )
    carried = select(RolePermission.permission).where(RolePermission.role.in_(rights.roles))
    require_grantable(actor, set(session.scalars(carried)))
    _check_codes(session, rights.memberships)
    roles = {row.role: row for row in session.scalars(select(UserRole).where(UserRole.user_id == user_id))}
    _delete(session, (row for role, row in roles.items() if role not in rights.roles))
    session.add_all(UserRole(user_id=user_id, role=role) for role in sorted(rights.roles - roles.keys()))
    wanted = {(member.kind, member.code or _WHOLE) for member in rights.memberships}
    members = {
        (row.kind, row.code): row for row in session.scalars(select(Membership).where(Membership.user_id == user_id))
    }
    _delete(session, (row for member, row in members.items() if member not in wanted))
    session.add_all(Membership(user_id=user_id, kind=kind, code=code) for kind, code in sorted(wanted - members.keys()))


def _delete(session: Session, rows: Iterable[Base]) -> None:
    """Delete rows one by one, so that the audit trail tells each."""
    for row in rows:
        session.delete(row)


def _check_codes(session: Session, memberships: Collection[Member]) -> None:
    codes = {kind: {one.code for one in memberships if one.kind is kind and one.code} for kind in MemberKind}
    region_ids(session, codes[MemberKind.REGION])
    place_ids(session, codes[MemberKind.PLACE])
    areas = set(session.scalars(select(Place.area).where(Place.area.in_(codes[MemberKind.AREA])).distinct()))
    for code in sorted(codes[MemberKind.AREA] - areas):
        raise Invalid(
            _("No place belongs to area {code}; correct the code").format(code=code), code="unknown_area", field="area"
        )


def _is_administrator(session: Session, user: User) -> bool:
    return session.scalar(_ADMINISTRATORS.where(User.id == user.id)) is not None


def _keep_an_administrator(session: Session) -> None:
    """Raise Conflict when nobody could manage users any more."""
    # whoever takes away an administrator waits here for the other who does
    session.scalars(select(Role).where(Role.code == ADMINISTRATOR).with_for_update()).one()
    if session.scalar(_ADMINISTRATORS.limit(1)) is None:
        raise Conflict(
            _("This is the last enabled administrator of the network; make another one first"),
            code="last_administrator",
        )


def _taken(name: str) -> Conflict:
    return Conflict(_("{name} exists already; choose another name").format(name=name), code="name_exists", field="name")
