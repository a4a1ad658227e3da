"""Day plans over HTTP: made, listed, read, explained, and what they do to the budgets."""

from __future__ import annotations

from typing import Any

import pytest

from fieldops.planning import api as plan_routes
from tests.fieldops.app.conftest import Api

WHOLE = {"date": "2026-03-02", "iterations": 20}


def _make(api: Api, **wishes: Any) -> dict[str, Any]:
    answer = api.post("/plans/day", WHOLE | wishes)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert isinstance(made, dict)
    return made


def test_a_plan_is_read_as_it_was_told(api: Api) -> None:
    made = _make(api)
    assert api.get(f"/plans/{made['plan']}") == made
    assert made["dispatch"]["assigned"] + len(made["dispatch"]["unassigned"]) == 5
    assert [one["job"] for one in made["dispatch"]["unassigned"]] == ["J-4"]
    assert isinstance(made["dispatch"]["cost"]["total"], str)
    assert made["dispatch"]["assignments"][0]["start"].endswith(("Z", "+00:00"))


def test_without_a_date_the_plan_is_todays(api: Api) -> None:
    assert _make(api, date=None)["date"] == "2026-03-01"


def test_a_later_plan_replaces_the_one_before_where_it_was_made_for(api: Api) -> None:
    first, second, third = _make(api), _make(api), _make(api, region="SEA")
    assert first["plan_hash"] == second["plan_hash"]
    in_force = {one["plan"]: one["current_in"] for one in api.get("/plans")["items"]}
    assert in_force == {third["plan"]: ["SEA"], second["plan"]: ["CN"], first["plan"]: []}
    assert [one["plan"] for one in api.get("/plans", limit=1)["items"]] == [third["plan"]]
    page = api.get("/plans", limit=2)
    assert [one["plan"] for one in api.get("/plans", cursor=page["next"])["items"]] == [first["plan"]]


def test_what_a_plan_reserves_and_holds_is_seen_in_the_budgets(api: Api) -> None:
    made = _make(api)
    lines = {(one["region"], one["category"]): one for one in api.get("/budgets")["items"]}
    for told in made["budget"]["lines"]:
        line = lines[told["region"], told["category"]]
        assert {name: line[name] for name in told} == told
    assert any(float(line["reserved"]) > 0 for line in lines.values())
    held = api.get("/budgets/holds")["items"]
    assert held
    assert [{name: value for name, value in one.items() if name != "plan"} for one in held] == made["budget"]["held"]
    assert {one["plan"] for one in held} == {made["plan"]}


def test_held_documents_come_in_pages_and_only_of_plans_in_force(api: Api) -> None:
    _make(api, budget="0")
    made = _make(api, budget="0")
    whole = api.get("/budgets/holds")["items"]
    assert {one["plan"] for one in whole} == {made["plan"]}
    assert len(whole) == len(made["budget"]["held"]) > 2
    found, cursor = [], None
    while True:
        page = api.get("/budgets/holds", limit=2, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole
    assert found[0]["priority"] == "AOG"


def test_an_override_lets_the_grounded_aircraft_pass_and_is_recorded(api: Api) -> None:
    made = _make(api, budget="0", aog_override={"user": "chief", "reason": "aircraft on ground"})
    held = {one["document"] for one in made["budget"]["held"]}
    assert "J-1" not in held
    assert "J-3" in held


def test_a_plan_too_large_for_a_request_names_the_command(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_routes, "JOBS_MAX", 3)
    before = api.content()
    answer = api.post("/plans/day", WHOLE)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_too_large")
    assert "fieldops plan day" in answer.json()["detail"]
    assert api.content() == before
    _make(api, region="SEA")


def test_a_server_that_ends_stops_the_plan_and_changes_nothing(api: Api) -> None:
    before = api.content()
    api.app.state.edge.stopping.set()
    answer = api.post("/plans/day", WHOLE)
    assert (answer.status_code, answer.json()["code"]) == (409, "stopped")
    assert api.content() == before


def test_a_plan_explains_its_jobs_and_parts(api: Api) -> None:
    number = _make(api)["plan"]
    job = api.get(f"/plans/{number}/explain", job="J-4")
    assert job["technician"] is None
    assert job["reasons"]
    assert api.get(f"/plans/{number}/explain", job="J-1")["technician"] in ("T-2", "T-3")
    assert api.get(f"/plans/{number}/explain", part="BRAKE-1")["part"] == "BRAKE-1"
    unknown = api.http.get(f"/api/v1/plans/{number}/explain", params={"part": "NO-SUCH"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_part")
