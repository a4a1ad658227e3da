"""The way in: a name with a password, and a code where the account has a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.identity.actors import in_the_name_of
from fieldops.identity.models import Credential, User
from fieldops.identity.passwords import Passwords
from fieldops.identity.sessions import open_session
from fieldops.identity.throttling import count_attempt, forgive
from fieldops.identity.totp import accepted_step
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import record
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import Forbidden, TooMany, Unauthenticated
from inventory.kernel.texts import gettext as _

_NOBODY = "unknown"
"""Stands in the audit trail for a name that no account has: it may be a password in the wrong field."""


@dataclass(frozen=True, slots=True)
class _Account:
    user_id: UUID
    name: str
    enabled: bool
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Door:
    """Checks passwords. Counting, checking and letting in are transactions of their own: no hash is made inside one."""

    engine: Engine
    clock: Clock
    passwords: Passwords

    def sign_in(self, name: str, password: str, code: str | None, address: str) -> str:
        """Return the secret of a new session. Raises Unauthenticated, TooMany for too many attempts."""
        name = name.strip().casefold()
        self._count(name, address)
        account = self._account(name)
        try:
            return self._let_in(account, password, code, address)
        except Unauthenticated as refused:
            known = account.name if account else _NOBODY
            with writing(self.engine, in_the_name_of(known, address), clock=self.clock) as session:
                record(session, "sign_in_failed", "user", known, after={"code": refused.code})
            raise

    def prove(self, name: str, password: str, address: str) -> None:
        """Check the password of somebody who is signed in already; raises Forbidden, TooMany."""
        self._count(name, address)
        account = self._account(name)
        if not self.passwords.matches(account.password_hash if account else None, password):
            raise Forbidden(_("This is not your password; type it again"), code="wrong_password", field="password")
        with writing(self.engine, in_the_name_of(name, address), clock=self.clock) as session:
            forgive(session, name, address)

    def _count(self, name: str, address: str) -> None:
        with writing(self.engine, in_the_name_of(_NOBODY, address), clock=self.clock) as session:
            wait = count_attempt(session, name, address, self.clock())
        if wait:
            raise TooMany(
                _("Too many attempts; try again in {seconds} seconds").format(seconds=wait),
                code="too_many_attempts",
                retry_after_s=wait,
            )

    def _account(self, name: str) -> _Account | None:
        with reading(self.engine, SYSTEM) as session:
            query = select(User.id, User.name, User.enabled, Credential.password_hash).join(
                Credential, Credential.user_id == User.id
            )
            row = session.execute(query.where(User.name == name)).one_or_none()
        return None if row is None else _Account(*row)

    def _let_in(self, account: _Account | None, password: str, code: str | None, address: str) -> str:
        matches = self.passwords.matches(account.password_hash if account else None, password)
        if account is None or not matches:
            raise _wrong()
        _require_enabled(account.enabled)
        outdated = account.password_hash is not None and self.passwords.outdated(account.password_hash)
        rehashed = self.passwords.hash(password) if outdated else None
        now = self.clock()
        with writing(self.engine, in_the_name_of(account.name, address), clock=self.clock) as session:
            # both may have changed while the password was checked, which takes its time
            _require_enabled(session.get_one(User, account.user_id, with_for_update={"read": True}).enabled)
            credential = session.get_one(Credential, account.user_id, with_for_update=True)
            if credential.password_hash != account.password_hash:
                raise _wrong()
            _check_code(session, credential, code, now)
            if rehashed is not None:
                credential.password_hash = rehashed
            forgive(session, account.name, address)
            return open_session(session, account.user_id, account.name, now, by="password")


def _wrong() -> Unauthenticated:
    return Unauthenticated(_("Name or password is wrong; type both again"), code="wrong_credentials")


def _require_enabled(enabled: bool) -> None:
    if not enabled:
        raise Unauthenticated(_("This account is disabled; ask an administrator to enable it"), code="account_disabled")


def _check_code(session: Session, credential: Credential, code: str | None, now: datetime) -> None:
    if credential.totp_secret is None or credential.totp_step is None:
        return
    if not code:
        raise Unauthenticated(
            _("This account needs the six digits of its authenticator as well; type them"), code="code_required"
        )
    step = accepted_step(credential.totp_secret, code, credential.totp_step, now)
    if step is None:
        raise Unauthenticated(
            _("The code is wrong or was used before; wait for the next one and type that"), code="wrong_code"
        )
    credential.totp_step = step
    session.flush()
