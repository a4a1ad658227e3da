"""Day plans over HTTP: made, listed, read, explained, and what they do to the budgets."""

from __future__ import annotations

from decimal import Decimal

from fieldops.checking import check_ledgers
from fieldops.finance.control.plans import Override
from tests.fieldops.app.conftest import WHOLE, Api


def test_a_plan_made_by_a_worker_is_the_plan_made_on_the_spot(api: Api) -> None:
    here = api.have_plan()
    made = api.plan()
    assert made["plan"] != here["plan"]
    assert made["plan_hash"] == here["plan_hash"]
    assert made["dispatch"]["assignments"] == here["dispatch"]["assignments"]
    assert made["budget"]["lines"] == here["budget"]["lines"]
    assert {one["plan"]: one["made_by"] for one in api.get("/plans")["items"]} == {
        here["plan"]: "system",
        made["plan"]: "tester",
    }
    assert check_ledgers(api.engine).sound


def test_a_plan_is_read_as_it_was_told(api: Api) -> None:
    made = api.have_plan()
    assert made["dispatch"]["assigned"] + len(made["dispatch"]["unassigned"]) == 5
    assert [one["job"] for one in made["dispatch"]["unassigned"]] == ["J-4"]
    assert isinstance(made["dispatch"]["cost"]["total"], str)
    assert made["dispatch"]["assignments"][0]["start"].endswith(("Z", "+00:00"))


def test_without_a_date_the_plan_is_todays(api: Api) -> None:
    asked = api.post("/plans/day", WHOLE | {"date": None})
    assert asked.status_code == 202
    assert api.get(asked.headers["location"].removeprefix("/api/v1"))["parameters"]["date"] == "2026-03-01"


def test_a_later_plan_replaces_the_one_before_where_it_was_made_for(api: Api) -> None:
    first, second, third = api.have_plan(), api.have_plan(), api.have_plan(region="SEA")
    assert first["plan_hash"] == second["plan_hash"]
    in_force = {one["plan"]: one["current_in"] for one in api.get("/plans")["items"]}
    assert in_force == {third["plan"]: ["SEA"], second["plan"]: ["CN"], first["plan"]: []}
    assert [one["plan"] for one in api.get("/plans", limit=1)["items"]] == [third["plan"]]
    page = api.get("/plans", limit=2)
    assert [one["plan"] for one in api.get("/plans", cursor=page["next"])["items"]] == [first["plan"]]


def test_what_a_plan_reserves_and_holds_is_seen_in_the_budgets(api: Api) -> None:
    made = api.have_plan()
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
    api.have_plan(cap=Decimal(0))
    made = api.have_plan(cap=Decimal(0))
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
    made = api.have_plan(cap=Decimal(0), override=Override("chief", "aircraft on ground"))
    held = {one["document"] for one in made["budget"]["held"]}
    assert "J-1" not in held
    assert "J-3" in held


def test_a_plan_explains_its_jobs_and_parts(api: Api) -> None:
    number = api.have_plan()["plan"]
    job = api.get(f"/plans/{number}/explain", job="J-4")
    assert job["technician"] is None
    assert job["reasons"]
    assert api.get(f"/plans/{number}/explain", job="J-1")["technician"] in ("T-2", "T-3")
    assert api.get(f"/plans/{number}/explain", part="BRAKE-1")["part"] == "BRAKE-1"
    unknown = api.http.get(f"/api/v1/plans/{number}/explain", params={"part": "NO-SUCH"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_part")
