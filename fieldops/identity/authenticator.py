"""From a request to who acts: by an API token, or by the cookie of a login session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock, Thread
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Engine, Update, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request

from fieldops.identity.actors import Granted, Lent, load_actor, no_grants, no_loans
from fieldops.identity.calendars import owner_of
from fieldops.identity.cookies import client_address, session_secret
from fieldops.identity.door import Door
from fieldops.identity.models import ApiToken, LoginSession
from fieldops.identity.oidc import Provider, provider_of
from fieldops.identity.passwords import Passwords
from fieldops.identity.rules import idle_max
from fieldops.identity.tokens import digest, is_csrf_of
from fieldops.settings import Settings
from inventory.kernel.actor import SYSTEM, Actor
from inventory.kernel.clock import Clock
from inventory.kernel.engine import reading, writing
from inventory.kernel.errors import DomainError, Forbidden, Unauthenticated
from inventory.kernel.texts import gettext as _

CACHED = timedelta(seconds=5)
"""For how long an answer of the database holds: other processes notice a change that late."""
TOUCHED_EVERY = timedelta(minutes=1)
CSRF_HEADER = "X-CSRF-Token"
_CACHE_MAX = 10_000
_TOUCH_S = 2.0
_TURN_S = 0.2
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_Means = Literal["token", "session"]
_Shown = tuple[_Means, str, str]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who acts, and by which login session; None for an API token."""

    actor: Actor
    user_id: UUID
    session: str | None


@dataclass(slots=True)
class _Found:
    """What the database says; true until an instant. `touch` writes down the first use, where that is due."""

    who: SignedIn
    until: datetime
    touch: Update | None


