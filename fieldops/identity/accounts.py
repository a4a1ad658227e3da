"""Use cases of users about themselves: password, second factor, tokens. Sessions here are of the whole network."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from fieldops.identity.models import ApiToken, Credential, User
from fieldops.identity.queries import permissions_of, token_told
from fieldops.identity.schemas import IssuedToken, NewToken
from fieldops.identity.service import require_grantable, require_reach
from fieldops.identity.sessions import end_sessions
from fieldops.identity.tokens import TOKEN_PREFIX, digest, new_secret
from fieldops.identity.totp import accepted_step, new_totp_secret
from inventory.kernel.actor import Actor
from inventory.kernel.audit import record
from inventory.kernel.errors import Conflict, Invalid, NotFound
from inventory.kernel.texts import gettext as _


def change_own_password(session: Session, user: User, password_hash: str) -> None:
    """Set the user's password, and end every session of the user; the caller opens a new one."""
    session.get_one(Credential, user.id).password_hash = password_hash
    record(session, "password_changed", "user", user.name)
    end_sessions(session, user.id, user.name)


def enrol_totp(session: Session, user: User) -> str:
    """Set up a second factor and return its secret; it is in force once a code has confirmed it.

    Raises Conflict where one is in force.
    """
    credential = session.get_one(Credential, user.id, with_for_update=True)
    if credential.totp_step is not None:
        raise Conflict(_("The account has a second factor; remove that first"), code="second_factor_exists")
    credential.totp_secret = new_totp_secret()
    session.flush()
    return credential.totp_secret


def confirm_totp(session: Session, user: User, code: str, now: datetime) -> None:
    """Put the second factor in force with its first code, and end every session; the caller opens a new one.

    Raises Conflict where none was set up, Invalid for a wrong code.
    """
    credential = session.get_one(Credential, user.id, with_for_update=True)
    if credential.totp_secret is None or credential.totp_step is not None:
        raise Conflict(_("No second factor waits for its first code; set one up"), code="no_second_factor_waits")
    step = accepted_step(credential.totp_secret, code, None, now)
    if step is None:
        raise Invalid(
            _("The code is wrong; check the clock of the telephone and type the next one"),
            code="wrong_first_code",
            field="code",
        )
    credential.totp_step = step
    record(session, "second_factor_added", "user", user.name)
    end_sessions(session, user.id, user.name)


def remove_totp(session: Session, user: User) -> None:
    """Take the second factor away; raises Conflict where there is none."""
    credential = session.get_one(Credential, user.id, with_for_update=True)
    if credential.totp_secret is None:
        raise Conflict(_("The account has no second factor"), code="no_second_factor")
    credential.totp_secret = credential.totp_step = None
    record(session, "second_factor_removed", "user", user.name)
    session.flush()


def issue_token(session: Session, actor: Actor, user: User, new: NewToken, now: datetime) -> IssuedToken:
    """Make a token of a user; raises Forbidden for permissions that the actor or the user lacks."""
    theirs = permissions_of(session, user.id)
    wanted = theirs if new.permissions is None else new.permissions
    require_grantable(actor, wanted)
    for permission in sorted(wanted - theirs):
        raise Invalid(
            _("{user} has no right “{permission}”; a token cannot have it either").format(
                user=user.name, permission=permission
            ),
            code="beyond_users_rights",
            field="permissions",
        )
    secret = TOKEN_PREFIX + new_secret()
    token = ApiToken(
        user_id=user.id,
        name=new.name,
        digest=digest(secret),
        permissions=None if new.permissions is None else sorted(new.permissions),
        created_at=now,
        expires_at=now + timedelta(days=new.days),
    )
    session.add(token)
    session.flush()
    record(session, "token_issued", "user", user.name, after={"id": token.id, "name": token.name})
    return IssuedToken(**token_told(token, user.name).model_dump(), token=secret)


def revoke_token(session: Session, actor: Actor, user: User, token_id: UUID, now: datetime) -> None:
    """Revoke a token of a user, for good; raises NotFound, Forbidden for a user who may do more than the actor."""
    require_reach(session, actor, user)
    token = session.get(ApiToken, token_id)
    if token is None or token.user_id != user.id:
        raise NotFound(
            _("{user} has no such token; GET /api/v1/tokens lists them").format(user=user.name), code="unknown_token"
        )
    if token.revoked_at is None:
        token.revoked_at = now
        record(session, "token_revoked", "user", user.name, after={"id": token.id, "name": token.name})
    session.flush()
