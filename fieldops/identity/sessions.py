"""Login sessions: opened, ended, and swept up when they are over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from fieldops.identity.models import Credential, LoginLink, LoginSession, LoginThrottle, OidcLogin
from fieldops.identity.rules import SESSION_MAX, STRIKES_FORGOTTEN
from fieldops.identity.tokens import digest, new_secret
from inventory.kernel.audit import record


def open_session(session: Session, user_id: UUID, name: str, now: datetime, *, by: str) -> str:
    """Open a login session and return what its cookie holds; `by` says what let the user in."""
    secret = new_secret()
    session.add(
        LoginSession(id=digest(secret), user_id=user_id, created_at=now, last_seen_at=now, expires_at=now + SESSION_MAX)
    )
    credential = session.get_one(Credential, user_id)
    credential.last_login_at = now
    record(session, "signed_in", "user", name, after={"by": by})
    session.flush()
    return secret


def end_session(session: Session, key: str, name: str) -> None:
    """End one session by the hash of its secret."""
    session.execute(delete(LoginSession).where(LoginSession.id == key))
    record(session, "signed_out", "user", name)


def end_sessions(session: Session, user_id: UUID, name: str) -> None:
    """End all sessions of a user."""
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    record(session, "signed_out_everywhere", "user", name)


def prune_sign_ins(session: Session, now: datetime) -> int:
    """Forget sessions, links, attempts and logins that are over; returns how many."""
    over = (
        delete(LoginSession).where(LoginSession.expires_at <= now),
        delete(LoginLink).where(LoginLink.expires_at <= now),
        delete(OidcLogin).where(OidcLogin.expires_at <= now),
        delete(LoginThrottle).where(
            LoginThrottle.blocked_until < now - STRIKES_FORGOTTEN, LoginThrottle.since < now - STRIKES_FORGOTTEN
        ),
    )
    results = [session.execute(one, execution_options={"synchronize_session": False}) for one in over]
    return sum(result.rowcount for result in results)  # type: ignore[attr-defined]
