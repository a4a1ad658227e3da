"""One-time links into demonstration databases, served on this machine only, so that a demonstration needs no password.

They are never made for, nor honoured by, a database that holds no demonstration.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fieldops.identity.models import LoginLink, MemberKind, User
from fieldops.identity.queries import user_row
from fieldops.identity.roles import AOG_CONTROLLER, ROLE_NAMES, ROLES
from fieldops.identity.rules import LINK_MAX
from fieldops.identity.schemas import LoginLinkOut, Member, NewUser
from fieldops.identity.service import add_user, require_reach
from fieldops.identity.sessions import open_session
from fieldops.identity.tokens import digest, new_secret
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated
from inventory.kernel.installation import DEMO_DATE, fact
from inventory.kernel.texts import gettext as _
from inventory.network.models import Place, Region

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
"""The names of this machine that nobody else can reach."""

_IN_A_REGION = frozenset({"dispatcher", "receiving_inspector", "regional_manager", "storekeeper", "technician"})
DEMO_ROLES = tuple(sorted(ROLES.keys() - {"customer"}))
"""Who takes part in a demonstration; a customer would need an operator of its own."""


def require_loopback(host: str | None, client: str = "127.0.0.1") -> None:
    """Raise Forbidden for a host that others can reach, or a client's address that is not of this machine."""
    if host not in LOOPBACK or not _is_loopback(client):
        raise Forbidden(
            _("Login links work on this machine only; sign in with a password, or open localhost"),
            code="link_not_local",
        )


def login_link(session: Session, base_url: str, whom: str, now: datetime) -> str:
    """Return a link that signs a user, or the demonstration's user of a role, in once within ten minutes.

    Raises Conflict where the database holds no demonstration, Invalid for a name that is neither.
    """
    _require_demo(session)
    user_id = session.scalar(select(User.id).where(User.name == whom, User.enabled))
    if user_id is None:
        if whom not in DEMO_ROLES:
            raise Invalid(
                _("{whom} is neither a user nor a role; a role is one of {roles}").format(
                    whom=whom, roles=", ".join(DEMO_ROLES)
                ),
                code="neither_user_nor_role",
            )
        user_id = _demo_user(session, whom)
    secret = new_secret()
    session.add(LoginLink(digest=digest(secret), user_id=user_id, expires_at=now + LINK_MAX))
    session.flush()
    return f"{base_url.rstrip('/')}/signin/link/{secret}"


def link_for(session: Session, actor: Actor, base_url: str, name: str, now: datetime) -> LoginLinkOut:
    """Return a link that signs a user in once; raises NotFound, Conflict, Forbidden for one who may do more."""
    user = user_row(session, name)
    require_reach(session, actor, user)
    link = login_link(session, base_url, user.name, now)
    record(session, "link_made", "user", user.name)
    return LoginLinkOut(link=link, expires_at=now + LINK_MAX)


def demo_links(session: Session, base_url: str, now: datetime) -> list[tuple[str, str]]:
    """Return (role, link) for every role of a demonstration, adding its users where they are missing.

    A role whose user somebody disabled is left out.
    """
    disabled = set(session.scalars(select(User.name).where(User.enabled.is_(False))))
    roles = [role for role in DEMO_ROLES if _demo_name(role) not in disabled]
    return [(role, login_link(session, base_url, role, now)) for role in roles]


def link_user(session: Session, secret: str, now: datetime) -> str:
    """Return the display name of whom a link would sign in, without using it up; raises Unauthenticated."""
    found = session.scalar(
        select(User.display_name)
        .join(LoginLink, LoginLink.user_id == User.id)
        .where(LoginLink.digest == digest(secret), LoginLink.expires_at > now)
    )
    if found is None:
        raise _used_up()
    return found


def follow_link(session: Session, secret: str, now: datetime) -> str:
    """Use a link up and return the secret of the session that it opens; raises Unauthenticated, Conflict."""
    _require_demo(session)
    user_id: UUID | None = session.scalar(
        delete(LoginLink)
        .where(LoginLink.digest == digest(secret), LoginLink.expires_at > now)
        .returning(LoginLink.user_id)
    )
    user = None if user_id is None else session.get(User, user_id, with_for_update={"read": True})
    if user is None or not user.enabled:
        raise _used_up()
    return open_session(session, user.id, user.name, now, by="link")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


def is_demo(session: Session) -> bool:
    """Tell whether the database holds a demonstration."""
    return fact(session, DEMO_DATE) is not None


def _require_demo(session: Session) -> None:
    if not is_demo(session):
        raise Conflict(
            _("Login links exist for demonstrations only; add a user with: fieldops user add NAME"), code="no_demo"
        )


def _used_up() -> Unauthenticated:
    return Unauthenticated(
        _("This link was used or is older than ten minutes; make another with: fieldops user link"), code="link_used_up"
    )


def _demo_name(role: str) -> str:
    return f"demo.{role}"


def _demo_user(session: Session, role: str) -> UUID:
    """Return the key of the demonstration's user of a role, added where it is missing."""
    same_name = select(User.id).where(User.name == _demo_name(role))
    found = session.scalar(same_name)
    if found is not None:
        return found
    new = NewUser(
        name=_demo_name(role),
        display_name=f"{ROLE_NAMES[role]} (demo)",
        roles=frozenset({role}),
        memberships=frozenset(_memberships(session, role)),
    )
    add_user(session, SYSTEM, new)
    return session.scalars(same_name).one()


def _memberships(session: Session, role: str) -> list[Member]:
    if role == AOG_CONTROLLER:
        return []
    if role not in _IN_A_REGION:
        return [Member(kind=MemberKind.NETWORK)]
    largest = (
        select(Region.code)
        .outerjoin(Place)
        .group_by(Region.code)
        .order_by(func.count(Place.id).desc(), Region.code)
        .limit(1)
    )
    return [Member(kind=MemberKind.REGION, code=code) for code in session.scalars(largest)]