class Authenticator:
    """Tells who sent a request. What it learns it remembers for a few seconds, by the hash of what was sent.

    `granted` tells which regions a scope may read beyond its own.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        settings: Settings,
        *,
        passwords: Passwords | None = None,
        granted: Granted = no_grants,
        lent: Lent = no_loans,
    ) -> None:
        self.settings = settings
        self.door = Door(engine, clock, passwords or Passwords())
        self._engine = engine
        self._clock = clock
        self._granted = granted
        self._lent = lent
        self._known: dict[_Shown, _Found] = {}
        self._touching = Lock()

    @cached_property
    def provider(self) -> Provider:
        """The provider of single sign-on; raises NotFound where none is set up."""
        return provider_of(self.settings)

    def __call__(self, request: Request) -> Actor:
        """Return who acts; raises Unauthenticated, Forbidden for a change by cookie without its CSRF token."""
        return self.identify(request).actor

    def identify(self, request: Request) -> SignedIn:
        """Return who acts and by what."""
        who = self._who(request, use=True)
        if who.session is not None and request.method not in _SAFE_METHODS:
            secret = session_secret(request)
            if secret is None or not is_csrf_of(secret, request.headers.get(CSRF_HEADER)):
                raise Forbidden(
                    _("The request carries no valid CSRF token; load the page again and repeat"), code="csrf_failed"
                )
        return who

    def still(self, request: Request, actor: Actor) -> bool:
        """Tell whether a request that lasts would be let in again as the same actor; asking does not use a session."""
        try:
            return self._who(request, use=False).actor == actor
        except (DomainError, SQLAlchemyError):
            return False

    def of_session(self, secret: str, address: str) -> SignedIn:
        """Return who holds the secret of a session; raises Unauthenticated."""
        return self._look_up(("session", digest(secret), address), use=True)

    def of_calendar(self, secret: str, address: str) -> Actor:
        """Return who reads a calendar by its secret; raises NotFound."""
        with reading(self._engine, SYSTEM) as session:
            return owner_of(session, secret, self._clock(), self._granted, f"{address} calendar")

    def forget(self) -> None:
        """Ask the database again from now on; to be called after every change of identity."""
        self._known.clear()

    def remembers(self, request: Request) -> bool:
        """Tell whether the answer is known, and nothing is to be written down for it: so without the database."""
        shown = _shown(request)
        found = None if shown is None else self._remembered(shown)
        return found is not None and found.touch is None

    def _who(self, request: Request, *, use: bool) -> SignedIn:
        shown = _shown(request)
        if shown is None:
            raise Unauthenticated(
                _("Nobody is signed in; sign in at /signin, or send a token of the API"), code="not_signed_in"
            )
        return self._look_up(shown, use=use)

    def _remembered(self, shown: _Shown) -> _Found | None:
        found = self._known.get(shown)
        return found if found is not None and self._clock() < found.until else None

    def _look_up(self, shown: _Shown, *, use: bool) -> SignedIn:
        found = self._remembered(shown)
        if found is None:
            found = self._asked(shown)
            if len(self._known) >= _CACHE_MAX:
                self._known.clear()
            self._known[shown] = found
        if use and found.touch is not None:
            self._touch(found)
        return found.who

    def _asked(self, shown: _Shown) -> _Found:
        means, key, address = shown
        with reading(self._engine, SYSTEM) as session:
            look = self._by_token if means == "token" else self._by_session
            return look(session, key, address, self._clock())

    def _touch(self, found: _Found) -> None:
        """Write down a use, as well as a busy database lets us: a request that only reads does not wait long for it.

        One at a time waits for the database, beside the request; what finds it waiting is left to a later request.
        """
        if not self._touching.acquire(timeout=_TURN_S):
            return
        touch, found.touch = found.touch, None
        if touch is None:
            self._touching.release()
            return
        writer = Thread(target=self._write_down, args=(touch,), name="touch", daemon=True)
        writer.start()
        writer.join(_TOUCH_S)

    def _write_down(self, touch: Update) -> None:
        try:
            with suppress(SQLAlchemyError), writing(self._engine, SYSTEM, clock=self._clock) as session:
                session.execute(touch, execution_options={"synchronize_session": False})
        finally:
            self._touching.release()

    def _by_token(self, session: Session, key: str, address: str, now: datetime) -> _Found:
        token = session.scalar(select(ApiToken).where(ApiToken.digest == key))
        if token is None:
            raise Unauthenticated(_("This token does not exist; make a new one"), code="token_unknown")
        if token.revoked_at is not None:
            raise Unauthenticated(_("This token was revoked; make a new one"), code="token_revoked")
        if token.expires_at <= now:
            raise Unauthenticated(_("This token has expired; make a new one"), code="token_expired")
        actor = self._actor(
            session,
            token.user_id,
            now,
            origin=f"{address} token {token.name}",
            limited_to=None if token.permissions is None else frozenset(token.permissions),
        )
        due = token.last_used_at is None or now - token.last_used_at >= TOUCHED_EVERY
        used = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now)
        touch = update(ApiToken).where(ApiToken.id == token.id, used).values(last_used_at=now)
        return _Found(SignedIn(actor, token.user_id, None), min(now + CACHED, token.expires_at), touch if due else None)

    def _by_session(self, session: Session, key: str, address: str, now: datetime) -> _Found:
        login = session.get(LoginSession, key)
        if login is None:
            raise Unauthenticated(_("You are signed out; sign in again"), code="session_ended")
        if login.expires_at <= now:
            raise Unauthenticated(_("Your session has lasted its 12 hours; sign in again"), code="session_expired")
        actor = self._actor(session, login.user_id, now, origin=f"{address} session")
        idle_at = login.last_seen_at + idle_max(actor.roles)
        if idle_at <= now:
            raise Unauthenticated(_("Your session ended after a while without use; sign in again"), code="session_idle")
        due = now - login.last_seen_at >= TOUCHED_EVERY
        touch = (
            update(LoginSession).where(LoginSession.id == key, LoginSession.last_seen_at < now).values(last_seen_at=now)
        )
        until = min(now + CACHED, login.expires_at, idle_at)
        return _Found(SignedIn(actor, login.user_id, key), until, touch if due else None)

    def _actor(self, session: Session, user_id: UUID, now: datetime, **told: Any) -> Actor:
        return load_actor(session, user_id, now, granted=self._granted, lent=self._lent, **told)


def _shown(request: Request) -> _Shown | None:
    """Return what a request shows of who sends it: the means, the hash of the secret, the address it comes from."""
    address = client_address(request)
    scheme, _blank, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "token", digest(token.strip()), address
    secret = session_secret(request)
    return None if secret is None else ("session", digest(secret), address)
