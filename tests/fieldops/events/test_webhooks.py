"""Webhooks as their users manage them, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fieldops.events.models import DeliveryState, Webhook, WebhookDelivery
from inventory.kernel.actor import SYSTEM
from inventory.kernel.audit import AuditRow
from inventory.kernel.engine import reading, writing
from tests.conftest import NOW
from tests.fieldops.events.serving import BOTH, CENTRAL, EAST, NOBODY, WEST, Served, served

HOOK = {"url": "https://example.org/hook", "kinds": ["job."]}


@pytest.fixture
def api(any_engine: Engine) -> Iterator[Served]:
    with served(any_engine) as api:
        yield api


def added(api: Served, **told: Any) -> dict[str, Any]:
    answer = api.ask("POST", "/webhooks", EAST, HOOK | told)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    return dict(answer.json())


def test_the_secret_is_told_once_and_stands_in_no_audit_row(api: Served) -> None:
    hook = added(api)
    secret = hook.pop("secret")
    assert len(secret) >= 40
    assert hook | {"id": None} == {
        "id": None,
        "version": 1,
        "url": "https://example.org/hook",
        "kinds": ["job."],
        "region": "E",
        "enabled": True,
        "owner": "east",
        "created_at": "2026-03-01T09:00:00Z",
    }
    assert added(api)["secret"] != secret
    assert api.ask("GET", f"/webhooks/{hook['id']}", EAST).json() == hook
    assert api.ask("GET", "/webhooks", EAST).json()["items"][0] == hook
    with reading(api.engine, SYSTEM) as session:
        trail = [(row.after or {}) for row in session.scalars(select(AuditRow).where(AuditRow.subject == "webhook"))]
        assert [row["secret"] for row in trail] == ["…", "…"]


def test_a_change_names_the_version_that_it_changes(api: Served) -> None:
    where = f"/webhooks/{added(api)['id']}"
    assert api.ask("PATCH", where, EAST, {"enabled": False}).status_code == 428
    changed = api.ask("PATCH", where, EAST, {"enabled": False, "kinds": []}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["enabled"], changed.json()["kinds"]) == (False, [])
    assert changed.json()["url"] == HOOK["url"]
    assert api.ask("PATCH", where, EAST, {"enabled": True}, **{"If-Match": '"1"'}).status_code == 412
    assert api.ask("DELETE", where, EAST, **{"If-Match": '"1"'}).status_code == 412
    assert api.ask("DELETE", where, EAST, **{"If-Match": '"2"'}).status_code == 204
    assert api.ask("GET", where, EAST).status_code == 404


def test_another_regions_webhook_is_not_there(api: Served) -> None:
    key = added(api)["id"]
    ask = [("GET", f"/webhooks/{key}"), ("GET", f"/webhooks/{key}/deliveries"), ("POST", f"/webhooks/{key}/test")]
    for method, path in ask:
        assert api.ask(method, path, WEST).json()["code"] == "no_webhook"
        assert api.ask(method, path, NOBODY).status_code == 403
    version = {"If-Match": '"1"'}
    assert api.ask("PATCH", f"/webhooks/{key}", WEST, {"enabled": False}, **version).status_code == 404
    assert api.ask("DELETE", f"/webhooks/{key}", WEST, **version).status_code == 404
    assert api.ask("GET", "/webhooks", WEST).json()["items"] == []
    test = api.ask("POST", f"/webhooks/{key}/test", EAST).json()
    assert api.ask("POST", f"/webhooks/deliveries/{test['id']}/retry", WEST).status_code == 404
    assert api.ask("GET", f"/webhooks/{key}", BOTH).status_code == 200
    assert api.ask("GET", f"/webhooks/{key}", CENTRAL).status_code == 200


@pytest.mark.parametrize(
    ("actor", "region", "status"),
    [
        (EAST, None, "E"),
        (EAST, "E", "E"),
        (EAST, "W", "outside_region"),
        (EAST, "-", "outside_region"),
        (BOTH, None, "region_needed"),
        (BOTH, "W", "W"),
        (CENTRAL, None, "-"),
        (CENTRAL, "W", "W"),
    ],
)
def test_whose_events_a_webhook_hears(api: Served, actor: Any, region: str | None, status: str) -> None:
    answer = api.ask("POST", "/webhooks", actor, HOOK | ({"region": region} if region else {})).json()
    assert answer.get("region", answer.get("code")) == status


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "ftp://example.org",
        "https://",
        "https://user:pw@example.org",
        "https://user@example.org",
        "https://example.org/#part",
        "https://example.org:port",
        "https://[::1",
        "https://example.org/a b",
        "http://127.0.0.1.example.org",
        "http://10.0.0.1",
        "//example.org",
        "https://example.org/\r\nHost: x",
    ],
)
def test_a_wrong_address_is_refused(api: Served, url: str) -> None:
    assert api.ask("POST", "/webhooks", EAST, {"url": url}).status_code == 422


@pytest.mark.parametrize("url", ["http://localhost:8000/x", "http://127.0.0.1", "http://[::1]:9", "https://10.0.0.1"])
def test_this_machine_may_be_told_in_the_clear(api: Served, url: str) -> None:
    assert api.ask("POST", "/webhooks", EAST, {"url": url}).status_code == 201


def test_the_same_post_twice_adds_one(api: Served) -> None:
    first, second = (api.ask("POST", "/webhooks", EAST, HOOK, **{"Idempotency-Key": "k"}) for _try in range(2))
    assert first.json() | {"secret": "…"} == second.json()
    assert len(api.ask("GET", "/webhooks", EAST).json()["items"]) == 1


def test_lists_come_in_pages(api: Served) -> None:
    keys = [added(api)["id"] for _count in range(3)]
    first = api.ask("GET", "/webhooks?limit=2", EAST).json()
    second = api.ask("GET", f"/webhooks?limit=2&cursor={first['next']}", EAST).json()
    assert [one["id"] for one in [*first["items"], *second["items"]]] == keys
    where = f"/webhooks/{keys[0]}"
    tests = [api.ask("POST", f"{where}/test", EAST).json()["id"] for _count in range(3)]
    first = api.ask("GET", f"{where}/deliveries?limit=2", EAST).json()
    second = api.ask("GET", f"{where}/deliveries?limit=2&cursor={first['next']}", EAST).json()
    assert [one["id"] for one in [*first["items"], *second["items"]]] == tests[::-1]


def test_only_what_is_not_done_is_retried(api: Served) -> None:
    key = added(api)["id"]
    test = api.ask("POST", f"/webhooks/{key}/test", EAST)
    assert (test.status_code, test.json()["state"], test.json()["number"]) == (202, "pending", None)
    retry = f"/webhooks/deliveries/{test.json()['id']}/retry"

    def become(state: DeliveryState) -> None:
        with writing(api.engine, SYSTEM) as session:
            one = session.scalars(select(WebhookDelivery)).one()
            one.state, one.attempts, one.ended_at = state, 10, NOW

    def listed(state: str) -> int:
        return len(api.ask("GET", f"/webhooks/{key}/deliveries?state={state}", EAST).json()["items"])

    become(DeliveryState.DEAD)
    assert (listed("dead"), listed("pending")) == (1, 0)
    again = api.ask("POST", retry, EAST).json()
    assert (again["state"], again["attempts"], again["ended_at"]) == ("pending", 0, None)
    become(DeliveryState.DONE)
    assert api.ask("POST", retry, EAST).json()["code"] == "delivery_done"
    assert api.ask("POST", f"/webhooks/deliveries/{key}/retry", EAST).json()["code"] == "no_delivery"


def test_a_disabled_webhook_is_not_tested_and_one_removed_takes_its_deliveries_along(api: Served) -> None:
    where = f"/webhooks/{added(api, enabled=False)['id']}"
    assert api.ask("POST", f"{where}/test", EAST).json()["code"] == "webhook_disabled"
    api.ask("PATCH", where, EAST, {"enabled": True}, **{"If-Match": '"1"'})
    assert api.ask("POST", f"{where}/test", EAST).status_code == 202
    assert api.ask("DELETE", where, EAST, **{"If-Match": '"2"'}).status_code == 204
    with reading(api.engine, SYSTEM) as session:
        assert [*session.scalars(select(Webhook)), *session.scalars(select(WebhookDelivery))] == []
