"""Tokens of the API."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select

from fieldops.identity.models import ApiToken
from fieldops.identity.tokens import digest
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import reading
from tests.fieldops.identity.site import Site, code_of

TOKENS = "/api/v1/tokens"


def test_a_token_is_shown_once_and_kept_as_its_hash(site: Site) -> None:
    program, told = site.with_token("dora", days=7, permissions=["dispatch.read"])
    assert told["token"].startswith("fo_")
    assert told["expires_at"] == "2026-03-08T09:00:00Z"
    assert program.get("/api/v1/session").json()["permissions"] == ["dispatch.read"]
    assert program.get("/api/v1/session").json()["csrf"] is None
    listed = program.get(TOKENS)
    assert [one["name"] for one in listed.json()["items"]] == ["robot"]
    assert told["token"] not in listed.text
    with reading(site.engine, SYSTEM) as session:
        assert session.scalars(select(ApiToken.digest)).all() == [digest(told["token"])]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"days": 91}, 422, "invalid_request"),
        ({"days": 0}, 422, "invalid_request"),
        ({"permissions": ["*"]}, 422, "invalid_request"),
        ({"permissions": ["users.write"]}, 403, "beyond_own_rights"),
    ],
)
def test_a_token_that_may_not_be_is_refused(site: Site, body: dict[str, object], status: int, code: str) -> None:
    answer = site.signed_in("dora").post(TOKENS, json={"name": "x", **body})
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_repeated_request_keeps_no_token(site: Site) -> None:
    """What answers a repeated request is kept for two days; a token must not lie there."""
    browser = site.signed_in("dora")
    answers = [browser.post(TOKENS, json={"name": "x"}, headers={"Idempotency-Key": "1"}) for _time in range(2)]
    assert answers[0].json()["token"] != answers[1].json()["token"]
    with site.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM idempotency_record").all() == []


def test_one_cannot_revoke_the_token_of_another(site: Site) -> None:
    program, told = site.with_token("fin")
    mine = site.signed_in("dora")
    assert code_of(mine.delete(f"{TOKENS}/{told['id']}")) == "unknown_token"
    assert code_of(mine.delete(f"{TOKENS}/{told['id']}?user=fin")) == "not_permitted"
    assert program.get("/api/v1/session").status_code == 200
    admin = site.signed_in("admin")
    assert [one["user"] for one in admin.get(f"{TOKENS}?user=fin").json()["items"]] == ["fin"]
    assert admin.delete(f"{TOKENS}/{told['id']}?user=fin").status_code == 204
    assert admin.delete(f"{TOKENS}/{told['id']}?user=fin").status_code == 204
    assert program.get("/api/v1/session").status_code == 401
    assert [row for row in site.audited() if row[1] == "token_revoked"] == [("admin", "token_revoked", "fin")]


def test_a_program_is_named_in_what_it_does(site: Site) -> None:
    program, _told = site.with_token("admin", name="importer")
    there = site.client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), headers=program.headers)
    for number, client in enumerate((program, there)):
        program.get("/api/v1/session")  # what is remembered of one address is not told of another
        client.post("/api/v1/users", json={"name": f"new{number}", "display_name": "New"})
    with site.engine.connect() as connection:
        query = "SELECT actor, origin FROM audit_row WHERE subject = 'user_account' AND actor = 'admin' ORDER BY id"
        origins = [origin for _actor, origin in connection.exec_driver_sql(query)]
    assert origins == ["127.0.0.1 token importer", "127.0.0.2 token importer"]
