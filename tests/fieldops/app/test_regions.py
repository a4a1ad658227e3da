"""The API as the manager of one region meets it: its own region, offers of others, and what they grant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fieldops.checking import check_ledgers
from fieldops.events.relay import relay
from tests.conftest import NOW
from tests.fieldops.app import bodies
from tests.fieldops.app.conftest import WHOLE, Api

LAMP = {
    "kind": "stock",
    "asking_region": "SEA",
    "granting_region": "CN",
    "part": "LAMP-1",
    "quantity": "1",
    "destination": "UTH",
    "purpose": "Landing light is out, nothing left at UTH",
    "ends_at": (NOW + timedelta(days=2)).isoformat(),
}


@pytest.fixture
def sea(api: Api) -> Iterator[Api]:
    """The manager of South-East Asia, where a lane leads from the outlets of China, too."""
    assert api.post("/lanes", [bodies.lane(origin="TSN", destination="XIY", mode="aog")]).status_code == 201
    with api.user("noi", "regional_manager", "SEA") as sea:
        yield sea


@pytest.fixture
def china(api: Api) -> Iterator[Api]:
    """The manager of China."""
    with api.user("wei", "regional_manager", "CN") as china:
        yield china


def _code(answer: httpx.Response) -> tuple[int, str]:
    return (answer.status_code, answer.json()["code"])


def _settle(api: Api, grant: httpx.Response, action: str, body: Any) -> httpx.Response:
    """Decide or withdraw a grant at the version that was told."""
    return api.http.post(
        f"/api/v1/grants/{grant.json()['number']}/{action}", json=body, headers={"If-Match": grant.headers["etag"]}
    )


def _heard(api: Api, kind: str = "") -> list[Any]:
    """The events that somebody may read, of the kinds that begin so."""
    relay(api.engine)
    return [one for one in api.get("/events/log", limit=200)["items"] if one["kind"].startswith(kind)]


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/jobs", "number", ["J-1", "J-3", "J-5"]),
        ("/jobs?region=CN", "number", []),
        ("/technicians", "code", ["T-2", "T-3"]),
        ("/technicians?region=CN", "code", []),
        ("/stock/balances?place=TSN", "quantity", []),
        ("/stock/targets", "place", ["VTE", "UTH"]),
        ("/budgets?category=labour", "region", ["SEA"]),
        ("/parts", "part_number", ["BRAKE-1", "FILTER-1", "LAMP-1", "PUMP-1"]),
        ("/regions", "code", ["CN", "SEA"]),
        ("/users", None, []),
        ("/audit", None, []),
    ],
)
def test_a_list_shows_the_own_region_and_what_everybody_shares(
    sea: Api, path: str, name: str | None, expected: list[str]
) -> None:
    answer = sea.http.get(f"/api/v1{path}")
    if name is None:
        assert _code(answer) == (403, "not_permitted")
    else:
        assert answer.status_code == 200, answer.text
        assert [one[name] for one in answer.json()["items"]] == expected


def test_another_regions_records_are_not_found(sea: Api) -> None:
    assert sea.get("/jobs/J-1")["number"] == "J-1"
    foreign = sea.http.get("/api/v1/jobs/J-2")
    missing = sea.http.get("/api/v1/jobs/J-77")
    assert _code(foreign) == _code(missing) == (404, "unknown_job")
    change = sea.http.patch("/api/v1/jobs/J-2", json={"title": "ours now"}, headers={"If-Match": '"1"'})
    assert _code(change) == (404, "unknown_job")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/jobs", bodies.job(place="TSN")),
        ("/technicians", bodies.technician(base="XIY", time_zone="Asia/Shanghai")),
        ("/stock/moves", [bodies.move(origin="TSN", destination="XIY", quantity="1")]),
        ("/stock/targets", [{"part": "LAMP-1", "place": "TSN", "quantity": "9"}]),
        ("/plans/day", WHOLE | {"region": "CN"}),
        ("/grants", LAMP | {"asking_region": "CN", "granting_region": "SEA", "destination": "TSN"}),
    ],
)
def test_nothing_is_written_into_another_region(api: Api, sea: Api, path: str, body: Any) -> None:
    before = api.content()
    answer = sea.post(path, body)
    assert _code(answer) == (403, "outside_region")
    assert api.content() == before


def test_of_a_plan_of_all_regions_a_region_reads_its_part(api: Api, sea: Api) -> None:
    whole = api.have_plan()
    part = sea.get(f"/plans/{whole['plan']}")
    assert (whole["regions"], part["regions"]) == (["CN", "SEA"], ["SEA"])
    jobs = {one["job"] for one in part["dispatch"]["assignments"]}
    assert jobs == {one["job"] for one in whole["dispatch"]["assignments"]} & {"J-1", "J-3", "J-5"} != set()
    assert (part["dispatch"]["assigned"], part["dispatch"]["unassigned"]) == (len(jobs), [])
    assert {one["region"] for one in part["budget"]["lines"] + part["budget"]["held"]} == {"SEA"}
    assert part["budget"]["lines"] == [one for one in whole["budget"]["lines"] if one["region"] == "SEA"]
    assert {one["destination"] for one in part["replenishment"]["moves"]} <= {"VTE", "UTH"}
    assert part["dispatch"]["objective"] is part["replenishment"]["bound"] is None
    assert {one["region"] for one in sea.get("/budgets/holds")["items"]} == {"SEA"}
    assert _code(sea.http.get(f"/api/v1/plans/{whole['plan']}/explain?job=J-2"))[0] == 404
    page = sea.http.get(f"/plans/{whole['plan']}", headers={"accept": "text/html"}).text
    assert "Brake seized after landing" in page
    for foreign in ("A check, package 1", "李芳", "Tianjin", "Borescope"):
        assert foreign not in page


def test_the_plan_of_another_region_is_not_there(api: Api, sea: Api) -> None:
    foreign = api.have_plan(region="CN")["plan"]
    assert sea.get("/plans")["items"] == []
    assert _code(sea.http.get(f"/api/v1/plans/{foreign}")) == (404, "unknown_plan")
    assert sea.http.get(f"/plans/{foreign}", headers={"accept": "text/html"}).status_code == 404


def test_a_manager_plans_the_own_region_without_naming_it(api: Api, sea: Api) -> None:
    made = sea.plan()
    assert made["regions"] == ["SEA"]
    assert {one["job"] for one in made["dispatch"]["assignments"]} <= {"J-1", "J-3", "J-5"}
    (operation,) = sea.get("/operations")["items"]
    assert (operation["region"], operation["actor"], operation["state"]) == ("SEA", "noi", "done")
    assert check_ledgers(api.engine).sound


def test_the_operation_of_a_region_is_hidden_from_another(sea: Api, china: Api) -> None:
    asked = sea.post("/plans/day", WHOLE)
    path = asked.headers["location"]
    assert sea.http.get(path).status_code == 200
    assert china.http.get(path).status_code == 404
    assert china.get("/operations")["items"] == []
    assert china.http.post(f"{path}/cancel").status_code == 404
    assert sea.http.post(f"{path}/cancel").json()["state"] == "cancelled"


def test_of_others_stock_only_offers_are_told_and_the_central_depot_needs_no_grant(sea: Api) -> None:
    told = {one["needs_grant_of"]: one for one in sea.get("/stock/offers", part="LAMP-1", place="UTH")}
    assert set(told) == {None, "CN"}
    assert (told["CN"]["at_least"], told["CN"]["at_most"]) == (2, 4)
    assert set(told["CN"]) == {
        "part", "region", "at_least", "at_most", "arrives", "cost", "currency", "needs_grant_of"
    }  # fmt: skip


def test_a_request_is_granted_by_the_manager_of_the_region_that_is_asked(sea: Api, china: Api) -> None:
    asked = sea.post("/grants", LAMP)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested"), asked.text
    assert _code(_settle(sea, asked, "decision", {"granted": True})) == (403, "outside_region")
    assert [one["number"] for one in china.get("/grants", state="requested")["items"]] == [asked.json()["number"]]
    granted = _settle(china, asked, "decision", {"granted": True, "note": "One piece, not more"})
    assert (granted.status_code, granted.json()["state"], granted.json()["decided_by"]) == (200, "granted", "wei")
    assert _code(_settle(china, asked, "decision", {"granted": False, "note": "changed"})) == (412, "stale")
    assert _code(_settle(china, granted, "decision", {"granted": False, "note": "changed"})) == (409, "grant_settled")
    for who in (sea, china):
        assert [one["payload"]["state"] for one in _heard(who, "grant.changed")] == ["requested", "granted"]


def test_a_third_region_hears_nothing_of_a_grant(api: Api, sea: Api) -> None:
    assert api.post("/regions", [{"code": "AND", "name": "Andes"}]).status_code == 201
    with api.user("ana", "regional_manager", "AND") as andes:
        asked = sea.post("/grants", LAMP)
        assert andes.get("/grants")["items"] == []
        assert _code(andes.http.get(f"/api/v1/grants/{asked.json()['number']}")) == (404, "unknown_grant")
        assert _heard(sea, "grant.changed")
        assert {one["audience"] for one in _heard(andes)} == {"*"}


def test_access_opens_a_region_to_be_read_and_not_to_be_written(sea: Api, china: Api) -> None:
    wish = {name: value for name, value in LAMP.items() if name not in ("part", "quantity", "destination")}
    asked = sea.post("/grants", wish | {"kind": "access"})
    assert asked.status_code == 201, asked.text
    assert sea.http.get("/api/v1/jobs/J-2").status_code == 404
    granted = _settle(china, asked, "decision", {"granted": True})
    sea.app.state.authenticator.forget()  # what it remembers lasts five seconds of a clock that stands still
    assert sea.get("/jobs/J-2")["number"] == "J-2"
    assert _code(sea.post("/jobs", bodies.job(place="TSN"))) == (403, "outside_region")
    assert _settle(china, granted, "withdrawal", None).status_code == 200
    sea.app.state.authenticator.forget()
    assert sea.http.get("/api/v1/jobs/J-2").status_code == 404


def test_an_auditor_of_a_region_reads_what_was_done_there(api: Api, sea: Api, china: Api) -> None:
    assert sea.post("/jobs", bodies.job()).status_code == 201
    assert china.post("/jobs", bodies.job(number="J-10", place="TSN")).status_code == 201
    with api.user("ida", "auditor", "SEA") as auditor:
        assert {one["actor"] for one in auditor.get("/audit", limit=200)["items"]} == {"noi"}
        exported = auditor.http.get("/api/v1/audit/export").text
        assert '"noi"' in exported
        assert '"wei"' not in exported
    assert {"noi", "wei"} <= {one["actor"] for one in api.get("/audit", limit=200)["items"]}


def test_events_reach_those_whom_they_concern(api: Api, sea: Api, china: Api) -> None:
    number = api.have_plan(region="SEA")["plan"]
    told = _heard(sea, "plan.in_force")
    assert [(one["audience"], one["payload"]["plan"]) for one in told] == [("SEA", number)]
    assert _heard(china, "plan.in_force") == []
    assert {one["audience"] for one in _heard(china)} == {"CN", "*"}
