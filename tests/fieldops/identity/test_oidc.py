"""Single sign-on against a provider that really signs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from threading import Thread
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fieldops.identity.models import LoginSession, UserIdentity
from fieldops.identity.oidc import Provider, sign_in_as
from fieldops.identity.queries import user_row
from fieldops.identity.schemas import UserChange
from fieldops.identity.service import change_user
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.identity.provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, open_id_provider
from tests.fieldops.identity.site import Site, furnish, in_system_session, served_site
from tests.fieldops.identity.test_users_api import wait_for_a_waiter


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    """A provider of the test's own."""
    with open_id_provider() as provider:
        provider.now = int(NOW.timestamp())
        yield provider


def served(engine: Engine, provider: OpenIdProvider, **more: Any) -> AbstractContextManager[Site]:
    """A site that trusts the provider."""
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    return served_site(engine, **settings, **more)


@pytest.fixture
def site(engine: Engine, provider: OpenIdProvider) -> Iterator[Site]:
    """A site that trusts the provider to have verified the e-mail address of a user."""
    with served(engine, provider) as site:
        give_address(site, "dora")
        yield site


@pytest.fixture
def trusting(engine: Engine, provider: OpenIdProvider) -> Iterator[Site]:
    """A site that also trusts the names that the provider gives."""
    with served(engine, provider, oidc_trust_username=True) as site:
        give_address(site, "dora")
        yield site


def give_address(site: Site, name: str) -> None:
    """Give a user the address of the tests, as an administrator does."""
    change = UserChange(email="dora@example.org")

    def give(session: Session) -> None:
        change_user(session, SYSTEM, name, change, user_row(session, name).version)

    in_system_session(site.engine, give)


VERIFIED = {"email": "Dora@Example.org", "email_verified": True}


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


@pytest.mark.parametrize("claims", [VERIFIED, VERIFIED | {"preferred_username": "fin"}])
def test_whom_the_provider_has_verified_is_signed_in(
    site: Site, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = site.client()
    assert "/signin/oidc" in browser.get("/signin").text
    answer = sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert name_of(browser) == "dora"


@pytest.mark.parametrize("claims", [{"preferred_username": "Dora"}, VERIFIED | {"preferred_username": "someone"}])
def test_a_name_counts_where_the_provider_controls_it(
    trusting: Site, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = trusting.client()
    sign_in(browser)
    assert name_of(browser) == "dora"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"preferred_username": ""},
        {"preferred_username": "dora"},
        {"email": "dora@example.org"},
        {"email": "dora@example.org", "email_verified": False},
        {"email": "dora@example.org", "email_verified": "true"},
        {"email": "", "email_verified": True},
        {"email_verified": True},
    ],
)
def test_what_anybody_can_claim_signs_nobody_in(site: Site, provider: OpenIdProvider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    refuse(site)


@pytest.mark.parametrize("claims", [{"preferred_username": "stranger"}, VERIFIED | {"preferred_username": "fin"}])
def test_nobody_is_added_and_only_one_user_fits(
    trusting: Site, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    refuse(trusting)


def test_a_disabled_user_does_not_fit_before_and_after_the_first_login(site: Site, provider: OpenIdProvider) -> None:
    def enable(enabled: bool) -> None:
        in_system_session(site.engine, lambda session: setattr(user_row(session, "dora"), "enabled", enabled))

    provider.claims = VERIFIED
    enable(False)
    refuse(site)
    enable(True)
    assert sign_in(site.client()).status_code == 303
    enable(False)
    refuse(site)


def refuse(site: Site) -> None:
    """Check that whom the provider names now does not come in."""
    browser = site.client()
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "No enabled user fits" in answer.text
    assert name_of(browser) is None


def test_after_the_first_login_the_provider_s_identifier_decides(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = VERIFIED
    assert sign_in(site.client()).status_code == 303
    provider.claims = VERIFIED | {"sub": "2"}
    refuse(site)  # another person got the address
    provider.claims = {"sub": "1", "email": "married@example.org", "email_verified": True}
    browser = site.client()
    sign_in(browser)
    assert name_of(browser) == "dora"
    give_address(site, "dora")
    provider.claims = VERIFIED | {"sub": "2"}
    sign_in(browser)
    assert name_of(browser) == "dora", "an administrator gave the address anew"
    provider.claims = VERIFIED | {"sub": "1"}
    refuse(site)


def test_the_trail_tells_who_was_bound_to_whom(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = VERIFIED
    sign_in(site.client())
    with reading(site.engine, SYSTEM) as session:
        bound = session.scalars(select(AuditRow).where(AuditRow.subject == "user_identity")).one()
        assert (bound.action, bound.subject_key) == ("created", f"{provider.issuer}/1")


@pytest.mark.postgres
def test_a_person_may_come_for_the_first_time_twice_at_once(postgres_engine: Engine) -> None:
    furnish(postgres_engine)
    provider = Provider("https://login.example.org", CLIENT_ID, CLIENT_SECRET, trust_username=True)
    claims = {"sub": "1", "preferred_username": "dora"}

    def come() -> None:
        in_system_session(postgres_engine, lambda session: sign_in_as(session, provider, claims, NOW))

    rival = Thread(target=come)
    with writing(postgres_engine, SYSTEM, clock=lambda: NOW) as session:
        sign_in_as(session, provider, claims, NOW)
        rival.start()
        wait_for_a_waiter(postgres_engine)
    rival.join(timeout=60)
    with reading(postgres_engine, SYSTEM) as session:
        assert len(session.scalars(select(UserIdentity)).all()) == 1
        assert len(session.scalars(select(LoginSession)).all()) == 2


def test_what_the_provider_publishes_is_asked_for_once(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = VERIFIED
    for _login in range(3):
        assert sign_in(site.client()).status_code == 303
    assert provider.published == ["configuration", "keys"]
    provider.signing_key = provider.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(site.client()).status_code == 303, "new keys are asked for"
    assert provider.published == ["configuration", "keys", "keys"]


def test_what_the_provider_published_is_kept_for_five_minutes(provider: OpenIdProvider) -> None:
    seconds = iter((1000.0, 1299.0, 1300.0))
    ours = Provider(provider.issuer, CLIENT_ID, CLIENT_SECRET, timer=lambda: next(seconds))
    for _time in range(3):
        assert ours.discover()["jwks_uri"] == f"{provider.issuer}/keys"
    assert provider.published == ["configuration"] * 2


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
    provider.claims, provider.forged = VERIFIED, forged
    browser = site.client()
    answer = sign_in(browser)
    assert answer.status_code == 401
    assert "not valid" in answer.text
    assert name_of(browser) is None


def test_a_token_that_the_provider_did_not_sign_is_refused(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = VERIFIED
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(site.client()).status_code == 401


def test_a_login_comes_back_once_to_the_browser_that_began_it(site: Site, provider: OpenIdProvider) -> None:
    provider.claims = VERIFIED
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
    provider.claims = VERIFIED
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
