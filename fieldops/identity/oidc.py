"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce.

A person is matched to a user that exists and is enabled, by `preferred_username` or a verified e-mail address; nobody
is ever added by signing in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from fieldops.identity.models import OidcLogin, User
from fieldops.identity.rules import LINK_MAX
from fieldops.identity.sessions import open_session
from fieldops.identity.tokens import digest, new_secret
from fieldops.settings import Settings
from inventory.kernel.errors import NotFound, NotReady, Unauthenticated
from inventory.kernel.texts import gettext as _

_TIMEOUT_S = 10
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "ES256"]


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider of single sign-on, and how we are known to it."""

    issuer: str
    client_id: str
    client_secret: str

    def discover(self) -> dict[str, Any]:
        """Return what the provider says about itself; raises NotReady."""
        told = _asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise _unreachable("issuer")
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
        keys = KeySet.import_key_set(_asked("GET", told["jwks_uri"]))  # type: ignore[arg-type]
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
            token = jwt.decode(answer["id_token"], keys, algorithms=_ALGORITHMS)
            registry.validate(token.claims)
        except (JoseError, KeyError, ValueError):
            raise Unauthenticated(
                _("The answer of the single sign-on is not valid; try again"), code="sso_answer_wrong"
            ) from None
        return token.claims


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
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())


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


def sign_in_as(session: Session, claims: dict[str, Any], now: datetime) -> str:
    """Return the secret of a session for the one enabled user whom the claims name; raises Unauthenticated."""
    name = str(claims.get("preferred_username", "")).casefold()
    email = str(claims.get("email", "")).lower() if claims.get("email_verified") is True else ""
    matches = or_(User.name == name, User.email == email)
    users = session.scalars(select(User).where(User.enabled, matches).limit(2)).all()
    if len(users) != 1:
        raise Unauthenticated(
            _("No enabled user fits your single sign-on; ask an administrator to add you"), code="sso_no_user"
        )
    return open_session(session, users[0].id, users[0].name, now, by="single sign-on")


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
