"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce.

At the first login a person is matched to a user that exists and is enabled, by a verified e-mail address, or by
`preferred_username` where the settings say that the provider controls it. The person's identifier at the provider is
then bound to that user and decides ever after; nobody is ever added by signing in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from fieldops.identity.models import OidcLogin, User, UserIdentity
from fieldops.identity.rules import LINK_MAX
from fieldops.identity.sessions import open_session
from fieldops.identity.tokens import digest, new_secret
from fieldops.settings import Settings
from inventory.kernel.errors import NotFound, NotReady, Unauthenticated
from inventory.kernel.texts import gettext as _

_TIMEOUT_S = 10
_LEEWAY_S = 60
_KEPT_S = 300
_ALGORITHMS = ["RS256", "ES256"]
_ENDPOINTS = frozenset({"authorization_endpoint", "token_endpoint", "jwks_uri"})


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider of single sign-on, and how we are known to it.

    What it publishes is kept for five minutes of `timer`, which returns seconds that never go back.
    """

    issuer: str
    client_id: str
    client_secret: str
    trust_username: bool = False
    timer: Callable[[], float] = monotonic
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, init=False)

    def discover(self) -> dict[str, Any]:
        """Return what the provider says about itself; raises NotReady."""
        told = self._published(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer or not told.keys() >= _ENDPOINTS:
            raise _unreachable("issuer")
        return told

    def _published(self, address: str, *, anew: bool = False) -> dict[str, Any]:
        until, told = self._kept.get(address, (0.0, {}))
        now = self.timer()
        if anew or now >= until:
            told = _asked("GET", address)
            self._kept[address] = now + _KEPT_S, told
        return told

    def address(self, told: dict[str, Any], login: NewLogin, redirect_uri: str) -> str:
        """Return where to send the browser."""
        address: str = prepare_grant_uri(
            told["authorization_endpoint"],
            self.client_id,
            "code",
            redirect_uri,
            "openid profile email",
            login.state,
            nonce=login.nonce,
            code_challenge=create_s256_code_challenge(login.verifier),
            code_challenge_method="S256",
        )
        return address

    def claims(self, code: str, login: NewLogin, redirect_uri: str, now: datetime) -> dict[str, Any]:
        """Exchange the code that came back for who the person is; raises Unauthenticated, NotReady."""
        told = self.discover()
        answer = _asked(
            "POST",
            told["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": login.verifier,
            },
            auth=(self.client_id, self.client_secret),
        )
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": login.nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = self._signed(answer["id_token"], told["jwks_uri"])
            registry.validate(claims)
        except (JoseError, KeyError, ValueError):
            raise Unauthenticated(
                _("The answer of the single sign-on is not valid; try again"), code="sso_answer_wrong"
            ) from None
        return claims

    def _signed(self, token: str, jwks_uri: str) -> dict[str, Any]:
        """Return what a token holds; where the keys that are kept do not fit, the provider may have new ones."""
        try:
            return _decoded(token, self._published(jwks_uri))
        except (JoseError, ValueError):
            return _decoded(token, self._published(jwks_uri, anew=True))


@dataclass(frozen=True, slots=True)
class NewLogin:
    """What one login is recognised by when it comes back: for the browser, the token, the exchange."""

    state: str
    nonce: str
    verifier: str


def provider_of(settings: Settings) -> Provider:
    """Return the provider that is set up; raises NotFound where there is none."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        raise NotFound(_("Single sign-on is not set up; sign in with your password"), code="no_sso")
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_trust_username,
    )


def begin_login(session: Session, now: datetime) -> NewLogin:
    """Remember that a browser goes to the provider now."""
    login = NewLogin(new_secret(), new_secret(), new_secret())
    session.add(
        OidcLogin(state=digest(login.state), nonce=login.nonce, verifier=login.verifier, expires_at=now + LINK_MAX)
    )
    session.flush()
    return login


def resume_login(session: Session, state: str, now: datetime) -> NewLogin:
    """Return the login that a browser comes back with, once; raises Unauthenticated."""
    row = session.execute(
        delete(OidcLogin)
        .where(OidcLogin.state == digest(state), OidcLogin.expires_at > now)
        .returning(OidcLogin.nonce, OidcLogin.verifier)
    ).one_or_none()
    if row is None:
        raise Unauthenticated(_("This single sign-on is over or was used; begin again"), code="sso_over")
    return NewLogin(state, *row)


def sign_in_as(session: Session, provider: Provider, claims: dict[str, Any], now: datetime) -> str:
    """Return the secret of a session for the enabled user whom the claims name; raises Unauthenticated.

    The first login binds the person at the provider to the user.
    """
    user = _bound_user(session, provider, str(claims["sub"])) or _bind(session, provider, claims)
    if user is None or not user.enabled:
        raise Unauthenticated(
            _("No enabled user fits your single sign-on; ask an administrator to add you"), code="sso_no_user"
        )
    return open_session(session, user.id, user.name, now, by="single sign-on")


def _bound_user(session: Session, provider: Provider, subject: str) -> User | None:
    bound = UserIdentity.issuer == provider.issuer, UserIdentity.subject == subject
    query = select(User).join(UserIdentity, UserIdentity.user_id == User.id).where(*bound)
    return session.scalar(query.with_for_update(of=User, read=True))


def _bind(session: Session, provider: Provider, claims: dict[str, Any]) -> User | None:
    """Bind a person to the one user who fits, and whom nobody else at the provider is."""
    fits: list[ColumnElement[bool]] = []
    if claims.get("email_verified") is True:
        fits.append(User.email == str(claims.get("email", "")).lower())
    if provider.trust_username:
        fits.append(User.name == str(claims.get("preferred_username", "")).casefold())
    if not fits:
        return None
    # with the user locked, the same person may come twice at once
    query = select(User).where(User.enabled, or_(*fits)).limit(2).with_for_update(key_share=True)
    users = session.scalars(query).all()
    if len(users) != 1:
        return None
    [user] = users
    subject = str(claims["sub"])
    mine = UserIdentity.issuer == provider.issuer, UserIdentity.user_id == user.id
    bound = session.scalar(select(UserIdentity.subject).where(*mine))
    if bound is None:
        session.add(UserIdentity(issuer=provider.issuer, subject=subject, user_id=user.id))
    return user if bound in (None, subject) else None


def _decoded(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type]


def _asked(method: str, address: str, **sent: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, address, timeout=_TIMEOUT_S, **sent)
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError) as why:
        raise _unreachable(type(why).__name__) from None
    return told if isinstance(told, dict) else {}


def _unreachable(why: str) -> NotReady:
    return NotReady(
        _("The single sign-on cannot be used now ({why}); try again, or sign in with your password").format(why=why),
        code="sso_unreachable",
    )
