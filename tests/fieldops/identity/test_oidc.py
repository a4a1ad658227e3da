"""Single sign-on against a provider that really signs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from fieldops.identity.queries import user_row
from tests.conftest import NOW
from tests.fieldops.identity.provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, open_id_provider
from tests.fieldops.identity.site import Site, add_user, in_system_session, served_site


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider of the test's own."""
    with open_id_provider() as provider:
        provider.now = int(NOW.timestamp())
        yield provider


@pytest.fixture
def site(engine: Engine, provider: OpenIdProvider) -> Iterator[Site]:
    """A site that trusts the provider."""
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    with served_site(engine, **settings) as site:
        yield site


def sign_in(browser: httpx.Client) -> httpx.Response:
    """Go to the provider and come back; the answer to coming back."""
    sent = browser.get("/signin/oidc")
    assert sent.status_code == 303, sent.text
    with httpx.Client() as there:
        back = there.get(sent.headers["location"]).headers["location"]
    return browser.get(back)


def name_of(browser: httpx.Client) -> str | None:
    """Who is signed in."""
    name: str | None = browser.get("/api/v1/session").json().get("name")
    return name


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "Dora"},
        {"preferred_username": "someone", "email": "Dora@Example.org", "email_verified": True},
    ],
)
def test_who_the_provider_names_is_signed_in(site: Site, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
    in_system_session(site.engine, lambda session: setattr(user_row(session, "dora"), "email", "dora@example.org"))
    provider.claims = claims
    browser = site.client()
    assert "/signin/oidc" in browser.get("/signin").text
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert name_of(browser) == "dora"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"preferred_username": ""},
        {"preferred_username": "stranger"},
        {"email": "dora@example.org"},
        {"email": "dora@example.org", "email_verified": False},
        {"preferred_username": "fin", "email": "dora@example.org", "email_verified": True},
        {"preferred_username": "gone"},
    ],
)
def test_nobody_is_added_and_only_one_enabled_user_fits(
    site: Site, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    in_system_session(site.engine, lambda session: setattr(user_row(session, "dora"), "email", "dora@example.org"))
    add_user(site.engine, "gone")
    in_system_session(site.engine, lambda session: setattr(user_row(session, "gone"), "enabled", False))
    provider.claims = claims
    browser = site.client()
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "No enabled user fits" in answer.text
    assert name_of(browser) is None


@pytest.mark.parametrize(
    "forged",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(
    site: Site, provider: OpenIdProvider, forged: dict[str, Any]
) -> None:
    provider.claims, provider.forged = {"preferred_username": "dora"}, forged
    browser = site.client()
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "not valid" in answer.text
    assert name_of(browser) is None


def test_a_token_that_the_provider_did_not_sign_is_refused(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = {"preferred_username": "dora"}
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(site.client()).status_code == 401


def test_a_login_comes_back_once_to_the_browser_that_began_it(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = {"preferred_username": "dora"}
    browser = site.client()
    with httpx.Client() as there:
        back = there.get(browser.get("/signin/oidc").headers["location"]).headers["location"]
    victim = site.client()
    assert victim.get(back).status_code == 401, "a link from an attacker signs nobody in"
    assert name_of(victim) is None
    state = browser.cookies["fieldops_sso"]
    assert browser.get(back).status_code == 303
    browser.cookies.set("fieldops_sso", state, domain="127.0.0.1", path="/")
    assert browser.get(back).status_code == 401


def test_a_login_that_takes_too_long_begins_again(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = {"preferred_username": "dora"}
    browser = site.client()
    with httpx.Client() as there:
        back = there.get(browser.get("/signin/oidc").headers["location"]).headers["location"]
    site.clock.turn(minutes=10)
    provider.now = int(site.clock.now.timestamp())
    answer = browser.get(back)
    assert answer.status_code == 401
    assert "begin again" in answer.text


def test_a_provider_that_does_not_answer_is_no_error_of_ours(engine: Engine) -> None:
    settings = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x", "oidc_client_secret": "y"}
    with served_site(engine, **settings) as site:
        answer = site.client().get("/signin/oidc")
    assert answer.status_code == 503
    assert "sign in with your password" in answer.text


def test_without_a_provider_there_is_no_single_sign_on(engine: Engine) -> None:
    with served_site(engine) as site:
        assert site.client().get("/signin/oidc").status_code == 404
