"""The pages of signing in, as a browser without scripts meets them."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from fieldops.web.signin import own_path
from tests.fieldops.identity.site import PASSWORD, Site

FORM = {"name": "dora", "password": PASSWORD}


def csrf_on(page: httpx.Response) -> str:
    """The token in the form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found.group(1)


def submitted(client: httpx.Client, **fields: str) -> httpx.Response:
    """Open the page, fill its form in and send it."""
    page = client.get("/signin", params={"next": fields.get("next", "/")})
    return client.post("/signin", data=FORM | {"csrf": csrf_on(page)} | fields)


def test_a_browser_signs_in_and_goes_where_it_wanted_to(site: Site) -> None:
    browser = site.client()
    answer = submitted(browser, next="/plans/P-000001?region=CN")
    assert (answer.status_code, answer.headers["location"]) == (303, "/plans/P-000001?region=CN")
    assert browser.cookies["fieldops_language"] == "en"
    assert browser.get("/api/v1/session").json()["name"] == "dora"


def test_a_refusal_says_why_and_keeps_what_was_typed_but_the_password(site: Site) -> None:
    wrong = "<b>wrong</b> password"
    answer = submitted(site.client(), password=wrong, next="/plans/P-000001")
    assert answer.status_code == 401
    text = unescape(answer.text)
    assert "Name or password is wrong" in text
    assert 'value="dora"' in text
    assert 'value="/plans/P-000001"' in text
    assert wrong not in text
    assert 'role="alert"' in text


def test_too_many_attempts_say_for_how_long_to_wait(site: Site) -> None:
    browser = site.client()
    answers = [submitted(browser, password="wrong") for _attempt in range(6)]  # noqa: S106 - not one
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "60"
    assert "60 seconds" in answers[-1].text


def test_the_form_is_of_this_browser(site: Site) -> None:
    token = csrf_on(site.client().get("/signin"))
    for client, fields in ((site.client(), FORM), (site.client(), FORM | {"csrf": token})):
        client.get("/signin")
        answer = client.post("/signin", data=fields)
        assert answer.status_code == 403
        assert "fieldops_session" not in client.cookies
    assert site.client().post("/signin", data=FORM | {"csrf": token}).status_code == 403
    assert site.passwords.checked == []


def test_the_page_is_plain_html_that_nobody_keeps(site: Site) -> None:
    page = site.client().get("/signin")
    assert page.headers["cache-control"] == "no-store"
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "/signin/oidc" not in page.text, "no single sign-on is set up"
    for field in ("name", "password", "code"):
        assert f'<label for="{field}">' in page.text


def test_signing_out_needs_the_token_of_the_session(site: Site) -> None:
    browser = site.signed_in("dora")
    csrf = browser.headers.pop("X-CSRF-Token")
    for data in ({}, {"csrf": "wrong"}):
        assert browser.post("/signout", data=data).status_code == 403
    assert browser.get("/api/v1/session").status_code == 200
    secret = browser.cookies["fieldops_session"]
    answer = browser.post("/signout", data={"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert site.client(cookies={"fieldops_session": secret}).get("/api/v1/session").status_code == 401
    assert site.audited()[-1] == ("dora", "signed_out", "dora")


def test_signing_out_of_a_session_that_is_over_still_signs_out(site: Site) -> None:
    browser = site.signed_in("dora")
    site.clock.turn(hours=12)
    answer = browser.post("/signout", data={"csrf": browser.headers["X-CSRF-Token"]})
    assert answer.status_code == 303
    assert "fieldops_session" not in browser.cookies
    assert site.client().post("/signout").status_code == 303


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/", "/"),
        ("/plans/P-000001?region=CN", "/plans/P-000001?region=CN"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_to_another_site(asked: str, gone_to: str) -> None:
    assert own_path(asked) == gone_to
