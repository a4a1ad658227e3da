"""Who sent a request: tokens, cookies, CSRF, and how long each holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request

from fieldops.identity.authenticator import CACHED
from fieldops.identity.models import ApiToken, LoginSession, LoginThrottle, User
from fieldops.identity.tokens import digest, is_csrf_of
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.identity.site import PASSWORD, Site, code_of, in_system_session
from tests.statements import statements

ME = "/api/v1/session"


def expect(answer: httpx.Response, status: int, code: str) -> None:
    """Check that a request was refused for one reason."""
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_the_cookie_is_closed_to_scripts_and_holds_what_the_database_does_not(site: Site) -> None:
    client = site.client()
    answer = client.post(ME, json={"name": " Dora ", "password": PASSWORD})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("fieldops_session=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    secret = client.cookies["fieldops_session"]
    with reading(site.engine, SYSTEM) as session:
        kept = session.scalars(select(LoginSession.id)).one()
    assert kept == digest(secret) != secret


def test_a_session_tells_who_may_do_what_where(site: Site) -> None:
    client = site.signed_in("dora")
    told = client.get(ME).json()
    assert (told["name"], told["display_name"], told["roles"], told["regions"]) == (
        "dora",
        "Dora",
        ["dispatcher"],
        ["CN"],
    )
    assert "dispatch.write" in told["permissions"]
    assert "users.write" not in told["permissions"]
    client = site.signed_in("admin")
    assert client.get(ME).json()["regions"] is None


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_signed_in"),
        ({"Authorization": "Basic ZG9yYTpkb3Jh"}, "not_signed_in"),
        ({"Authorization": "Bearer"}, "token_unknown"),
        ({"Authorization": "Bearer fo_wrong"}, "token_unknown"),
        ({b"Authorization": "bearer ÿ".encode("latin-1")}, "token_unknown"),
        ({"Cookie": "fieldops_session=wrong"}, "session_ended"),
        ({"Cookie": "__Host-fieldops_session=wrong"}, "not_signed_in"),
    ],
)
def test_who_shows_nothing_valid_is_refused(site: Site, headers: Any, code: str) -> None:
    client = site.client()
    expect(client.get(ME, headers=headers), 401, code)


@pytest.mark.parametrize(
    ("method", "header", "status"),
    [
        ("GET", None, 200),
        ("GET", "wrong", 200),
        ("DELETE", None, 403),
        ("DELETE", "", 403),
        ("DELETE", "wrong", 403),
        ("DELETE", "ÿ", 403),
        ("DELETE", "another's", 403),
        ("DELETE", "own", 204),
    ],
)
def test_a_change_by_cookie_needs_the_token_of_that_cookie(
    site: Site, method: str, header: str | None, status: int
) -> None:
    other = site.signed_in("fin")
    client = site.signed_in("dora")
    own = client.headers.pop("X-CSRF-Token")
    sent = {"own": own, "another's": other.headers["X-CSRF-Token"]}.get(header or "", header)
    headers = {} if sent is None else {b"X-CSRF-Token": sent.encode("latin-1")}
    answer = client.request(method, ME, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert code_of(answer) == "csrf_failed"


def test_a_token_needs_no_csrf_and_hides_the_cookie(site: Site) -> None:
    program, _told = site.with_token("admin")
    browser = site.signed_in("dora")
    program.cookies.update(browser.cookies)
    assert program.get(ME).json()["name"] == "admin"
    body = {"name": "new", "display_name": "New"}
    assert program.post("/api/v1/users", json=body).status_code == 201


@pytest.mark.parametrize(("name", "idle_minutes"), [("dora", 30), ("fin", 15)])
def test_a_session_that_nobody_uses_ends(site: Site, name: str, idle_minutes: int) -> None:
    client = site.signed_in(name)
    site.clock.turn(minutes=idle_minutes, seconds=-1)
    assert client.get(ME).status_code == 200
    site.clock.turn(minutes=idle_minutes, seconds=-1)
    assert client.get(ME).status_code == 200, "use keeps it alive"
    site.clock.turn(minutes=idle_minutes)
    expect(client.get(ME), 401, "session_idle")


def test_a_session_in_use_ends_after_twelve_hours(site: Site) -> None:
    client = site.signed_in("dora")
    for _turn in range(12 * 4 - 1):
        site.clock.turn(minutes=15)
        assert client.get(ME).status_code == 200
    site.clock.turn(minutes=14, seconds=58)
    assert client.get(ME).status_code == 200
    site.clock.turn(seconds=2)
    expect(client.get(ME), 401, "session_expired")


def test_what_is_remembered_outlives_neither_session_nor_token(site: Site) -> None:
    program, _told = site.with_token("dora", days=1)
    site.clock.turn(days=1, seconds=-1)
    assert program.get(ME).status_code == 200
    site.clock.turn(seconds=1)
    expect(program.get(ME), 401, "token_expired")


def test_a_revoked_token_is_refused_at_once(site: Site) -> None:
    program, told = site.with_token("dora")
    browser = site.signed_in("dora")
    assert program.get(ME).status_code == 200
    assert browser.delete(f"/api/v1/tokens/{told['id']}").status_code == 204
    expect(program.get(ME), 401, "token_revoked")


def test_a_disabled_user_is_out_at_once_by_cookie_and_token(site: Site) -> None:
    program, _told = site.with_token("dora")
    browser = site.signed_in("dora")
    admin = site.signed_in("admin")
    assert (program.get(ME).status_code, browser.get(ME).status_code) == (200, 200)
    disabled = admin.patch("/api/v1/users/dora", json={"enabled": False}, headers={"If-Match": '"1"'})
    assert disabled.status_code == 200
    expect(program.get(ME), 401, "account_disabled")
    expect(browser.get(ME), 401, "session_ended")


def test_another_process_notices_within_seconds(site: Site) -> None:
    client = site.signed_in("dora")
    assert client.get(ME).status_code == 200

    def disable(session: Any) -> None:
        session.scalars(select(User).where(User.name == "dora")).one().enabled = False

    in_system_session(site.engine, disable)
    site.clock.turn(seconds=CACHED.total_seconds())
    expect(client.get(ME), 401, "account_disabled")


def test_many_requests_ask_the_database_once(site: Site) -> None:
    program, _told = site.with_token("dora")
    asked = []
    for _request in range(4):
        with statements(site.engine) as seen:
            assert program.get(ME).status_code == 200
        asked.append(len([one for one in seen if not one.startswith("BEGIN")]))
    # the answer itself reads the user and whether there is a second factor
    assert asked == [3 + 1 + 2, 2, 2, 2]


def test_use_is_written_down_once_a_minute(site: Site) -> None:
    program, _told = site.with_token("dora")

    def last_used() -> Any:
        with reading(site.engine, SYSTEM) as session:
            return session.scalars(select(ApiToken.last_used_at)).one()

    assert last_used() is None
    for seconds, expected in ((0, 0), (50, 0), (9, 0), (5, 64), (30, 64)):
        site.clock.turn(seconds=seconds)
        assert program.get(ME).status_code == 200
        assert last_used() == NOW + timedelta(seconds=expected)


def request_of(browser: httpx.Client) -> Request:
    """A request of a browser that is signed in, as it comes in."""
    cookie = f"fieldops_session={browser.cookies['fieldops_session']}".encode()
    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "server": ("localhost", 80)}
    return Request(scope | {"client": ("127.0.0.1", 1), "query_string": b"", "headers": [(b"cookie", cookie)]})


def last_seen(site: Site) -> datetime:
    """When the one session was used last, as it is written down."""
    with reading(site.engine, SYSTEM) as session:
        return session.scalars(select(LoginSession.last_seen_at)).one()


def test_a_stream_that_asks_uses_no_session_and_hides_no_use(site: Site) -> None:
    request = request_of(site.signed_in("dora"))
    actor = site.authenticator(request)
    for _minute in range(40):
        site.clock.turn(minutes=1)
        before = last_seen(site)
        assert site.authenticator.still(request, actor)
        assert last_seen(site) == before
        assert not site.authenticator.remembers(request), "the next use is still to be written down"
        site.clock.turn(seconds=2)
        site.authenticator(request)
        assert last_seen(site) > before
        assert site.authenticator.remembers(request)
    site.clock.turn(minutes=29)
    assert site.authenticator.still(request, actor)
    site.clock.turn(minutes=2)
    assert not site.authenticator.still(request, actor)


def test_a_busy_database_keeps_nobody_from_reading(site: Site) -> None:
    browser = site.signed_in("dora")
    site.clock.turn(minutes=2)
    with writing(site.engine, SYSTEM) as session:
        session.connection()
        assert browser.get(ME).status_code == 200
        assert last_seen(site) == NOW
    deadline = monotonic() + 60
    while last_seen(site) == NOW:
        assert monotonic() < deadline, "the use is never written down"


def test_signing_in_and_a_new_password_give_a_new_session(site: Site) -> None:
    new = "another password 1"
    first = site.signed_in("dora")
    second = site.signed_in("dora")
    before = first.cookies["fieldops_session"]
    assert before != second.cookies["fieldops_session"]
    answer = first.put(f"{ME}/password", json={"current": PASSWORD, "new": new})
    assert answer.status_code == 200
    assert first.cookies["fieldops_session"] != before
    secret = first.cookies["fieldops_session"]
    told = (first.get(ME).json()["csrf"], answer.json()["csrf"], first.headers["X-CSRF-Token"])
    assert [is_csrf_of(secret, one) for one in told] == [True, True, False]
    expect(second.get(ME), 401, "session_ended")
    thief = site.client(cookies={"fieldops_session": before})
    expect(thief.get(ME), 401, "session_ended")
    old = site.client()
    expect(old.post(ME, json={"name": "dora", "password": PASSWORD}), 401, "wrong_credentials")
    site.signed_in("dora", password=new)


def test_signing_out_here_and_everywhere(site: Site) -> None:
    one = site.signed_in("dora")
    two = site.signed_in("dora")
    three = site.signed_in("dora")
    secret = one.cookies["fieldops_session"]
    assert one.delete(ME).status_code == 204
    assert "fieldops_session" not in one.cookies
    thief = site.client(cookies={"fieldops_session": secret})
    expect(thief.get(ME), 401, "session_ended")
    assert two.delete("/api/v1/sessions").status_code == 204
    expect(three.get(ME), 401, "session_ended")


def test_a_token_cannot_make_more_of_itself(site: Site) -> None:
    program, told = site.with_token("admin")
    for method, path, body in (
        ("POST", "/tokens", {"name": "more"}),
        ("DELETE", f"/tokens/{told['id']}", None),
        ("PUT", "/session/password", {"current": PASSWORD, "new": PASSWORD}),
        ("POST", "/session/totp", {"password": PASSWORD}),
        ("PUT", "/session/totp", {"code": "123456"}),
        ("POST", "/session/totp/remove", {"password": PASSWORD}),
        ("DELETE", "/session", None),
        ("DELETE", "/sessions", None),
    ):
        expect(program.request(method, f"/api/v1{path}", json=body), 403, "sign_in_required")


@pytest.mark.parametrize("body", [{"name": "do\x00ra", "password": PASSWORD}, {"name": "dora"}, {"name": "x" * 49}])
def test_what_cannot_be_a_login_is_refused_before_it_counts(site: Site, body: dict[str, str]) -> None:
    expect(site.client().post(ME, json=body), 422, "invalid_request")
    with reading(site.engine, SYSTEM) as session:
        assert session.scalars(select(LoginThrottle)).all() == []


def test_what_a_cookie_holds_is_no_token_nor_the_other_way_round(site: Site) -> None:
    browser = site.signed_in("dora")
    program, told = site.with_token("dora")
    assert (browser.get(ME).status_code, program.get(ME).status_code) == (200, 200)
    as_token = {"Authorization": f"Bearer {browser.cookies['fieldops_session']}"}
    expect(site.client().get(ME, headers=as_token), 401, "token_unknown")
    as_cookie = {"Cookie": f"fieldops_session={told['token']}"}
    expect(site.client().get(ME, headers=as_cookie), 401, "session_ended")
