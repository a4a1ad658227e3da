"""The pages of administration and notifications: what they say, to whom, and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from fieldops.events.relay import relay
from fieldops.identity.links import login_link
from fieldops.operations.rules import next_slot
from inventory.kernel.actor import SYSTEM
from inventory.kernel.engine import writing
from inventory.kernel.installation import DEMO_DATE, set_fact
from inventory.kernel.operations import Operation, OperationState
from inventory.kernel.outbox import NETWORK_ONLY, emit
from inventory.ledger.models import StockBalance
from tests.conftest import NOW
from tests.fieldops.app.conftest import Api
from tests.fieldops.app.test_pages import HTML, Outline
from tests.worlds import TINY_DATE

PAYLOAD = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
PATHS = (
    "/admin/users",
    "/admin/users/tester",
    "/admin/roles",
    "/admin/roles?role=storekeeper",
    "/operations",
    "/admin/schedules",
    "/admin/audit",
    "/admin/audit/verdict",
    "/admin/checks",
    "/admin/checks/findings",
    "/notifications",
)
SCHEDULE = {"name": "nightly", "kind": "plan.day", "cron": "0 5 * * *", "time_zone": "Asia/Vientiane"}


def page(api: Api, path: str, language: str = "en") -> Outline:
    """A page as it is read."""
    answer = api.http.get(path, headers=HTML | {"accept-language": language})
    assert answer.status_code == 200, answer.text
    return Outline(answer.text)


def told(api: Api, *events: tuple[str, dict[str, object], str]) -> None:
    """Let things happen: kind, payload and audience of each."""
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        for kind, payload, audience in events:
            emit(session, kind, payload, NOW, audience=audience)
    relay(api.engine)


def operation(api: Api, **values: object) -> Operation:
    """Long work of SEA."""
    given = {"kind": "plan.day", "actor": "li", "region": "SEA", "state": OperationState.RUNNING} | values
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        made = Operation(parameters={"region": "SEA"}, acting={}, urgency=10, submitted_at=NOW, attempts=1, **given)
        session.add(made)
        session.flush()
        session.expunge(made)
    return made


def pages_of(api: Api, path: str) -> Iterator[Outline]:
    """A list, page after page."""
    while path:
        yield (shown := page(api, path))
        path = next((one["href"] or "" for one in shown.all("a") if one.get("rel") == "next"), "")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_stands_also_where_there_is_little(tiny: Api, path: str, language: str) -> None:
    shown = page(tiny, path, language)
    assert shown.all("h1")
    assert all("style" not in attributes for _tag, attributes in shown.elements)


def test_users_are_found_and_listed_page_by_page(api: Api) -> None:
    for name in ("anna", "bea", "carl"):
        body = {"name": name, "display_name": f"{name} 100%", "email": f"{name}@example.com", "roles": ["technician"]}
        assert api.post("/users", body).status_code == 201
    names = [
        shown_name
        for shown in pages_of(api, "/admin/users?limit=2")
        for one in shown.all("tr")
        if (shown_name := one.get("data-user"))
    ]
    assert names == sorted(name or "" for name in names)
    assert {"anna", "bea", "carl", "tester"} <= set(names)

    def found(query: str) -> list[str | None]:
        return [one["data-user"] for one in page(api, f"/admin/users?{query}").all("tr") if "data-user" in one]

    assert found("q=BEA@") == ["bea"]
    assert found("q=0%25&role=technician&limit=1") == ["anna"]
    assert found("q=_") == [], "no wildcard"
    assert "anna" not in found("state=disabled")
    assert "No user is like that" in page(api, "/admin/users?q=nobody-like-that").text


def test_a_user_is_signed_out_everywhere(api: Api) -> None:
    assert api.post("/users", {"name": "anna", "display_name": "Anna", "roles": ["technician"]}).status_code == 201
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
    link = api.post("/users/anna/link", None).json()["link"]
    assert api.http.post(link, data={"csrf": "none"}).status_code == 403, "only from the page that shows it"
    told = api.http.get(link, headers=HTML)
    csrf = next(one["value"] for one in Outline(told.text).all("input") if one.get("name") == "csrf")
    assert api.http.post(link, data={"csrf": csrf or ""}).status_code == 303
    assert len(api.get("/users/anna/sessions")) == 1
    assert "last used" in page(api, "/admin/users/anna").text
    assert api.http.delete("/api/v1/users/anna/sessions").status_code == 204
    assert api.get("/users/anna/sessions") == []
    assert "In no browser" in page(api, "/admin/users/anna").text


def test_a_link_is_for_demonstrations_and_for_nobody_above_oneself(api: Api) -> None:
    api.post("/users", {"name": "anna", "display_name": "Anna", "roles": ["administrator"]})
    assert api.post("/users/anna/link", None).json()["code"] == "no_demo"
    assert "one-time link" not in page(api, "/admin/users/anna").text
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
        login_link(session, "http://localhost", "auditor", NOW)
    assert "one-time link" in page(api, "/admin/users/anna").text
    role = api.http.get("/api/v1/roles/auditor")
    assert api.http.put(
        "/api/v1/roles/auditor",
        json={"permissions": [*role.json()["permissions"], "users.write"]},
        headers={"If-Match": role.headers["etag"]},
    ).is_success
    with api.user("nosy", "auditor") as auditor:
        assert auditor.post("/users/anna/link", None).status_code in (403, 404)


def test_whoever_may_only_read_gets_no_form_that_changes(api: Api) -> None:
    with api.user("eve", "regional_manager", "SEA") as manager:
        assert manager.http.get("/admin/users", headers=HTML).status_code == 403
        assert manager.http.get("/admin/audit", headers=HTML).status_code == 403
        assert manager.http.get("/admin/checks", headers=HTML).status_code == 403
        paths = {one.get("href") for one in page(manager, "/").all("a")}
    assert "/operations" in paths
    assert not paths & {"/admin/users", "/admin/audit"}
    with api.user("ada", "auditor", "SEA") as auditor:
        matrix = page(auditor, "/admin/roles")
        assert "data-user" not in {name for row in page(auditor, "/admin/users").all("tr") for name in row}
        assert auditor.http.get("/admin/checks", headers=HTML).status_code == 403, "they concern every region"
    boxes = [one for one in matrix.all("input") if one.get("type") == "checkbox"]
    assert [one for one in boxes if "data-keys-act" not in one] == []  # that one is of every page's keys


def test_roles_are_a_table_of_rights(tiny: Api) -> None:
    shown = page(tiny, "/admin/roles?role=storekeeper")
    ticked = {one["value"] for one in shown.all("input") if "checked" in one and one.get("name") == "storekeeper"}
    assert ticked == set(tiny.get("/roles/storekeeper")["permissions"])
    assert not [one for one in page(tiny, "/admin/roles").all("input") if one.get("name") == "administrator"]
    assert tiny.http.get("/admin/roles?role=nothing", headers=HTML).status_code == 404


def test_long_work_says_how_far_it_is_and_why_it_failed(api: Api) -> None:
    running = operation(api, stage="Dispatch", done=3, total=9)
    failed = operation(api, state=OperationState.FAILED, code="cancelled", started_at=NOW, ended_at=NOW)
    done = operation(api, state=OperationState.DONE, started_at=NOW, ended_at=NOW, result={"plan": "P-000001"})
    bars = page(api, "/operations").all("progress")
    assert [(one.get("value"), one.get("max")) for one in bars] == [("3", "9")]
    assert "It was cancelled; submit it again" in page(api, f"/operations/{failed.id}").text
    assert "/plans/P-000001" in {one.get("href") for one in page(api, f"/operations/{done.id}").all("a")}
    cancels = {one["data-ask"] for one in page(api, f"/operations/{running.id}").all("form") if "data-ask" in one}
    assert cancels == {f"/operations/{running.id}/cancel"}
    assert len([one for one in page(api, "/operations?state=failed").all("tr") if "data-operation" in one]) == 1
    assert len(list(pages_of(api, "/operations?limit=1"))) == 3
    with api.user("wu", "regional_manager", "CN") as stranger:
        assert "There is no such work" in page(stranger, "/operations").text
        assert stranger.http.get(f"/operations/{running.id}", headers=HTML).status_code == 404


def test_a_schedule_says_when_it_runs_next_and_what_became_of_the_last(api: Api) -> None:
    assert api.post("/schedules", SCHEDULE).status_code == 201
    due = next_slot("0 5 * * *", "Asia/Vientiane", NOW)
    assert due is not None
    assert due.isoformat() in {one.get("datetime") for one in page(api, "/admin/schedules").all("time")}
    assert "It has not run yet" in page(api, "/admin/schedules/nightly").text
    started = api.post("/schedules/nightly/run", None).json()["id"]
    assert f"/operations/{started}" in {one.get("href") for one in page(api, "/admin/schedules/nightly").all("a")}


def test_a_slot_of_an_hour_that_comes_twice_is_next_once() -> None:
    before = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 CEST; at 03:00 the clock goes back
    first = next_slot("30 2 * * *", "Europe/Berlin", before)
    assert first == before + timedelta(minutes=30)
    assert next_slot("30 2 * * *", "Europe/Berlin", first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_the_trail_is_searched_by_who_what_when_and_document(api: Api) -> None:
    added = api.post("/users", {"name": "anna", "display_name": PAYLOAD, "roles": ["technician"]})
    assert added.status_code == 201

    def rows(query: str) -> int:
        return len([one for one in page(api, f"/admin/audit?{query}").all("tr") if "data-audience" in one])

    assert rows("subject=user_account&actor=tester") == 1
    assert rows("document=anna") >= 1, "by the name that it was given"
    assert rows("document=anna&action=created") >= 1
    assert rows("actor=nobody") == 0
    assert rows(f"actor=tester&subject=user_account&since={(NOW + timedelta(hours=1)):%Y-%m-%dT%H:%M}") == 0
    assert rows(f"subject=user_account&until={(NOW + timedelta(hours=1)):%Y-%m-%dT%H:%M}&actor=tester") == 1
    assert api.http.get("/admin/audit?since=yesterday", headers=HTML).status_code == 422
    seen = [one for shown in pages_of(api, "/admin/audit?limit=3&subject=user_account") for one in shown.all("tr")]
    assert len([one for one in seen if "data-audience" in one]) >= 2
    shown = page(api, "/admin/audit?document=anna")
    assert "<script>alert(1)</script>" in shown.text, "shown as text"
    assert [one for one in shown.all("script") if not one.get("src") and not one.get("type")] == []


def test_checks_name_what_does_not_add_up_and_what_to_do(api: Api) -> None:
    assert "Everything adds up" in page(api, "/admin/checks/findings").text
    with api.engine.begin() as connection:
        connection.execute(update(StockBalance).values(quantity=StockBalance.quantity + 1))
    shown = page(api, "/admin/checks/findings").text
    assert "Something does not add up" in shown
    assert "moves add up to" in shown
    assert "fieldops rebuild" in shown


def test_notifications_are_told_in_words_within_scope_and_the_bell_counts(api: Api) -> None:
    page(api, "/notifications")
    told(
        api,
        ("plan.in_force", {"plan": "P-000009", "region": "SEA"}, "SEA"),
        ("job.added", {"place": "UTH", "what": [PAYLOAD], "count": 1}, "CN"),
        ("operation.changed", {"operation": "1", "kind": "plan.day", "state": "running"}, "SEA"),
        ("operation.changed", {"operation": "1", "kind": "plan.day", "state": "failed"}, "SEA"),
        ("stock.watched", {"what": ["a", "b"], "count": 9}, NETWORK_ONLY),
        ("cost.reserved", {}, "SEA"),
    )
    bell = next(one for one in page(api, "/").all("a") if one.get("class") == "bell")
    assert bell["data-count"] == "4"
    shown = page(api, "/notifications")
    assert "Plan P-000009 is in force in SEA" in shown.text
    assert "Day plan: failed" in shown.text
    assert "a, b and 7 more" in shown.text
    assert "<script>alert(1)</script>" in shown.text, "shown as text"
    assert len([one for one in shown.all("li") if one.get("class") == "new"]) == 4
    assert next(one for one in page(api, "/").all("a") if one.get("class") == "bell")["data-count"] == "0"
    assert "in force" not in page(api, "/notifications?topic=jobs").text
    assert len(list(pages_of(api, "/notifications?limit=2&topic=work"))) >= 1
    with api.user("wu", "storekeeper", "SEA") as keeper:
        other = page(keeper, "/notifications").text
    assert "P-000009" not in other, "a storekeeper may not read plans"
    assert "New jobs at" not in other


def test_a_page_alone_changes_nothing_without_its_token(api: Api) -> None:
    with writing(api.engine, SYSTEM, clock=lambda: NOW) as session:
        set_fact(session, DEMO_DATE, TINY_DATE.isoformat())
        link = login_link(session, str(api.http.base_url), "administrator", NOW)
    with httpx.Client(base_url=api.http.base_url) as browser:
        csrf = next(one["value"] for one in Outline(browser.get(link).text).all("input") if one.get("name") == "csrf")
        assert browser.post(link, data={"csrf": csrf or ""}).status_code == 303
        for method, path, body in (
            ("POST", "/users", {"name": "x", "display_name": "x"}),
            ("PUT", "/users/tester/password", {"password": "a long sentence of my own"}),
            ("DELETE", "/users/tester/sessions", None),
            ("POST", "/users/tester/link", None),
            ("POST", "/tokens?user=tester", {"name": "x"}),
            ("POST", "/schedules", SCHEDULE),
        ):
            answer = browser.request(method, f"/api/v1{path}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), path
